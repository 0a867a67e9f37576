//! Jobs that come in by a request. Each becomes a file in its unit's folder, so that there is one way in and one account; who brought
//! it is on record before, and the same request made again brings nothing twice.

use std::io::{self, Write};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tracing::error;

use super::{Problem, Web, new_secret};
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
    /// A list that the content names: its name in the unit's folder, and what stands in it.
    pub list: Option<(String, Bytes)>,
}

/// Takes a job in, and waits for what becomes of it: accepted with its number, refused with its reason, or neither yet.
///
/// Errors: 404 for the unit, 409 for a key that was used for something else, 413 for the content, 422 for the name; 503.
pub async fn submit(web: &Web, caller: &Caller, brought: Brought, content: Body) -> Result<SubmissionView, Problem> {
    let Brought { unit, name, key, list } = brought;
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
    let bytes_max = web.config.intake.file_bytes_max;
    let list = match list {
        Some((name, octets)) => Some((write(folder.clone(), octets.into(), bytes_max).await?.0, name)),
        None => None,
    };
    let (written, digest) = write(folder, content, bytes_max).await?;
    let request = NewJobRequest { key, unit, source, digest };
    let id = web.acts.ask(caller, Action::Request(request), "").await.map_err(Problem::refused)?;
    let id: i64 = id.parse().map_err(|_| Problem::unavailable())?;
    let known = become_of(web, id).await?;
    if known.job.is_some() || known.refusal.is_some() {
        return Ok(known);
    }
    let mut changes = web.changes.clone();
    changes.mark_unchanged();
    drop_into_place(written, known.source.clone()).await?;
    // The text first: it waits for its list, while a list without its text may be taken for a job of its own.
    if let Some((list, name)) = list {
        drop_into_place(list, name).await?;
    }
    let waited = tokio::time::timeout(PATIENCE, async {
        loop {
            let known = become_of(web, id).await?;
            if known.job.is_some() || known.refusal.is_some() {
                return Ok(known);
            }
            changes.changed().await.map_err(|_| Problem::unavailable())?;
        }
    });
    match waited.await {
        Ok(known) => known,
        Err(_) => become_of(web, id).await,
    }
}

async fn become_of(web: &Web, id: i64) -> Result<SubmissionView, Problem> {
    web.questions.ask(move |reader| reader.submission(id)).await?.ok_or_else(Problem::unavailable)
}

/// The name of the file: as it was brought, with a mark of the request before its ending, so that no two are alike.
fn marked(name: &str, caller: &str, key: &str) -> Result<String, Problem> {
    let wrong = |what: &str| Problem::unusable(format!("`{}` {what}", name.escape_debug()));
    let Some((stem, kind)) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) else {
        return Err(wrong("has no ending; name the file .txt, .csv or .xlsx by what is in it"));
    };
    if !["txt", "csv", "xlsx"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(wrong("is no job file; name it .txt, .csv or .xlsx by what is in it"));
    }
    if name.starts_with('.') || name.contains(['/', '\\']) || name.chars().any(char::is_control) {
        return Err(wrong("is no plain name of a file"));
    }
    if name.len() > NAME_MAX {
        return Err(wrong("is too long for a name"));
    }
    let mark = Sha256::new().chain_update(caller).chain_update([0]).chain_update(key).finalize();
    Ok(format!("{stem}-{}.{kind}", hex(&mark[..5])))
}

/// Writes what comes under a name that is overlooked; gives its SHA-256.
async fn write(folder: std::path::PathBuf, mut content: Body, bytes_max: u64) -> Result<(HandIn, String), Problem> {
    let (pieces, mut coming) = mpsc::channel::<axum::body::Bytes>(4);
    let writing = tokio::task::spawn_blocking(move || {
        let mut file = HandIn::begin(&folder)?;
        let mut digest = Sha256::new();
        while let Some(piece) = coming.blocking_recv() {
            digest.update(&piece);
            file.file().write_all(&piece)?;
        }
        Ok::<_, io::Error>((file, hex(digest.finalize())))
    });
    let mut size = 0;
    loop {
        let Some(frame) = content.frame().await else { break };
        let frame = frame.map_err(|error| Problem::unreadable(format!("the content broke off: {error}")))?;
        let Ok(piece) = frame.into_data() else { continue };
        size += piece.len() as u64;
        if size > bytes_max {
            return Err(Problem::too_large(format!(
                "a job file is at most {bytes_max} octets (intake.file_bytes_max)"
            )));
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

async fn drop_into_place(file: HandIn, name: String) -> Result<(), Problem> {
    let named = tokio::task::spawn_blocking(move || match file.name(&name) {
        Ok(_) => Ok(()),
        // The same request, made before, whose file has not been looked at yet.
        Err((error, _)) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err((error, _)) => Err(error),
    });
    match named.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(unwritten(&error)),
        Err(_) => Err(Problem::unavailable()),
    }
}

fn unwritten(error: &io::Error) -> Problem {
    error!(%error, "a job that came in by a request cannot be written into its unit's folder");
    Problem::unavailable()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_marked_before_its_ending_and_never_leads_out_of_the_folder() {
        let name = |name: &str| marked(name, "andi", "k1");
        let first = name("undangan rapat.csv").unwrap();
        assert!(first.starts_with("undangan rapat-") && first.ends_with(".csv"), "{first}");
        assert_eq!(first, name("undangan rapat.csv").unwrap());
        assert_ne!(first, marked("undangan rapat.csv", "budi", "k1").unwrap());
        assert_ne!(first, marked("undangan rapat.csv", "andi", "k2").unwrap());
        for bad in
            ["", "csv", ".csv", "../x.txt", "a/b.csv", "a\\b.csv", ".tersembunyi.txt", "a\n.txt", "a.exe", "a.txt/"]
        {
            assert_eq!(name(bad).unwrap_err().status, 422, "{bad:?}");
        }
        assert_eq!(name(&format!("{}.txt", "a".repeat(200))).unwrap_err().status, 422);
    }
}
