//! Kentongan sends SMS through USB GSM modems and accounts for every message.
//!
//! A job file dropped into the queue directory becomes messages in SQLite; they go out over AT commands on serial
//! ports, round-robin over the SIMs within their limits; status reports and replies come back and are recorded.
//!
//! # Map
//!
//! One engine decides; three shells move bytes; pure modules know the standards and the rules.
//!
//! ```text
//!  queue directory ─► spool ── Event ─►┌──────── engine ────────┐── Order ─► modem ─► tty ─► air
//!   job files         (format)         │ policy (pure) pdu (pure)│           (at)
//!  NAME.report.csv ◄─ spool ◄─ Order ──│ store (SQLite)          │◄─ Event ── outcome, report, reply
//!  people ─► cli, control ── Event ───►└────────────────────────┘
//! ```
//!
//! | module | what | touches |
//! |---|---|---|
//! | [`model`] | the words all share: numbers, classes, states, SIMs, outcomes | nothing |
//! | [`pdu`] | 3GPP TS 23.040 and 23.038: octets to values and back | nothing |
//! | [`at`] | bytes to lines to replies and URCs; commands; error numbers | nothing |
//! | [`policy`] | decisions from data and `now`: rates, retries, keywords | nothing |
//! | [`store`] | the ledger; the only SQL; `Store` writes, `Reader` reads | disk |
//! | [`engine`] | `handle(now, events) -> orders`; no clock, no socket | the store |
//! | [`modem`] | finder, port, link, start sequence, session; `dialect/` is data | tty |
//! | [`web`] | HTTP over a Unix socket and TCP: who may ask for what, API and pages | socket |
//! | [`metrics`] | the ledger in numbers, for Prometheus and `kentongan top` | nothing |
//! | [`spool`] | queue directory in, result files out; `format/` is pure | files |
//! | [`notify`] | letters and webhooks out; what is told stands in the ledger | sockets |
//! | [`simulator`] | a modem and its network as a state machine, and the pseudo-terminal around it | pty |
//! | [`config`] | settings, checked once | a file |
//! | [`check`] | what would become of a job, or of a list for the roster: the intake and every rule, without sending | questions |
//! | [`daemon`] | starts, supervises and stops; the only reader of the clock | the process |
//! | [`cli`] | subcommands: arguments in, text or JSON out | the terminal |
//!
//! `tests/tidy.rs` holds which module may import which, and fails on any other arrow.
//!
//! # Rules that carry the design
//!
//! - Commit, then act. An attempt is committed before the octet that hands it over is written; an inbound message
//!   before it is deleted from the modem.
//! - Silence after the hand-over is a third outcome, [`model::Outcome::Uncertain`]; the segment is then `in_doubt`: not
//!   failed, and sent again only by evidence, by a person, or by the job's stated policy, with the reason on record.
//! - The opt-out check stands in the transaction that opens the attempt.
//! - One command at a time per modem; while `+CMGS` runs nothing else is written and nothing is cancelled.
//! - Limits, rotation and report matching hang on the SIM, never on a tty name.
//! - Only the engine writes the ledger; a change of state names the state it leaves.
//! - What cannot be parsed is stored raw. No input panics.
//! - The engine and everything below it read no clock and no random source: time and seed are handed in, so that any
//!   story can be replayed. The one exception is the key of a new ledger (`store/key.rs`), on which nothing decided depends.
//!
//! # Where to add
//!
//! A modem's quirk: a `const Dialect` in `modem/dialect/` and a transcript in `tests/transcripts/`. A USB id: one line
//! in `udev/`. A job format: `spool/format/`. A rule: `policy/`. A question of people: `store/views.rs`. A column: a
//! new file in `store/schema/`; a shipped one is never edited.

#![warn(missing_docs)]

pub mod at;
pub mod check;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod engine;
pub mod metrics;
pub mod model;
pub mod modem;
pub mod notify;
pub mod pdu;
pub mod policy;
pub mod simulator;
pub mod spool;
pub mod store;
pub mod web;
