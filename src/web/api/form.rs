//! A form of files: a job's text first, then each list that it names. Taken in as it comes; nothing of it is held but what stands
//! around the files, and of that not much.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use futures_util::StreamExt;

use crate::web::Problem;
use crate::web::submit::{self, Written, list_name};

/// The most lists that a text may bring along.
const LISTS_MAX: usize = 20;
/// The most that may stand before, between and behind the files, in octets. The parser holds it until it has found where it ends, and
/// asks for more without an end.
const AROUND_MAX: u64 = 256 * 1024;

/// What has come in.
struct Meter {
    all: AtomicU64,
    all_max: u64,
    /// Since a file's content came last.
    around: AtomicU64,
}

impl Meter {
    /// Lets a piece pass. Errors: what came before it is too much.
    fn pass(&self, octets: usize) -> io::Result<()> {
        match self.problem() {
            Some(problem) => Err(io::Error::other(problem.detail)),
            None => {
                self.all.fetch_add(octets as u64, Ordering::Relaxed);
                self.around.fetch_add(octets as u64, Ordering::Relaxed);
                Ok(())
            }
        }
    }

    fn content_came(&self) {
        self.around.store(0, Ordering::Relaxed);
    }

    fn problem(&self) -> Option<Problem> {
        if self.all.load(Ordering::Relaxed) > self.all_max {
            let most = self.all_max;
            return Some(Problem::too_large(format!("a form is at most {most} octets (2 × intake.file_mb_max)")));
        }
        let around = self.around.load(Ordering::Relaxed) > AROUND_MAX;
        around.then(|| Problem::too_large(format!("more than {AROUND_MAX} octets stand around the files of the form")))
    }
}

/// The files of a form of at most `octets_max`: the text, and the lists it names.
///
/// Errors: 400 where it is none; 413; 422 for the names; as [`submit::Request::write`].
pub(super) async fn files(
    new: &submit::Request,
    request: Request,
    octets_max: u64,
) -> Result<(Written, Vec<(String, Written)>), Problem> {
    let meter = Arc::new(Meter { all: AtomicU64::new(0), all_max: octets_max, around: AtomicU64::new(0) });
    let measured = {
        let meter = meter.clone();
        move |piece: Result<axum::body::Bytes, axum::Error>| {
            let piece = piece.map_err(io::Error::other)?;
            meter.pass(piece.len()).map(|()| piece)
        }
    };
    let request = request.map(|body| Body::from_stream(body.into_data_stream().map(measured)));
    let wrong = |error: MultipartError| meter.problem().unwrap_or_else(|| Problem::unreadable(error.body_text()));
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|rejection| Problem::unreadable(rejection.body_text()))?;
    let (mut content, mut lists) = (None, Vec::<(String, Written)>::new());
    while let Some(field) = form.next_field().await.map_err(wrong)? {
        let name = field.file_name().unwrap_or_default().to_owned();
        if content.is_some() {
            may_follow(&name, &lists)?;
        }
        let pieces = field.map(|piece| {
            if piece.as_ref().is_ok_and(|piece| !piece.is_empty()) {
                meter.content_came();
            }
            piece.map_err(wrong)
        });
        let written = new.write(pieces).await?;
        match content {
            None => content = Some(written),
            Some(_) => lists.push((name, written)),
        }
    }
    content.map(|content| (content, lists)).ok_or_else(|| Problem::unusable("the form has no file"))
}

/// Nothing, where a list of this name may stand behind the others. Errors: 413; 422.
fn may_follow(name: &str, lists: &[(String, Written)]) -> Result<(), Problem> {
    list_name(name)?;
    if lists.len() == LISTS_MAX {
        return Err(Problem::too_large(format!("a text brings at most {LISTS_MAX} lists along")));
    }
    match lists.iter().any(|(known, _)| known == name) {
        true => Err(Problem::unusable(format!("two files of the form are named {}", name.escape_debug()))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{Stream, stream};

    use super::*;

    const KIND: &str = "multipart/form-data; boundary=m";

    /// What comes of a form that comes in these pieces, where a file may have a megabyte and the form two.
    async fn taken(pieces: impl Stream<Item = Vec<u8>> + Send + 'static) -> Result<Vec<String>, Problem> {
        let folder = tempfile::tempdir().unwrap();
        let new = submit::Request::aside(1_000_000, folder.path());
        // A connection has one piece at a time.
        let pieces = pieces.enumerate().then(async |(place, piece)| {
            if place > 0 {
                tokio::task::yield_now().await;
            }
            Ok::<_, io::Error>(piece)
        });
        let request = Request::post("/").header("content-type", KIND).body(Body::from_stream(pieces)).unwrap();
        let (_, lists) = files(&new, request, 2_000_000).await?;
        Ok(lists.into_iter().map(|(name, _)| name).collect())
    }

    fn form(files: &[(&str, usize)]) -> impl Stream<Item = Vec<u8>> + Send + 'static {
        let mut whole = Vec::new();
        for (name, octets) in files {
            let head = format!("--m\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
            whole.extend([head.as_bytes(), &vec![b'0'; *octets], b"\r\n"].concat());
        }
        whole.extend(b"--m--\r\n");
        stream::iter(whole.chunks(16 * 1024).map(<[u8]>::to_vec).collect::<Vec<_>>())
    }

    #[tokio::test]
    async fn a_form_brings_its_lists_along_within_the_limits_of_each_and_of_all() {
        let lists = taken(form(&[("a.txt", 900_000), ("b.csv", 900_000), ("c.xlsx", 0)])).await.unwrap();
        assert_eq!(lists, ["b.csv", "c.xlsx"]);
        let no = taken(form(&[("a.txt", 100), ("b.csv", 1_000_001)])).await.unwrap_err();
        assert!(no.status == 413 && no.detail.contains("a job file is at most"), "{no:?}");
        let no = taken(form(&[("a.txt", 700_000), ("b.csv", 700_000), ("c.csv", 700_000)])).await.unwrap_err();
        assert!(no.status == 413 && no.detail.contains("a form is at most 2000000 octets"), "{no:?}");
        let many: Vec<_> = (0..=LISTS_MAX).map(|number| format!("{number}.csv")).collect();
        let many: Vec<_> = std::iter::once("a.txt").chain(many.iter().map(String::as_str)).map(|n| (n, 1)).collect();
        let no = taken(form(&many)).await.unwrap_err();
        assert!(no.status == 413 && no.detail.contains("at most 20 lists"), "{no:?}");
    }

    #[tokio::test]
    async fn a_form_that_never_comes_to_a_file_is_not_held_in_memory() {
        for begin in ["", "--m\r\nx: ", "--m\r\nx: y\r\n\r\n0\r\n--m\r\nx: "] {
            let begin = stream::iter([begin.as_bytes().to_vec()]);
            let endless = stream::iter((0..1_000).map(|_| vec![b'a'; 16 * 1024]));
            let no = taken(begin.chain(endless)).await.unwrap_err();
            assert!(no.status == 413 && no.detail.contains("around the files"), "{no:?}");
        }
        assert_eq!(taken(stream::iter([b"--m--\r\n".to_vec()])).await.unwrap_err().status, 422);
    }

    #[tokio::test]
    async fn a_list_has_a_name_of_its_own_that_is_a_lists() {
        for name in ["b.txt", "../b.csv", "", "b"] {
            let no = taken(form(&[("a.txt", 1), (name, 1)])).await.unwrap_err();
            assert_eq!(no.status, 422, "{name}: {no:?}");
        }
        let no = taken(form(&[("a.txt", 1), ("b.csv", 1), ("b.csv", 2)])).await.unwrap_err();
        assert!(no.status == 422 && no.detail == "two files of the form are named b.csv", "{no:?}");
    }
}
