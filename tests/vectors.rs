//! PDUs and their building blocks with the values that they must mean, from files of one JSON object a line.
//!
//! The folder is the one that the variable KENTONGAN_VECTORS names, else `../shared/vectors` where it is there; its
//! README describes the lines. A small set of our own, made from the standards, stands in `tests/vectors`. Only fields
//! that a line states are compared.

#[path = "vectors/building_blocks.rs"]
mod building_blocks;
#[path = "vectors/tpdus.rs"]
mod tpdus;

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// One line: its fields by name.
pub type Line = Map<String, Value>;

/// A field in which a line and the codec disagree.
pub struct Clash {
    field: String,
    expected: Value,
    found: Value,
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.field, self.expected, self.found)
    }
}

/// What a line came to.
pub enum Verdict {
    /// Compared; no clashes means that it is as expected.
    Judged(Vec<Clash>),
    /// Nothing here knows this kind of line.
    UnknownKind,
}

/// Clashes in which the line is wrong: its id, the field, and the clause that says so.
const KNOWN: &[(&str, &str, &str)] = &[];

/// The fields of `expect` that are compared; one that is not found counts as null.
#[rustfmt::skip]
const FIELDS: &[&str] = &[
    "type", "smsc", "sender", "recipient", "first_octet", "more_messages", "mr", "pid", "dcs", "status", "scts",
    "discharge", "srr", "sri", "srq", "udhi", "reply_path", "reject_duplicates", "loop_prevention", "vpf", "validity",
    "encoding", "class", "compressed", "mwi", "auto_delete", "udl", "udh", "concat", "ports", "single_shift",
    "locking_shift", "text", "data", "octets", "odd_ucs2", "pi", "trailing_octets", "tpdu_len",
];

/// Compares what a line states with what was found.
pub fn compare(expected: &Line, found: &Line) -> Vec<Clash> {
    let null = Value::Null;
    expected
        .iter()
        .filter(|(field, _)| FIELDS.contains(&field.as_str()))
        .map(|(field, value)| (field, value, found.get(field).unwrap_or(&null)))
        .filter(|(_, value, found)| value != found)
        .map(|(field, value, found)| clash(field, value.clone(), found.clone()))
        .collect()
}

/// The fields of `expect` that nothing here compares; they are named, so that nobody takes them for judged.
fn fields_passed_over(line: &Line) -> impl Iterator<Item = String> {
    let expect = line.get("expect").and_then(Value::as_object);
    expect.into_iter().flat_map(Map::keys).filter(|field| !FIELDS.contains(&field.as_str())).cloned()
}

/// A clash in one value.
pub fn clash(field: &str, expected: impl Into<Value>, found: impl Into<Value>) -> Clash {
    Clash { field: field.to_owned(), expected: expected.into(), found: found.into() }
}

/// The text of a field. Errors: that it is missing, which makes the line unreadable.
pub fn text<'a>(line: &'a Line, field: &str) -> Result<&'a str, String> {
    line.get(field).and_then(Value::as_str).ok_or_else(|| format!("there is no text `{field}`"))
}

/// The octets that a field holds in hexadecimal.
pub fn octets(line: &Line, field: &str) -> Result<Vec<u8>, String> {
    kentongan::pdu::hex::decode(text(line, field)?).map_err(|error| format!("`{field}`: {error}"))
}

/// The whole number of a field.
pub fn number(line: &Line, field: &str) -> Result<i64, String> {
    line.get(field).and_then(Value::as_i64).ok_or_else(|| format!("there is no number `{field}`"))
}

fn judge(line: &Line) -> Result<Verdict, String> {
    let clashes = match text(line, "kind")? {
        "deliver" | "submit" | "status-report" => tpdus::judge(line)?,
        "malformed" => tpdus::judge_malformed(line)?,
        "gsm7" => building_blocks::gsm7(line)?,
        "ucs2" => building_blocks::ucs2(line)?,
        "address" => building_blocks::address(line)?,
        "smsc" => building_blocks::service_centre(line)?,
        "validity" => building_blocks::validity(line)?,
        "timestamp" => building_blocks::time_stamp(line)?,
        "udh-concat" => building_blocks::concat(line)?,
        "udh-port" => building_blocks::ports(line)?,
        _ => return Ok(Verdict::UnknownKind),
    };
    Ok(Verdict::Judged(clashes))
}

#[derive(Default)]
struct Tally {
    judged: usize,
    clashing: usize,
    known: usize,
    unknown_kinds: usize,
    unreadable: usize,
}

/// Judges every line of every `*.jsonl` in the folder and prints what disagrees; past the test harness, which would
/// keep it to itself when all is well.
fn judge_folder(folder: &Path) -> Tally {
    let mut out = std::io::stdout().lock();
    let mut say = |line: String| writeln!(out, "{line}").expect("standard output");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a folder entry").path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    let mut tally = Tally::default();
    let mut passed_over = BTreeSet::new();
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let content = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for (number, line) in content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let place = format!("{name}:{}", number + 1);
            let line: Line = match serde_json::from_str(line) {
                Ok(line) => line,
                Err(error) => {
                    tally.unreadable += 1;
                    say(format!("{place}: unreadable: {error}"));
                    continue;
                }
            };
            let id = line.get("id").and_then(Value::as_str).unwrap_or("without id");
            match judge(&line) {
                Err(error) => {
                    tally.unreadable += 1;
                    say(format!("{place} {id}: unreadable: {error}"));
                }
                Ok(Verdict::UnknownKind) => {
                    tally.unknown_kinds += 1;
                    say(format!("{place} {id}: not judged, unknown kind {}", line["kind"]));
                }
                Ok(Verdict::Judged(clashes)) => {
                    passed_over.extend(fields_passed_over(&line));
                    tally.judged += 1;
                    let mut reasons = 0;
                    for clash in &clashes {
                        let reason = KNOWN.iter().find(|(known, field, _)| *known == id && *field == clash.field);
                        reasons += usize::from(reason.is_some());
                        let reason = reason.map_or("CLASH", |(_, _, reason)| reason);
                        say(format!("{place} {id}: {clash} ({reason})"));
                    }
                    tally.known += usize::from(!clashes.is_empty() && reasons == clashes.len());
                    tally.clashing += usize::from(reasons < clashes.len());
                }
            }
        }
    }
    for field in passed_over {
        say(format!("vectors: the field {field} of `expect` was not compared"));
    }
    let Tally { judged, clashing, known, unknown_kinds, unreadable } = tally;
    say(format!(
        "vectors: {judged} lines of {} files in {} judged, {clashing} clash, {known} clash for a stated reason, \
         {unknown_kinds} of unknown kind, {unreadable} unreadable",
        files.len(),
        folder.display(),
    ));
    tally
}

fn check(folder: &Path) {
    let tally = judge_folder(folder);
    assert!(tally.judged > 0, "there is nothing to judge in {}", folder.display());
    assert_eq!((tally.clashing, tally.unreadable), (0, 0), "clashing and unreadable lines, named above");
}

#[test]
fn our_own_vectors_are_read_as_they_say() {
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors"));
}

#[test]
fn shared_vectors_are_read_as_they_say() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    match std::env::var_os("KENTONGAN_VECTORS") {
        Some(folder) => check(Path::new(&folder)),
        None => {
            let folder = manifest.join("../shared/vectors");
            if folder.is_dir() {
                check(&folder);
            } else {
                let mut out = std::io::stdout();
                writeln!(out, "vectors: {} is not there; only our own were judged", folder.display()).expect("output");
            }
        }
    }
}
