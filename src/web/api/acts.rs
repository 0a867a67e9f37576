//! Wishes that are no job's: holds, opt-outs, moratoria, the inbox, and whatever else the command line asks for.

use axum::Json as Answer;
use axum::extract::{DefaultBodyLimit, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Json, Path};
use super::{BODY_MAX, Because, Done, carry_out};
use crate::engine::event::{Action, NewMoratorium};
use crate::model::{Body, Class, HandEntry, MessageId, ModemName, Msisdn, OptOutScope, Scope, Timestamp};
use crate::web::{Asker, Problem, Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    let act = OpenApiRouter::new().routes(routes!(act)).layer(DefaultBodyLimit::max(BODY_MAX));
    OpenApiRouter::new()
        .merge(act)
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(opt_out))
        .routes(routes!(opt_in))
        .routes(routes!(add_moratorium))
        .routes(routes!(end_moratorium))
        .routes(routes!(read))
        .routes(routes!(reply))
        .routes(routes!(settle))
        .routes(routes!(use_again))
}

/// Anything that may be asked for, as the command line asks for it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// What is wanted; the daemon's own form, which may change with its version.
    #[schema(value_type = Object)]
    pub action: Action,
    /// Why, in the asker's words; may be empty.
    #[serde(default)]
    pub reason: String,
}

/// What the command line uses; programs are better off with the other paths.
#[utoipa::path(post, path = "/acts", tag = "acts", request_body = Wish, responses((status = 200, description = "Done", body = Done)))]
async fn act(State(web): State<Web>, asker: Asker, Json(wish): Json<Wish>) -> Result<Answer<Done>, Problem> {
    carry_out(&web, &asker, wish.action, &wish.reason).await
}

/// A part of the queue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Part {
    /// This class alone.
    class: Option<String>,
    /// This unit alone.
    unit: Option<String>,
    /// Why.
    #[serde(default)]
    reason: String,
}

impl Part {
    fn scope(&self, web: &Web) -> Result<Scope, Problem> {
        match (&self.class, &self.unit) {
            (Some(_), Some(_)) => Err(Problem::unusable("name a class or a unit, not both")),
            (Some(class), None) => class_of(class).map(Scope::Class),
            (None, Some(unit)) if web.config.unit(unit).is_none() => {
                Err(Problem::unusable(format!("there is no unit {}", unit.escape_debug())))
            }
            (None, Some(unit)) => Ok(Scope::Unit(unit.clone())),
            (None, None) => Ok(Scope::All),
        }
    }
}

fn class_of(word: &str) -> Result<Class, Problem> {
    word.parse().map_err(|_| Problem::unusable(format!("`{}` is no class", word.escape_debug())))
}

/// Hold everything, a class, or a unit.
#[utoipa::path(post, path = "/pause", tag = "acts", request_body = Part, responses((status = 200, description = "Held", body = Done)))]
async fn pause(State(web): State<Web>, asker: Asker, Json(part): Json<Part>) -> Result<Answer<Done>, Problem> {
    carry_out(&web, &asker, Action::Pause(part.scope(&web)?), &part.reason).await
}

/// Send again what was held.
#[utoipa::path(post, path = "/resume", tag = "acts", request_body = Part, responses((status = 200, description = "It goes on", body = Done)))]
async fn resume(State(web): State<Web>, asker: Asker, Json(part): Json<Part>) -> Result<Answer<Done>, Problem> {
    carry_out(&web, &asker, Action::Resume(part.scope(&web)?), &part.reason).await
}

/// What a person says about a number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Whose, as people write it.
    number: String,
    /// `everything` (what is meant when it is left out), or `ordinary`: all but life-safety.
    scope: Option<String>,
    /// How it reached the office: `letter`, `counter`, `phone`, `decree`, `other`.
    by: Option<String>,
    /// What names the paper: its number or date.
    letter: Option<String>,
    /// Why.
    #[serde(default)]
    reason: String,
}

impl Entry {
    fn read(&self, web: &Web) -> Result<HandEntry, Problem> {
        let number = Msisdn::parse(&self.number, web.config.office.country)
            .map_err(|error| Problem::unusable(format!("{}: {error}", self.number.escape_debug())))?;
        let mut entry = HandEntry::of(number);
        if let Some(word) = &self.scope {
            entry.scope = word.parse::<OptOutScope>().map_err(Problem::unusable)?;
        }
        if let Some(word) = &self.by {
            entry.channel = word.parse().map_err(|why: String| Problem::unusable(why))?;
        }
        entry.letter = self.letter.clone().filter(|letter| !letter.trim().is_empty());
        Ok(entry)
    }
}

/// Enter an opt-out.
#[utoipa::path(post, path = "/optouts/add", tag = "people", request_body = Entry, responses((status = 200, description = "The number is not written to any more", body = Done)))]
async fn opt_out(State(web): State<Web>, asker: Asker, Json(entry): Json<Entry>) -> Result<Answer<Done>, Problem> {
    carry_out(&web, &asker, Action::OptOut(entry.read(&web)?), &entry.reason).await
}

/// Remove an opt-out.
#[utoipa::path(post, path = "/optouts/remove", tag = "people", request_body = Entry, responses((status = 200, description = "The number may be written to", body = Done)))]
async fn opt_in(State(web): State<Web>, asker: Asker, Json(entry): Json<Entry>) -> Result<Answer<Done>, Problem> {
    carry_out(&web, &asker, Action::OptIn(entry.read(&web)?), &entry.reason).await
}

/// A stretch of time in which some may not send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Stretch {
    /// Its beginning.
    from: Timestamp,
    /// Its end, which is not part of it.
    until: Timestamp,
    /// The classes it holds for; empty: all.
    #[serde(default)]
    classes: Vec<String>,
    /// The units it holds for; empty: all.
    #[serde(default)]
    units: Vec<String>,
    /// Why; not empty.
    reason: String,
}

/// Enter a moratorium.
#[utoipa::path(post, path = "/moratoria", tag = "hours", request_body = Stretch, responses((status = 200, description = "It is entered", body = Done)))]
async fn add_moratorium(
    State(web): State<Web>,
    asker: Asker,
    Json(new): Json<Stretch>,
) -> Result<Answer<Done>, Problem> {
    if let Some(unit) = new.units.iter().find(|unit| web.config.unit(unit).is_none()) {
        return Err(Problem::unusable(format!("there is no unit {}", unit.escape_debug())));
    }
    let classes = new.classes.iter().map(|word| class_of(word)).collect::<Result<_, _>>()?;
    let action = Action::AddMoratorium(NewMoratorium { from: new.from, until: new.until, classes, units: new.units });
    carry_out(&web, &asker, action, &new.reason).await
}

/// End a moratorium before its time.
#[utoipa::path(post, path = "/moratoria/{id}/end", tag = "hours", params(("id" = i64, Path, description = "Its number")), request_body = Because, responses((status = 200, description = "It is ended", body = Done)))]
async fn end_moratorium(
    State(web): State<Web>,
    asker: Asker,
    Path(id): Path<i64>,
    Json(why): Json<Because>,
) -> Result<Answer<Done>, Problem> {
    carry_out(&web, &asker, Action::EndMoratorium(id), &why.reason).await
}

/// Put on record that an inbound text was read.
#[utoipa::path(post, path = "/inbox/{id}/read", tag = "inbox", params(("id" = i64, Path, description = "Its number")), request_body = Because, responses((status = 200, description = "It is read", body = Done)))]
async fn read(
    State(web): State<Web>,
    asker: Asker,
    Path(id): Path<i64>,
    Json(why): Json<Because>,
) -> Result<Answer<Done>, Problem> {
    carry_out(&web, &asker, Action::ReadInbox(id), &why.reason).await
}

/// An answer to a citizen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reply {
    /// What is answered.
    text: String,
    /// Whose answer it is, where the text is nobody's.
    unit: Option<String>,
    /// Why; may be empty.
    #[serde(default)]
    reason: String,
}

/// Answer an inbound text, once.
#[utoipa::path(post, path = "/inbox/{id}/reply", tag = "inbox", params(("id" = i64, Path, description = "Its number")), request_body = Reply, responses((status = 200, description = "The answer is queued", body = Done)))]
async fn reply(
    State(web): State<Web>,
    asker: Asker,
    Path(id): Path<i64>,
    Json(reply): Json<Reply>,
) -> Result<Answer<Done>, Problem> {
    if let Some(unit) = &reply.unit {
        asker.must_for(crate::model::Right::People, unit)?;
        if web.config.unit(unit).is_none() {
            return Err(Problem::unusable(format!("there is no unit {}", unit.escape_debug())));
        }
    }
    let action = Action::AnswerInbox { inbox: id, text: Body(reply.text), unit: reply.unit };
    carry_out(&web, &asker, action, &reply.reason).await
}

/// What is known of a message in doubt.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Settlement {
    /// It is known to have reached the service centre (`true`), or is sent again (`false`).
    sent: bool,
    /// Why.
    #[serde(default)]
    reason: String,
}

/// Settle a message in doubt.
#[utoipa::path(post, path = "/doubts/{message}/settle", tag = "jobs", params(("message" = i64, Path, description = "The message")), request_body = Settlement, responses((status = 200, description = "It is settled", body = Done)))]
async fn settle(
    State(web): State<Web>,
    asker: Asker,
    Path(id): Path<i64>,
    Json(what): Json<Settlement>,
) -> Result<Answer<Done>, Problem> {
    let message = MessageId(id);
    let action = if what.sent { Action::SettleSent(message) } else { Action::SettleResend(message) };
    carry_out(&web, &asker, action, &what.reason).await
}

/// Use a SIM again that was taken out.
#[utoipa::path(post, path = "/modems/{name}/resume", tag = "modems", params(("name" = String, Path, description = "The modem")), request_body = Because, responses((status = 200, description = "It is used again", body = Done)))]
async fn use_again(
    State(web): State<Web>,
    asker: Asker,
    Path(name): Path<String>,
    Json(why): Json<Because>,
) -> Result<Answer<Done>, Problem> {
    carry_out(&web, &asker, Action::ResumeModem(ModemName::new(&name)), &why.reason).await
}
