//! The one door: HTTP over a Unix socket and, where that is configured, over TCP. The command line, the web page and programs come in
//! here, see the same state and may ask for the same things.
//!
//! [`Listeners`] lets callers in, [`Asker`] finds out who they are, [`demand`](demand::demand) says what they must be allowed to,
//! `api/` has the paths. Questions go to the ledger through [`Questions`], wishes to the engine through [`Acts`]. Nothing is decided here.
//!
//! Left out on purpose: HTTP/2 and compression (a handful of callers on the same machine or floor), and rights finer than
//! [`Right`](crate::model::Right) and units.

mod acts;
mod api;
mod caller;
mod checks;
mod demand;
mod listen;
mod metrics;
mod pages;
pub mod password;
mod peers;
mod pieces;
mod problem;
mod questions;
mod record;
mod secret;
mod session;
mod standing;
mod submit;
mod turns;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::routing::get;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

pub use acts::{ActDesk, Acts, Answer, STOPPING, act_desk};
pub use api::{Done, Kept, ModemHistory, OfficeUnit, OfficeView, ROWS_MAX, Texts, Wish, openapi};
pub use caller::{Asker, COOKIE_NAME, Proof, digest_of};
pub use checks::Checks;
pub use demand::{Reach, demand};
pub use listen::{DoorError, Listeners};
pub use metrics::Metrics;
pub use peers::{Peer, Peers};
pub use problem::Problem;
pub use questions::Questions;
pub use record::{Period, RecordSummary, Table, write_record};
pub use secret::new_secret;
pub use session::{SignIns, change_password, form_key, is_form_key, sign_in, sign_out};
pub use standing::moratoria;
pub use turns::Turns;

use crate::config::Config;
use crate::model::Timestamp;

/// What every handler may need. Cheap to clone.
#[derive(Clone)]
pub struct Web {
    /// The settings.
    pub config: Arc<Config>,
    /// Questions to the ledger.
    pub questions: Questions,
    /// Questions that follow the whole record: one at a time, so that whoever asks for something short waits behind none.
    pub whole_record: Questions,
    /// Jobs that are only looked at.
    pub checks: Checks,
    /// The turns in which files come into the folders of units.
    pub turns: Turns,
    /// Wishes to the engine.
    pub acts: Acts,
    /// Moves whenever something may have changed in the ledger.
    pub changes: watch::Receiver<u64>,
    /// The users of this machine.
    pub peers: Arc<Peers>,
    /// The daemon in numbers.
    pub metrics: Metrics,
    /// Who tries passwords.
    pub sign_ins: SignIns,
    /// Whether callers over TCP come by TLS.
    pub secure: bool,
    /// Ends what would go on for ever.
    pub stop: CancellationToken,
    /// The time.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Web {
    /// The wall time now, UTC.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// Every path there is.
pub fn router(web: Web) -> Router {
    let said = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    api::router()
        .route("/metrics", get(metrics::metrics))
        .merge(pages::router())
        .layer(CsrfLayer::new())
        // What a page needs more, it says itself.
        .layer(said(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
        .layer(said(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(said(header::REFERRER_POLICY, "no-referrer"))
        .layer(said(header::CACHE_CONTROL, "no-store"))
        .with_state(web)
}
