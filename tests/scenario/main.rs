//! Stories of the whole daemon, minus tty and directory: one a test, named as a sentence.

mod audit;
#[path = "../bandung/mod.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod bandung;
mod blast;
mod credit;
#[path = "../simulation/day.rs"]
mod day;
mod days;
mod faults;
mod hours;
mod replies;
mod roster;
mod routing;
mod self_test;
mod town;
