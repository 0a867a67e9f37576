//! The words of the command line. What `--help` prints is the doc comments here.

mod access;
mod alarms;
mod archive;
mod history;
mod job_files;
mod moratorium;
mod move_in;
mod person;
mod roster;
mod top;

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand};
use jiff::civil::Date;

use crate::config::DEFAULT_FILE;
use crate::model::{Class, Lang, UssdCode};
use crate::simulator::{Faults, PROFILES, Profile, by_name};
use crate::store::{Head, JobRef};
pub(super) use access::{Account, AccountAdd, Token, TokenAdd};
pub(super) use alarms::{Alarms, AlarmsAct, Webhooks, WebhooksAct};
pub(super) use archive::Archive;
pub(super) use history::{ModemHistory, Since};
use job_files::JOB_FILES;
pub(super) use moratorium::{Moratorium, MoratoriumAdd, MoratoriumList};
pub(super) use move_in::{Import, ImportGammu, Restore};
pub(super) use person::{
    Inbox, InboxAct, OptOut, OptOutAct, Paper, Person, PersonErase, PersonExport, PersonList, PersonRenewKey,
    PersonShow,
};
pub(super) use roster::{
    Audience, AudienceCount, AudienceSave, Roster, RosterCorrections, RosterExport, RosterImport, RosterList,
    RosterShow,
};
pub(super) use top::Top;

/// Kentongan: an SMS daemon for USB GSM modems that accounts for every message.
///
/// Staff drop a job file (txt, csv, xlsx) into the queue directory; it goes out over all modems within their limits;
/// delivery reports, replies and opt-outs (STOP) come back and are recorded; and the job's account adds up.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "Try it without any modem: kentongan demo\n\
                  Exit codes: 0 done, 1 refused for a stated reason, 2 wrong usage."
)]
pub(super) struct Cli {
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE", env = "KENTONGAN_CONFIG", default_value = DEFAULT_FILE)]
    pub config: PathBuf,

    /// Go by the daemon's socket alone, without the configuration and the database: for whoever may not read them. Without it, so does
    /// whoever may not read /etc/kentongan/kentongan.toml, at /run/kentongan/kentongan.sock.
    #[arg(long, global = true, value_name = "PATH", env = "KENTONGAN_SOCKET")]
    pub socket: Option<PathBuf>,

    /// Language of texts for people: id or en. Without it, LANG decides.
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<Lang>,

    /// What is logged: error, warn, info, debug, trace, or a filter such as info,kentongan::modem=debug.
    #[arg(long, global = true, value_name = "LEVEL", env = "KENTONGAN_LOG")]
    pub log: Option<String>,

    /// Ask an archive instead of the database: jobs, job N, job N --csv, audit.
    #[arg(long, global = true, value_name = "FILE")]
    pub archive: Option<PathBuf>,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the whole way on simulated modems: a sample job, its progress, its account. Touches nothing outside a
    /// temporary folder.
    Demo(Demo),
    /// Run the daemon in the foreground. It logs "kentongan is ready" (and tells systemd) when modems are served and the queue is
    /// watched. SIGTERM finishes the sends in hand and stops.
    Run,
    /// Say what would become of a job file: who gets it, who does not and why, segments, time needed. Sends nothing;
    /// exit code 1 if the file would be rejected.
    Check(Check),
    /// Show the settings in force, or every mistake in the file with its line.
    CheckConfig(CheckConfig),
    /// Put job files into the queue, as if dropped there. Lists that a .txt names are given along with it.
    Submit(Submit),
    /// Put one text into the queue.
    Send(Send),
    /// Show the whole at a glance: messages by state, jobs, modems, pauses.
    Status(Listing),
    /// Watch it live: what is being sent and when it will be done, each modem with signal, pace and what is left of its quota, alarms,
    /// the last inbound texts.
    Top(Top),
    /// List jobs, newest first, with their accounts.
    Jobs(Jobs),
    /// Show one job with its account, or pause, resume, cancel, approve or refuse it.
    Job(Job),
    /// List modems with SIM, operator, signal and what they sent, or let one test itself, or show how one stood.
    Modems(Modems),
    /// Show for each SIM its operator, the classes it is for, what is left of its quota, and how much of what it sends arrives.
    Routes(Listing),
    /// Use a modem's SIM again that was taken out because it looked blocked, or that rests.
    Modem(Modem),
    /// Dial a USSD code through a modem that is at work, such as '*888#' for the credit, and show what the network says. It waits for
    /// the message in hand, and gives way to emergencies.
    Ussd(Ussd),
    /// List what citizens wrote, newest first, for whom it is and whether somebody has seen to it; mark it as read, or answer it.
    Inbox(Box<Inbox>),
    /// List the numbers that are not written to.
    Optouts(LimitedListing),
    /// Enter or remove an opt-out by hand.
    Optout(OptOut),
    /// Show, hand out or erase what is held of a number, for its owner.
    #[command(subcommand)]
    Person(Person),
    /// Stop sending everything, one class or one unit, until resumed. Messages already with a modem are finished.
    Pause(Scope),
    /// Send again what was paused, or what waits after a long stop of the daemon.
    Resume(Resume),
    /// Enter, list and end moratoria: stretches of time in which nothing of some classes or units is sent, such as masa tenang.
    #[command(subcommand)]
    Moratorium(Moratorium),
    /// Open, change and close accounts of the web page.
    #[command(subcommand)]
    Account(Account),
    /// Make and revoke tokens, by which programs use the API.
    #[command(subcommand)]
    Token(Token),
    /// List what somebody should look at: modems that stay away, SIMs that were taken out, messages that do not arrive, jobs held for it.
    Alarms(Alarms),
    /// List the webhooks: how far each has come, and why one is not reached; or try one.
    Webhooks(Webhooks),
    /// List messages that were handed to a modem and never answered for: nobody knows yet whether they left.
    Doubts(Listing),
    /// Settle a message in doubt.
    Doubt(Doubt),
    /// Find the serial ports, ask behind which a modem answers, say who holds the others, and what to write so that each
    /// modem is used.
    Doctor(Doctor),
    /// Run simulated modems on pseudo-terminals, with faults if wished, for trying and testing.
    Simulate(Box<Simulate>),
    /// Copy the database into a new file, while the daemon runs.
    Backup(Backup),
    /// Move the details of jobs that ended long ago to a file of their own, so that the database stays small: who they named and what became
    /// of each. Their sums, the record and opt-outs stay. The file is whole and durable before anything goes; sending goes on meanwhile.
    Archive(Archive),
    /// List the archives that were made.
    Archives(Listing),
    /// Put a backup in the place of the database, with the daemon stopped: says first what it knows, and asks. What was sent after it is
    /// never sent again; what nobody knows waits for a person. The database that was there is kept beside it.
    Restore(Restore),
    /// Take over what waits in another SMS daemon.
    #[command(subcommand)]
    Import(Import),
    /// Show that the record of events is as it was written, and what it says of a period.
    #[command(subcommand)]
    Audit(Audit),
    /// Import, show and export the roster of office-holders: RT, RW, lurah, camat, officials, citizens who subscribed.
    #[command(subcommand)]
    Roster(Roster),
    /// Save and count audiences: expressions over role and area, such as 'peran=RW dan wilayah=utara'.
    #[command(subcommand)]
    Audience(Audience),
    /// Write man pages and shell completions into a folder, for the package.
    #[command(hide = true)]
    PackageFiles(PackageFiles),
}

#[derive(Debug, Args)]
pub(super) struct PackageFiles {
    /// The folder; `man` and `completions` in it are made anew.
    pub folder: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// How many modems to simulate.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub modems: u16,
    /// How many recipients the sample job has, besides its duplicate and its wrong number.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub recipients: u32,
    /// How long a simulated network takes for one segment, in milliseconds.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(0..=60_000))]
    pub send_ms: u32,
    /// Where chance begins; the same number gives the same names and replies.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Keep the temporary folder and say where it is.
    #[arg(long)]
    pub keep: bool,
}

#[derive(Debug, Args)]
#[command(after_help = JOB_FILES)]
pub(super) struct Check {
    /// The job file: .txt, .csv or .xlsx.
    pub file: PathBuf,
    /// Whose job it would be; decides which classes are allowed.
    #[arg(long)]
    pub unit: Option<String>,
    /// As JSON: one object, with the excluded recipients in `excluded_rows`.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct CheckConfig {
    /// The file; without it, the one of --config.
    pub file: Option<PathBuf>,
    /// As JSON: one row for each setting.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = JOB_FILES)]
pub(super) struct Submit {
    /// The job file; and before it or after it the lists it names.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The unit whose job it is. May be left out where there is only one.
    #[arg(long)]
    pub unit: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Send {
    /// A number, as people write it: 0812…, +62812…. May be given several times.
    #[arg(long, required = true, value_name = "NUMBER")]
    pub to: Vec<String>,
    /// The text; `-` reads it from standard input.
    #[arg(long)]
    pub text: String,
    /// Send it although the same text went to the same numbers before.
    #[arg(long)]
    pub again: bool,
    /// darurat, penting or umum (emergency, important, routine). Without it, the least urgent the unit may use.
    #[arg(long)]
    pub class: Option<Class>,
    /// The unit whose job it is. May be left out where there is only one.
    #[arg(long)]
    pub unit: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Listing {
    /// As JSON, with English keys and UTC times.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Ask this port only; may be given several times. Exit code 1 if no modem answers.
    #[arg(long = "port", value_name = "PATH")]
    pub ports: Vec<PathBuf>,
    /// As JSON, with English keys.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct LimitedListing {
    /// As JSON, with English keys and UTC times.
    #[arg(long)]
    pub json: bool,
    /// At most so many. Without it, 50 on paper and all as JSON.
    #[arg(long)]
    pub limit: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct Jobs {
    #[command(flatten)]
    pub listing: LimitedListing,
    /// The daemon's own answers to citizens, self-tests of modems and questions to operators too.
    #[arg(long)]
    pub replies: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Job {
    /// The job's number, or the beginning of its UUID.
    #[arg(required = true)]
    pub id: Option<JobRef>,
    /// Every recipient as CSV, with the sum at the end; the same as NAME.report.csv.
    #[arg(long)]
    pub csv: bool,
    /// As JSON.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    #[command(subcommand)]
    pub act: Option<JobAct>,
}

#[derive(Debug, Subcommand)]
pub(super) enum JobAct {
    /// Hold back what has not been handed to a modem.
    Pause(OneJob),
    /// Send it again.
    Resume(OneJob),
    /// Take back what has not been handed to a modem, for good.
    Cancel(OneJob),
    /// Let a job go that waits for a second person. Not for the owner of its file.
    Approve(Decision),
    /// Do not let it go: it is taken back for good.
    Refuse(Decision),
}

#[derive(Debug, Args)]
pub(super) struct OneJob {
    /// The job's number, or the beginning of its UUID.
    pub id: JobRef,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Decision {
    /// The job's number, or the beginning of its UUID.
    pub id: JobRef,
    /// Why; goes into the record.
    #[arg(long)]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(super) struct OneNumber {
    /// The number, as people write it.
    pub number: String,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Modems {
    #[command(flatten)]
    pub listing: Listing,
    #[command(subcommand)]
    pub act: Option<ModemsAct>,
}

#[derive(Debug, Subcommand)]
pub(super) enum ModemsAct {
    /// Let a modem write to its own number and compare what comes back: a message, its report and its copy, a text of three segments,
    /// every GSM-7 character, a UCS-2 text; six segments, paid for like any other. Exit code 1 if a step fails.
    Test(TestModem),
    /// Show how a modem stood, day by day: its signal by the hour, how long it was registered, its operator, and the credit of its SIM.
    History(ModemHistory),
}

#[derive(Debug, Args)]
pub(super) struct TestModem {
    /// The modem's name, as `kentongan modems` shows it.
    pub name: String,
    /// The number of its SIM, if neither the configuration nor the card nor an earlier test says it.
    #[arg(long)]
    pub number: Option<String>,
    /// As JSON, one row a step, when the test has ended.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Modem {
    #[command(subcommand)]
    pub act: ModemAct,
}

#[derive(Debug, Subcommand)]
pub(super) enum ModemAct {
    /// The SIM is topped up, unblocked or otherwise seen to: try it again at once, with one message first.
    Resume(OneModem),
}

#[derive(Debug, Args)]
pub(super) struct OneModem {
    /// The modem's name, as `kentongan modems` shows it.
    pub name: String,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Ussd {
    /// The modem's name, as `kentongan modems` shows it.
    pub modem: String,
    /// The code, in quotes: '*888#'. Digits, *, # and + only. Vouchers, PINs and numbers in it are hidden in the record.
    #[arg(value_parser = UssdCode::parse)]
    pub code: UssdCode,
    /// A key of the menu that the code opens; several are given in their order.
    #[arg(long = "then", value_name = "KEY", value_parser = UssdCode::parse)]
    pub keys: Vec<UssdCode>,
    /// As JSON, with English keys.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Scope {
    /// Only this class.
    #[arg(long, conflicts_with = "unit")]
    pub class: Option<Class>,
    /// Only this unit.
    #[arg(long)]
    pub unit: Option<String>,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Resume {
    #[command(flatten)]
    pub scope: Scope,
    /// The jobs that wait for a person because the daemon was stopped for long, and nothing else.
    #[arg(long, conflicts_with_all = ["class", "unit"])]
    pub held: bool,
}

#[derive(Debug, Args)]
pub(super) struct Doubt {
    #[command(subcommand)]
    pub act: DoubtAct,
}

#[derive(Debug, Subcommand)]
pub(super) enum DoubtAct {
    /// Say what became of it.
    Settle(Settle),
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("how").required(true))]
pub(super) struct Settle {
    /// The message's number, as `kentongan doubts` shows it; with or without the segment behind the slash.
    #[arg(value_parser = message)]
    pub message: i64,
    /// It is known to have arrived: count it as sent.
    #[arg(long, group = "how")]
    pub sent: bool,
    /// Send it again, even if the recipient may get it twice.
    #[arg(long, group = "how")]
    pub resend: bool,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Simulate {
    /// The folder for the links to the pseudo-terminals (modem-1, modem-2 …); set paths.ports to it.
    #[arg(long)]
    pub dir: PathBuf,
    /// How many modems.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub modems: u16,
    /// Their makes, in turn: quectel, huawei, sim800.
    #[arg(long, value_delimiter = ',', default_value = "quectel", value_parser = make)]
    pub makes: Vec<&'static Profile>,
    /// How long the network takes for one segment, in milliseconds.
    #[arg(long, default_value_t = 3000)]
    pub send_ms: u32,
    /// By what share that varies, up and down, 0 to 1.
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub jitter: f64,
    /// How long after a segment its delivery report comes, in milliseconds.
    #[arg(long, default_value_t = 2000)]
    pub report_ms: u32,
    /// The share of telephones that are off, 0 to 1.
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub off: f64,
    /// The share of numbers that do not exist, 0 to 1.
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub unknown: f64,
    /// The share of recipients who reply, 0 to 1.
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub replies: f64,
    /// What they reply; may be given several times. Without it, STOP.
    #[arg(long, value_name = "TEXT")]
    pub reply: Vec<String>,
    /// How many texts strangers send to the modems in all, from the start on, each from a number of its own; one in fifty is STOP.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000_000))]
    pub texts: u32,
    /// How many of these a second.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub texts_per_second: u32,
    /// What goes wrong: none, rough, or a list such as rough,refuse=0.1,hang=0.01:30 (a rate, then seconds where the
    /// fault has a span). Names: refuse, hang, lose_answer, late_answer, no_prompt, reboot, unplug, lose_registration,
    /// spend_number, split, merge, noise, urc_storm, duplicate_report, orphan_report, early_report, pending_report, no_report,
    /// no_ussd; and drop_to=+62817: what goes to such numbers is accepted and vanishes.
    #[arg(long, default_value = "none", value_name = "FAULTS")]
    pub faults: Faults,
    /// Where chance begins; the same number gives the same faults.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write what really went on the air to this file, one JSON line each.
    #[arg(long, value_name = "FILE")]
    pub truth: Option<PathBuf>,
}

fn message(text: &str) -> Result<i64, String> {
    let (number, segment) = text.split_once('/').unwrap_or((text, "1"));
    match (number.parse(), segment.parse::<u8>()) {
        (Ok(number), Ok(_)) => Ok(number),
        _ => Err("write the number of a message as `kentongan doubts` shows it, such as 700 or 700/1".to_owned()),
    }
}

fn make(name: &str) -> Result<&'static Profile, String> {
    by_name(name).ok_or_else(|| {
        let known: Vec<_> = PROFILES.iter().map(|profile| profile.name).collect();
        format!("known makes: {}", known.join(", "))
    })
}

fn share(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| "write a number from 0 to 1".to_owned())
}

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The new file; must not exist yet.
    pub file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Follow the chain over the record and name the first event that was changed, removed, put in or moved. Exit code 1 if there is one.
    /// Reads the database itself, also where a daemon runs.
    Verify(AuditVerify),
    /// Print the events of a period as CSV: who did what, when and why.
    Export(AuditExport),
    /// What each unit sent in a month, in counts alone: fit to be published.
    Summary(AuditSummary),
}

#[derive(Debug, Args)]
pub(super) struct AuditVerify {
    /// A link noted earlier (ID:LINK, as this command and the log print it): the record must still hold it. Only so does it show
    /// that the record was cut off at its end or written anew.
    #[arg(long, value_name = "ID:LINK")]
    pub noted: Option<Head>,
    /// As JSON, with English keys.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct AuditExport {
    /// The first day, such as 2026-11-01, in the office's time zone.
    #[arg(long, value_name = "DATE")]
    pub from: Option<Date>,
    /// The day after the last one.
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// As JSON, one event a line, with UTC times.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(super) struct AuditSummary {
    /// The month, such as 2026-11.
    #[arg(value_name = "MONTH", value_parser = month)]
    pub month: Date,
    /// As JSON, with English keys.
    #[arg(long)]
    pub json: bool,
}

/// The first day of a month written `2026-11`.
fn month(text: &str) -> Result<Date, String> {
    let first = format!("{text}-01");
    match text.len() {
        7 => first.parse().map_err(|_| ()),
        _ => Err(()),
    }
    .map_err(|()| "write a month as 2026-11".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_job_is_shown_by_number_and_acted_on_by_verb() {
        let job = |words: &[&str]| match Cli::try_parse_from(words).map(|cli| cli.command) {
            Ok(Command::Job(job)) => format!("{:?} {:?}", job.id, job.act.is_some()),
            Ok(_) => "another command".to_owned(),
            Err(error) => error.kind().to_string(),
        };
        assert_eq!(job(&["kentongan", "job", "12", "--csv"]), "Some(Id(JobId(12))) false");
        assert_eq!(job(&["kentongan", "job", "cancel", "12", "--reason", "salah daftar"]), "None true");
        assert_ne!(job(&["kentongan", "job"]), "None false");
        assert_ne!(job(&["kentongan", "job", "pause"]), "None true");
    }

    #[test]
    fn modems_are_listed_without_a_verb_and_tested_with_one() {
        let modems = |words: &[&str]| match Cli::try_parse_from(words).map(|cli| cli.command) {
            Ok(Command::Modems(how)) => format!("{} {}", how.listing.json, how.act.is_some()),
            Ok(_) => "another command".to_owned(),
            Err(error) => error.kind().to_string(),
        };
        assert_eq!(modems(&["kentongan", "modems"]), "false false");
        assert_eq!(modems(&["kentongan", "modems", "--json"]), "true false");
        assert_eq!(modems(&["kentongan", "modems", "test", "a", "--number", "0812", "--json"]), "false true");
        assert_ne!(modems(&["kentongan", "modems", "test"]), "false true");
        assert_eq!(modems(&["kentongan", "modems", "history", "a", "--since", "30d"]), "false true");
        assert_ne!(modems(&["kentongan", "modems", "history", "a", "--since", "kemarin"]), "false true");
    }

    #[test]
    fn a_ussd_code_that_is_none_is_wrong_usage_and_is_not_repeated() {
        let ussd = |code: &str| Cli::try_parse_from(["kentongan", "ussd", "a", code, "--then", "1", "--then", "2"]);
        let Ok(Command::Ussd(how)) = ussd("*888#").map(|cli| cli.command) else { panic!("a code") };
        assert_eq!((how.code.as_str(), how.keys.len()), ("*888#", 2));
        assert_eq!(ussd("*888#;reboot").unwrap_err().exit_code(), 2);
    }

    #[test]
    fn settling_needs_exactly_one_way() {
        let settle = |words: &[&str]| Cli::try_parse_from(words).is_ok();
        assert!(settle(&["kentongan", "doubt", "settle", "3", "--sent"]));
        assert!(settle(&["kentongan", "doubt", "settle", "700/1", "--resend"]));
        assert!(!settle(&["kentongan", "doubt", "settle", "700/x", "--resend"]));
        assert!(!settle(&["kentongan", "doubt", "settle", "3"]));
        assert!(!settle(&["kentongan", "doubt", "settle", "3", "--sent", "--resend"]));
    }
}
