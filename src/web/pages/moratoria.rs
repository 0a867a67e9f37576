//! Stretches of time in which some classes or units may not send.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::page::{Here, Page};
use super::trouble::{Trouble, rendered};
use super::viewer::{Posted, Viewer, lead};
use crate::engine::event::{Action, NewMoratorium};
use crate::model::{Class, Right};
use crate::store::MoratoriumView;
use crate::web::{Problem, Web, moratoria};

struct Stretch {
    view: MoratoriumView,
    classes: String,
    units: String,
    stands: &'static str,
    tag: &'static str,
    /// Its number, where the reader may end it now.
    end: Option<i64>,
}

#[derive(Template)]
#[template(path = "moratoria.html", config = "src/web/pages/askama.toml")]
struct MoratoriaPage {
    page: Page,
    rows: Vec<Stretch>,
    classes: Vec<&'static str>,
    units: Vec<String>,
}

/// The list: those that hold or are to come first.
pub(super) async fn list(State(web): State<Web>, viewer: Viewer) -> Result<Response, Trouble> {
    let page = viewer.page(&web, Here::Moratoria, Right::View).await?;
    let mut rows = moratoria(&web.config, web.questions.ask(|reader| reader.moratoria()).await?);
    rows.sort_by_key(|row| row.until <= page.now);
    let (w, now, may) = (page.w, page.now, page.may_hours() && crate::web::demand::acts_for_all(&page.caller));
    let row = |view: MoratoriumView| {
        let over = view.until <= now;
        let (stands, tag) = match view.from <= now {
            _ if over => (w.over, "over"),
            true => (w.holds, "active"),
            false => (w.to_come, "new"),
        };
        let (classes, units) = (page.list(&view.classes), page.list(&view.units));
        Stretch { end: view.id.filter(|_| may && !over), classes, units, stands, tag, view }
    };
    let rows = rows.into_iter().map(row).collect();
    let classes = Class::ALL.map(Class::name).to_vec();
    let units = super::inbox::units(&web, &page);
    Ok(rendered(&MoratoriaPage { page, rows, classes, units }))
}

/// Enters one.
pub(super) async fn add(State(web): State<Web>, posted: Posted) -> Result<Response, Trouble> {
    posted.viewer.asker.must(Right::Hours)?;
    let w = posted.viewer.words();
    let mut times = Vec::new();
    for name in ["from", "until"] {
        match super::moment(posted.get(name), web.config.time_zone()) {
            Some(at) => times.push(at),
            None => {
                let why = crate::cli::phrases::fill(w.bad_time, &[&posted.get(name)]);
                return Ok(lead(&web, "/moratoria", false, &why));
            }
        }
    }
    let unknown = |word: &str| Problem::unusable(format!("`{}` is not known", word.escape_debug()));
    let classes =
        posted.all("class").map(|word| word.parse::<Class>().map_err(|_| unknown(word))).collect::<Result<_, _>>()?;
    let mut units: Vec<String> = posted.all("unit").map(str::to_owned).collect();
    if let Some(unit) = units.iter().find(|unit| web.config.unit(unit).is_none()) {
        return Err(unknown(unit).into());
    }
    units.dedup();
    let action = Action::AddMoratorium(NewMoratorium { from: times[0], until: times[1], classes, units });
    posted.viewer.act(&web, action, posted.get("reason"), "/moratoria").await
}

/// Ends one before its time.
pub(super) async fn end(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Trouble> {
    posted.viewer.act(&web, Action::EndMoratorium(id), posted.get("reason"), "/moratoria").await
}
