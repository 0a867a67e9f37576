//! Texts and the lists that they name: which file goes with which, and when. Everything here may block.
//!
//! A list goes along with the last text in its folder that names it: two texts may share one, and either may be the first to be read.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use tracing::{debug, warn};

use super::folder::{self, ACCEPTED, REJECTED, Stamp, What};
use super::format::{self, Kind};
use super::intake::Dropped;
use super::rejection::{Fault, Rejection};
use super::shelf::Shelf;

/// A list whose job's file has left the queue without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Left {
    /// Its name.
    pub list: String,
    /// What it was when it was read, or when it was left.
    pub stamp: Stamp,
    /// The folder that it follows to.
    pub to: &'static str,
}

/// The lists that a text names, as far as its headers can be read; none of what is no text.
pub(super) fn lists_of(dropped: &Dropped) -> Vec<String> {
    match Kind::of(&dropped.name.to_string_lossy()) {
        Ok(Kind::Text) if dropped.stamp.what == What::File => lists_in(&dropped.folder.join(&dropped.name)),
        _ => Vec::new(),
    }
}

fn lists_in(text: &Path) -> Vec<String> {
    match folder::open(text) {
        Ok((mut text, stamp)) if stamp.what == What::File => format::lists_named(&mut text),
        _ => Vec::new(),
    }
}

/// Whether a text beside this file names it as its list.
pub(super) fn belongs_to_a_text(dropped: &Dropped, name: &str) -> bool {
    dropped.texts.iter().any(|(text, busy)| {
        let text = dropped.folder.join(text);
        // It is just being moved away, and its lists follow.
        lists_in(&text).iter().any(|list| list == name) || *busy && !text.is_file()
    })
}

/// Whether a text that lies in a unit's folder at this moment names this file as its list.
fn is_named(unit: &Path, list: &str) -> bool {
    let mut texts = folder::list(unit).unwrap_or_default().into_iter().filter(|(name, stamp)| {
        stamp.what == What::File && name != list && Kind::of(&name.to_string_lossy()) == Ok(Kind::Text)
    });
    texts.any(|(name, _)| lists_in(&unit.join(name)).iter().any(|named| named == list))
}

/// Takes the lists of an accepted job to where its file lies by now; gives those that somebody wrote to after they were read, and those
/// that stay for now: for another text that names them, or since they cannot be moved.
pub(super) fn take_along(shelf: &Shelf, unit: &Path, lists: Vec<(String, Stamp)>) -> (Vec<String>, Vec<Left>) {
    let (mut written_to, mut behind) = (Vec::new(), Vec::new());
    for (list, stamp) in lists {
        let moved = match is_named(unit, &list) {
            true => {
                debug!(file = list, "a list stays for another text that names it");
                behind.push(Left { list: list.clone(), stamp, to: ACCEPTED });
                Stamp::at(&unit.join(&list)).map(|there| !there.same_content(&stamp))
            }
            false => shelf.follow(unit, &list, ACCEPTED, Some(&stamp)),
        };
        match moved {
            Ok(true) => written_to.push(list),
            Ok(false) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // The job's file lies there by now: only the list is to be tried again.
            Err(error) => {
                warn!(file = list, %error, "a list cannot follow its job's file yet; tried again");
                behind.push(Left { list, stamp, to: ACCEPTED });
            }
        }
    }
    (written_to, behind)
}

/// Takes the lists of a rejected file along, since one that stayed behind would be taken for a job of its own; gives those that stay for
/// another text that names them.
pub(super) fn take_away(shelf: &Shelf, unit: &Path, lists: Vec<String>) -> io::Result<Vec<Left>> {
    let mut behind = Vec::new();
    for list in lists {
        match Stamp::at(&unit.join(&list)) {
            Ok(stamp) if is_named(unit, &list) => behind.push(Left { list, stamp, to: REJECTED }),
            _ => drop(shelf.follow(unit, &list, REJECTED, None)?),
        }
    }
    Ok(behind)
}

/// Takes a list that was left behind to where its job's file lies; `false`: another text names it still.
pub(super) fn follow(shelf: &Shelf, unit: &Path, list: &OsStr, to: &str) -> io::Result<bool> {
    let list = list.to_string_lossy();
    if is_named(unit, &list) {
        return Ok(false);
    }
    shelf.follow(unit, &list, to, None).map(|_| true)
}

/// Says of a list that is not there where one of its name lies: it went there with a text that named it before.
pub(super) fn say_where(rejection: Rejection, unit: &Path) -> Rejection {
    match &rejection.fault {
        Fault::ListMissing { name } => {
            let lies = [ACCEPTED, REJECTED].into_iter().find(|to| unit.join(to).join(name).is_file());
            let fault = lies.map(|folder| Fault::ListGone { name: name.clone(), folder });
            Rejection { fault: fault.unwrap_or(rejection.fault), ..rejection }
        }
        _ => rejection,
    }
}
