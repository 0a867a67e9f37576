//! The one place that decides. Synchronous; owns the only writing connection; reads no clock.

pub mod event;

/// What a call of the engine asks for.
pub struct Step;
