//! An SMS daemon for USB GSM modems.
pub mod at;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod engine;
pub mod model;
pub mod modem;
pub mod pdu;
pub mod policy;
pub mod simulator;
pub mod spool;
pub mod store;
