//! The engine by itself: events in, orders out, the ledger looked at afterwards.

mod canary;
mod care;
mod credit;
mod delivery;
mod desk;
mod evidence;
mod history;
mod hours;
mod naming;
mod random;
mod replies;
mod reserves;
mod restart;
mod review;
mod roster;
mod routing;
mod self_test;
mod stories;
mod ussd;
