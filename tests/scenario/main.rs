//! Stories of the whole daemon, minus tty and directory: one a test, named as a sentence.

mod audit;
mod blast;
#[path = "../simulation/day.rs"]
mod day;
mod days;
mod faults;
mod replies;
mod routing;
mod self_test;
mod town;
