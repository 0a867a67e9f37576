//! Tells a page that something changed, by server-sent events; the page then asks for itself again. So what is live is drawn by the same
//! template as what is not, and a browser without any of it shows the same.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream;

use super::trouble::Trouble;
use super::viewer::Viewer;
use crate::model::Right;
use crate::web::Web;

/// A page asks again at most so often, however much happens.
const PACE: Duration = Duration::from_secs(1);
/// Silence after which the line is shown to be alive.
const ALIVE: Duration = Duration::from_secs(20);

/// The stream of one page. It ends when the daemon stops, and when the session does.
pub(super) async fn stream_of(State(web): State<Web>, viewer: Viewer) -> Result<Response, Trouble> {
    viewer.asker.must(Right::View)?;
    let mut changes = web.changes.clone();
    changes.mark_unchanged();
    let (stop, session) = (web.stop.clone(), viewer.session);
    let told = stream::unfold((web, changes), move |(web, mut changes)| async move {
        changes.changed().await.ok()?;
        // What comes in a bunch is told once.
        tokio::time::sleep(PACE).await;
        changes.mark_unchanged();
        let now = web.now();
        let signed_in = web.questions.ask(move |reader| reader.signed_in(session, now)).await.ok().flatten();
        signed_in?;
        // A browser passes over an event without data.
        Some((Ok::<_, Infallible>(Event::default().event("changed").data("1")), (web, changes)))
    });
    let until_the_stop = told.take_until(stop.cancelled_owned());
    Ok(Sse::new(until_the_stop).keep_alive(KeepAlive::new().interval(ALIVE)).into_response())
}
