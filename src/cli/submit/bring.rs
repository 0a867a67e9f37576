//! Jobs through the running daemon: brought under a key, so that a lost answer is asked for again and nothing is sent twice; followed
//! until it is known what they became.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use super::phrases::Phrases;
use crate::cli::answers::Answers;
use crate::cli::client::{AskError, Client, Content, Piece, path, with_query};
use crate::cli::office::Way;
use crate::cli::phrases::fill;
use crate::cli::phrases::words::{refusal, sentence};
use crate::cli::questions::waits;
use crate::cli::screen::{pause, print};
use crate::cli::{Context, Failure};
use crate::model::{JobId, Lang};
use crate::store::{JobRef, SubmissionView};
use crate::web::Texts;

/// How often a request is made whose answer is lost.
const TRIES: u32 = 3;
/// Between two of them.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);
/// Between two looks at what became of it.
const LOOK: Duration = Duration::from_millis(500);
/// A file of a million rows is read in seconds; nobody waits longer than this.
const LOOKS_MAX: u32 = 600;

/// What is brought.
pub(super) enum What<'a> {
    /// A text for a few numbers.
    Texts(&'a Texts),
    /// A job file, with the lists that it names.
    File { unit: &'a str, file: &'a Path, name: &'a str, lists: &'a [(String, &'a Path)] },
}

impl What<'_> {
    /// What people call it.
    fn name(&self) -> &str {
        match self {
            What::Texts(texts) => &texts.unit,
            What::File { name, .. } => name,
        }
    }

    fn path(&self) -> String {
        match self {
            What::Texts(_) => "/messages".to_owned(),
            What::File { unit, name, .. } => {
                // Files of other programs have any name; they are texts, as in the unit's folder.
                let known = [".txt", ".csv", ".xlsx", ".xls"].iter().any(|kind| name.to_lowercase().ends_with(kind));
                let name = if known { (*name).to_owned() } else { format!("{name}.txt") };
                with_query("/jobs", &[("unit", (*unit).to_owned()), ("name", name)])
            }
        }
    }

    /// Read from its beginning.
    fn content(&self) -> Result<Content, Failure> {
        Ok(match self {
            What::Texts(texts) => Content::json(serde_json::to_vec(texts).map_err(Failure::refused)?),
            What::File { file, lists: [], .. } => {
                Content::pieces("application/octet-stream", vec![Piece::File(opened(file)?)])
            }
            What::File { file, name, lists, .. } => {
                let mut files = vec![((*name).to_owned(), opened(file)?)];
                for (name, list) in *lists {
                    files.push((name.clone(), opened(list)?));
                }
                Content::form(files)
            }
        })
    }
}

/// Opens a file. Errors: it cannot be read, with why.
pub(in crate::cli) fn opened(file: &Path) -> Result<File, Failure> {
    File::open(file).map_err(|error| Failure::refused(format!("{} cannot be read: {error}", file.display())))
}

/// Brings it, and says what came of it; `false`: no daemon runs, and nothing was brought.
pub(super) fn bring(context: &Context, what: &What<'_>) -> Result<bool, Failure> {
    let client = context.client()?;
    let key = format!("{:032x}", fastrand::u128(..));
    let mut lost = false;
    for attempt in 1.. {
        let told = match (client.bring(&what.path(), Some(&key), what.content()?), lost) {
            (Ok(Ok(known)), _) => return follow(context, &client, what, known).map(|()| true),
            // Its files may lie there already: a stop may come between them and the answer.
            (Ok(Err(no)), _) if no.is_unsettled() => sentence(context.lang, &no.detail),
            (Ok(Err(no)), _) => return Err(context.refused(&no)),
            (Err(AskError::NotRunning { .. }), false) if context.way() == &Way::Settings => return Ok(false),
            (Err(error @ AskError::Broken { .. }), _) => refusal(context.lang, &error.to_string()),
            // Whether it was taken in before it was lost, nobody knows.
            (Err(error), true) => return Err(lost_touch(context, &refusal(context.lang, &error.to_string()))),
            (Err(error), false) => return Err(context.unanswered(&error)),
        };
        if attempt >= TRIES {
            return Err(lost_touch(context, &told));
        }
        lost = true;
        pause(BETWEEN_TRIES)?;
    }
    Err(Failure::Said)
}

/// Waits until it is known what it became, and says so.
fn follow(context: &Context, client: &Client, what: &What<'_>, mut known: SubmissionView) -> Result<(), Failure> {
    let say = Phrases::of(context.lang);
    for _ in 0..LOOKS_MAX {
        match (known.job, &known.refusal) {
            (Some(job), _) => return told(context, JobId(job)),
            (None, Some(english)) => {
                let reason = match (context.lang, &known.refusal_indonesian) {
                    (Lang::Indonesian, Some(indonesian)) => indonesian.clone(),
                    _ => sentence(context.lang, english),
                };
                return Err(Failure::Refused(match what {
                    What::Texts(_) => reason,
                    What::File { .. } => fill(say.rejected, &[&what.name(), &reason]),
                }));
            }
            (None, None) => pause(LOOK)?,
        }
        match client.get(&path(&[&"submissions", &known.id])) {
            Ok(Ok(found)) => known = found,
            // It was taken in and lies there; whoever does not answer now reads it later.
            Ok(Err(no)) if !no.is_unsettled() => return Err(context.refused(&no)),
            Ok(Err(_)) | Err(_) => break,
        }
    }
    Ok(print(&format!("{}\n", fill(say.not_known_yet, &[&what.name()])))?)
}

/// The job, as far as the daemon still says what is in it: that it was made is known.
fn told(context: &Context, id: JobId) -> Result<(), Failure> {
    let say = Phrases::of(context.lang);
    let Ok(Some(job)) = Answers::of(context).and_then(|answers| answers.job(&JobRef::Id(id))) else {
        return Ok(print(&format!("{}\n", fill(say.job_made_of, &[&id, &id])))?);
    };
    let messages: u64 = job.messages.values().sum();
    let line = fill(say.job_made, &[&job.id, &messages, &job.excluded, &job.id]);
    let waits = match &job.waits_for {
        Some(kind) => format!("{}: {}\n", context.say.waits, waits(context, kind, &job)?),
        None => String::new(),
    };
    Ok(print(&format!("{line}\n{waits}"))?)
}

fn lost_touch(context: &Context, told: &str) -> Failure {
    Failure::Refused(fill(Phrases::of(context.lang).lost_touch, &[&told]))
}
