//! The roster of office-holders: who holds which office, who did, which numbers want correcting, and what a list changes.
//!
//! It is the whole office's, and every line of it has a name and a whole number: whoever acts for some units only names people by role
//! and area, and does not read it.

use std::path::PathBuf;

use axum::Json;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::sync::Semaphore;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Done;
use super::extract::{Path, Query, lang_of};
use super::lists::{Limit, rows};
use crate::check::{self, Compared, Comparison, EntryPage, List, compare};
use crate::model::{EntryId, ImportId, Lang, Right, Role};
use crate::policy::Coverage;
use crate::spool::write_roster;
use crate::store::{CorrectionView, EntryView, ImportView, Reader};
use crate::web::checks::Room;
use crate::web::pieces::{CSV, OBJECT, written};
use crate::web::submit;
use crate::web::{Asker, Problem, Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    let lists = OpenApiRouter::new().routes(routes!(comparison)).routes(routes!(imports, import));
    OpenApiRouter::new()
        .merge(lists.layer(DefaultBodyLimit::disable()))
        .routes(routes!(list))
        .routes(routes!(table))
        .routes(routes!(history))
        .routes(routes!(corrections))
}

/// Lists that are compared at one time: each takes a processor, and memory for all of its lines, which is held until it is told or imported.
static COMPARING: Semaphore = Semaphore::const_new(1);

/// The longest name of a list, as file systems have it, in octets.
const NAME_MAX: usize = 255;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct WhichEntries {
    /// Only who is meant by this expression, such as `peran=RW dan kecamatan=Coblong`.
    expression: Option<String>,
    /// As of this import: so that one page fits to another, whatever is imported meanwhile.
    import: Option<i64>,
    /// Only those with a larger number: the next page.
    after: Option<i64>,
    /// In which a refusal is written: `id` or `en`.
    lang: Option<String>,
    /// At most so many rows.
    #[param(minimum = 1, maximum = 10000, default = 100)]
    limit: Option<u32>,
}

/// Who holds which office, in the order in which they were entered.
#[utoipa::path(get, path = "/roster", operation_id = "roster", tag = "roster", params(WhichEntries), responses((status = 200, description = "The entries", body = Vec<EntryView>)))]
async fn list(
    State(web): State<Web>,
    asker: Asker,
    Query(which): Query<WhichEntries>,
) -> Result<Json<Vec<EntryView>>, Problem> {
    asker.must_for_all(Right::People)?;
    let (config, lang) = (web.config.clone(), lang_of(which.lang.as_deref())?);
    let page = EntryPage {
        expression: which.expression,
        import: which.import.map(ImportId),
        after: which.after.map(EntryId),
        limit: rows(which.limit)?,
    };
    Ok(Json(web.questions.ask_or_refuse(move |reader| check::entries(&config, reader, &page, lang)).await?))
}

/// Whom the table names.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Whom {
    /// Only who is meant by this expression.
    expression: Option<String>,
    /// In which a refusal is written: `id` or `en`.
    lang: Option<String>,
}

/// The roster as CSV, in the form in which it is imported.
#[utoipa::path(get, path = "/roster.csv", operation_id = "roster_table", tag = "roster", params(Whom), responses((status = 200, description = "The table", body = String, content_type = "text/csv")))]
async fn table(
    State(web): State<Web>,
    asker: Asker,
    Query(Whom { expression, lang }): Query<Whom>,
) -> Result<Response, Problem> {
    asker.must_for_all(Right::People)?;
    let (config, lang) = (web.config.clone(), lang_of(lang.as_deref())?);
    let whom = move |reader: &Reader| check::whom(&config, reader, expression.as_deref(), lang);
    let (version, audience) = web.questions.ask_or_refuse(whom).await?;
    let (database, country) = (web.config.paths.database.clone(), web.config.office.country);
    Ok(written(CSV, "kentongan-roster.csv".to_owned(), move |out| {
        write_roster(&Reader::open(&database)?, version, audience.as_ref(), country, out)
    }))
}

/// All that the roster ever said of a number, or of the office of an entry, the oldest first.
#[utoipa::path(get, path = "/roster/entries/{what}", operation_id = "roster_history", tag = "roster", params(("what" = String, Path, description = "A number as people write it, or the number of an entry")), responses((status = 200, description = "The entries, also those that have ended", body = Vec<EntryView>)))]
async fn history(
    State(web): State<Web>,
    asker: Asker,
    Path(what): Path<String>,
) -> Result<Json<Vec<EntryView>>, Problem> {
    asker.must_for_all(Right::People)?;
    let country = web.config.office.country;
    match web.questions.ask(move |reader| check::history(country, reader, &what)).await? {
        rows if rows.is_empty() => Err(Problem::absent("there is no such entry or number in the roster")),
        rows => Ok(Json(rows)),
    }
}

/// Which numbers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct WhichCorrections {
    /// Only those of this kelurahan.
    kelurahan: Option<String>,
}

/// Numbers to which messages failed so often that nothing is sent to them any more, by area, with the offices they stand for.
#[utoipa::path(get, path = "/roster/corrections", tag = "roster", params(WhichCorrections), responses((status = 200, description = "The numbers to be corrected", body = Vec<CorrectionView>)))]
async fn corrections(
    State(web): State<Web>,
    asker: Asker,
    Query(WhichCorrections { kelurahan }): Query<WhichCorrections>,
) -> Result<Json<Vec<CorrectionView>>, Problem> {
    asker.must_for_all(Right::People)?;
    Ok(Json(web.questions.ask(move |reader| check::corrections(reader, kelurahan.as_deref())).await?))
}

/// Imports of the roster, the newest first.
#[utoipa::path(get, path = "/roster/imports", tag = "roster", params(Limit), responses((status = 200, description = "The imports", body = Vec<ImportView>)))]
async fn imports(
    State(web): State<Web>,
    asker: Asker,
    Query(Limit { limit }): Query<Limit>,
) -> Result<Json<Vec<ImportView>>, Problem> {
    asker.must(Right::View)?;
    let limit = rows(limit)?;
    Ok(Json(web.questions.ask(move |reader| reader.roster_imports(limit)).await?))
}

/// How a list is to be read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// The list's name; its ending says how the content is read: `.csv` or `.xlsx`.
    name: String,
    /// In what capacity everyone stands in it, where it has no column for that: `RT`, `RW`, `lurah`, `camat`, `OPD`, `warga`.
    role: Option<String>,
    /// Who is gone that it does not name: `listed` (the default), nobody but holders of offices in an area that it names others of;
    /// `additions`, nobody; `complete`, everybody of its roles.
    reach: Option<String>,
    /// Of each list of the answer only the first rows, and of the changes only those that a person should look at.
    #[serde(default)]
    #[param(required = false)]
    brief: bool,
    /// In which reasons are written: `id` or `en`.
    lang: Option<String>,
}

/// Say what a list would change in the roster, and change nothing.
///
/// The body is the file. It is held against the roster as it is; `digest` names the difference, for whoever agrees to it.
#[utoipa::path(post, path = "/roster/comparison", tag = "roster", params(Asked), request_body(content = String, content_type = "application/octet-stream"), responses((status = 200, description = "What would change, also where it must not be applied", body = Comparison)))]
async fn comparison(
    State(web): State<Web>,
    asker: Asker,
    Query(asked): Query<Asked>,
    body: Body,
) -> Result<Response, Problem> {
    may_import(&asker)?;
    let (lang, brief) = (lang_of(asked.lang.as_deref())?, asked.brief);
    let compared = Brought::new(asked.name, asked.role, asked.reach, lang)?.compare(&web, body).await?;
    if brief {
        return Ok(Json(compared.told(lang, brief)).into_response());
    }
    // As many rows as the list has lines: its JSON is not held beside them.
    let name = "kentongan-comparison.json".to_owned();
    Ok(written(OBJECT, name, move |out| {
        Ok(serde_json::to_writer(out, &compared.told(lang, brief)).map_err(std::io::Error::from)?)
    }))
}

/// What is imported.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct NewImport {
    /// The list's name; its ending says how the content is read: `.csv` or `.xlsx`.
    name: String,
    /// In what capacity everyone stands in it, where it has no column for that.
    role: Option<String>,
    /// Who is gone that it does not name: `listed`, `additions` or `complete`, as for the comparison.
    reach: Option<String>,
    /// The digest of the difference that was agreed to, or its first 8 characters or more; left out: whatever the difference is.
    digest: Option<String>,
    /// Where the list comes from, such as a decree or a letter; goes on record with each of its entries.
    source: Option<String>,
    /// The legal basis on which its numbers are used; goes on record with each of its entries.
    basis: Option<String>,
    /// In which a refusal is written: `id` or `en`.
    lang: Option<String>,
}

/// Import a list into the roster, whole or not at all.
///
/// The body is the file. Refused where the difference is not the one that was agreed to, or most lines cannot be used.
#[utoipa::path(post, path = "/roster/imports", tag = "roster", params(NewImport), request_body(content = String, content_type = "application/octet-stream"), responses((status = 200, description = "The list is the roster, as far as it reaches", body = Done)))]
async fn import(
    State(web): State<Web>,
    asker: Asker,
    Query(new): Query<NewImport>,
    body: Body,
) -> Result<Json<Done>, Problem> {
    may_import(&asker)?;
    let lang = lang_of(new.lang.as_deref())?;
    let compared = Brought::new(new.name, new.role, new.reach, lang)?.compare(&web, body).await?;
    if let Some(why) = compared.refusal(new.digest.as_deref().unwrap_or_default()) {
        return Err(Problem::refused(why));
    }
    let (source, basis) = (new.source.unwrap_or_default(), new.basis.unwrap_or_default());
    let mut done = String::new();
    for (action, reason) in compared.acts(fastrand::u64(..), &source, &basis) {
        done = web.acts.ask(&asker.caller, action, &reason).await.map_err(Problem::refused)?;
    }
    Ok(Json(Done { done }))
}

/// Whoever imports sees whose numbers change, and changes them for every unit.
fn may_import(asker: &Asker) -> Result<(), Problem> {
    asker.must(Right::People)?;
    asker.must_for_all(Right::Roster)
}

/// A list that is brought, before its content.
struct Brought {
    name: String,
    role: Option<Role>,
    coverage: Coverage,
    lang: Lang,
}

impl Brought {
    /// Errors: 422 for the name, the role or the reach.
    fn new(name: String, role: Option<String>, reach: Option<String>, lang: Lang) -> Result<Self, Problem> {
        if name.is_empty() || name.len() > NAME_MAX || name.chars().any(char::is_control) {
            return Err(Problem::unusable(format!("`{}` is no plain name of a file", name.escape_debug())));
        }
        let role = role.map(|word| word.parse::<Role>().map_err(|error| Problem::unusable(error.to_string())));
        let coverage = reach.map(|word| word.parse::<Coverage>().map_err(Problem::unusable)).transpose()?;
        Ok(Self { name, role: role.transpose()?, coverage: coverage.unwrap_or_default(), lang })
    }

    /// Takes the content in and holds it against the roster. Errors: 413 where it is too large; 422 where it is no list; 503.
    async fn compare(self, web: &Web, body: Body) -> Result<Compared, Problem> {
        let (room, file) = laid(web, body).await?;
        // The semaphore is never closed.
        let place = COMPARING.acquire().await.map_err(|_| Problem::unavailable())?;
        let (config, now) = (web.config.clone(), web.now());
        let compared = web.checks.ask(move |reader| {
            // Kept until it is done, also where whoever asked has left: the place, and the folder, which is gone then.
            let _kept = (place, room);
            let Self { name, role, coverage, lang } = self;
            compare(&config, reader, &List { file: &file, name: &name, role, coverage }, lang, now)
        });
        compared.await
    }
}

/// Lays the content into a folder of its own.
async fn laid(web: &Web, body: Body) -> Result<(Room, PathBuf), Problem> {
    let room = web.checks.room()?;
    let aside = submit::Request::aside(web.config.intake.file_bytes_max, room.path());
    let broke_off = |error| Problem::unreadable(format!("the content broke off: {error}"));
    let content = body.into_data_stream().map(move |piece| piece.map_err(broke_off));
    let file = aside.write(content).await?.lay("list".to_owned()).await?;
    Ok((room, file))
}
