//! `kentongan restore`: what a backup knows and what not is said first; then it is put in the place of the ledger, if that is agreed to.

mod phrases;

use std::collections::BTreeSet;
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::Serialize;

use self::phrases::Phrases;
use super::args::Restore;
use super::phrases::fill;
use super::phrases::words::word;
use super::screen::{Table, maybe_time, pairs, print, print_json, time};
use super::{Context, Failure};
use crate::daemon::{Lock, rules, user_name};
use crate::engine::{Engine, PutBack, Restored};
use crate::model::Timestamp;
use crate::spool::lists_of;
use crate::store::Reader;
use crate::store::restore::{Survey, Unfinished, survey};

/// Files of jobs that are listed on paper.
const FILES_SHOWN: usize = 20;

/// What `--json` prints.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    survey: &'a Survey,
    restored: bool,
    replaced: Option<String>,
    carried_over: bool,
    held_jobs: u64,
    held_messages: u64,
    /// In `accepted/` since the backup, and of no job that the ledger knows now.
    files_unknown: Vec<String>,
}

pub(super) fn run(context: &Context, how: &Restore) -> Result<(), Failure> {
    let (config, say) = (context.config()?, Phrases::of(context.lang));
    let database = &config.paths.database;
    own_folder(database, say)?;
    // Held until the end: no daemon starts on a ledger that is only half put back.
    let _lock = Lock::take(database).map_err(Failure::refused)?;
    let begun = Unfinished::at(database).map_err(Failure::refused)?;
    let present = match &begun {
        Some(unfinished) => unfinished.aside.clone(),
        None => Some(database.clone()),
    };
    let present = present.filter(|path| path.exists());
    let survey = survey(&how.file, database, present.as_deref()).map_err(Failure::refused)?;
    if !how.json {
        if begun.is_some() {
            print(&format!("{}\n\n", say.goes_on))?;
        }
        show(context, say, &survey)?;
    }
    let agreed = match how.yes {
        true => true,
        false if how.json || !io::stdin().is_terminal() => false,
        false => ask(say)?,
    };
    if !agreed {
        return match how.json {
            true => Ok(print_json(&Answer::of(&survey, None, Vec::new()))?),
            false => Err(Failure::refused(fill(say.not_restored, &[&how.file.display()]))),
        };
    }
    let actor = user_name(rustix::process::getuid().as_raw());
    let put_back = PutBack { database, survey: &survey, actor: &actor, reason: &how.reason };
    let (engine, restored) =
        Engine::put_back(&put_back, rules(config), context.clock.now(), fastrand::u64(..)).map_err(Failure::refused)?;
    drop(engine);
    let unknown = unknown_files(context, survey.made_at)?;
    if how.json {
        return Ok(print_json(&Answer::of(&survey, Some(&restored), unknown))?);
    }
    done(say, &restored)?;
    if !unknown.is_empty() {
        let more = if unknown.len() > FILES_SHOWN { "\n  …" } else { "" };
        let shown: Vec<&str> = unknown.iter().take(FILES_SHOWN).map(String::as_str).collect();
        print(&format!("\n{}\n  {}{more}\n", say.files_unknown, shown.join("\n  ")))?;
    }
    Ok(print(&format!("\n{}\n", say.next))?)
}

impl<'a> Answer<'a> {
    fn of(survey: &'a Survey, restored: Option<&Restored>, files_unknown: Vec<String>) -> Self {
        Self {
            survey,
            restored: restored.is_some(),
            replaced: restored.and_then(|done| done.aside.as_ref()).map(|aside| aside.display().to_string()),
            carried_over: restored.is_some_and(|done| done.carried.is_some()),
            held_jobs: restored.map_or(0, |done| done.held),
            held_messages: restored.map_or(0, |done| done.held_messages),
            files_unknown,
        }
    }
}

/// A file of another user's beside the ledger would keep the daemon from starting.
fn own_folder(database: &Path, say: &Phrases) -> Result<(), Failure> {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let owner =
        std::fs::metadata(folder).map_err(|error| Failure::refused(format!("{}: {error}", folder.display())))?.uid();
    match owner == rustix::process::geteuid().as_raw() {
        true => Ok(()),
        false => {
            Err(Failure::refused(fill(say.other_user, &[&folder.display(), &user_name(owner), &user_name(owner)])))
        }
    }
}

fn ask(say: &Phrases) -> Result<bool, Failure> {
    print(&format!("\n{}", say.question))?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "ya" | "yes"))
}

fn show(context: &Context, say: &Phrases, survey: &Survey) -> Result<(), Failure> {
    let zone = context.zone()?;
    let present = match survey.present.present {
        "none" => say.present_none.to_owned(),
        "continues" => say.present_continues.to_owned(),
        "other" => say.present_other.to_owned(),
        _ => say.present_unreadable.to_owned(),
    };
    let present = match &survey.present.present_reason {
        Some(reason) => format!("{present} ({reason})"),
        None => present,
    };
    print(&pairs(&[
        (say.backup, survey.file.display().to_string()),
        (say.made_at, time(survey.made_at, zone)),
        (say.events, survey.events.to_string()),
        (say.present, present),
        (say.present_until, maybe_time(survey.present.present_until, zone)),
    ]))?;
    if survey.jobs.is_empty() {
        print(&format!("\n{}\n", say.nothing_open))?;
    } else {
        let mut table =
            Table::new([context.say.job, context.say.unit, context.say.file, context.say.class, say.open, say.since]);
        for job in &survey.jobs {
            let since: Vec<String> = job
                .since
                .iter()
                .map(|(state, count)| match state.as_str() {
                    "unknown" => format!("{} {count}", say.unknown),
                    state => format!("{} {count}", word(context.lang, context.say.state_word(state))),
                })
                .collect();
            table.row([
                job.id.to_string(),
                job.unit.clone(),
                job.source.clone(),
                word(context.lang, &job.class),
                job.open.to_string(),
                since.join(", "),
            ]);
        }
        print(&format!("\n{}\n{table}", say.open_jobs))?;
    }
    let now = context.clock.now();
    if survey.present.continues() {
        return Ok(print(&format!("\n{}\n", say.will_carry_over))?);
    }
    let until = survey.present.present_until.unwrap_or(now);
    Ok(print(&format!(
        "\n{}\n",
        fill(say.will_lose, &[&time(survey.made_at, zone), &time(until.max(survey.made_at), zone)])
    ))?)
}

fn done(say: &Phrases, restored: &Restored) -> Result<(), Failure> {
    let mut text = format!("\n{}\n", say.restored);
    if let Some(aside) = &restored.aside {
        text.push_str(&format!("{}\n{}\n", fill(say.aside, &[&aside.display()]), say.noted_links));
    }
    match &restored.carried {
        Some(carried) => {
            let erased = carried.erased.len();
            text.push_str(&fill(
                say.carried,
                &[&carried.jobs, &carried.attempts, &carried.inbound, &carried.opt_outs, &erased],
            ));
            text.push('\n');
            if carried.held_against > 0 {
                text.push_str(&format!("{}\n", fill(say.held_against, &[&carried.held_against])));
            }
        }
        None => text.push_str(&format!("{}\n", fill(say.lost, &[&restored.opt_outs_found, &restored.taken_back]))),
    }
    text.push_str(&format!("{}\n", fill(say.held, &[&restored.held, &restored.held_messages])));
    Ok(print(&text)?)
}

/// Files in `accepted/` that were put there since the backup and belong to no job that the ledger knows: they were sent, or partly, and
/// the account of that is lost.
fn unknown_files(context: &Context, made_at: Timestamp) -> Result<Vec<String>, Failure> {
    let config = context.config()?;
    let reader = Reader::open(&config.paths.database).map_err(Failure::refused)?;
    let mut unknown = Vec::new();
    for unit in &config.units {
        let known = reader.filed_as(&unit.name).map_err(Failure::refused)?;
        let folder = config.paths.queue.join(&unit.name).join("accepted");
        let mut newer = Vec::new();
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let since = entry.metadata().is_ok_and(|about| about.is_file() && about.ctime() >= made_at.as_second());
            if since && !name.ends_with(".report.csv") && !name.starts_with('.') && !known.contains(&name) {
                newer.push(name);
            }
        }
        // The lists of a job lie beside it. No job file is opened where nothing is in question.
        let lists: BTreeSet<String> = match newer.is_empty() {
            true => BTreeSet::new(),
            false => known.iter().flat_map(|job| lists_of(&folder.join(job))).collect(),
        };
        let listed =
            |name: &String| lists.contains(name) || first_of_its_name(name).is_some_and(|first| lists.contains(&first));
        newer.retain(|name| !listed(name));
        unknown.extend(newer.into_iter().map(|name| format!("{}/accepted/{name}", unit.name)));
    }
    unknown.sort();
    Ok(unknown)
}

/// A second `warga.csv` lies in `accepted/` as `warga-2.csv`.
fn first_of_its_name(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    let (first, count) = stem.rsplit_once('-')?;
    count.parse::<u32>().is_ok().then(|| format!("{first}.{extension}"))
}
