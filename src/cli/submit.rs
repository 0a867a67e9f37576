//! `kentongan submit` and `kentongan send`: jobs to the running daemon, which says at once what came of them; where none runs, files
//! into the queue directory, whole or not at all.

mod bring;
mod phrases;

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

pub(super) use self::bring::opened;
use self::bring::{What, bring};
use self::phrases::Phrases;
use super::args::{Send, Submit};
use super::phrases::fill;
use super::screen::print;
use super::{Context, Failure};
use crate::daemon::Lock;
use crate::model::{Class, Msisdn};
use crate::spool::{HandIn, lists_named};
use crate::web::Texts;

/// A job and the lists that go with it.
#[derive(Debug, PartialEq, Eq)]
struct Bundle<'a> {
    name: String,
    file: &'a Path,
    lists: Vec<(String, &'a Path)>,
}

pub(super) fn submit(context: &Context, how: &Submit) -> Result<(), Failure> {
    let unit = &context.unit(how.unit.as_deref())?.name;
    let most = context.office()?.file_bytes_max;
    let mut files = Vec::new();
    for file in &how.files {
        let name = file.file_name().and_then(|name| name.to_str()).filter(|name| !name.starts_with('.'));
        let name = name.ok_or_else(|| Failure::refused(format!("{} has no usable name", file.display())))?;
        if !file.is_file() {
            return Err(Failure::refused(format!("{} is no file that can be read", file.display())));
        }
        let octets = std::fs::metadata(file)?.len();
        if octets > most {
            return Err(Failure::Refused(too_large(context, &file.display().to_string(), octets, most)));
        }
        files.push((name.to_owned(), file.as_path()));
    }
    let bundles = bundles(&files)?;
    for (place, Bundle { name, file, lists }) in bundles.iter().enumerate() {
        match bring(context, &What::File { unit, file, name, lists }) {
            Ok(true) => {}
            // Perhaps it has stopped just now: what it has not taken waits in the folder until it runs again.
            Ok(false) => return drop_all(context, how.unit.as_deref(), &bundles[place..]),
            Err(failure) => return Err(left(context, &bundles[place + 1..], failure)),
        }
    }
    Ok(())
}

/// Says what is not brought because of what came before it.
fn left(context: &Context, rest: &[Bundle<'_>], failure: Failure) -> Failure {
    let names: Vec<_> = rest.iter().map(|bundle| bundle.name.as_str()).collect();
    if !names.is_empty() {
        eprintln!("kentongan: {}", fill(Phrases::of(context.lang).not_brought, &[&names.join(", ")]));
    }
    failure
}

/// What is said of a file that nobody takes.
pub(super) fn too_large(context: &Context, file: &str, octets: u64, most: u64) -> String {
    fill(Phrases::of(context.lang).too_large, &[&file, &octets, &most])
}

/// Each text with the lists that it names, and every other file by itself.
fn bundles<'a>(files: &[(String, &'a Path)]) -> Result<Vec<Bundle<'a>>, Failure> {
    let is_text = |name: &str| name.rsplit_once('.').is_some_and(|(_, kind)| kind.eq_ignore_ascii_case("txt"));
    let (mut bundles, mut named) = (Vec::new(), BTreeSet::new());
    for (name, file) in files.iter().filter(|(name, _)| is_text(name)) {
        let wanted = lists_named(&mut opened(file)?);
        let lists: Vec<_> = files.iter().filter(|(list, _)| !is_text(list) && wanted.contains(list)).cloned().collect();
        named.extend(lists.iter().map(|(list, _)| list.clone()));
        bundles.push(Bundle { name: name.clone(), file, lists });
    }
    let alone = files.iter().filter(|(name, _)| !is_text(name) && !named.contains(name));
    bundles.extend(alone.map(|(name, file)| Bundle { name: name.clone(), file, lists: Vec::new() }));
    Ok(bundles)
}

/// Puts jobs into the unit's folder, for the daemon that will run again.
fn drop_all(context: &Context, unit: Option<&str>, bundles: &[Bundle<'_>]) -> Result<(), Failure> {
    let folder = folder(context, unit)?;
    let mut dropped = BTreeSet::new();
    for (place, Bundle { name, file, lists }) in bundles.iter().enumerate() {
        // The text names the lists, so they must lie there before it; and they must keep their names.
        let lists = lists.iter().filter(|(list, _)| dropped.insert(list.clone()));
        let mut files: Vec<_> = lists.map(|(list, file)| (list, *file, true)).collect();
        files.push((name, *file, false));
        for (name, file, keep_name) in files {
            let put = opened(file).and_then(|mut from| {
                drop_into(context, &folder, name, keep_name, |into| io::copy(&mut from, into).map(|_| ()))
            });
            put.map_err(|failure| left(context, &bundles[place + 1..], failure))?;
        }
    }
    follow(context)
}

pub(super) fn send(context: &Context, how: &Send) -> Result<(), Failure> {
    let unit = context.unit(how.unit.as_deref())?;
    // As for a file that names no class: the least urgent that the unit may use.
    let class = how.class.or(unit.classes.iter().copied().max()).unwrap_or(Class::Routine);
    if !unit.classes.contains(&class) {
        let allowed: Vec<_> = unit.classes.iter().map(|class| class.name()).collect();
        return Err(Failure::refused(format!("unit {} may send {}, not {class}", unit.name, allowed.join(", "))));
    }
    let country = context.office()?.country;
    let mut numbers = Vec::new();
    for raw in &how.to {
        let number = Msisdn::parse(raw, country)
            .map_err(|error| Failure::refused(format!("{}: {error}", raw.escape_debug())))?;
        numbers.push(format!("+{}", number.digits()));
    }
    let text = text_or_stdin(&how.text)?;
    if text.trim().is_empty() {
        return Err(Failure::refused("the text is empty"));
    }
    let texts =
        Texts { unit: unit.name.clone(), to: numbers, text, class: Some(class.name().to_owned()), again: how.again };
    if bring(context, &What::Texts(&texts))? {
        return Ok(());
    }
    let folder = folder(context, how.unit.as_deref())?;
    let now = context.clock.now().to_zoned_datetime(context.zone()?.clone());
    let name = format!("send-{}-{:04x}.txt", now.strftime("%Y%m%d-%H%M%S"), fastrand::u16(..));
    let again = if how.again { "Again: yes\n" } else { "" };
    let content = format!("To: {}\nClass: {class}\n{again}\n{}\n", texts.to.join(", "), texts.text);
    drop_into(context, &folder, &name, false, |into| into.write_all(content.as_bytes()))?;
    follow(context)
}

/// Says how to see what becomes of it, and if nobody takes it for now.
pub(super) fn follow(context: &Context) -> Result<(), Failure> {
    print(&format!("{}\n", context.say.follow))?;
    if !Lock::is_held(&context.config()?.paths.database) {
        eprintln!("kentongan: {}: {}", context.say.warning, context.say.sent_later);
    }
    Ok(())
}

/// The unit's folder.
pub(super) fn folder(context: &Context, unit: Option<&str>) -> Result<PathBuf, Failure> {
    Ok(context.config()?.paths.queue.join(&context.unit(unit)?.name))
}

/// Writes a file under a name that the daemon overlooks, then gives it its real one: it appears whole.
fn drop_into(
    context: &Context,
    folder: &Path,
    name: &str,
    keep_name: bool,
    write: impl FnOnce(&mut std::fs::File) -> io::Result<()>,
) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::refused(format!("{} cannot be written to: {error}", folder.display()));
    let mut file = HandIn::begin(folder).map_err(failed)?;
    write(file.file()).map_err(failed)?;
    for number in 1..1000 {
        let numbered = numbered(name, number);
        match file.name(&numbered) {
            Ok(path) => {
                print(&format!("{}\n", fill(context.say.submitted, &[&path.display()])))?;
                return Ok(());
            }
            Err((error, Some(again))) if error.kind() == io::ErrorKind::AlreadyExists && !keep_name => file = again,
            Err((error, _)) => {
                return Err(Failure::refused(format!("{}: {error}", folder.join(numbered).display())));
            }
        }
    }
    Err(Failure::refused(format!("{} holds a thousand files named like {name}", folder.display())))
}

/// `job.csv`, `job-2.csv`, `job-3.csv` …
fn numbered(name: &str, number: u32) -> String {
    match (number, name.rsplit_once('.')) {
        (1, _) => name.to_owned(),
        (_, Some((stem, kind))) => format!("{stem}-{number}.{kind}"),
        (_, None) => format!("{name}-{number}"),
    }
}

/// A text from the command line; `-` reads it from standard input.
pub(super) fn text_or_stdin(text: &str) -> io::Result<String> {
    match text {
        "-" => {
            let mut text = String::new();
            io::stdin().take(64 * 1024).read_to_string(&mut text)?;
            Ok(text.trim_end_matches(['\r', '\n']).to_owned())
        }
        text => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_name_gets_a_number_before_its_ending() {
        assert_eq!(numbered("job.csv", 1), "job.csv");
        assert_eq!(numbered("job.v2.csv", 2), "job.v2-2.csv");
        assert_eq!(numbered("job", 3), "job-3");
    }

    #[test]
    fn a_text_takes_along_the_lists_that_it_names_and_other_files_are_jobs_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &str| {
            std::fs::write(folder.path().join(name), content).unwrap();
            (name.to_owned(), folder.path().join(name))
        };
        let files = [
            write("warga.csv", "nomor\n"),
            write("siaga.txt", "Kepada: warga.csv, RW.xlsx\n\nSiaga.\n"),
            write("lain.csv", "nomor;pesan\n"),
            write("RW.xlsx", ""),
        ];
        let files: Vec<_> = files.iter().map(|(name, path)| (name.clone(), path.as_path())).collect();
        let found: Vec<(String, Vec<String>)> = bundles(&files)
            .unwrap()
            .into_iter()
            .map(|bundle| (bundle.name, bundle.lists.into_iter().map(|(name, _)| name).collect()))
            .collect();
        let lists = vec!["warga.csv".to_owned(), "RW.xlsx".to_owned()];
        assert_eq!(found, [("siaga.txt".to_owned(), lists), ("lain.csv".to_owned(), Vec::new())]);
    }
}
