//! The program as a child process in an office of its own: what people and programs ask for, and what they get.

mod answers;
#[path = "../bandung/mod.rs"]
mod bandung;
mod door;
mod hours;
mod outside;
mod person;
mod roster;
mod tls;
