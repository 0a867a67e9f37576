//! The queue directory: job files in, report files out.
pub mod format;
mod phrases;
mod rejection;
pub use rejection::{Fault, Rejection};
