//! Keeps the report files current: seldom while a job is going out, at once when it is finished.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::error;

use super::SpoolSettings;
use super::folder::{self, ACCEPTED};
use super::report::{ReportError, write_report};
use super::shelf::{report_name, stem_is_taken};
use crate::engine::event::Event;
use crate::model::{JobId, JobState};
use crate::store::{JobRef, JobView, Reader, ReportFileDue, WhyDue};

/// A job's report is written at most this often.
const EVERY_MIN: Duration = Duration::from_secs(2);
/// And takes at most one part in this many of the time.
const SHARE: u32 = 20;
/// One that could not be written is tried again after this: the disk is full, or a share is away.
pub(super) const AGAIN: Duration = Duration::from_secs(600);
/// Jobs looked at after a start, newest first: those under way, and those whose file was moved without a word.
const JOBS_MAX: usize = 10_000;

/// A job whose account has changed.
pub(super) type Changed = (JobId, bool);

/// A report that is being written; gives the mark that it was read after.
type Writing = JoinHandle<Result<Option<i64>, ReportError>>;

/// Writes reports until the sender is gone, then those that are still due, and ends. The engine hears which of them say what they should.
pub(super) async fn run(
    settings: Arc<SpoolSettings>,
    mut changes: mpsc::Receiver<Changed>,
    events: mpsc::Sender<Event>,
) {
    let mut plan = Plan::default();
    let mut writing: Option<Writing> = None;
    let mut current = None;
    loop {
        if writing.is_none()
            && let Some((job, finished)) = plan.take(Instant::now())
        {
            current = Some((job, finished, Instant::now()));
            writing = Some(spawn(settings.clone(), job));
        }
        let due = plan.next_due();
        tokio::select! {
            biased;
            done = async { writing.as_mut().expect("guarded").await }, if writing.is_some() => {
                writing = None;
                if let Some((job, finished, started)) = current.take() {
                    plan.written(job, finished, started, Instant::now());
                    if !tell(job, done, &events).await {
                        plan.again(job, finished, Instant::now() + AGAIN);
                    }
                }
            }
            change = changes.recv() => match change {
                Some((job, finished)) => plan.changed(job, finished, Instant::now()),
                None => break,
            },
            () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() && writing.is_none() => {}
        }
    }
    if let (Some(writing), Some((job, ..))) = (writing, current) {
        tell(job, writing.await, &events).await;
    }
    for job in plan.due.into_keys() {
        tell(job, spawn(settings.clone(), job).await, &events).await;
    }
}

/// Tells what came of a report; `false`: it is to be tried again.
async fn tell(
    job: JobId,
    done: Result<Result<Option<i64>, ReportError>, tokio::task::JoinError>,
    events: &mpsc::Sender<Event>,
) -> bool {
    match done {
        Ok(Ok(None)) => {}
        // Without the engine the mark stays, and after the start it is written once more.
        Ok(Ok(Some(mark))) => drop(events.send(Event::ReportWritten { job, mark }).await),
        Ok(Err(error)) => {
            error!(%job, %error, "the report could not be written; the ledger has everything; tried again");
            return false;
        }
        Err(error) => error!(%job, %error, "writing the report ended in a panic"),
    }
    true
}

fn spawn(settings: Arc<SpoolSettings>, job: JobId) -> Writing {
    tokio::task::spawn_blocking(move || write(&settings, job))
}

/// Writes one job's report beside its file; gives the mark that is done with now. A job that has no file in `accepted/` yet has no report.
fn write(settings: &SpoolSettings, job: JobId) -> Result<Option<i64>, ReportError> {
    let reader = Reader::open(&settings.database)?;
    // Before anything else: what is committed while the rows are read has another mark.
    let due = reader.report_file_due(job)?;
    let Some(view) = reader.job(&JobRef::Id(job))? else { return Ok(None) };
    let Some(path) = path(settings, &view) else { return Ok(None) };
    let mark = due.map(|due| due.mark);
    if !is_made_anew(&view, due) && !folder::exists(&path)? {
        // One that was taken away stays away. Where not even its folder is there, nobody knows.
        return match mark {
            Some(_) if !path.parent().is_some_and(Path::is_dir) => Err(ReportError::Io(io::ErrorKind::NotFound.into())),
            mark => Ok(mark),
        };
    }
    let archive = view.details_in.as_ref().map(|file| Reader::open(Path::new(file))).transpose()?;
    let reader = archive.unwrap_or(reader);
    let mut failed = None;
    let written = folder::write_atomic(&path, |file| {
        write_report(&reader, job, &settings.format.time_zone, file).map_err(|error| {
            let kind = io::Error::other(error.to_string());
            failed = Some(error);
            kind
        })
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(written.map(|()| mark)?),
    }
}

/// Whether a job whose report is not there gets one: while it is under way, and with what has changed since. Where its details lie in an
/// archive nothing changes but who is named.
fn is_made_anew(job: &JobView, due: Option<ReportFileDue>) -> bool {
    let changed = due.is_some_and(|due| due.why == WhyDue::Changed);
    job.details_in.is_none() && (job.finished_at.is_none() || changed)
}

fn path(settings: &SpoolSettings, job: &JobView) -> Option<std::path::PathBuf> {
    let filed_as = job.filed_as.as_deref()?;
    // Both come from the ledger; neither may lead out of the queue.
    let plain = |name: &str| !name.is_empty() && name != ".." && !name.contains('/');
    (plain(&job.unit) && plain(filed_as))
        .then(|| folder::of_unit(&settings.queue, &job.unit).join(ACCEPTED).join(report_name(filed_as)))
}

/// What a crash has left to do.
#[derive(Default)]
pub(super) struct LeftOver {
    /// Jobs whose file lies in `accepted/` under this name, which the engine has not heard.
    pub unfiled: Vec<(JobId, String)>,
    /// Jobs that are under way, and those whose report does not say yet what it should.
    pub reports: Vec<Changed>,
}

/// Compares ledger and folders after a start. Blocks.
pub(super) fn left_over(settings: &SpoolSettings) -> Result<LeftOver, ReportError> {
    let reader = Reader::open(&settings.database)?;
    let jobs = reader.jobs(JOBS_MAX, false)?;
    let mut found = LeftOver { reports: reader.report_files_due()?, ..LeftOver::default() };
    let mut claimed: Vec<(&str, String)> =
        jobs.iter().filter_map(|job| Some((job.unit.as_str(), job.filed_as.clone()?))).collect();
    // Oldest first: of two files of one name, the older job's has the plain one.
    for job in jobs.iter().rev() {
        match path(settings, job) {
            Some(_) if job.finished_at.is_none() => found.reports.push((JobId(job.id), false)),
            // The one that lies there says everything, or somebody has taken it away.
            Some(_) => {}
            None if job.filed_as.is_none() && job.state != JobState::Receiving.name() => {
                let accepted = folder::of_unit(&settings.queue, &job.unit).join(ACCEPTED);
                let taken = |name: &String| {
                    stem_is_taken(&accepted, name).unwrap_or(false) || accepted.join(report_name(name)).is_file()
                };
                let lies = folder::names(&job.source).take_while(taken).find(|name| {
                    accepted.join(name).is_file()
                        && !claimed.iter().any(|(unit, known)| *unit == job.unit && known == name)
                });
                if let Some(name) = lies {
                    claimed.push((&job.unit, name.clone()));
                    found.unfiled.push((JobId(job.id), name));
                }
            }
            None => {}
        }
    }
    Ok(found)
}

/// Which report is due when.
#[derive(Default)]
struct Plan {
    due: BTreeMap<JobId, (Instant, bool)>,
    last: BTreeMap<JobId, Last>,
}

struct Last {
    next: Instant,
    finished: bool,
}

impl Plan {
    fn changed(&mut self, job: JobId, finished: bool, now: Instant) {
        let at = match self.last.get(&job) {
            Some(last) if last.finished || !finished => last.next.max(now),
            _ => now,
        };
        let due = self.due.entry(job).or_insert((at, finished));
        *due = (due.0.min(at), finished);
    }

    fn take(&mut self, now: Instant) -> Option<Changed> {
        let (job, (_, finished)) = self.due.iter().filter(|(_, (at, _))| *at <= now).min_by_key(|(_, (at, _))| *at)?;
        let taken = (*job, *finished);
        self.due.remove(&taken.0);
        Some(taken)
    }

    fn written(&mut self, job: JobId, finished: bool, started: Instant, now: Instant) {
        let rest = EVERY_MIN.max((now - started) * SHARE);
        self.last.retain(|_, last| last.next > now);
        self.last.insert(job, Last { next: now + rest, finished });
        if let Some((at, finished)) = self.due.get_mut(&job)
            && !*finished
        {
            *at = (*at).max(now + rest);
        }
    }

    fn again(&mut self, job: JobId, finished: bool, at: Instant) {
        self.due.entry(job).or_insert((at, finished));
    }

    fn next_due(&self) -> Option<Instant> {
        self.due.values().map(|(at, _)| *at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::store::ledger_with_report_due;

    #[tokio::test(start_paused = true)]
    async fn a_report_that_cannot_be_written_is_tried_again_and_only_then_it_is_done_with() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("k.db");
        let settings = SpoolSettings::new(folder.path(), &database, Arc::new(|| Timestamp::UNIX_EPOCH));
        let job = ledger_with_report_due(&database, "damkar", "siaga.csv", 7);
        let report = folder.path().join("damkar/accepted/siaga.report.csv");
        // Something is in the way.
        std::fs::create_dir_all(report.join("x")).unwrap();
        let ((changes, changed), (events, mut told)) = (mpsc::channel(1), mpsc::channel(1));
        let running = tokio::spawn(run(Arc::new(settings), changed, events));
        changes.send((job, true)).await.unwrap();
        assert!(tokio::time::timeout(AGAIN / 2, told.recv()).await.is_err());
        std::fs::remove_dir_all(&report).unwrap();
        let written = tokio::time::timeout(AGAIN, told.recv()).await.unwrap();
        assert!(matches!(written, Some(Event::ReportWritten { mark: 7, .. })), "{written:?}");
        assert!(report.is_file());
        drop(changes);
        running.await.unwrap();
    }

    #[test]
    fn a_report_is_seldom_written_while_sending_and_at_once_when_finished() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let job = JobId(1);
        let mut plan = Plan::default();
        plan.changed(job, false, at(0));
        assert_eq!(plan.take(at(0)), Some((job, false)));
        plan.changed(job, false, at(0));
        plan.written(job, false, at(0), at(1));
        assert_eq!(plan.take(at(1)), None);
        assert_eq!(plan.next_due(), Some(at(21)), "a report that takes a second comes every 20");
        plan.changed(job, true, at(2));
        assert_eq!(plan.take(at(2)), Some((job, true)));
        plan.written(job, true, at(2), at(2));
        plan.changed(job, true, at(3));
        assert_eq!(plan.take(at(3)), None, "late reports after the end are gathered");
        assert_eq!(plan.take(at(4)), Some((job, true)));
    }
}
