//! The one place that decides. Synchronous; owns the only writing connection; reads no clock.

pub mod event;
mod rules;

pub use rules::{Answers, Lifetimes, Rules};

use crate::model::Timestamp;

/// What one call of the engine asks for. Everything it rests on is committed.
#[derive(Debug, Default)]
#[must_use]
pub struct Step {
    /// To be carried out in this order.
    pub orders: Vec<event::Order>,
    /// Call again with [`event::Event::Tick`] at this time, if nothing else happens before.
    pub next_wake: Option<Timestamp>,
}
