//! The real program as a child process, on simulated modems that outlive it: a day at the office, bad input, and SIGKILL.

mod account;
mod air;
mod bad_input;
mod disks;
mod files;
mod guide;
mod kill;
mod office;
mod peer;
mod story;
mod trial;
