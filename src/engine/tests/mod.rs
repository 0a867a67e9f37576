//! The engine by itself: events in, orders out, the ledger looked at afterwards.

mod care;
mod credit;
mod desk;
mod naming;
mod random;
mod replies;
mod review;
mod self_test;
mod stories;
mod ussd;
