//! Questions of the command line: to the running daemon over its socket, or, where none runs, to the ledger itself. A command does not
//! know who answers; both give the same.
//!
//! Left out on purpose: what is of a file by its nature and not of a daemon, and is read there whether one runs or not. That are the
//! chain of the record, backups and what is put back, and what is taken over from another program.

mod lists;
mod roster;

use std::cell::OnceCell;
use std::fmt::Display;
use std::io::{self, Write};

use serde::de::DeserializeOwned;

pub(super) use self::roster::NewList;
use super::client::{AskError, Client, No, path, with_query};
use super::office::Way;
use super::phrases::fill;
use super::{Context, Failure};
use crate::check::{self, ModemRate, RouteView};
use crate::config::Config;
use crate::daemon::Lock;
use crate::model::{JobId, Msisdn, Timestamp};
use crate::spool::{ReportError, write_report};
use crate::store::archive::ArchiveView;
use crate::store::{
    AccountView, AudienceView, DoubtView, JOB_REMARK, JobRef, JobView, MoratoriumView, NoticeView, PersonView, Reader,
    RecipientView, StatusView, StoreError, TestStepView, TokenView, WebhookView,
};
use crate::web::{self, Kept, ModemHistory, Period, RecordSummary, Table, write_record};

/// Whoever answers.
pub(super) struct Answers<'a> {
    context: &'a Context,
    daemon: Client,
    /// Where no daemon runs.
    ledger: OnceCell<Ledger>,
}

/// The ledger, read without a daemon.
struct Ledger {
    reader: Reader,
    /// Whether somebody had it for writing when it was opened: a daemon that is just starting or stopping.
    held: bool,
}

/// Opens the ledger itself, for what no daemon is asked for.
pub(super) fn ledger(context: &Context) -> Result<Reader, Failure> {
    if let Way::Socket(_) = context.way() {
        return Err(Failure::refused(context.say.needs_ledger));
    }
    let database = &context.config()?.paths.database;
    if !database.exists() {
        return Err(Failure::refused(fill(context.say.no_database, &[&database.display()])));
    }
    Reader::open(database).map_err(Failure::refused)
}

impl<'a> Answers<'a> {
    pub(super) fn of(context: &'a Context) -> Result<Self, Failure> {
        Ok(Self { context, daemon: context.client()?, ledger: OnceCell::new() })
    }

    /// Everything at a glance.
    pub(super) fn status(&self) -> Result<StatusView, Failure> {
        self.ask("/status", |_, reader| reader.status())
    }

    /// Whether a daemon runs, as far as the answers so far show.
    pub(super) fn daemon_runs(&self) -> bool {
        self.ledger.get().is_none_or(|ledger| ledger.held)
    }

    /// A job; `None`: there is none.
    pub(super) fn job(&self, wanted: &JobRef) -> Result<Option<JobView>, Failure> {
        let path = match wanted {
            JobRef::Id(id) => path(&[&"jobs", &id.0]),
            JobRef::Uid(uid) => path(&[&"jobs", &"by-uid", uid]),
        };
        self.find(&path, |_, reader| reader.job(wanted))
    }

    /// What is not done as a job's file says, English.
    pub(super) fn remarks(&self, job: JobId) -> Result<Vec<String>, Failure> {
        self.ask(&path(&[&"jobs", &job.0, &"remarks"]), |_, reader| reader.remarks(job, JOB_REMARK))
    }

    /// The first of those who get nothing.
    pub(super) fn excluded(&self, job: JobId, limit: u32) -> Result<Vec<RecipientView>, Failure> {
        let path = with_query(&path(&[&"jobs", &job.0, &"excluded"]), &[("limit", limit.to_string())]);
        self.ask(&path, |_, reader| reader.excluded_as_reported(job, limit as usize))
    }

    /// Writes a job's report as it is read.
    pub(super) fn report(&self, job: JobId, out: &mut impl Write) -> Result<(), Failure> {
        let path = path(&[&"jobs", &job.0, &"report.csv"]);
        self.copied(&path, out, |config, reader, out| Ok(write_report(reader, job, config.time_zone(), out)))
    }

    /// Writes the events of a period as they are read.
    pub(super) fn record(&self, period: Period, table: Table, out: &mut impl Write) -> Result<(), Failure> {
        let path = match table {
            Table::Csv => "/record.csv",
            Table::Lines => "/record.ndjson",
        };
        let ends = [("from", period.from), ("until", period.until)];
        let wanted: Vec<_> = ends.iter().filter_map(|(name, at)| Some((*name, (*at)?.to_string()))).collect();
        self.copied(&with_query(path, &wanted), out, |config, reader, out| {
            Ok(write_record(reader, period, table, config.time_zone(), out))
        })
    }

    /// What may be published of a period.
    pub(super) fn summary(&self, from: Timestamp, until: Timestamp) -> Result<RecordSummary, Failure> {
        let path = with_query("/record/summary", &[("from", from.to_string()), ("until", until.to_string())]);
        self.ask(&path, |_, reader| RecordSummary::of(reader, from, until))
    }

    /// Every modem ever seen, by name.
    pub(super) fn modems(&self) -> Result<Vec<ModemRate>, Failure> {
        let now = self.context.clock.now();
        self.ask("/modems", |config, reader| check::modems(config, reader, now))
    }

    /// What each SIM carries.
    pub(super) fn routes(&self) -> Result<Vec<RouteView>, Failure> {
        let now = self.context.clock.now();
        self.ask("/routes", |config, reader| check::routes(config, reader, now))
    }

    /// How a modem stood since then; `None`: there is none of this name.
    pub(super) fn history(&self, modem: &str, since: Timestamp) -> Result<Option<ModemHistory>, Failure> {
        let path = with_query(&path(&[&"modems", &modem, &"history"]), &[("since", since.to_string())]);
        self.find(&path, |_, reader| ModemHistory::of(reader, modem, since))
    }

    /// The steps of a self-test.
    pub(super) fn self_test(&self, test: i64) -> Result<Vec<TestStepView>, Failure> {
        self.ask(&path(&[&"self-tests", &test]), |_, reader| reader.self_test(test))
    }

    /// How many opt-outs are kept of people who were erased.
    pub(super) fn kept_opt_outs(&self) -> Result<u64, Failure> {
        let kept = self.ask("/optouts/kept", |_, reader| reader.kept_opt_outs().map(|(kept, _)| Kept { kept }));
        Ok(kept?.kept)
    }

    /// Messages of which nobody knows whether they left.
    pub(super) fn doubts(&self) -> Result<Vec<DoubtView>, Failure> {
        self.ask("/doubts", |_, reader| reader.doubts())
    }

    /// Moratoria, those of the settings too. Without a ledger there are still these.
    pub(super) fn moratoria(&self) -> Result<Vec<MoratoriumView>, Failure> {
        if let Some(rows) = self.daemon("/moratoria")? {
            return rows.map_err(|no| self.context.refused(&no));
        }
        let config = self.context.config()?;
        let entered = match config.paths.database.exists() {
            true => self.ledger()?.1.reader.moratoria().map_err(Failure::refused)?,
            false => Vec::new(),
        };
        Ok(web::moratoria(config, entered))
    }

    /// Accounts of the web page.
    pub(super) fn accounts(&self) -> Result<Vec<AccountView>, Failure> {
        self.ask("/accounts", |_, reader| reader.accounts())
    }

    /// Tokens.
    pub(super) fn tokens(&self) -> Result<Vec<TokenView>, Failure> {
        self.ask("/tokens", |_, reader| reader.tokens())
    }

    /// How far webhooks have come.
    pub(super) fn webhooks(&self) -> Result<Vec<WebhookView>, Failure> {
        self.ask("/webhooks", |_, reader| reader.webhooks())
    }

    /// A notice.
    pub(super) fn notice(&self, id: i64) -> Result<Option<NoticeView>, Failure> {
        self.find(&path(&[&"notices", &id]), |_, reader| reader.notice(id))
    }

    /// Everything held of a number.
    pub(super) fn person(&self, number: Msisdn) -> Result<PersonView, Failure> {
        self.ask(&path(&[&"people", &format!("+{}", number.digits())]), |_, reader| reader.person(number))
    }

    /// Archives that were asked for, oldest first.
    pub(super) fn archives(&self) -> Result<Vec<ArchiveView>, Failure> {
        self.ask("/archives", |_, reader| reader.archives())
    }

    /// Saved audiences.
    pub(super) fn audiences(&self) -> Result<Vec<AudienceView>, Failure> {
        self.ask("/audiences", |_, reader| reader.audiences())
    }

    /// What is written as it is read, by the daemon or out of the ledger.
    fn copied<W: Write>(
        &self,
        path: &str,
        out: &mut W,
        ledger: impl FnOnce(&Config, &Reader, &mut W) -> Result<Result<(), ReportError>, Failure>,
    ) -> Result<(), Failure> {
        let written = match self.reached(|daemon| daemon.copy(path, out))? {
            Some(answer) => {
                let written = answer.map_err(|no| self.context.refused(&no))?;
                written.and_then(|()| out.flush()).map_err(ReportError::Io)
            }
            None => {
                let (config, known) = self.ledger()?;
                ledger(config, &known.reader, out)?.and_then(|()| Ok(out.flush()?))
            }
        };
        match written {
            // A reader that has seen enough (`| head`) is no error.
            Err(ReportError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result.map_err(Failure::refused),
        }
    }

    /// One answer.
    fn ask<T: DeserializeOwned, E: Display>(
        &self,
        path: &str,
        ledger: impl FnOnce(&Config, &Reader) -> Result<T, E>,
    ) -> Result<T, Failure> {
        match self.daemon(path)? {
            Some(answer) => answer.map_err(|no| self.context.refused(&no)),
            None => self.read(ledger),
        }
    }

    /// One answer to a question about what may not be there.
    fn find<T: DeserializeOwned>(
        &self,
        path: &str,
        ledger: impl FnOnce(&Config, &Reader) -> Result<Option<T>, StoreError>,
    ) -> Result<Option<T>, Failure> {
        match self.daemon(path)? {
            Some(Ok(found)) => Ok(Some(found)),
            Some(Err(no)) if no.is_absent() => Ok(None),
            Some(Err(no)) => Err(self.context.refused(&no)),
            None => self.read(ledger),
        }
    }

    /// What the daemon says; `None`: none runs, and the ledger is to be asked.
    fn daemon<T: DeserializeOwned>(&self, path: &str) -> Result<Option<Result<T, No>>, Failure> {
        self.reached(|daemon| daemon.get(path))
    }

    /// The same however it is asked. Where the ledger was asked once, it is asked for the rest, too.
    fn reached<T>(&self, ask: impl FnOnce(&Client) -> Result<T, AskError>) -> Result<Option<T>, Failure> {
        match self.ledger.get() {
            Some(_) => Ok(None),
            None => self.context.reached(ask(&self.daemon)),
        }
    }

    fn read<T, E: Display>(&self, ask: impl FnOnce(&Config, &Reader) -> Result<T, E>) -> Result<T, Failure> {
        let (config, ledger) = self.ledger()?;
        ask(config, &ledger.reader).map_err(Failure::refused)
    }

    fn ledger(&self) -> Result<(&'a Config, &Ledger), Failure> {
        let config = self.context.config()?;
        if self.ledger.get().is_none() {
            // Before it is read: what a daemon that has ended by now wrote last is there.
            let held = Lock::is_held(&config.paths.database);
            let _ = self.ledger.set(Ledger { reader: ledger(self.context)?, held });
        }
        Ok((config, self.ledger.get().ok_or(Failure::Said)?))
    }
}
