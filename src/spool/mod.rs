//! The queue directory: job files in, report files out.
//!
//! `QUEUE/UNIT/` takes files. Each is read whole, offered to the engine, and moved to `accepted/` (with its report, kept
//! current) or to `rejected/` (with its reason). [`run`] is the shell that watches, reads and moves; [`mod@format`] is the
//! pure part that understands the files and is used by `kentongan check` as well.
//!
//! What the file system says is a hint to look; a slow scan stays as the safety net. Left out on purpose: every
//! decision about a job, which is the engine's.

pub mod format;

mod companion;
mod desk;
mod folder;
mod hand_in;
mod hints;
mod inbox_report;
mod intake;
mod ownership;
mod people;
mod phrases;
mod rejection;
mod remark;
mod report;
mod reporter;
mod roster_table;
mod shelf;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

pub(crate) use self::format::lists_named;
use self::format::{Beside, Count, FormatSettings, JobFile, Octets, ReadError, Roster, Sink};
pub use self::hand_in::HandIn;
pub use self::inbox_report::write_inbox;
pub use self::ownership::Group;
pub use self::people::LedgerRoster;
pub use self::phrases::{expression_error, place_error};
pub use self::rejection::{Fault, NeverOpens, NotSmstools, Rejection};
pub use self::remark::{Remark, Unfollowed};
pub use self::report::{ReportError, harmless, write_report};
pub use self::roster_table::{dashed, write_roster};
use crate::engine::event::{Event, IntakeId, IntakeOrder};
use crate::model::{Class, InDoubt, JobId, Places, Timestamp};

/// A sending office: its folder and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its name, which is its folder's.
    pub name: String,
    /// The classes it may use; empty: all.
    pub classes: Vec<Class>,
    /// What its jobs want in doubt where they do not say; `None`: what their class wants.
    pub in_doubt: Option<InDoubt>,
    /// Whose folder it is; `None`: the folder is left as it is.
    pub group: Option<Group>,
}

impl Unit {
    /// A unit of this name that may use every class.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), classes: Vec::new(), in_doubt: None, group: None }
    }
}

/// What the shell needs to know.
#[derive(Clone)]
pub struct SpoolSettings {
    /// The queue directory.
    pub queue: PathBuf,
    /// The ledger, for reports.
    pub database: PathBuf,
    /// The units.
    pub units: Vec<Unit>,
    /// How files are read.
    pub format: FormatSettings,
    /// The areas of the city, for recipients by area.
    pub places: Arc<Places>,
    /// The time.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// The name of a user, for the record.
    pub user_name: fn(u32) -> String,
    /// How often everything is looked at, hints or not.
    pub scan_every: Duration,
    /// How long a file that nobody was seen to close must rest before it is whole.
    pub settle: Duration,
    /// How long a file that was closed must rest: a script that writes line by line opens it again at once. Not one that was moved in as
    /// a whole, nor a text that is an emergency.
    pub reopen: Duration,
    /// How long a list waits for the text that names it, and a text for its list.
    pub companion_wait: Duration,
}

impl SpoolSettings {
    /// Settings for a queue directory, with the usual times.
    pub fn new(queue: &Path, database: &Path, now: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        Self {
            queue: queue.to_owned(),
            database: database.to_owned(),
            units: Vec::new(),
            format: FormatSettings::default(),
            places: Arc::default(),
            now,
            user_name: |uid| format!("uid {uid}"),
            scan_every: Duration::from_secs(5),
            settle: Duration::from_secs(2),
            reopen: Duration::from_millis(300),
            companion_wait: Duration::from_secs(15),
        }
    }
}

/// What the engine has to say to the queue directory.
#[derive(Clone, Debug, PartialEq)]
pub enum SpoolOrder {
    /// The answer to an intake.
    Intake(IntakeId, IntakeOrder),
    /// A job's report file wants writing.
    JobChanged {
        /// The job.
        job: JobId,
        /// Whether every message now has its final state.
        finished: bool,
    },
    /// The report of a unit's inbox wants writing.
    InboxChanged {
        /// The unit.
        unit: String,
    },
}

/// Serves the queue directory until `stop`: takes files in, moves them, writes reports.
///
/// `watching` is told once the folders have been looked at for the first time and what comes into them is seen at once. Comes back when intakes in hand have come to a safe point and reports that are due are written, or when the engine
/// is gone.
pub async fn run(
    settings: SpoolSettings,
    events: mpsc::Sender<Event>,
    orders: mpsc::Receiver<SpoolOrder>,
    watching: oneshot::Sender<()>,
    stop: CancellationToken,
) {
    desk::Desk::new(settings, events, watching, stop).run(orders).await;
}

/// The list files that a job file names, as far as its headers can be read; none where it is no text, or cannot be read. Blocks.
pub fn lists_of(job: &Path) -> Vec<String> {
    let kind = job.file_name().map(|name| format::Kind::of(&name.to_string_lossy()));
    match (kind, folder::open(job)) {
        (Some(Ok(format::Kind::Text)), Ok((mut file, _))) => format::lists_named(&mut file),
        _ => Vec::new(),
    }
}

/// Reads a job file where it lies, with the lists beside it and the roster, and sends nothing: for a dry run.
///
/// Errors: as [`format::read_job`]; a folder or device is [`Fault::NotAFile`].
pub fn read_file(
    path: &Path,
    unit: &Unit,
    settings: &FormatSettings,
    roster: &mut dyn Roster,
    now: Timestamp,
    sink: &mut Sink<'_>,
) -> Result<Count, ReadError> {
    let open = |path: &Path| -> Result<std::fs::File, ReadError> {
        let file = std::fs::File::open(path)?;
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(Rejection::from(Fault::NotAFile).into()),
        }
    };
    let mut content = open(path)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut open_list = |name: &str| -> Result<Box<dyn Octets>, ReadError> { Ok(Box::new(open(&folder.join(name))?)) };
    let job = JobFile { name: &name, unit: &unit.name, classes: &unit.classes, in_doubt: unit.in_doubt, owner: "" };
    let beside = Beside { open_list: &mut open_list, roster };
    format::read_job(&job, &mut content, beside, settings, now, sink)
}

#[cfg(test)]
mod tests;
