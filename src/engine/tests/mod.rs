//! The engine by itself: events in, orders out, the ledger looked at afterwards.

mod canary;
mod care;
mod consent;
mod credit;
mod delivery;
mod desk;
mod erasure;
mod evidence;
mod history;
mod hours;
mod inbox;
mod left_alone;
mod naming;
mod person;
mod random;
mod replies;
mod reserves;
mod restart;
mod retention;
mod review;
mod roster;
mod routing;
mod self_test;
mod stories;
mod ussd;
