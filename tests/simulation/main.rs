//! Made-up days, hundreds of them: see `day.rs`. `cargo run --release --example simulation -- --seeds N` lives through as many as
//! wanted.

mod blast;
mod day;
mod days;
mod deeds;
mod papers;
mod runner;
#[path = "../town/mod.rs"]
#[expect(dead_code, reason = "the scenarios use more of it")]
mod town;
mod weather;
