//! Stories of the whole daemon, minus tty and directory: one a test, named as a sentence.

mod blast;
mod faults;
mod replies;
#[path = "../town/mod.rs"]
#[expect(dead_code, reason = "the made-up days use more of it")]
mod town;
