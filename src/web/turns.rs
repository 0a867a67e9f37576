//! The files of a request on their way into a unit's folder: one request after another, and all of its files or none.
//!
//! A text names its lists, so no other file may come under these names: whoever reads the text would send it to others.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use tracing::error;

use super::Problem;
use super::submit::{Written, unwritten};
use crate::model::hex;
use crate::spool::HandIn;

/// The turns of every unit's folder. Cheap to clone.
#[derive(Clone)]
pub struct Turns(Arc<BTreeMap<String, Arc<Mutex<()>>>>);

/// The files of a request.
pub struct Files {
    /// The unit's folder.
    pub folder: PathBuf,
    /// The name of the job's file, which no other request's has.
    pub source: String,
    /// The job's file.
    pub text: Written,
    /// The lists that it brings along, under the names that it says.
    pub lists: Vec<(String, Written)>,
}

impl Turns {
    /// Of these units.
    pub fn of(units: impl IntoIterator<Item = String>) -> Self {
        Self(Arc::new(units.into_iter().map(|unit| (unit, Arc::default())).collect()))
    }

    /// Gives the files their names when it is their turn. What was begun is done to its end, also where nobody waits for it any more.
    ///
    /// Errors: 409 where another file has the name of a list; 503. None of the files lies there then.
    pub async fn put(&self, unit: &str, files: Files) -> Result<(), Problem> {
        let turn = self.0.get(unit).cloned().ok_or_else(Problem::unavailable)?.lock_owned().await;
        let put = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            files.put()
        });
        put.await.map_err(|_| Problem::unavailable())?
    }
}

/// How far the files have come.
#[derive(Default)]
struct Put {
    text: bool,
    lists: Vec<String>,
}

impl Files {
    fn put(self) -> Result<(), Problem> {
        let (folder, source, mut put) = (self.folder.clone(), self.source.clone(), Put::default());
        let done = self.put_all(&mut put);
        match done {
            Err(_) if !taken_back(&folder, &source, &put) => {
                error!(file = source, "it was read before it could be taken back");
                Err(Problem::refused(
                    "another file was put under the name of a list at this moment, and the job may have been read with it; look at \
                     `kentongan jobs` before you send it again",
                ))
            }
            done => done,
        }
    }

    fn put_all(self, put: &mut Put) -> Result<(), Problem> {
        let Self { folder, source, text, lists } = self;
        for (name, list) in &lists {
            must_be_free(&folder, name, &list.digest)?;
        }
        // The text first: it waits for its list, while a list without its text may be taken for a job of its own. Where it lies there,
        // this very request was made before.
        named(text.file, &source)?;
        put.text = true;
        for (name, Written { file, digest }) in lists {
            match named(file, &name)? {
                true => put.lists.push(name),
                // By hand, since it was looked for.
                false => must_be_free(&folder, &name, &digest)?,
            }
        }
        Ok(())
    }
}

/// Takes back what was put, so that nobody reads the text with a list of another's. Gives whether nobody has.
fn taken_back(folder: &Path, source: &str, put: &Put) -> bool {
    for list in &put.lists {
        if let Err(error) = fs::remove_file(folder.join(list)) {
            error!(file = list, %error, "a list cannot be taken back");
        }
    }
    // Also where it lies there from before.
    match fs::remove_file(folder.join(source)) {
        Ok(()) => true,
        Err(_) => !put.text,
    }
}

/// Whether it got its name; `false`: there is one of this name. Errors: 503.
fn named(file: HandIn, name: &str) -> Result<bool, Problem> {
    match file.name(name) {
        Ok(_) => Ok(true),
        Err((error, _)) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err((error, _)) => Err(unwritten(&error)),
    }
}

/// Nothing, where no file has the name of a list, or one that says the same: of this very request, made before. Errors: 409; 503.
fn must_be_free(folder: &Path, name: &str, digest: &str) -> Result<(), Problem> {
    let found = match File::open(folder.join(name)) {
        Ok(file) => digest_of(file).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    };
    match found.map_err(|error| unwritten(&error))? {
        Some(found) if found != digest => Err(Problem::refused(format!(
            "another file named {} lies in the unit's folder; name this list otherwise",
            name.escape_debug()
        ))),
        _ => Ok(()),
    }
}

fn digest_of(mut file: File) -> io::Result<String> {
    let (mut digest, mut piece) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex(digest.finalize())),
            read => digest.update(&piece[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn written(folder: &Path, content: &str) -> Written {
        let mut file = HandIn::begin(folder).unwrap();
        file.file().write_all(content.as_bytes()).unwrap();
        Written { file, digest: hex(Sha256::digest(content)) }
    }

    fn files(folder: &Path, source: &str, list: &str) -> Files {
        let text = written(folder, "Kepada: warga.csv\n\nApel.\n");
        let lists = vec![("warga.csv".to_owned(), written(folder, list))];
        Files { folder: folder.to_owned(), source: source.to_owned(), text, lists }
    }

    fn names(folder: &Path) -> Vec<String> {
        let found = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = found.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn of_two_requests_with_lists_of_one_name_one_is_refused_and_its_text_is_read_with_neither() {
        let folder = tempfile::tempdir().unwrap();
        let turns = Turns::of(["damkar".to_owned()]);
        let put = |source: &str, list: &str| {
            let (turns, files) = (turns.clone(), files(folder.path(), source, list));
            tokio::spawn(async move { turns.put("damkar", files).await })
        };
        let turn = turns.0["damkar"].clone().lock_owned().await;
        let waits = turns.put("damkar", files(folder.path(), "c.txt", "nomor\n"));
        assert!(tokio::time::timeout(std::time::Duration::from_millis(100), waits).await.is_err());
        assert_eq!(names(folder.path()), [""; 0], "nothing lies there before its turn");
        drop(turn);
        let (first, second) = (put("a.txt", "nomor\n0812\n"), put("b.txt", "nomor\n0857\n"));
        let ended = [first.await.unwrap(), second.await.unwrap()].map(|ended| ended.err().map(|no| no.status));
        let (kept, list) = match ended {
            [None, Some(409)] => ("a.txt", "nomor\n0812\n"),
            [Some(409), None] => ("b.txt", "nomor\n0857\n"),
            other => panic!("{other:?}"),
        };
        assert_eq!(names(folder.path()), [kept, "warga.csv"]);
        assert_eq!(fs::read_to_string(folder.path().join("warga.csv")).unwrap(), list);
        // Made again it is the same; and nobody waits for ever behind one that was given up.
        let mut given_up = Box::pin(turns.put("damkar", files(folder.path(), kept, list)));
        assert!(futures_util::poll!(&mut given_up).is_pending());
        drop(given_up);
        assert_eq!(put(kept, list).await.unwrap(), Ok(()));
    }

    #[test]
    fn a_list_that_somebody_put_there_by_hand_is_neither_replaced_nor_read_with_the_text() {
        let folder = tempfile::tempdir().unwrap();
        let ours = files(folder.path(), "a.txt", "nomor\n0812\n");
        fs::write(folder.path().join("a.txt"), "from before").unwrap();
        fs::write(folder.path().join("warga.csv"), "nomor\n0857\n").unwrap();
        assert_eq!(ours.put().map_err(|no| no.status), Err(409));
        assert_eq!(names(folder.path()), ["warga.csv"], "what lay there of this request is taken back");
        // Its second list cannot be had: nothing of it stays.
        fs::remove_file(folder.path().join("warga.csv")).unwrap();
        let mut ours = files(folder.path(), "a.txt", "nomor\n0812\n");
        ours.lists.push(("no/such/folder.csv".to_owned(), written(folder.path(), "nomor\n")));
        assert_eq!(ours.put().map_err(|no| no.status), Err(503));
        assert_eq!(names(folder.path()), [""; 0]);
    }
}
