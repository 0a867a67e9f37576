//! Jobs that come in by a request. Each becomes a file in its unit's folder, so that there is one way in and one account; who brought
//! it is on record before, and the same request made again brings nothing twice.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Bytes;
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, watch};
use tracing::error;

use super::turns::Files;
use super::{Problem, Questions, Web, new_secret};
use crate::engine::event::{Action, NewJobRequest};
use crate::model::{Caller, hex};
use crate::spool::HandIn;
use crate::store::SubmissionView;

/// How long a caller waits to hear what became of its job before it is told that nobody knows yet.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest name, so that with the mark it stays a name everywhere.
const NAME_MAX: usize = 120;
/// The longest key of a request.
const KEY_MAX: usize = 200;

/// What somebody brings, before its content.
#[derive(Clone, Debug)]
pub struct Brought {
    /// For which unit.
    pub unit: String,
    /// The file's name: it decides how the content is read (`.txt`, `.csv`, `.xlsx`).
    pub name: String,
    /// Their own name for the request; `None`: one is made up, and made again it is another.
    pub key: Option<String>,
}

/// A request whose unit, name and key can be used; its content may come.
#[derive(Clone, Debug)]
pub struct Request {
    unit: String,
    key: String,
    /// The name of the file that is made of it.
    source: String,
    folder: PathBuf,
    bytes_max: u64,
}

/// What lies in the unit's folder under a name that is overlooked.
pub struct Written {
    /// It, not yet named.
    pub file: HandIn,
    /// SHA-256 of its content, lower-case hexadecimal.
    pub digest: String,
}

impl Request {
    /// Looks at what comes before the content. Errors: 404 for the unit; 422 for the name or the key.
    pub fn new(web: &Web, caller: &Caller, brought: Brought) -> Result<Self, Problem> {
        let Brought { unit, name, key } = brought;
        if web.config.unit(&unit).is_none() {
            return Err(Problem::absent(format!("there is no unit {}", unit.escape_debug())));
        }
        let key = match key {
            Some(key) if key.is_empty() || key.len() > KEY_MAX || key.chars().any(char::is_control) => {
                return Err(Problem::unusable(format!("a key is 1 to {KEY_MAX} printable characters")));
            }
            Some(key) => key,
            None => new_secret().map_err(|_| Problem::unavailable())?,
        };
        let source = marked(&name, &caller.name, &key)?;
        let folder = web.config.paths.queue.join(&unit);
        Ok(Self { unit, key, source, folder, bytes_max: web.config.intake.file_bytes_max })
    }

    /// None that is ever made: its content is laid into a folder of its own, only to be looked at. `bytes_max`: of each file.
    pub fn aside(bytes_max: u64, folder: &Path) -> Self {
        let (unit, key, source) = Default::default();
        Self { unit, key, source, folder: folder.to_owned(), bytes_max }
    }

    /// Takes content in as it comes: the job's, or a list's. Errors: 413 where it is too large; what it ends with; 503.
    pub async fn write(&self, content: impl Stream<Item = Result<Bytes, Problem>>) -> Result<Written, Problem> {
        write(self.folder.clone(), content, self.bytes_max).await
    }

    /// Gives the files their names, and waits for what becomes of the job: accepted with its number, refused with its reason, or
    /// neither yet. `lists`: those that the content names, under these very names.
    ///
    /// Errors: 409 for a key that was used for something else, and where another file has the name of a list; 422 for such a name;
    /// 503.
    pub async fn submit(
        self,
        web: &Web,
        caller: &Caller,
        content: Written,
        lists: Vec<(String, Written)>,
    ) -> Result<SubmissionView, Problem> {
        for (name, _) in &lists {
            list_name(name)?;
        }
        let Self { unit, key, source, folder, .. } = self;
        let (digest, lists_digest) = (content.digest.clone(), digest_of_lists(&lists));
        let request = NewJobRequest { key, unit: unit.clone(), source, digest, lists_digest };
        let id = web.acts.ask(caller, Action::Request(request), "").await.map_err(Problem::refused)?;
        let id: i64 = id.parse().map_err(|_| Problem::unavailable())?;
        let known = become_of(&web.questions, id).await?;
        if is_settled(&known) {
            return Ok(known);
        }
        let mut changes = web.changes.clone();
        changes.mark_unchanged();
        let files = Files { folder, source: known.source.clone(), text: content, lists };
        web.turns.put(&unit, files).await?;
        Ok(followed(known, changes, &web.questions).await)
    }
}

impl Written {
    /// Gives it this name in its folder, only to be looked at there. Errors: 422 for a name that leads elsewhere; 503.
    pub async fn lay(self, name: String) -> Result<PathBuf, Problem> {
        harmless(&name)?;
        let named = tokio::task::spawn_blocking(move || self.file.name(&name).map_err(|(error, _)| error)).await;
        named.map_err(|_| Problem::unavailable())?.map_err(|error| unwritten(&error))
    }
}

/// What is at hand already, as content that comes.
pub fn at_hand(octets: impl Into<Bytes>) -> impl Stream<Item = Result<Bytes, Problem>> {
    futures_util::stream::iter([Ok(octets.into())])
}

/// What is known of a request whose files lie in their folder, as soon as it is settled; or what was known last, where that takes long
/// or the daemon stops. It is no error then: what lies there is read at the next start, and must not be brought anew.
async fn followed(
    mut known: SubmissionView,
    mut changes: watch::Receiver<u64>,
    questions: &Questions,
) -> SubmissionView {
    let settled = async {
        while let Ok(found) = become_of(questions, known.id).await {
            known = found;
            if is_settled(&known) || changes.changed().await.is_err() {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(PATIENCE, settled).await;
    known
}

fn is_settled(known: &SubmissionView) -> bool {
    known.job.is_some() || known.refusal.is_some()
}

/// SHA-256 over the names of lists and what is in them, in whichever order they came; lower-case hexadecimal.
fn digest_of_lists(lists: &[(String, Written)]) -> String {
    let mut lists: Vec<_> = lists.iter().map(|(name, list)| (name, &list.digest)).collect();
    lists.sort_unstable();
    let mut digest = Sha256::new();
    for (name, content) in lists {
        digest.update((name.len() as u64).to_be_bytes());
        digest.update(name);
        digest.update(content);
    }
    hex(digest.finalize())
}

async fn become_of(questions: &Questions, id: i64) -> Result<SubmissionView, Problem> {
    questions.ask(move |reader| reader.submission(id)).await?.ok_or_else(Problem::unavailable)
}

/// The name of the file: as it was brought, with a mark of the request before its ending, so that no two are alike.
fn marked(name: &str, caller: &str, key: &str) -> Result<String, Problem> {
    let (stem, kind) = plain(name)?;
    let mark = Sha256::new().chain_update(caller).chain_update([0]).chain_update(key).finalize();
    Ok(format!("{stem}-{}.{kind}", hex(&mark[..5])))
}

/// The stem and the ending of a name that leads nowhere. Errors: 422, with what is wrong.
fn plain(name: &str) -> Result<(&str, &str), Problem> {
    let wrong = |what: &str| Problem::unusable(format!("`{}` {what}", name.escape_debug()));
    let harmless = harmless(name);
    let Some((stem, kind)) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) else {
        return Err(wrong("has no ending; name the file .txt, .csv or .xlsx by what is in it"));
    };
    if !["txt", "csv", "xlsx"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(wrong("is no job file; name it .txt, .csv or .xlsx by what is in it"));
    }
    harmless.map(|()| (stem, kind))
}

/// Nothing, where a name leads nowhere else and is short enough. Errors: 422, with what is wrong.
fn harmless(name: &str) -> Result<(), Problem> {
    let wrong = |what: &str| Err(Problem::unusable(format!("`{}` {what}", name.escape_debug())));
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\']) || name.chars().any(char::is_control) {
        return wrong("is no plain name of a file");
    }
    if name.len() > NAME_MAX {
        return wrong("is too long for a name");
    }
    Ok(())
}

/// Nothing, where this can be a list's name; it keeps it, since the text says it. Errors: 422.
pub fn list_name(name: &str) -> Result<(), Problem> {
    match plain(name)? {
        // Without its text it would be taken for one.
        (_, kind) if kind.eq_ignore_ascii_case("txt") => {
            Err(Problem::unusable(format!("`{}` is no list; a list is .csv or .xlsx", name.escape_debug())))
        }
        _ => Ok(()),
    }
}

/// Writes what comes under a name that is overlooked.
async fn write(
    folder: PathBuf,
    content: impl Stream<Item = Result<Bytes, Problem>>,
    bytes_max: u64,
) -> Result<Written, Problem> {
    let (pieces, mut coming) = mpsc::channel::<Bytes>(4);
    let writing = tokio::task::spawn_blocking(move || {
        let mut file = HandIn::begin(&folder)?;
        let mut digest = Sha256::new();
        while let Some(piece) = coming.blocking_recv() {
            digest.update(&piece);
            file.file().write_all(&piece)?;
        }
        Ok::<_, io::Error>(Written { file, digest: hex(digest.finalize()) })
    });
    let mut size = 0;
    let mut content = std::pin::pin!(content);
    while let Some(piece) = content.next().await {
        let piece = piece?;
        size += piece.len() as u64;
        if size > bytes_max {
            return Err(Problem::too_large(format!("a job file is at most {bytes_max} octets (intake.file_mb_max)")));
        }
        if pieces.send(piece).await.is_err() {
            break;
        }
    }
    drop(pieces);
    match writing.await {
        Ok(Ok(written)) => Ok(written),
        Ok(Err(error)) => Err(unwritten(&error)),
        Err(_) => Err(Problem::unavailable()),
    }
}

/// The disk does not take it; the log has the particulars.
pub fn unwritten(error: &io::Error) -> Problem {
    error!(%error, "what came in by a request cannot be written to the disk");
    Problem::unavailable()
}

#[cfg(test)]
mod tests;
