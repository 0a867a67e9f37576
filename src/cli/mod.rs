//! The command line: words in, text or JSON out.
//!
//! Exit codes: 0 done, 1 refused for a stated reason, 2 wrong usage. Text for people is Indonesian or English; JSON and
//! logs are English. Nothing is decided here: questions go through `answers` and wishes
//! through `door` to the daemon, or, where none runs, to the ledger and the engine themselves.

mod access;
mod act;
mod alarms;
mod answers;
mod archive;
mod args;
mod audience;
mod audit;
mod check;
mod check_config;
mod client;
mod demo;
mod doctor;
mod door;
mod doubts;
mod inbox;
mod modems;
mod moratorium;
mod move_in;
mod notices;
mod office;
mod package;
mod person;
pub(crate) mod phrases;
mod questions;
mod restore;
mod roster;
mod routes;
mod screen;
mod simulate;
mod start;
mod submit;
mod top;
mod ussd;
mod webhooks;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::config::{Config, ConfigError};
use crate::daemon::{Clock, log};
use crate::model::Lang;
use args::{Cli, Command};
use office::{Office, Way};
use phrases::Phrases;

/// Why a command ends with exit code 1.
#[derive(Debug)]
enum Failure {
    /// For a stated reason.
    Refused(String),
    /// For a reason that has been printed already.
    Said,
}

impl Failure {
    fn refused(reason: impl std::fmt::Display) -> Self {
        Failure::Refused(reason.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::refused(error)
    }
}

/// What every command may need.
struct Context {
    /// The configuration file.
    file: PathBuf,
    /// The archive that is asked in the place of the ledger.
    archive: Option<PathBuf>,
    /// What came of reading it, when somebody first needed it.
    config: OnceCell<Result<Config, ConfigError>>,
    /// The socket that the user named.
    socket: Option<PathBuf>,
    way: OnceCell<Way>,
    office: OnceCell<Office>,
    say: &'static Phrases,
    lang: Lang,
    clock: Clock,
}

impl Context {
    /// A reason in the language of people.
    fn refused_in_words(&self, english: &str) -> Failure {
        Failure::Refused(phrases::words::sentence(self.lang, english))
    }
}

/// The program: reads the command line, does what it says, gives the exit code.
pub fn main() -> ExitCode {
    // clap ends with exit code 2 on wrong usage, and with 0 after --help.
    let cli = Cli::parse();
    let lang = cli.lang.unwrap_or_else(language);
    let quiet = !matches!(cli.command, Command::Run | Command::Simulate(_));
    let level = cli.log.as_deref().unwrap_or(if quiet { "warn" } else { "info" });
    if let Err(error) = log::start(level) {
        eprintln!("kentongan: {error}");
        return ExitCode::from(2);
    }
    let context = Context {
        file: cli.config,
        archive: cli.archive,
        config: OnceCell::new(),
        socket: cli.socket,
        way: OnceCell::new(),
        office: OnceCell::new(),
        say: Phrases::of(lang),
        lang,
        clock: Clock::System,
    };
    match carry_out(&context, &cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Said) => ExitCode::from(1),
        Err(Failure::Refused(reason)) => {
            eprintln!("kentongan: {}: {}", context.say.refused, phrases::words::refusal(lang, &reason));
            ExitCode::from(1)
        }
    }
}

fn carry_out(context: &Context, command: &Command) -> Result<(), Failure> {
    if context.archive.is_some() && !archive::may_be_asked(command) {
        return Err(Failure::refused(archive::phrases::Phrases::of(context.lang).only_read));
    }
    if context.archive.is_some() && context.socket.is_some() {
        return Err(Failure::refused(archive::phrases::Phrases::of(context.lang).no_socket));
    }
    match command {
        Command::Demo(how) => demo::run(context, how),
        Command::Run => start::run(context),
        Command::Check(how) => check::run(context, how),
        Command::CheckConfig(how) => check_config::run(context, how),
        Command::Submit(how) => submit::submit(context, how),
        Command::Send(how) => submit::send(context, how),
        Command::Status(how) => questions::status(context, how),
        Command::Top(how) => top::run(context, how),
        Command::Jobs(how) => questions::jobs(context, how),
        Command::Job(how) => match &how.act {
            Some(act) => act::job(context, act),
            None => questions::job(context, how),
        },
        Command::Modems(how) => modems::run(context, how),
        Command::Routes(how) => routes::run(context, how),
        Command::Inbox(how) => inbox::run(context, how),
        Command::Optouts(how) => questions::opt_outs(context, how),
        Command::Optout(how) => act::opt_out(context, &how.act),
        Command::Person(how) => person::run(context, how),
        Command::Modem(modem) => act::modem(context, &modem.act),
        Command::Ussd(how) => ussd::run(context, how),
        Command::Pause(scope) => act::pause(context, scope),
        Command::Resume(what) => act::resume(context, what),
        Command::Moratorium(how) => moratorium::run(context, how),
        Command::Account(how) => access::account(context, how),
        Command::Token(how) => access::token(context, how),
        Command::Alarms(how) => alarms::run(context, how),
        Command::Webhooks(how) => webhooks::run(context, how),
        Command::Doubts(how) => doubts::run(context, how),
        Command::Doubt(how) => act::doubt(context, &how.act),
        Command::Doctor(how) => doctor::run(context, how),
        Command::Simulate(how) => simulate::run(context, how),
        Command::Backup(how) => act::backup(context, how),
        Command::Archive(how) => archive::run(context, how),
        Command::Archives(how) => archive::list(context, how),
        Command::Restore(how) => restore::run(context, how),
        Command::Import(how) => move_in::run(context, how),
        Command::Audit(how) => audit::run(context, how),
        Command::Roster(how) => roster::run(context, how),
        Command::Audience(how) => audience::run(context, how),
        Command::PackageFiles(how) => package::run(context, how),
    }
}

/// The language of the environment, as POSIX orders its variables.
fn language() -> Lang {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .and_then(|value| value.parse().ok())
        .unwrap_or_default()
}
