//! The engine by itself: events in, orders out, the ledger looked at afterwards.

mod care;
mod consent;
mod desk;
mod inbox;
mod left_alone;
mod naming;
mod person;
mod random;
mod replies;
mod retention;
mod review;
mod stories;
