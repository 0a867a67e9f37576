//! Every key of the file: its section, its default, what it must fulfil.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::routing::{delivery, routing};
use super::section::{Reading, Section};
use super::unit::Units;
use super::{
    Answers, Config, ConfigError, Intake, Lifetimes, Messages, Modem, Office, Paths, Problem, Unit, hours, upkeep,
};
use crate::model::{Class, Country, ModemName, Msisdn, Pin, SignedDuration};
use crate::policy::{Backoff, Keywords, Limits, RestartGate, normalise};

pub(super) fn config(file: &Path, text: &str) -> Result<Config, ConfigError> {
    let (mut reading, table) = Reading::parse(text);
    let mut root = Section::root(&mut reading, table);
    let office = office(root.section("office"));
    let paths = paths(root.section("paths"), file);
    let limits = limits(root.section("limits"), &Limits::default());
    let messages = messages(root.section("messages"));
    let lifetimes = lifetimes(root.section("lifetime_hours"));
    let restart = restart(root.section("restart"));
    let backoff = backoff(root.section("retry"));
    let keywords = keywords(root.section("keywords"));
    let consent = super::consent::consent(root.section("consent"));
    let retention = super::consent::retention(root.section("retention"));
    let answers = answers(root.section("answers"));
    let intake = intake(root.section("intake"));
    let routing = routing(root.section("routing"), file.parent().unwrap_or(Path::new("")));
    let delivery = delivery(root.section("delivery"));
    let roster = super::roster::roster(root.section("roster"), file);
    let preview = super::preview::preview(root.section("preview"), file);
    let self_test = upkeep::self_test(root.section("self_test"));
    let history = upkeep::history(root.section("history"));
    let mut modems = Modems::default();
    root.each("modem", |section| modems.add(section, &limits, &paths.ports, office.country));
    let mut credit = Vec::new();
    root.each("credit", |section| credit.extend(upkeep::credit(section)));
    let mut units = Units::default();
    root.each("unit", |section| units.add(section, messages.segments_max));
    let mut calendar = hours::calendar(root.section("hours"), &office.time_zone);
    root.each("moratorium", |section| {
        calendar.moratoria.extend(hours::moratorium(section, &office.time_zone, &units.list));
    });
    let approval = hours::approval(root.section("approval"));
    let web = super::web::web(root.section("web"), file);
    let (alarms, mail) = super::alarms::alarms(root.section("alarms"), &office);
    let mut webhooks = super::webhook::Webhooks::default();
    root.each("webhook", |section| webhooks.add(section, &units.list));
    let backup = super::backup::backup(root.section("backup"), file, &office.time_zone);
    root.finish();
    reading.remarks.extend(uncarried(&modems.list, &units.list));
    let problems = reading.sorted_problems();
    if !problems.is_empty() {
        return Err(ConfigError::Mistakes { path: file.to_owned(), problems });
    }
    Ok(Config {
        file: file.to_owned(),
        office,
        paths,
        limits,
        modems: modems.list,
        units: units.list,
        backoff,
        keywords,
        consent,
        retention,
        answers,
        lifetimes,
        restart,
        messages,
        intake,
        routing,
        delivery,
        roster,
        preview,
        self_test,
        credit,
        history,
        calendar,
        approval,
        web,
        alarms,
        mail,
        webhooks: webhooks.list,
        backup,
        settings: reading.settings,
        remarks: reading.remarks,
    })
}

fn office(mut section: Section) -> Office {
    let name = section.checked("name", "Kantor".to_owned(), |name: String| {
        if name.trim().is_empty() { Err("this is empty; write the office's name".to_owned()) } else { Ok(name) }
    });
    let time_zone = section.checked("time_zone", "Asia/Jakarta".to_owned(), |name: String| {
        TimeZone::get(&name).map_err(|_| {
            format!("`{name}` is no time zone; write Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT)")
        })
    });
    let country = section.checked("country_code", "62".to_owned(), |code: String| {
        Country::from_calling_code(&code)
            .ok_or_else(|| format!("`{code}` is no country's calling code; write digits only, such as \"62\""))
    });
    section.finish();
    Office { name, time_zone, country }
}

fn paths(mut section: Section, file: &Path) -> Paths {
    let base = file.parent().map(Path::to_owned).unwrap_or_default();
    let place = |path: String| -> Result<PathBuf, String> {
        if path.is_empty() { Err("this is empty; write a path".to_owned()) } else { Ok(base.join(path)) }
    };
    let database = section.checked("database", "/var/lib/kentongan/kentongan.db".to_owned(), place);
    let queue = section.checked("queue", "/var/spool/kentongan".to_owned(), place);
    let control = section.checked("control", String::new(), |path: String| match path.as_str() {
        "" => Ok(database.with_extension("sock")),
        path => Ok(base.join(path)),
    });
    let ports = section.checked("ports", "/dev/gsm".to_owned(), place);
    section.finish();
    Paths { database, queue, control, ports }
}

fn limits(mut section: Section, default: &Limits) -> Limits {
    let limits = Limits {
        per_minute: section.take("per_minute", default.per_minute),
        per_hour: section.take("per_hour", default.per_hour),
        per_day: section.take("per_day", default.per_day),
        min_gap: section.checked("min_gap_ms", default.min_gap.as_millis() as u64, |ms: u64| match ms {
            0..=3_600_000 => Ok(Duration::from_millis(ms)),
            _ => Err(format!("{ms} ms is more than an hour; write milliseconds, 0 to 3600000")),
        }),
        jitter: section.checked("jitter", default.jitter, |jitter: f64| {
            if (0.0..=10.0).contains(&jitter) { Ok(jitter) } else { Err(format!("{jitter} is not between 0 and 10")) }
        }),
        reserve_emergency: section.checked("reserve_emergency", default.reserve_emergency, |share: f64| {
            let right = (0.0..=0.9).contains(&share);
            right
                .then_some(share)
                .ok_or_else(|| format!("{share} is not between 0 and 0.9; write a share, such as 0.15"))
        }),
    };
    section.finish();
    limits
}

fn messages(mut section: Section) -> Messages {
    let minutes = |minutes: u32| match minutes {
        0..=10_080 => Ok(SignedDuration::from_mins(i64::from(minutes))),
        _ => Err(format!("{minutes} minutes is more than a week; write 0 to 10080")),
    };
    let messages = Messages {
        segments_max: section.checked("segments_max", 8u32, |count: u32| match count {
            1..=255 => Ok(count as usize),
            _ => Err(format!("{count} is not possible; one text has 1 to 255 segments")),
        }),
        transliterate: section.take("transliterate", false),
        doubt_wait: section.checked("doubt_wait_minutes", 10, minutes),
        report_grace: section.checked("report_grace_minutes", 60, minutes),
        parts_wait: section.checked("parts_wait_minutes", 10, minutes),
    };
    section.finish();
    messages
}

fn lifetimes(mut section: Section) -> Lifetimes {
    let hours = |hours: u32| match hours {
        1..=10_584 => Ok(SignedDuration::from_hours(i64::from(hours))),
        _ => Err(format!("{hours} hours is not possible; a message may live 1 hour to 63 weeks (10584)")),
    };
    let lifetimes = Lifetimes {
        emergency: section.checked("emergency", 6, hours),
        important: section.checked("important", 24, hours),
        routine: section.checked("routine", 72, hours),
    };
    section.finish();
    lifetimes
}

fn restart(mut section: Section) -> RestartGate {
    let hours = |hours: u32| match hours {
        0..=10_584 => Ok(SignedDuration::from_hours(i64::from(hours))),
        _ => Err(format!("{hours} hours is more than a message can live; write 0 to 10584")),
    };
    let restart = RestartGate {
        stopped: section.checked("hold_after_stop_hours", 6, hours),
        waiting: section.checked("hold_older_than_hours", 6, hours),
    };
    section.finish();
    restart
}

fn backoff(mut section: Section) -> Backoff {
    let default = Backoff::default();
    fn waits(list: Vec<u32>, unit_s: i64) -> Result<Vec<SignedDuration>, String> {
        if list.is_empty() {
            return Err("the list is empty; write at least one number".to_owned());
        }
        Ok(list.into_iter().map(|count| SignedDuration::from_secs(i64::from(count) * unit_s)).collect())
    }
    let seconds = |list: &[SignedDuration]| list.iter().map(|wait| wait.as_secs() as u32).collect::<Vec<_>>();
    let minutes = |list: &[SignedDuration]| list.iter().map(|wait| wait.as_mins() as u32).collect::<Vec<_>>();
    let backoff = Backoff {
        attempts_max: section.checked("attempts_max", default.attempts_max, |count: u32| match count {
            1..=100 => Ok(count),
            _ => Err(format!("{count} is not possible; write 1 to 100")),
        }),
        temporary: section.checked("temporary_seconds", seconds(&default.temporary), |list| waits(list, 1)),
        absent: section.checked("absent_minutes", minutes(&default.absent), |list| waits(list, 60)),
        busy: section.checked("busy_seconds", default.busy.as_secs() as u32, |seconds: u32| {
            Ok(SignedDuration::from_secs(i64::from(seconds)))
        }),
    };
    section.finish();
    backoff
}

fn keywords(mut section: Section) -> Keywords {
    let default = Keywords::default();
    fn words(list: Vec<String>) -> Result<Vec<String>, String> {
        let normal: Vec<String> = list.iter().map(|word| normalise(word)).collect();
        match normal.iter().position(String::is_empty) {
            Some(place) => Err(format!("`{}` has no letter or digit; a keyword needs one", list[place])),
            None => Ok(normal),
        }
    }
    fn single(list: Vec<String>) -> Result<Vec<String>, String> {
        let words = words(list)?;
        match words.iter().find(|word| word.contains(' ')) {
            Some(several) => Err(format!("`{several}` is more than one word; phrases belong in stop_phrases")),
            None => Ok(words),
        }
    }
    let keywords = Keywords {
        stop: section.checked("stop", default.stop, |list| match single(list)? {
            words if words.is_empty() => Err("without a word here nobody could leave; write [\"STOP\"]".to_owned()),
            words => Ok(words),
        }),
        stop_phrases: section.checked("stop_phrases", default.stop_phrases, words),
        scopes: section.checked("scopes", default.scopes, single),
        everything: section.checked("everything", default.everything, single),
        fillers: section.checked("fillers", default.fillers, single),
        start: section.checked("start", default.start, |list| {
            let words = single(list)?;
            match words.iter().find(|word| ["YA", "YES", "Y", "OK"].contains(&word.as_str())) {
                Some(yes) => Err(format!("people answer questions with `{yes}`; it must not bring them back")),
                None => Ok(words),
            }
        }),
        help: section.checked("help", default.help, single),
    };
    if let Some(word) = keywords.stop.iter().find(|word| keywords.start.contains(word) || keywords.help.contains(word))
    {
        let message = format!("`{word}` is a stop word and stands in start or help too; it can mean one thing only");
        let line = section.line();
        section.problem(line, "stop", message);
    }
    section.finish();
    keywords
}

fn answers(mut section: Section) -> Answers {
    let text = |text: String| match text.chars().count() {
        0..=1000 => Ok(text),
        long => Err(format!("{long} characters are too many for an SMS; keep it within 160")),
    };
    let answers = Answers {
        stopped: section.checked(
            "stopped",
            "Nomor Anda tidak akan menerima SMS lagi dari kami. Balas MULAI untuk menerima kembali.".to_owned(),
            text,
        ),
        stopped_ordinary: section.checked(
            "stopped_ordinary",
            "Nomor Anda tidak menerima SMS lagi dari kami, kecuali peringatan bahaya. Balas STOP SEMUA untuk menolak semuanya, \
             MULAI untuk menerima kembali."
                .to_owned(),
            text,
        ),
        started: section.checked(
            "started",
            "Nomor Anda akan menerima SMS dari kami lagi. Balas STOP untuk berhenti.".to_owned(),
            text,
        ),
        help: section.checked(
            "help",
            "Balas STOP untuk berhenti menerima SMS dari kami, MULAI untuk menerima kembali.".to_owned(),
            text,
        ),
    };
    section.finish();
    answers
}

fn intake(mut section: Section) -> Intake {
    let intake = Intake {
        file_bytes_max: section.checked("file_mb_max", 96u64, |mb: u64| match mb {
            1..=1024 => Ok(mb * 1_000_000),
            _ => Err(format!("{mb} MB is not possible; write 1 to 1024")),
        }),
        rows_max: section.checked("rows_max", 1_000_000u32, |rows: u32| match rows {
            1..=10_000_000 => Ok(rows),
            _ => Err(format!("{rows} rows is not possible; write 1 to 10000000")),
        }),
        unusable_share_max: section.checked("unusable_share_max", 0.5, |share: f64| {
            if (0.0..=1.0).contains(&share) { Ok(share) } else { Err(format!("{share} is not between 0 and 1")) }
        }),
    };
    section.finish();
    intake
}

#[derive(Default)]
struct Modems {
    list: Vec<Modem>,
    names: BTreeSet<ModemName>,
    ports: BTreeSet<PathBuf>,
    keys: BTreeSet<(Option<String>, Option<String>, Option<String>)>,
}

impl Modems {
    fn add(&mut self, mut section: Section, default: &Limits, links: &Path, country: Country) {
        let name = section.required("name", "telkomsel-1", |name: String| plain_name(&name).map(|_| name));
        let known = ["port", "slot", "imei", "iccid", "imsi"].iter().any(|key| section.has(key));
        let port = section.optional("port", "/dev/gsm/telkomsel-1", |port: String| {
            let path = PathBuf::from(&port);
            if path.is_absolute() { Ok(path) } else { Err(format!("`{port}` does not begin with /; write /dev/…")) }
        });
        let slot = section.optional("slot", "pci-0000:00:14.0-usb-0:1:1.2", |slot: String| {
            let plain = !slot.is_empty() && !slot.contains('/') && !slot.starts_with('.');
            if plain {
                Ok(links.join(&slot))
            } else {
                Err(format!("`{slot}` is no name of a link in {}", links.display()))
            }
        });
        let mut digits = |key, example, lengths: RangeInclusive<usize>| {
            let found = section.optional(key, example, |text: String| {
                let right = lengths.contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_digit());
                let (least, most) = (lengths.start(), lengths.end());
                if right {
                    Ok(text)
                } else {
                    Err(format!("`{text}` is not {least} to {most} digits; see kentongan doctor"))
                }
            });
            found.map(|(digits, _)| digits)
        };
        let imei = digits("imei", "356938035643809", 14..=17);
        let iccid = digits("iccid", "8962100012345678901", 18..=20);
        let imsi = digits("imsi", "510101234567890", 14..=15);
        if let (Some(_), Some((_, line))) = (&port, &slot) {
            section.problem(
                Some(*line),
                "slot",
                "port says already where the modem is; write one of the two".to_owned(),
            );
        }
        let port = port.or(slot);
        if !known {
            let line = section.line();
            let message = "this is missing, as are slot, imei, iccid and imsi; write one, for example port = \"/dev/gsm/telkomsel-1\"";
            section.problem(line, "port", message.to_owned());
        }
        for key in ["baud", "flow_control", "send_timeout_s", "prompt_timeout_s", "pin"] {
            if port.is_none() && section.has(key) {
                let line = section.line();
                section.problem(
                    line,
                    key,
                    "this must be known before the modem is asked who it is; name its port or slot too".to_owned(),
                );
            }
        }
        let baud = section.checked("baud", Modem::BAUD, |baud: u32| match baud {
            300..=4_000_000 => Ok(baud),
            _ => Err(format!("{baud} baud is not possible; most modems take 115200 or 9600")),
        });
        let hardware_flow = section.checked("flow_control", "none".to_owned(), |word: String| match word.as_str() {
            "none" => Ok(false),
            "hardware" => Ok(true),
            _ => Err(format!("`{word}` is not known; write \"none\" or, where RTS and CTS are wired, \"hardware\"")),
        });
        let seconds = |seconds: u64| match seconds {
            1..=600 => Ok(Duration::from_secs(seconds)),
            _ => Err(format!("{seconds} s is not possible; write 1 to 600")),
        };
        let send_timeout = section.checked("send_timeout_s", Modem::SEND_TIMEOUT.as_secs(), seconds);
        let prompt_timeout = section.checked("prompt_timeout_s", Modem::PROMPT_TIMEOUT.as_secs(), seconds);
        let rule = "this is no PIN; write its 4 to 8 digits in quotes, like pin = \"0000\"";
        let pin = section.secret("pin", rule, |text| Pin::parse(text).ok());
        let classes = section.optional_list("classes", &["emergency"], |list| classes(&list));
        let number = section.optional("number", "081234567890", |number: String| {
            Msisdn::parse(&number, country).map_err(|why| format!("`{}` cannot be used: {why}", number.escape_debug()))
        });
        let limits = section.has("limits").then(|| limits(section.section("limits"), default));
        if limits.is_none() {
            // Named so that it is offered when somebody misspells it.
            section.section("limits").finish();
        }
        if let Some((port, line)) = &port
            && let Some(name) = port.to_str()
            && (name.starts_with("/dev/ttyUSB") || name.starts_with("/dev/ttyACM"))
        {
            let message = format!(
                "{name} changes its number when modems are plugged in another order; use the link under \
                 /dev/gsm or /dev/serial/by-path that points to it"
            );
            section.remark(Some(*line), "port", message);
        }
        if let Some((port, line)) = &port
            && !self.ports.insert(port.clone())
        {
            let message = format!("{} is used twice; each modem has its own port", port.display());
            section.problem(Some(*line), "port", message);
        }
        if let Some((name, line)) = name {
            let name = ModemName::new(&name);
            if !self.names.insert(name.clone()) {
                section.problem(Some(line), "name", format!("`{name}` is used twice; give each modem its own"));
            }
            let keys = (imei.clone(), iccid.clone(), imsi.clone());
            if port.is_none() && keys != (None, None, None) && !self.keys.insert(keys) {
                let message = format!("another [[modem]] has the same keys as `{name}`; add what tells them apart");
                section.problem(Some(line), "name", message);
            }
            let port = port.map(|(port, _)| port);
            self.list.push(Modem {
                name,
                port,
                imei,
                iccid,
                imsi,
                baud,
                hardware_flow,
                send_timeout,
                prompt_timeout,
                pin,
                classes,
                number: number.map(|(number, _)| number),
                limits,
            });
        }
        section.finish();
    }
}

/// Classes that units may use and no modem carries: their jobs would only expire.
fn uncarried(modems: &[Modem], units: &[Unit]) -> Option<Problem> {
    let carried = |class: &Class| {
        modems.is_empty() || modems.iter().any(|modem| modem.classes.as_ref().is_none_or(|of| of.contains(class)))
    };
    let used: BTreeSet<Class> = units.iter().flat_map(|unit| unit.classes.iter().copied()).collect();
    let lost: Vec<&str> = used.iter().filter(|class| !carried(class)).map(|class| class.name()).collect();
    let message =
        format!("no modem carries {}, which units may use: such jobs wait until they expire", lost.join(", "));
    (!lost.is_empty()).then(|| Problem { line: None, key: "modem.classes".to_owned(), message })
}

pub(super) fn classes(list: &[String]) -> Result<Vec<Class>, String> {
    let classes: Result<Vec<Class>, _> = list.iter().map(|word| word.parse::<Class>()).collect();
    match classes.map_err(|error| error.to_string())? {
        classes if classes.is_empty() => Err("the list is empty; name at least one class".to_owned()),
        classes => Ok(classes),
    }
}

/// Names become folders, labels and words in commands: letters, digits, `-`, `_` and `.`, not at the start.
pub(super) fn plain_name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let usable = (1..=40).contains(&name.len()) && name.chars().all(plain) && !name.starts_with(['.', '-']);
    usable.then_some(()).ok_or_else(|| {
        format!("`{name}` cannot be used; write 1 to 40 letters, digits, - or _ without spaces, such as \"damkar\"")
    })
}
