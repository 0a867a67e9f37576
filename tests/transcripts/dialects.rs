//! Every family's own answers, as its modems gave them, read with its own dialect. The lines stand in `dialects.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kentongan::at::{Command, Dialogue, Final, Framer, Heard, iccid};
use kentongan::model::UssdForm;
use kentongan::modem::dialect::{Dialect, families};

struct Line {
    manufacturer: String,
    model: String,
    command: String,
    answer: Vec<String>,
    reading: String,
}

fn lines() -> Vec<Line> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts/dialects.txt");
    let text = std::fs::read_to_string(path).expect("dialects.txt is there");
    let told = text.lines().filter(|line| !line.starts_with('#'));
    told.map(|line| {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let [manufacturer, model, command, answer, reading, origin] = parts[..] else { panic!("six parts: {line}") };
        assert!(!origin.is_empty(), "whose answer is this? {line}");
        Line {
            manufacturer: manufacturer.to_owned(),
            model: model.to_owned(),
            command: command.to_owned(),
            answer: answer.split(" / ").map(str::to_owned).collect(),
            reading: reading.to_owned(),
        }
    })
    .collect()
}

/// Information lines and final result, as the daemon hears them.
fn hear(command: Command, answer: &[String]) -> (Vec<String>, Option<Final>) {
    let bytes: String = answer.iter().map(|line| format!("\r\n{line}\r\n")).collect();
    let (mut framer, mut dialogue, mut input) = (Framer::new(), Dialogue::new(), bytes.as_bytes());
    dialogue.begin(command);
    let (mut information, mut result) = (Vec::new(), None);
    while let Some(frame) = framer.next(&mut input) {
        match dialogue.hear(frame) {
            Heard::Information(line) => information.push(line),
            Heard::Final(last) => result = Some(last),
            _ => {}
        }
    }
    (information, result)
}

#[test]
fn every_family_reads_what_its_modems_answered() {
    let mut judged: BTreeMap<&str, u32> = BTreeMap::new();
    for line in lines() {
        let dialect = Dialect::of(&line.manufacturer, &line.model);
        let about = format!("{} {}: {}", line.manufacturer, line.model, line.command);
        let (kind, expected) = line.reading.split_once(' ').expect("a kind and its value");
        let read = match kind {
            "family" => dialect.family.to_owned(),
            "tries" => {
                assert_eq!(dialect.pin_counter.command, line.command, "{about}");
                let (told, _) = hear(Command::pin_counter(dialect.pin_counter.command), &line.answer);
                dialect.pin_counter.read(&told).map_or("unknown".to_owned(), |tries| tries.to_string())
            }
            "card" => {
                let command = dialect.card.iter().chain(&["AT+CCID"]).find(|command| **command == line.command);
                let (told, _) = hear(Command::card(command.expect("the dialect asks so")), &line.answer);
                iccid(&told).unwrap_or("none".to_owned())
            }
            "sign" => {
                let said = &line.answer[0];
                let is = |signs: &[&str]| signs.iter().any(|sign| said.starts_with(sign));
                let signs =
                    [("restart", dialect.restart_signs), ("ready", dialect.ready_signs), ("full", dialect.full_signs)];
                let read: Vec<&str> = signs.into_iter().filter(|(_, all)| is(all)).map(|(name, _)| name).collect();
                if read.is_empty() { "none".to_owned() } else { read.join(" ") }
            }
            "ussd" => match dialect.ussd {
                UssdForm::Plain => "plain".to_owned(),
                UssdForm::Ucs2Hex => "ucs2".to_owned(),
                UssdForm::PackedHex => "packed".to_owned(),
            },
            other => panic!("{other}: no such reading"),
        };
        assert_eq!(read, expected, "{about}");
        *judged.entry(dialect.family).or_default() += 1;
    }
    let known: BTreeSet<&str> = families().map(|dialect| dialect.family).collect();
    let told: BTreeSet<&str> = judged.keys().copied().collect();
    assert_eq!(told, known, "every family has answers of its own here, and no other");
}

#[test]
fn every_reset_and_counter_is_one_plain_command() {
    for dialect in families() {
        for command in
            [dialect.soft_reset, dialect.pin_counter.command].iter().chain(dialect.card).chain(dialect.silence)
        {
            assert!(command.starts_with("AT"), "{}: {command}", dialect.family);
            assert!(!command.contains([';', '\r', '\n']), "{}: {command}", dialect.family);
        }
    }
}

/// The answers of other projects' model modems, where that folder is there: each is framed, told apart and ended.
#[test]
fn shared_dialect_lines_are_heard_to_their_end() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("KENTONGAN_VECTORS").map_or(manifest.join("../shared/vectors"), Into::into);
    let Ok(text) = std::fs::read_to_string(folder.join("dialects/fakemodems.jsonl")) else { return };
    let mut judged = 0;
    for line in text.lines() {
        let told: serde_json::Value = serde_json::from_str(line).expect("a JSON line");
        if told["kind"] != "dialect" {
            continue;
        }
        let asked = told["command"].as_str().expect("a command").to_owned();
        let answer: Vec<String> = told["response"]
            .as_array()
            .expect("lines")
            .iter()
            .filter_map(|line| line.as_str().map(|line| line.trim_end_matches(['\r', '\n']).to_owned()))
            .collect();
        let command = Command::vendor(Box::leak(asked.clone().into_boxed_str()));
        let (_, result) = hear(command, &answer);
        // Wavecom gives no OK after +CPIN, Huawei refuses in its own words.
        let ended = result.is_some() || asked == "AT+CPIN?";
        assert!(ended, "{}: {asked} {answer:?}", told["id"]);
        judged += 1;
    }
    println!("{judged} lines of other projects' modems judged");
    assert!(judged >= 98, "only {judged} lines were judged");
}
