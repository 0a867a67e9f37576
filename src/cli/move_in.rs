//! `kentongan import`: what waits in another SMS daemon becomes job files in a unit's folder, each row accounted for.

mod export;
mod outbox;
mod phrases;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use self::outbox::{Left, Office, Taken, jobs, judge};
use self::phrases::Phrases;
use super::answers::ledger as reader;
use super::args::{Import, ImportGammu};
use super::door::Door;
use super::phrases::fill;
use super::phrases::words::sentence;
use super::screen::{Table, print, print_json};
use super::submit::{folder, follow};
use super::{Context, Failure};
use crate::engine::event::Action;
use crate::model::{Class, Msisdn, SecretDigest, hex};
use crate::spool::{HandIn, harmless};
use crate::store::foreign::gammu::{self, PhonebookRow, Smsd};

/// How a SQLite database begins.
const SQLITE: &[u8; 16] = b"SQLite format 3\0";
/// Rows noted with one request.
const NOTED_AT_ONCE: usize = 200;
/// Rows that are left, on paper.
const PAPER_ROWS: usize = 50;

pub(super) fn run(context: &Context, how: &Import) -> Result<(), Failure> {
    let Import::GammuSmsd(how) = how;
    gammu_smsd(context, how)
}

/// A row of the outbox in `--json`.
#[derive(Serialize)]
struct RowView<'a> {
    id: i64,
    number: &'a str,
    taken: bool,
    reason: Option<&'static str>,
}

fn gammu_smsd(context: &Context, how: &ImportGammu) -> Result<(), Failure> {
    let (config, say) = (context.config()?, Phrases::of(context.lang));
    let unit = context.unit(how.unit.as_deref())?;
    if let Some(class) = how.class.filter(|class| !unit.classes.contains(class)) {
        return Err(Failure::refused(fill(say.class_not_allowed, &[&unit.name, &class])));
    }
    let smsd = open(&how.file)?;
    let ledger = reader(context)?;
    let office = Office {
        country: config.office.country,
        zone: config.time_zone(),
        now: context.clock.now(),
        opted_out: smsd.opted_out.iter().filter_map(|raw| Msisdn::parse(raw, config.office.country).ok()).collect(),
    };
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    for row in &smsd.outbox {
        let judged = judge(row, &office, |digest| ledger.moved_in(digest).map(|before| before.is_some()));
        match judged.map_err(Failure::refused)? {
            Ok(row) => taken.push(row),
            Err(why) => left.push((row, why)),
        }
    }
    drop(ledger);
    if how.json {
        let taken_rows = smsd.outbox.iter().map(|row| {
            let why = left.iter().find(|(other, _)| other.id == row.id).map(|(_, why)| why.name());
            RowView { id: row.id, number: &row.number, taken: why.is_none(), reason: why }
        });
        print_json(&taken_rows.collect::<Vec<_>>())?;
    } else {
        account(context, say, &smsd, &taken, &left)?;
    }
    if let Some(to) = &how.phonebook {
        phonebook(to, &smsd.phonebook, say, how)?;
    } else if !smsd.phonebook.is_empty() && !how.json {
        print(&format!("{}\n", fill(say.phonebook_there, &[&smsd.phonebook.len()])))?;
    }
    if how.dry_run || taken.is_empty() {
        return if how.json { Ok(()) } else { Ok(print(&format!("{}\n", say.nothing_done))?) };
    }
    hand_in(context, how, &taken, how.class)?;
    note(context, how, &taken)?;
    if how.json { Ok(()) } else { follow(context) }
}

fn open(file: &Path) -> Result<Smsd, Failure> {
    let unread = |error: io::Error| Failure::refused(format!("{}: {error}", file.display()));
    let mut head = Vec::new();
    File::open(file).and_then(|from| from.take(16).read_to_end(&mut head)).map_err(unread)?;
    match head == SQLITE {
        true => gammu::read(file).map_err(Failure::refused),
        false => export::read(File::open(file).map_err(unread)?)
            .map_err(|why| Failure::refused(format!("{}: {why}", file.display()))),
    }
}

fn account(
    context: &Context,
    say: &Phrases,
    smsd: &Smsd,
    taken: &[Taken],
    left: &[(&gammu::OutboxRow, Left)],
) -> Result<(), Failure> {
    print(&format!("{}\n", fill(say.account, &[&smsd.outbox.len(), &taken.len(), &left.len()])))?;
    let hours = taken.iter().filter(|row| row.has_hours).count();
    if hours > 0 {
        print(&format!("{}\n", fill(say.has_hours, &[&hours])))?;
    }
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    for (_, why) in left {
        *counts.entry(why.name()).or_default() += 1;
    }
    for (why, count) in counts {
        print(&format!("  {count}  {}\n", say.left(why)))?;
    }
    if !left.is_empty() {
        let mut table = Table::new(["ID", context.say.number, context.say.reason]);
        for (row, why) in left.iter().take(PAPER_ROWS) {
            let reason = match why {
                Left::Number(error) => sentence(context.lang, &error.to_string()),
                why => say.left(why.name()).to_owned(),
            };
            table.row([row.id.to_string(), row.number.clone(), reason]);
        }
        print(&format!("\n{table}"))?;
        if left.len() > PAPER_ROWS {
            print("…\n")?;
        }
    }
    Ok(())
}

/// Puts the job files into the unit's folder, lists first. Their names say what is in them: the same rows make the same files.
fn hand_in(context: &Context, how: &ImportGammu, taken: &[Taken], class: Option<Class>) -> Result<(), Failure> {
    let folder = folder(context, how.unit.as_deref())?;
    for rows in jobs(taken) {
        let list = list_of(&rows)?;
        let stem = format!("gammu-smsd-{}", &hex(Sha256::digest(&list))[..12]);
        let text = text_of(&format!("{stem}.csv"), rows[0], class);
        // The text first: it waits for its list, while a list alone would be taken for a job of its own.
        for (name, content) in [(format!("{stem}.txt"), text.into_bytes()), (format!("{stem}.csv"), list)] {
            let failed = |error: io::Error| Failure::refused(format!("{}: {error}", folder.join(&name).display()));
            let mut file = HandIn::begin(&folder).map_err(failed)?;
            io::Write::write_all(file.file(), &content).map_err(failed)?;
            match file.name(&name) {
                Ok(path) if !how.json => print(&format!("{}\n", fill(context.say.submitted, &[&path.display()])))?,
                Ok(_) => {}
                // It lies there from a run that was cut off, and is what it would be.
                Err((error, _)) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err((error, _)) => return Err(failed(error)),
            }
        }
    }
    Ok(())
}

fn list_of(rows: &[&Taken]) -> Result<Vec<u8>, Failure> {
    let mut table = csv::WriterBuilder::new().from_writer(Vec::new());
    table.write_record(["nomor", "gammu_text", "gammu_id"]).map_err(Failure::refused)?;
    for row in rows {
        table.write_record([&row.number.digits(), &row.text, &row.id.to_string()]).map_err(Failure::refused)?;
    }
    table.into_inner().map_err(Failure::refused)
}

/// The job that names a list; its text is each row's own, brackets and all: a column named as one of texts would be read as a template.
fn text_of(list: &str, first: &Taken, class: Option<Class>) -> String {
    let mut text = format!("Kepada: {list}\n");
    if let Some(class) = class {
        text.push_str(&format!("Kelas: {class}\n"));
    }
    if let Some(at) = first.not_before {
        text.push_str(&format!("Kirim: {at}\n"));
    }
    if let Some(lifetime) = first.lifetime {
        text.push_str(&format!("Kedaluwarsa: {} menit\n", lifetime.as_mins()));
    }
    text + "\n{gammu_text}\n"
}

/// The rows go on record after the files lie there: were it the other way round, a power cut in between would lose them. Cut off here,
/// the next run makes the same files, which the daemon takes once.
fn note(context: &Context, how: &ImportGammu, taken: &[Taken]) -> Result<(), Failure> {
    let mut door = Door::new(context);
    let source = format!("gammu-smsd outbox {}", how.file.display());
    for rows in taken.chunks(NOTED_AT_ONCE) {
        let rows = rows.iter().map(|row| SecretDigest(row.digest)).collect();
        door.ask(Action::MovedIn { source: source.clone(), rows }, "")?;
    }
    Ok(())
}

fn phonebook(to: &Path, rows: &[PhonebookRow], say: &Phrases, how: &ImportGammu) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::refused(format!("{}: {error}", to.display()));
    let file = File::options().write(true).create_new(true).open(to).map_err(failed)?;
    let mut table = csv::WriterBuilder::new().from_writer(file);
    let mut write = || -> csv::Result<()> {
        table.write_record(["nomor", "nama", "grup"])?;
        for row in rows {
            // Numbers stay as written: the importer and the job read them as people write them.
            let number = row.number.trim().trim_start_matches('+');
            table.write_record([number, &harmless(row.name.trim()), &harmless(row.group.trim())])?;
        }
        Ok(table.flush()?)
    };
    write().map_err(|error| failed(io::Error::other(error)))?;
    if !how.json {
        print(&format!("{}\n", fill(say.phonebook_written, &[&rows.len(), &to.display(), &to.display()])))?;
    }
    Ok(())
}
