//! Stories of the whole daemon, minus tty and directory: one a test, named as a sentence.

#[path = "../bandung/mod.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod bandung;
mod blast;
mod credit;
mod faults;
mod hours;
mod metrics;
mod replies;
mod roster;
mod routing;
mod self_test;
#[path = "../town/mod.rs"]
#[expect(dead_code, reason = "the simulation uses more of it")]
mod town;
