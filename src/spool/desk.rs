//! The loop over the queue directory: who is looked at, who is being read, who gets which answer.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::companion::Left;
use super::folder::{self, Stamp, What};
use super::format::{self, Kind};
use super::hints::{Hint, Hints};
use super::inbox_report;
use super::intake::{self, Claim, Dropped, Verdict, Ways};
use super::rejection::{Fault, Rejection};
use super::reporter;
use super::shelf::{Shelf, is_result, reason_name};
use super::watch::{Beside, Key, Watch};
use super::{SpoolOrder, SpoolSettings, Unit, ownership};
use crate::engine::event::{Event, IntakeEvent, IntakeId, IntakeOrder};
use crate::model::Lang;

/// Files read at the same time.
const PLACES: usize = 4;
/// Of these, how many may be large.
const LARGE_PLACES: usize = 2;
/// Texts looked into for the name of a list.
const TEXTS_MAX: usize = 200;

/// What one look at the folders has found.
struct Found {
    units: Vec<io::Result<Vec<(OsString, Stamp)>>>,
    /// What is wrong with the rights of each unit's folder.
    faults: Vec<Option<String>>,
    /// Files in folders of no unit, which have just been given a reason.
    strays: Vec<(PathBuf, [String; 2])>,
}

struct Reading {
    key: Key,
    large: bool,
    answers: mpsc::Sender<IntakeOrder>,
    task: tokio::task::Id,
}

/// Everything that the loop keeps in mind.
pub(super) struct Desk {
    settings: Arc<SpoolSettings>,
    ways: Ways,
    claims: mpsc::Receiver<Claim>,
    watch: Watch,
    hints: Hints,
    reading: BTreeMap<IntakeId, Reading>,
    tasks: JoinSet<(IntakeId, Verdict)>,
    /// Lists that did not follow their job's file yet, as they were when they were read, and where they follow to.
    behind: BTreeMap<Key, (Stamp, &'static str)>,
    /// Contents that are on their way in.
    claimed: BTreeMap<String, IntakeId>,
    scan: Option<JoinHandle<Found>>,
    next_scan: Instant,
    last_id: u64,
    /// Whether a folder could not be read, so that it is said once.
    troubled: BTreeSet<usize>,
    /// What was last said of whose folder it is, and whether the daemon may write there.
    ownership: BTreeMap<usize, Option<String>>,
    /// Waits for the first look at the folders.
    watching: Option<oneshot::Sender<()>>,
    /// Units whose inbox has changed.
    inboxes: mpsc::Sender<String>,
    inbox_reporter: JoinHandle<()>,
}

impl Desk {
    pub(super) fn new(
        settings: SpoolSettings,
        events: mpsc::Sender<Event>,
        watching: oneshot::Sender<()>,
        stop: CancellationToken,
    ) -> Self {
        let settings = Arc::new(settings);
        let (claims_to, claims) = mpsc::channel(PLACES);
        let (inboxes, changed) = mpsc::channel(64);
        let inbox_reporter = tokio::spawn(inbox_report::run(settings.clone(), changed));
        Self {
            watch: Watch::new(settings.settle, settings.reopen),
            ways: Ways {
                settings: settings.clone(),
                events,
                claims: claims_to,
                shelf: Arc::new(Shelf::default()),
                watched_since: (settings.now)(),
                stop,
            },
            settings,
            claims,
            hints: Hints::new(),
            reading: BTreeMap::new(),
            tasks: JoinSet::new(),
            behind: BTreeMap::new(),
            claimed: BTreeMap::new(),
            scan: None,
            next_scan: Instant::now(),
            last_id: 0,
            troubled: BTreeSet::new(),
            ownership: BTreeMap::new(),
            watching: Some(watching),
            inboxes,
            inbox_reporter,
        }
    }

    /// Serves until the stop; then waits for the intakes in hand and for the reports.
    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<SpoolOrder>) {
        let (changes, changed) = mpsc::channel(256);
        let reporter = tokio::spawn(reporter::run(self.settings.clone(), changed, self.ways.events.clone()));
        self.mend(&changes).await;
        let stop = self.ways.stop.clone();
        while !stop.is_cancelled() {
            self.start_readings();
            let look_at = self.watch.next_due().map_or(self.next_scan, |due| due.min(self.next_scan));
            let scanning = self.scan.is_some();
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                order = orders.recv() => match order {
                    Some(order) => self.carry_out(order, &changes).await,
                    None => break,
                },
                Some(claim) = self.claims.recv() => self.judge_claim(claim),
                Some(done) = self.tasks.join_next() => self.finished(done),
                hints = self.hints.next() => self.heed(hints),
                found = async { self.scan.as_mut().expect("guarded").await }, if scanning => self.found(found).await,
                () = tokio::time::sleep_until(look_at), if !scanning => self.look(),
            }
        }
        self.finish(&mut orders, &changes).await;
        drop(changes);
        drop(self.inboxes);
        for reporter in [reporter, self.inbox_reporter] {
            if let Err(error) = reporter.await {
                error!(%error, "the reports ended in a panic");
            }
        }
    }

    /// After the stop: intakes that are committed are still answered and moved.
    async fn finish(&mut self, orders: &mut mpsc::Receiver<SpoolOrder>, changes: &mpsc::Sender<reporter::Changed>) {
        while !self.reading.is_empty() {
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(order) => self.carry_out(order, changes).await,
                    // The engine is gone; nobody answers any more.
                    None => self.reading.clear(),
                },
                Some(claim) = self.claims.recv() => drop(claim),
                Some(done) = self.tasks.join_next() => self.finished(done),
            }
        }
        while self.tasks.join_next().await.is_some() {}
        while let Ok(order) = orders.try_recv() {
            self.carry_out(order, changes).await;
        }
    }

    /// After a start: what a crash has left between ledger and folders.
    async fn mend(&mut self, changes: &mpsc::Sender<reporter::Changed>) {
        let settings = self.settings.clone();
        let looked = tokio::task::spawn_blocking(move || {
            for unit in &settings.units {
                // Where a folder is missing it is made by the first look, and is empty.
                let _ = folder::clear_after_crash(&folder::of_unit(&settings.queue, &unit.name));
            }
            reporter::left_over(&settings)
        });
        let looked = looked.await;
        let left = match looked {
            Ok(Ok(left)) => left,
            Ok(Err(error)) => return warn!(%error, "what the last run left could not be looked at"),
            Err(error) => return error!(%error, "looking at what the last run left ended in a panic"),
        };
        for (job, name) in left.unfiled {
            let id = self.next_id();
            info!(%job, file = name, "the file of this job was moved before the last stop");
            let _ =
                self.ways.events.send(Event::Intake(id, IntakeEvent::Filed { job, name, remarks: Vec::new() })).await;
        }
        for change in left.reports {
            let _ = changes.send(change).await;
        }
        for unit in &self.settings.units {
            let _ = self.inboxes.send(unit.name.clone()).await;
        }
    }

    fn next_id(&mut self) -> IntakeId {
        self.last_id += 1;
        IntakeId(self.last_id)
    }

    async fn carry_out(&mut self, order: SpoolOrder, changes: &mpsc::Sender<reporter::Changed>) {
        match order {
            SpoolOrder::Intake(id, answer) => match self.reading.get(&id) {
                Some(reading) => {
                    if reading.answers.try_send(answer).is_err() {
                        debug!(?id, "an answer to an intake that has ended");
                    }
                }
                None => debug!(?id, "an answer to no intake"),
            },
            SpoolOrder::JobChanged { job, finished } => {
                if changes.send((job, finished)).await.is_err() {
                    error!("the reports have ended; they are written again after the next start");
                }
            }
            SpoolOrder::InboxChanged { unit } => {
                if self.inboxes.send(unit).await.is_err() {
                    error!("the reports of inboxes have ended; they are written again after the next start");
                }
            }
        }
    }

    fn judge_claim(&mut self, claim: Claim) {
        let granted = !self.claimed.contains_key(&claim.digest);
        if granted {
            self.claimed.insert(claim.digest, claim.id);
        }
        // An intake that has ended meanwhile does not care.
        let _ = claim.granted.send(granted);
    }

    fn start_readings(&mut self) {
        while self.reading.len() < PLACES {
            let large = self.reading.values().filter(|reading| reading.large).count() < LARGE_PLACES;
            let Some(key) = self.watch.take(large) else { return };
            let Some((stamp, first_seen)) = self.watch.known(&key) else { continue };
            let id = self.next_id();
            let (answers, inbox) = mpsc::channel(4);
            let unit = self.settings.units[key.0].clone();
            let dropped = Dropped {
                folder: self.folder(key.0),
                unit,
                name: key.1.clone(),
                stamp,
                last_chance: first_seen.elapsed() >= self.settings.companion_wait,
                unfinished: self
                    .watch
                    .beside(&key)
                    .filter(|(_, state)| *state != Beside::Whole)
                    .map(|(name, _)| name.to_owned())
                    .collect(),
                texts: self
                    .watch
                    .beside(&key)
                    .filter(|(name, _)| Kind::of(&name.to_string_lossy()) == Ok(Kind::Text))
                    .map(|(name, state)| (name.to_owned(), state == Beside::Busy))
                    .take(TEXTS_MAX)
                    .collect(),
            };
            let large = self.watch.is_large(&key);
            let ways = self.ways.clone();
            // Whatever was written to it since, or put in its place, has been read by nobody.
            let follows = self.behind.get(&key).filter(|(read, _)| *read == stamp).map(|(_, to)| *to);
            if follows.is_none() {
                self.behind.remove(&key);
            }
            let task = self.tasks.spawn(async move {
                match follows {
                    Some(to) => (id, intake::follow(dropped, to, ways).await),
                    None => (id, intake::take(id, dropped, ways, inbox).await),
                }
            });
            let task = task.id();
            self.reading.insert(id, Reading { key, large, answers, task });
        }
    }

    fn finished(&mut self, done: Result<(IntakeId, Verdict), tokio::task::JoinError>) {
        let (id, verdict) = match done {
            Ok(done) => done,
            Err(error) => {
                error!(%error, "an intake ended in a panic; its file is tried again");
                let broken = self.reading.iter().find(|(_, reading)| reading.task == error.id()).map(|(id, _)| *id);
                let Some(id) = broken else { return };
                (id, Verdict::Later)
            }
        };
        self.claimed.retain(|_, by| *by != id);
        let Some(Reading { key, .. }) = self.reading.remove(&id) else { return };
        match verdict {
            Verdict::Done(behind) => self.has_left(&key, behind),
            Verdict::Later => self.watch.hold(&key, Instant::now() + self.settings.settle),
            Verdict::LeaveAlone => {
                if self.watch.leave_alone(&key) {
                    let unit = &self.settings.units[key.0].name;
                    warn!(unit, folder = %key.1.display(), "a folder inside a unit's folder is left alone");
                }
            }
            Verdict::Troubled | Verdict::Stopped => self.watch.hold(&key, Instant::now() + self.settings.scan_every),
        }
    }

    /// A file has left the queue, and these of its lists follow later.
    fn has_left(&mut self, key: &Key, lists: Vec<Left>) {
        let unit = key.0;
        let left = lists.into_iter().map(|left| ((unit, OsString::from(left.list)), (left.stamp, left.to)));
        self.behind.extend(left);
        self.behind.remove(key);
        // Another text may have taken one along: brought back by somebody, it is a file like any other.
        let folder = self.folder(unit);
        self.behind.retain(|(of, list), (stamp, _)| {
            *of != unit
                || match Stamp::at(&folder.join(list)) {
                    Ok(there) => there == *stamp,
                    // A share that does not answer for a moment says nothing.
                    Err(error) => error.kind() != io::ErrorKind::NotFound,
                }
        });
        self.watch.forget(key);
        self.watch.stir(unit, Instant::now());
    }

    fn folder(&self, unit: usize) -> PathBuf {
        folder::of_unit(&self.settings.queue, &self.settings.units[unit].name)
    }

    fn stamp(&self, unit: usize, name: &OsStr) -> Option<Stamp> {
        let stamp = Stamp::at(&self.folder(unit).join(name));
        stamp.inspect_err(|error| debug!(%error, "a file has gone as fast as it came")).ok()
    }

    fn is_urgent(&self, unit: usize, name: &OsStr, stamp: &Stamp) -> bool {
        stamp.what == What::File
            && Kind::of(&name.to_string_lossy()) == Ok(Kind::Text)
            && folder::open(&self.folder(unit).join(name)).is_ok_and(|(mut file, _)| format::is_urgent(&mut file))
    }

    fn heed(&mut self, hints: Vec<Hint>) {
        let now = Instant::now();
        for hint in hints {
            match hint {
                Hint::Closed(unit, name) => {
                    if let Some(stamp) = self.stamp(unit, &name) {
                        // An emergency does not wait to see whether somebody opens it again.
                        match self.is_urgent(unit, &name, &stamp) {
                            true => self.watch.moved(&(unit, name), stamp, now),
                            false => self.watch.closed(&(unit, name), stamp, now),
                        }
                    }
                    self.watch.stir(unit, now);
                }
                Hint::Moved(unit, name) => {
                    if let Some(stamp) = self.stamp(unit, &name) {
                        self.watch.moved(&(unit, name), stamp, now);
                    }
                    self.watch.stir(unit, now);
                }
                Hint::Made(unit, name) => {
                    if let Some(stamp) = self.stamp(unit, &name) {
                        self.watch.made(&(unit, name), stamp, now);
                    }
                }
                Hint::All => {
                    self.watch.lost_words();
                    self.next_scan = now;
                }
            }
        }
    }

    fn look(&mut self) {
        let settings = self.settings.clone();
        self.scan = Some(tokio::task::spawn_blocking(move || look_at_all(&settings)));
    }

    async fn found(&mut self, found: Result<Found, tokio::task::JoinError>) {
        self.scan = None;
        let now = Instant::now();
        self.next_scan = now + self.settings.scan_every;
        let found = match found {
            Ok(found) => found,
            Err(error) => return error!(%error, "looking at the queue directory ended in a panic"),
        };
        for (unit, files) in found.units.into_iter().enumerate() {
            let folder = self.folder(unit);
            match files {
                Ok(files) => {
                    if self.troubled.remove(&unit) {
                        info!(folder = %folder.display(), "the folder can be read again");
                    }
                    self.hints.watch(unit, &folder);
                    self.watch.see_all(unit, files, now);
                }
                Err(error) => {
                    if self.troubled.insert(unit) {
                        error!(folder = %folder.display(), %error, "the folder cannot be read; tried again every few seconds");
                    }
                }
            }
        }
        self.tell_ownership(found.faults).await;
        self.watch.pass(now);
        if let Some(watching) = self.watching.take() {
            let _ = watching.send(());
        }
        for (path, [reason, reason_indonesian]) in found.strays {
            warn!(file = %path.display(), "a file lies where no unit has its folder; a reason was put beside it");
            let name = |path: Option<&Path>| path.and_then(Path::file_name).map(folder::plain_name).unwrap_or_default();
            let (unit, source) = (name(path.parent()), name(Some(&path)));
            let id = self.next_id();
            let rejected = IntakeEvent::Rejected { unit, source, reason, reason_indonesian };
            let _ = self.ways.events.send(Event::Intake(id, rejected)).await;
        }
    }
}

impl Desk {
    /// Says of the folders what is wrong with them, once, and when it has passed.
    async fn tell_ownership(&mut self, faults: Vec<Option<String>>) {
        for (place, fault) in faults.into_iter().enumerate() {
            let unit = &self.settings.units[place];
            if self.ownership.get(&place) != Some(&fault) {
                let event = Event::Folder { unit: unit.name.clone(), fault: fault.clone() };
                self.ownership.insert(place, fault);
                let _ = self.ways.events.send(event).await;
            }
        }
    }
}

/// Looks at every folder, making those that are missing. Blocks.
fn look_at_all(settings: &SpoolSettings) -> Found {
    let look = |unit: &Unit| {
        let folder = folder::of_unit(&settings.queue, &unit.name);
        if !folder.join(folder::ACCEPTED).is_dir() || !folder.join(folder::REJECTED).is_dir() {
            let new = !folder.exists();
            folder::prepare(&folder)?;
            if let (true, Some(group)) = (new, &unit.group)
                && let Err(error) = ownership::give(&folder, group)
            {
                warn!(folder = %folder.display(), group = group.name, %error, "the folder cannot be given to its group");
            }
        }
        folder::list(&folder)
    };
    let units = settings.units.iter().map(look).collect();
    let fault = |unit: &Unit| {
        let folder = folder::of_unit(&settings.queue, &unit.name);
        let group = unit.group.as_ref();
        ownership::barred(&folder).or_else(|| group.and_then(|group| ownership::fault(&settings.queue, &folder, group)))
    };
    Found { units, faults: settings.units.iter().map(fault).collect(), strays: strays(settings) }
}

/// Files directly in the queue directory or in a folder of no unit. They stay where they are, each with a reason.
fn strays(settings: &SpoolSettings) -> Vec<(PathBuf, [String; 2])> {
    let names: Vec<String> = settings.units.iter().map(|unit| unit.name.clone()).collect();
    let rejection = Rejection::from(Fault::UnknownUnit { units: names.clone() });
    let mut found = Vec::new();
    let mut judge = |path: PathBuf, stamp: Stamp| {
        let name = path.file_name().map(folder::plain_name).unwrap_or_default();
        let reason = path.with_file_name(reason_name(&name));
        if stamp.what != What::File
            || Kind::of(&name).is_err()
            || is_result(&name)
            || folder::exists(&reason).unwrap_or(true)
        {
            return;
        }
        let notice = rejection.notice(&name);
        match folder::write_atomic(&reason, |file| io::Write::write_all(file, notice.as_bytes())) {
            Ok(()) => found.push((path, [Lang::English, Lang::Indonesian].map(|lang| rejection.line(lang)))),
            Err(error) => debug!(%error, "no reason could be put beside a file of no unit"),
        }
    };
    let Ok(entries) = folder::list(&settings.queue) else { return found };
    for (name, stamp) in entries {
        let path = settings.queue.join(&name);
        match stamp.what {
            What::Folder if name.to_str().is_none_or(|name| !names.iter().any(|unit| unit == name)) => {
                for (name, stamp) in folder::list(&path).unwrap_or_default() {
                    judge(path.join(name), stamp);
                }
            }
            _ => judge(path, stamp),
        }
    }
    found
}
