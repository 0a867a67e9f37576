//! The rules of the house that no compiler knows: who may import whom, how long a file may be, what must not be left
//! lying about. Reads `src` as text; a rule that fails names file and line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What each module may import from our own code. `cli` and `daemon` may import everything.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("pdu", &[]),
    ("at", &[]),
    ("policy", &["model"]),
    ("store", &["model"]),
    ("engine", &["model", "pdu", "policy", "store"]),
    ("modem", &["model", "at", "engine::event"]),
    ("spool", &["model", "engine::event", "store"]),
    // Waits between tries are a rule like any other.
    ("notify", &["model", "policy::alarms", "engine::event", "store"]),
    // What the ledger holds as stored words and English sentences is told to people in the same words everywhere.
    ("web", &["model", "engine::event", "store", "config", "check", "metrics", "policy", "spool", "cli::phrases"]),
    ("metrics", &["model", "policy", "store"]),
    ("simulator", &["model", "pdu"]),
    ("config", &["model", "policy"]),
    ("check", &["model", "pdu", "policy", "store", "spool", "config", "engine"]),
];

/// What those who ask the database may use of it: its questions, never its writing half.
const ONLY_READ: &[&str] = &["spool", "notify", "web", "check", "metrics"];

const LINES_MAX: usize = 700;

#[test]
fn modules_import_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let Some((module, allowed)) = MAY_IMPORT.iter().find(|(module, _)| is_in(&path, module)) else { continue };
        for (line, import) in own_imports(&text) {
            let own = import == *module || import.starts_with(&format!("{module}::"));
            let listed = allowed.iter().any(|may| import == *may || import.starts_with(&format!("{may}::")));
            if !own && !listed {
                wrong.push(format!("{}:{line}: `{module}` may not import `crate::{import}`", path.display()));
            }
            // Tests make the ledgers that are then asked.
            let asks = ONLY_READ.contains(module) && !path.ends_with("tests.rs");
            if asks && (import == "store::Store" || import.starts_with("store::Store::")) {
                wrong.push(format!("{}:{line}: `{module}` asks the database through Reader", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_import_finder_sees_every_form() {
    let text = "use crate::{at, model::{Class, Msisdn as M}, engine::event::Event};\n// use crate::daemon;\nlet s = \"crate::cli\";\nlet x = crate::pdu::encode(b'\"');\npub(crate) fn f() {}\nuse kentongan::web;";
    let found: Vec<String> = own_imports(text).into_iter().map(|(line, import)| format!("{line} {import}")).collect();
    assert_eq!(found, ["1 at", "1 model::Class", "1 model::Msisdn", "1 engine::event::Event", "4 pdu::encode"],);
}

#[test]
fn files_stay_short_enough_to_be_read() {
    let long: Vec<_> = sources("src")
        .into_iter()
        .chain(sources("tests"))
        .filter(|(_, text)| text.lines().count() > LINES_MAX)
        .map(|(path, text)| format!("{}: {} lines, {LINES_MAX} at most", path.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn nothing_unfinished_or_switched_off_is_left() {
    let banned = [
        ("todo!", "unfinished"),
        ("unimplemented!", "unfinished"),
        ("dbg!", "left over from a search"),
        ("#[ignore", "a test that does not run"),
        ("#[should_panic", "say what is returned instead"),
        ("#[allow(", "use #[expect(.., reason = \"..\")]"),
        ("#![allow(", "use #![expect(.., reason = \"..\")]"),
    ];
    let mut wrong = Vec::new();
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        for (number, line) in without_comments_and_text(&text).lines().enumerate() {
            for (word, why) in banned {
                if line.contains(word) {
                    wrong.push(format!("{}:{}: `{word}`: {why}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn whole_numbers_and_texts_do_not_go_to_the_log() {
    // `Msisdn` masks itself in Debug; its digits and a message's text are for the database, reports and people.
    let leaks = [".digits()", ".as_u64()", " text =", "?text", "%text", "pdu =", "?pdu", "%pdu"];
    let logs = ["error!", "warn!", "info!", "debug!", "trace!"];
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let text = without_comments_and_text(&text);
        for log in logs {
            for (start, _) in text.match_indices(&format!("{log}(")) {
                let call = call_at(&text[start + log.len()..]);
                if let Some(leak) = leaks.iter().find(|leak| call.contains(**leak)) {
                    let line = text[..start].lines().count().max(1);
                    wrong.push(format!("{}:{line}: `{leak}` in a log line", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_schema_file_is_listed_in_order() {
    let listed = std::fs::read_to_string(root().join("src/store/open.rs")).unwrap();
    let mut files: Vec<String> = std::fs::read_dir(root().join("src/store/schema"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let places: Vec<usize> =
        files.iter().map(|file| listed.find(file.as_str()).unwrap_or_else(|| panic!("{file} is not listed"))).collect();
    assert!(!files.is_empty() && places.is_sorted(), "{files:?} are listed out of order");
}

#[test]
fn one_place_knows_serial_ports_and_one_reads_the_clock() {
    let only = [
        ("serialport::", &["src/modem", "src/cli/doctor"][..]),
        ("tokio_serial::", &["src/modem"]),
        ("rusqlite::", &["src/store"]),
        ("Timestamp::now()", &["src/daemon/clock.rs"]),
        ("SystemTime::now()", &["src/daemon/clock.rs"]),
    ];
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let text = without_comments_and_text(&text);
        let relative = path.strip_prefix(root()).unwrap();
        for (word, places) in only {
            let allowed = places.iter().any(|place| relative.to_str().unwrap().starts_with(place));
            if let Some(line) = text.lines().position(|line| line.contains(word)).filter(|_| !allowed) {
                wrong.push(format!("{}:{}: `{word}` belongs in {places:?}", path.display(), line + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file under a folder, with its text; this file is not among them, since it names what it forbids.
fn sources(folder: &str) -> BTreeMap<PathBuf, String> {
    fn walk(folder: &Path, into: &mut BTreeMap<PathBuf, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("tests/tidy.rs") {
                into.insert(path.clone(), std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&root().join(folder), &mut found);
    assert!(folder != "src" || !found.is_empty(), "no sources under {folder}");
    found
}

fn is_in(path: &Path, module: &str) -> bool {
    let relative = path.strip_prefix(root().join("src")).unwrap();
    relative.starts_with(module) || relative == Path::new(module).with_extension("rs")
}

/// The paths after `crate::`, nested braces spread out, each with its line.
fn own_imports(text: &str) -> Vec<(usize, String)> {
    let text = without_comments_and_text(text);
    let mut imports = Vec::new();
    for (start, word) in text.match_indices("crate::") {
        if text[..start].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let line = text[..start].matches('\n').count() + 1;
        spread("", &text[start + word.len()..], &mut |path| imports.push((line, path)));
    }
    imports
}

/// Follows one path; at `{` follows each of its branches. Gives what follows it.
fn spread<'t>(prefix: &str, text: &'t str, found: &mut dyn FnMut(String)) -> &'t str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = spread(prefix, rest, found).trim_start();
            // `as Name` after a path.
            rest = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_' || c == ' ');
            match rest.strip_prefix(',') {
                Some(more) if !more.trim_start().starts_with('}') => rest = more,
                Some(more) => return more.trim_start().strip_prefix('}').unwrap_or(""),
                None => return rest.strip_prefix('}').unwrap_or(""),
            }
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let path = if prefix.is_empty() { word.to_owned() } else { format!("{prefix}::{word}") };
    match rest.strip_prefix("::") {
        Some(deeper) if deeper.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '{') => {
            spread(&path, deeper, found)
        }
        _ => {
            found(path);
            rest
        }
    }
}

/// The text of one call, from its opening bracket to the one that closes it.
fn call_at(text: &str) -> &str {
    let mut depth = 0;
    for (place, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..place];
        }
    }
    text
}

/// The program without comments and without what stands between quotes; lines stay where they are.
fn without_comments_and_text(text: &str) -> String {
    #[derive(PartialEq)]
    enum In {
        Code,
        Line,
        Block,
        Quotes,
        Raw(usize),
    }
    let (mut place, mut state, mut out) = (0, In::Code, String::with_capacity(text.len()));
    while let Some(character) = text[place..].chars().next() {
        let rest = &text[place..];
        let (mut step, mut kept) = (character.len_utf8(), false);
        match &state {
            In::Code if rest.starts_with("//") => state = In::Line,
            In::Code if rest.starts_with("/*") => state = In::Block,
            In::Code if rest.starts_with("r\"") || rest.starts_with("r#") => {
                let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
                // `r#type` is a name, not a text.
                if rest[1 + hashes..].starts_with('"') {
                    state = In::Raw(hashes);
                    step = 2 + hashes;
                }
            }
            In::Code if character == '"' => state = In::Quotes,
            // A quote or brace as a character; lifetimes have no closing quote.
            In::Code if rest.starts_with("'\\") => step = 4 + rest[3..].find('\'').unwrap_or(0),
            In::Code if character == '\'' && rest.chars().nth(2) == Some('\'') => {
                step = rest.char_indices().nth(3).map_or(rest.len(), |(end, _)| end);
            }
            In::Code => {
                out.push(character);
                kept = true;
            }
            In::Line if character == '\n' => state = In::Code,
            In::Block if rest.starts_with("*/") => {
                state = In::Code;
                step = 2;
            }
            In::Quotes if character == '\\' => step += rest[1..].chars().next().map_or(0, char::len_utf8),
            In::Quotes if character == '"' => state = In::Code,
            In::Raw(hashes) if rest.starts_with(&format!("\"{}", "#".repeat(*hashes))) => {
                step = 1 + hashes;
                state = In::Code;
            }
            _ => {}
        }
        if !kept {
            // What is left out keeps its line breaks, so that lines stay where they are.
            out.extend(text[place..place + step].chars().filter(|c| *c == '\n'));
        }
        place += step;
    }
    out
}

#[test]
fn every_test_that_the_lessons_name_is_there() {
    let text = std::fs::read_to_string(root().join("docs/lessons.md")).unwrap();
    let named: Vec<_> = text.split('`').filter_map(|piece| piece.split_once("::")).collect();
    assert!(named.len() >= 20, "a row names its tests as `file::name`");
    for (file, name) in named {
        let source = std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(source.contains(&format!("fn {name}(")), "{file} has no test {name}");
    }
}
