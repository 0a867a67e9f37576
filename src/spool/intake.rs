//! One dropped file on its way to a job: read, offered to the engine, moved.
//!
//! The order is what makes a crash harmless. The engine commits the job, then the file moves, then the engine hears
//! where it lies. A crash before the commit leaves the file in the queue and no job; one after it leaves a job that the
//! engine knows by the digest and answers with `Known`; one after the move is mended at the next start.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::companion::{self, Left};
use super::folder::{self, ACCEPTED, REJECTED, Stamp, What};
use super::format::{self, Beside, JobFile, Octets, Part, ReadError};
use super::people::LedgerRoster;
use super::rejection::{Fault, Rejection};
use super::remark::{Remark, Unfollowed};
use super::shelf::{Shelf, is_result};
use super::{SpoolSettings, Unit};
use crate::engine::event::{Event, IntakeEvent, IntakeId, IntakeOrder};
use crate::model::{JobId, Lang, Timestamp};

/// Parts that are read ahead of the engine.
const AHEAD: usize = 4;
/// Chunks of rows that may wait for the engine beside what others send: a long list must not stand between a modem's
/// answer and its commit.
const BACKLOG: usize = 8;

/// A file that is to be read.
pub(super) struct Dropped {
    pub unit: Unit,
    /// The unit's folder.
    pub folder: PathBuf,
    pub name: OsString,
    /// What it was when it was found whole.
    pub stamp: Stamp,
    /// Whether waiting for a companion (the text of a list, the list of a text) is over.
    pub last_chance: bool,
    /// Files beside it that may not be read as its lists now.
    pub unfinished: BTreeSet<OsString>,
    /// Text files beside it, which may name it as their list; and whether each is being read now.
    pub texts: Vec<(OsString, bool)>,
}

/// How the reading of a file ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has left the queue, or was gone; these lists of its follow later.
    Done(Vec<Left>),
    /// It stays for now; soon it may be whole, or its companion there.
    Later,
    /// It stays for now; the disk or the rights want mending.
    Troubled,
    /// It is no file of ours and stays.
    LeaveAlone,
    /// The daemon stops.
    Stopped,
}

/// Asks whether nobody else is sending this content in.
pub(super) struct Claim {
    pub digest: String,
    pub id: IntakeId,
    pub granted: oneshot::Sender<bool>,
}

/// What an intake needs of the daemon.
#[derive(Clone)]
pub(super) struct Ways {
    pub settings: Arc<SpoolSettings>,
    pub events: mpsc::Sender<Event>,
    pub claims: mpsc::Sender<Claim>,
    pub shelf: Arc<Shelf>,
    /// Since when the queue is watched.
    pub watched_since: Timestamp,
    pub stop: CancellationToken,
}

impl Ways {
    async fn tell(&self, id: IntakeId, event: IntakeEvent) -> Result<(), Ended> {
        self.events.send(Event::Intake(id, event)).await.map_err(|_| Ended::Stopped)
    }
}

/// Why an intake ends before the engine has a whole job.
enum Ended {
    Rejected(Box<Rejection>),
    /// The job exists already, and only the move is missing.
    Known(JobId),
    NotNow(io::Error),
    /// Another file with the same content is on its way in.
    Twin,
    /// Another job has it as its list, or might.
    Belongs,
    Stopped,
}

/// The files of a job, as they were opened.
#[derive(Default)]
struct Opened {
    job: Option<Stamp>,
    lists: Vec<(String, Stamp)>,
}

/// Takes one file in.
pub(super) async fn take(
    id: IntakeId,
    dropped: Dropped,
    ways: Ways,
    mut answers: mpsc::Receiver<IntakeOrder>,
) -> Verdict {
    if dropped.stamp.what == What::Folder {
        return Verdict::LeaveAlone;
    }
    let dropped = Arc::new(dropped);
    let (parts, stream) = mpsc::channel(AHEAD);
    let reading = tokio::task::spawn_blocking({
        let (dropped, settings) = (dropped.clone(), ways.settings.clone());
        move || read(&dropped, &settings, &parts)
    });
    let path = dropped.folder.join(&dropped.name);
    let put_at = tokio::task::spawn_blocking(move || Stamp::put_at(&path)).await.ok().flatten();
    let waited_since = put_at.filter(|put_at| *put_at < ways.watched_since);
    let mut offer = Offer { waited_since, ..Offer::default() };
    let offered = offer.make(id, stream, &ways, &mut answers).await;
    let (read, opened) = match reading.await {
        Ok(done) => done,
        Err(_) => {
            error!(file = %dropped.name.display(), unit = dropped.unit.name, "reading this file ended in a panic");
            let fault = Fault::DamagedWorkbook { detail: "unreadable".to_owned() };
            (Err(Ended::Rejected(Box::new(fault.into()))), Opened::default())
        }
    };
    let ended = match (offered, read) {
        (Ok(()), Ok(())) => offer.complete(id, &ways, &mut answers).await,
        (Err(ended), _) | (Ok(()), Err(ended)) => {
            // Refused and known jobs are gone on the other side; forgetting them again does no harm.
            if offer.begun && ways.tell(id, IntakeEvent::Abandon).await.is_err() {
                return Verdict::Stopped;
            }
            Err(ended)
        }
    };
    match ended {
        Ok(job) | Err(Ended::Known(job)) => file(id, job, &dropped, opened, &ways).await,
        Err(Ended::Rejected(rejection)) => reject(id, *rejection, &dropped, opened, &ways).await,
        Err(Ended::NotNow(error)) if error.kind() == io::ErrorKind::NotFound => Verdict::Done(Vec::new()),
        // A list that is not whole yet, or a file that was written to: both in the order of things.
        Err(Ended::NotNow(error)) if error.kind() == io::ErrorKind::WouldBlock => {
            debug!(file = %dropped.name.display(), unit = dropped.unit.name, %error, "not read yet");
            Verdict::Later
        }
        Err(Ended::NotNow(error)) => {
            warn!(file = %dropped.name.display(), unit = dropped.unit.name, %error, "not read this time; tried again");
            Verdict::Troubled
        }
        Err(Ended::Twin | Ended::Belongs) => Verdict::Later,
        Err(Ended::Stopped) => Verdict::Stopped,
    }
}

/// How far the engine has been told of a file.
#[derive(Default)]
struct Offer {
    /// Whether the engine has an intake to forget.
    begun: bool,
    /// When the file was put there, if nobody watched then.
    waited_since: Option<Timestamp>,
}

impl Offer {
    /// Hands the parts to the engine as they are read, until the last one or until the engine wants no more.
    async fn make(
        &mut self,
        id: IntakeId,
        mut stream: mpsc::Receiver<Part>,
        ways: &Ways,
        answers: &mut mpsc::Receiver<IntakeOrder>,
    ) -> Result<(), Ended> {
        loop {
            let part = tokio::select! {
                biased;
                () = ways.stop.cancelled() => return Err(Ended::Stopped),
                answer = answers.recv() => {
                    self.begun = false;
                    return Err(std::mem::take(self).refused(answer, ways));
                }
                part = stream.recv() => part,
            };
            match part {
                None => return Ok(()),
                Some(Part::Header(header)) => {
                    let (granted, answer) = oneshot::channel();
                    let claim = Claim { digest: header.digest.clone(), id, granted };
                    ways.claims.send(claim).await.map_err(|_| Ended::Stopped)?;
                    match answer.await {
                        Ok(true) => {}
                        Ok(false) => return Err(Ended::Twin),
                        Err(_) => return Err(Ended::Stopped),
                    }
                    if let Some(since) = self.waited_since {
                        ways.tell(id, IntakeEvent::Waited(since)).await?;
                    }
                    ways.tell(id, IntakeEvent::Begin(header)).await?;
                    self.begun = true;
                }
                Some(Part::Remarks(remarks)) => {
                    let remarks = remarks.iter().map(|remark| remark.sentence(Lang::English)).collect();
                    ways.tell(id, IntakeEvent::Remarks(remarks)).await?;
                }
                Some(Part::Rows(rows)) => {
                    if rows.len() == 256 {
                        let room = ways.events.max_capacity().saturating_sub(BACKLOG).max(1);
                        drop(ways.events.reserve_many(room).await.map_err(|_| Ended::Stopped)?);
                    }
                    ways.tell(id, IntakeEvent::Rows(rows)).await?;
                }
            }
        }
    }

    async fn complete(
        self,
        id: IntakeId,
        ways: &Ways,
        answers: &mut mpsc::Receiver<IntakeOrder>,
    ) -> Result<JobId, Ended> {
        // A refusal of the header may have crossed the last rows.
        if let Ok(answer) = answers.try_recv() {
            return Err(self.refused(Some(answer), ways));
        }
        ways.tell(id, IntakeEvent::Complete).await?;
        match answers.recv().await {
            Some(IntakeOrder::Accepted { job, recipients, excluded }) => {
                info!(%job, recipients, excluded, "job accepted");
                Ok(job)
            }
            other => Err(self.refused(other, ways)),
        }
    }

    fn refused(self, answer: Option<IntakeOrder>, ways: &Ways) -> Ended {
        match answer {
            Some(IntakeOrder::Refused(refusal)) => {
                Ended::Rejected(Box::new(Rejection::refused(refusal, &ways.settings.format.time_zone)))
            }
            Some(IntakeOrder::Known { job } | IntakeOrder::Accepted { job, .. }) => Ended::Known(job),
            None => Ended::Stopped,
        }
    }
}

/// Takes a list that was left behind to where its job's file lies, in this folder, once no other text names it.
pub(super) async fn follow(dropped: Dropped, to: &'static str, ways: Ways) -> Verdict {
    let moved = tokio::task::spawn_blocking(move || {
        companion::follow(&ways.shelf, &dropped.folder, &dropped.name, to).inspect_err(|error| {
            let file = dropped.name.display();
            warn!(%file, unit = dropped.unit.name, %error, "a list cannot follow its job's file yet; tried again");
        })
    });
    match flat(moved.await) {
        Ok(true) => Verdict::Done(Vec::new()),
        Ok(false) => Verdict::Later,
        Err(_) => Verdict::Troubled,
    }
}

/// Moves the files of an accepted job and says where they lie.
async fn file(id: IntakeId, job: JobId, dropped: &Arc<Dropped>, opened: Opened, ways: &Ways) -> Verdict {
    let moved = tokio::task::spawn_blocking({
        let (dropped, shelf) = (dropped.clone(), ways.shelf.clone());
        move || {
            let filed = shelf.accept(&dropped.folder, &dropped.name, &opened.job.unwrap_or(dropped.stamp))?;
            let mut written_to = Vec::from_iter(filed.written_to.then(|| filed.name.clone()));
            let (lists, behind) = companion::take_along(&shelf, &dropped.folder, opened.lists);
            written_to.extend(lists);
            Ok::<_, io::Error>((filed.name, written_to, behind))
        }
    });
    match flat(moved.await) {
        Ok((name, written_to, behind)) => {
            let remarks = written_to.into_iter().map(|file| {
                warn!(%job, file, "somebody wrote to it after it was read; what was added is not sent");
                Remark { header: file, unfollowed: Unfollowed::Late }.sentence(Lang::English)
            });
            let remarks = remarks.collect();
            match ways.tell(id, IntakeEvent::Filed { job, name, remarks }).await {
                Ok(()) => Verdict::Done(behind),
                Err(_) => Verdict::Stopped,
            }
        }
        Err(error) => {
            let folder = dropped.folder.join(ACCEPTED);
            error!(%job, folder = %folder.display(), %error, "the job is accepted, but its file cannot be moved there; tried again");
            Verdict::Troubled
        }
    }
}

/// Moves a rejected file, with its lists, beside its reason; unless its companion may still come.
async fn reject(id: IntakeId, rejection: Rejection, dropped: &Arc<Dropped>, opened: Opened, ways: &Ways) -> Verdict {
    let may_mend_itself = matches!(
        rejection.fault,
        Fault::NoTextColumn { .. }
            | Fault::ListMissing { .. }
            | Fault::ListGone { .. }
            | Fault::ManyNames
            | Fault::Unreadable
    );
    if may_mend_itself && !dropped.last_chance {
        return Verdict::Later;
    }
    let source = folder::plain_name(&dropped.name);
    let [reason, reason_indonesian] = [Lang::English, Lang::Indonesian].map(|lang| rejection.line(lang));
    let moved = tokio::task::spawn_blocking({
        let (dropped, source, shelf) = (dropped.clone(), source.clone(), ways.shelf.clone());
        move || {
            let lists = companion::lists_of(&dropped);
            let notice = rejection.notice(&source);
            shelf.reject(&dropped.folder, &dropped.name, &opened.job.unwrap_or(dropped.stamp), &notice)?;
            companion::take_away(&shelf, &dropped.folder, lists)
        }
    });
    match flat(moved.await) {
        Ok(behind) => {
            info!(unit = dropped.unit.name, file = source, reason, "file rejected");
            let unit = dropped.unit.name.clone();
            match ways.tell(id, IntakeEvent::Rejected { unit, source, reason, reason_indonesian }).await {
                Ok(()) => Verdict::Done(behind),
                Err(_) => Verdict::Stopped,
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Verdict::Done(Vec::new()),
        Err(error) => {
            let folder = dropped.folder.join(REJECTED);
            error!(folder = %folder.display(), file = source, %error, "the file is rejected, but cannot be moved there; tried again");
            Verdict::Troubled
        }
    }
}

fn flat<T>(done: Result<io::Result<T>, tokio::task::JoinError>) -> io::Result<T> {
    done.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// Reads the file and its lists to the end, and makes sure that nobody wrote to them meanwhile. Blocks.
fn read(dropped: &Dropped, settings: &SpoolSettings, parts: &mpsc::Sender<Part>) -> (Result<(), Ended>, Opened) {
    let mut opened = Opened::default();
    let done = read_opened(dropped, settings, parts, &mut opened).and_then(|()| unchanged(dropped, &opened));
    (done, opened)
}

fn read_opened(
    dropped: &Dropped,
    settings: &SpoolSettings,
    parts: &mpsc::Sender<Part>,
    opened: &mut Opened,
) -> Result<(), Ended> {
    let rejected = |fault: Fault| Ended::Rejected(Box::new(fault.into()));
    let name = match dropped.name.to_str() {
        _ if dropped.stamp.what == What::Other => return Err(rejected(Fault::NotAFile)),
        Some(name) if is_result(name) => return Err(rejected(Fault::ResultName)),
        Some(name) if !name.chars().any(char::is_control) => name,
        _ => return Err(rejected(Fault::Name)),
    };
    match format::Kind::of(name) {
        Ok(format::Kind::Text) => {}
        // How it begins may tell what its name does not.
        Err(Fault::Kind { .. }) => {}
        Ok(_) if companion::belongs_to_a_text(dropped, name) => return Err(Ended::Belongs),
        Ok(_) => {}
        Err(fault) => return Err(rejected(fault)),
    }
    let (mut content, stamp) = open(dropped, name)?;
    opened.job = Some(stamp);
    let owner = (settings.user_name)(stamp.owner);
    let job = JobFile {
        name,
        unit: &dropped.unit.name,
        classes: &dropped.unit.classes,
        in_doubt: dropped.unit.in_doubt,
        owner: &owner,
    };
    let mut open_list = |list: &str| -> Result<Box<dyn Octets>, ReadError> {
        if dropped.unfinished.contains(std::ffi::OsStr::new(list)) {
            return Err(io::Error::new(io::ErrorKind::WouldBlock, "a list that it names is not whole yet").into());
        }
        let (content, stamp) = open(dropped, list).map_err(|ended| match ended {
            Ended::Rejected(rejection) => ReadError::Rejected(rejection),
            Ended::NotNow(error) => ReadError::Io(error),
            _ => ReadError::Stopped,
        })?;
        opened.lists.push((list.to_owned(), stamp));
        Ok(Box::new(content))
    };
    let mut sink = |part| match parts.blocking_send(part) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    let mut roster = LedgerRoster::new(&settings.database, settings.places.clone());
    let beside = Beside { open_list: &mut open_list, roster: &mut roster };
    format::read_job(&job, &mut content, beside, &settings.format, (settings.now)(), &mut sink).map(drop).map_err(
        |error| match error {
            ReadError::Rejected(rejection) => {
                Ended::Rejected(Box::new(companion::say_where(*rejection, &dropped.folder)))
            }
            ReadError::Io(error) => Ended::NotNow(error),
            ReadError::Stopped => Ended::Stopped,
        },
    )
}

fn open(dropped: &Dropped, name: &str) -> Result<(std::fs::File, Stamp), Ended> {
    let rejected = |fault: Fault| Ended::Rejected(Box::new(fault.into()));
    let (file, stamp) = folder::open(&dropped.folder.join(name)).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => rejected(Fault::Unreadable),
        _ if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => rejected(Fault::NotAFile),
        _ => Ended::NotNow(error),
    })?;
    match stamp.what {
        What::File if stamp.has_other_names() => Err(rejected(Fault::ManyNames)),
        What::File => Ok((file, stamp)),
        What::Folder | What::Other => Err(rejected(Fault::NotAFile)),
    }
}

fn unchanged(dropped: &Dropped, opened: &Opened) -> Result<(), Ended> {
    let job = opened.job.iter().map(|stamp| (dropped.folder.join(&dropped.name), stamp));
    let lists = opened.lists.iter().map(|(name, stamp)| (dropped.folder.join(name), stamp));
    for (path, before) in job.chain(lists) {
        if Stamp::at(&path).map_err(Ended::NotNow)? != *before {
            let error = io::Error::new(io::ErrorKind::WouldBlock, "it was written to while it was read");
            return Err(Ended::NotNow(error));
        }
    }
    Ok(())
}
