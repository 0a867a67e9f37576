//! The daemon in numbers: `/metrics`, for Prometheus, and how everything stands at a glance.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::questions::blocking;
use super::{Asker, Problem, Web};
use crate::metrics::{Allowances, CONTENT_TYPE, Gatherer, Glance, Sight, Watch};
use crate::model::Right;
use crate::store::{Reader, StoreError};

/// Counts from the first scrape on. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    allowances: Allowances,
    /// Held for one scrape: Prometheus asks seldom, and never twice at a time.
    gatherer: Arc<Mutex<Option<Gatherer>>>,
    /// Held for one look.
    watch: Arc<Mutex<Option<Watch>>>,
}

impl Metrics {
    /// `allowances`: how much each SIM may send.
    pub fn new(allowances: Allowances) -> Self {
        Self { allowances, gatherer: Arc::default(), watch: Arc::default() }
    }

    fn scrape(&self, web: &Web) -> Result<String, StoreError> {
        let now = web.now();
        let mut kept = self.gatherer.lock().unwrap_or_else(PoisonError::into_inner);
        let gatherer = match &mut *kept {
            Some(gatherer) => gatherer,
            none => {
                let reader = Reader::open(&web.config.paths.database)?;
                none.insert(Gatherer::new(reader, self.allowances.clone(), now)?)
            }
        };
        gatherer.scrape(now)
    }

    /// How everything stands now. It waits for the disk: not for an async task.
    pub(super) fn look(&self, web: &Web, sight: &Sight) -> Result<Glance, StoreError> {
        let now = web.now();
        let mut kept = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let watch = match &mut *kept {
            Some(watch) if !watch.is_stale(now) => watch,
            other => {
                let reader = Reader::open(&web.config.paths.database)?;
                other.insert(Watch::new(reader, self.allowances.clone(), now)?)
            }
        };
        watch.look(true, sight, now)
    }
}

/// The daemon in numbers; needs the right to see how things stand.
pub(super) async fn metrics(State(web): State<Web>, asker: Asker) -> Result<Response, Problem> {
    asker.must(Right::View)?;
    let text = blocking(move || web.metrics.scrape(&web)).await?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response())
}
