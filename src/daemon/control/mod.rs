//! How a command reaches the running daemon: a Unix socket, one line of JSON each way.
//!
//! Who may write to the socket may act (mode 0660, the daemon's group); the kernel says who it was, and that name goes
//! into the record. Only actions travel here; questions are put to the database, which anyone in the group may read.

mod client;
mod server;

pub use client::{AskError, ask};
pub(super) use server::{Control, ControlError};

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine::event::Action;

/// One line to the daemon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// What is wanted; numbers are E.164.
    pub action: Action,
    /// Why, in the person's words; may be empty.
    #[serde(default)]
    pub reason: String,
}

impl Request {
    /// How long the answer may take. The engine answers after one commit, and a slow disk takes part of a second; USSD waits for
    /// the modem to be free, and then for the network.
    fn patience(&self) -> Duration {
        match &self.action {
            Action::Ussd { codes, .. } => Duration::from_secs(330) + Duration::from_secs(75) * codes.len() as u32,
            _ => Duration::from_secs(30),
        }
    }
}

/// One line back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is done and durable; a line for a person.
    Done(String),
    /// It is not, and this is why.
    Refused(String),
}

impl From<Result<String, String>> for Answer {
    fn from(result: Result<String, String>) -> Self {
        match result {
            Ok(line) => Answer::Done(line),
            Err(reason) => Answer::Refused(reason),
        }
    }
}

/// The longest line taken from either side, in octets.
pub const LINE_MAX: u64 = 64 * 1024;
