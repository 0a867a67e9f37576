//! The queue directory without a disk: what is dropped waits, and lies in `accepted/` or `rejected/` in the end. Files are read by
//! the real code for their formats, and offered, moved and told in the real order; what is on the disk survives the daemon.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kentongan::daemon::Clock;
use kentongan::engine::event::{Event, IntakeEvent, IntakeId, IntakeOrder};
use kentongan::model::{JobId, Lang, Places};
use kentongan::spool::LedgerRoster;
use kentongan::spool::format::{self, Beside, FormatSettings, JobFile, Octets, Part, ReadError};
use kentongan::store::Reader;
use tokio::sync::{Notify, mpsc};

use super::answers::Answers;

/// The unit whose folder this is.
pub const UNIT: &str = "diskominfo";

/// A file that has left the queue.
#[derive(Clone, Debug)]
pub struct Filed {
    pub name: String,
    /// Its name where it lies now.
    pub filed_as: String,
    pub content: Arc<[u8]>,
    /// Why it was rejected; `None`: it lies in `accepted/`.
    pub reason: Option<String>,
}

/// The folders.
#[derive(Default)]
pub struct Queue {
    folders: Mutex<Folders>,
    arrived: Notify,
}

#[derive(Default)]
struct Folders {
    waiting: BTreeMap<String, Arc<[u8]>>,
    filed: Vec<Filed>,
}

impl Queue {
    pub fn drop_file(&self, name: &str, content: impl Into<Arc<[u8]>>) {
        self.folders.lock().unwrap().waiting.insert(name.to_owned(), content.into());
        self.arrived.notify_waiters();
    }

    pub fn is_empty(&self) -> bool {
        self.folders.lock().unwrap().waiting.is_empty()
    }

    pub fn filed(&self) -> Vec<Filed> {
        self.folders.lock().unwrap().filed.clone()
    }

    /// Moves a file out of the queue; gives its name there.
    fn file(&self, name: &str, reason: Option<String>) -> Option<String> {
        let mut folders = self.folders.lock().unwrap();
        let content = folders.waiting.remove(name)?;
        let taken = |wanted: &str| folders.filed.iter().any(|filed| filed.filed_as == wanted);
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let mut names = (1u32..).map(|n| if n == 1 { name.to_owned() } else { format!("{stem}-{n}.{extension}") });
        let filed_as = names.find(|wanted| !taken(wanted))?;
        folders.filed.push(Filed { name: name.to_owned(), filed_as: filed_as.clone(), content, reason });
        Some(filed_as)
    }
}

/// The part of the daemon that watches the folders.
pub struct Watcher {
    pub queue: Arc<Queue>,
    pub events: mpsc::Sender<Event>,
    pub answers: Answers,
    pub database: PathBuf,
    pub clock: Clock,
    /// Names and contents on their way in.
    pub busy: Mutex<BTreeSet<String>>,
    /// How long things take.
    pub pace: Mutex<fastrand::Rng>,
    /// The areas of the city.
    pub places: Arc<Places>,
}

/// Why a file did not become a job.
enum Ended {
    Rejected(String),
    Known(JobId),
    /// Another with the same content is on its way in.
    Twin,
    /// The daemon ends.
    Stopped,
}

impl Watcher {
    pub async fn run(self) {
        if self.mend().await.is_err() {
            return;
        }
        tokio::join!(self.work(), self.work());
    }

    /// A file that was moved before the engine heard of it.
    async fn mend(&self) -> Result<(), Ended> {
        let jobs = Reader::open(&self.database).unwrap().jobs(10_000, false).unwrap();
        let known: BTreeSet<&str> = jobs.iter().filter_map(|job| job.filed_as.as_deref()).collect();
        let filed = self.queue.filed();
        for job in jobs.iter().filter(|job| job.filed_as.is_none() && job.state != "receiving") {
            let lies = |filed: &&Filed| {
                filed.reason.is_none() && filed.name == job.source && !known.contains(filed.filed_as.as_str())
            };
            if let Some(filed) = filed.iter().find(lies) {
                let told = IntakeEvent::Filed { job: JobId(job.id), name: filed.filed_as.clone(), remarks: Vec::new() };
                self.tell(self.answers.next().0, told).await?;
            }
        }
        Ok(())
    }

    async fn work(&self) {
        loop {
            let arrived = self.queue.arrived.notified();
            let Some((name, content)) = self.next() else {
                match self.queue.is_empty() {
                    true => arrived.await,
                    // A twin is looked at again after a while.
                    false => drop(tokio::time::timeout(Duration::from_secs(5), arrived).await),
                }
                continue;
            };
            if self.take(&name, content).await.is_err() {
                return;
            }
            self.busy.lock().unwrap().remove(&name);
        }
    }

    fn next(&self) -> Option<(String, Arc<[u8]>)> {
        let folders = self.queue.folders.lock().unwrap();
        let mut busy = self.busy.lock().unwrap();
        let (name, content) = folders.waiting.iter().find(|(name, _)| !busy.contains(*name))?;
        busy.insert(name.clone());
        Some((name.clone(), content.clone()))
    }

    /// A moment of work.
    async fn moment(&self) {
        let span = self.pace.lock().unwrap().u64(0..8);
        tokio::time::sleep(Duration::from_millis(span)).await;
    }

    async fn tell(&self, id: IntakeId, event: IntakeEvent) -> Result<(), Ended> {
        self.events.send(Event::Intake(id, event)).await.map_err(|_| Ended::Stopped)
    }

    async fn take(&self, name: &str, content: Arc<[u8]>) -> Result<(), Ended> {
        self.moment().await;
        let (id, mut answers) = self.answers.next();
        let mut claimed = None;
        let offered = self.offer(id, name, content, &mut answers, &mut claimed).await;
        let done = match offered {
            Ok(job) | Err(Ended::Known(job)) => {
                self.moment().await;
                match self.queue.file(name, None) {
                    Some(name) => {
                        self.moment().await;
                        self.tell(id, IntakeEvent::Filed { job, name, remarks: Vec::new() }).await
                    }
                    None => Ok(()),
                }
            }
            Err(Ended::Rejected(reason)) => {
                self.moment().await;
                self.queue.file(name, Some(reason.clone()));
                let (unit, source) = (UNIT.to_owned(), name.to_owned());
                let reason_indonesian = reason.clone();
                self.tell(id, IntakeEvent::Rejected { unit, source, reason, reason_indonesian }).await
            }
            Err(Ended::Twin) => {
                tokio::time::sleep(Duration::from_secs(2)).await;
                Ok(())
            }
            Err(Ended::Stopped) => Err(Ended::Stopped),
        };
        claimed.map(|digest: String| self.busy.lock().unwrap().remove(&digest));
        done
    }

    async fn offer(
        &self,
        id: IntakeId,
        name: &str,
        content: Arc<[u8]>,
        answers: &mut mpsc::Receiver<IntakeOrder>,
        claimed: &mut Option<String>,
    ) -> Result<JobId, Ended> {
        let (parts, read) = self.read(name, &content);
        let mut begun = false;
        for part in parts {
            self.moment().await;
            if let Ok(answer) = answers.try_recv() {
                return refused(Some(answer));
            }
            match part {
                Part::Header(header) => {
                    if !self.busy.lock().unwrap().insert(header.digest.clone()) {
                        return Err(Ended::Twin);
                    }
                    *claimed = Some(header.digest.clone());
                    self.tell(id, IntakeEvent::Begin(header)).await?;
                    begun = true;
                }
                Part::Remarks(remarks) => {
                    let remarks = remarks.iter().map(|remark| remark.sentence(Lang::English)).collect();
                    self.tell(id, IntakeEvent::Remarks(remarks)).await?;
                }
                Part::Rows(rows) => {
                    // In small pieces, so that there is a middle to die in.
                    let piece = if rows.len() > 100 { 256 } else { 7 };
                    for rows in rows.chunks(piece) {
                        self.moment().await;
                        self.tell(id, IntakeEvent::Rows(rows.to_vec())).await?;
                    }
                }
            }
        }
        if let Err(reason) = read {
            if begun {
                self.tell(id, IntakeEvent::Abandon).await?;
            }
            return Err(Ended::Rejected(reason));
        }
        if let Ok(answer) = answers.try_recv() {
            return refused(Some(answer));
        }
        self.tell(id, IntakeEvent::Complete).await?;
        refused(answers.recv().await)
    }

    fn read(&self, name: &str, content: &[u8]) -> (Vec<Part>, Result<(), String>) {
        let job = JobFile { name, unit: UNIT, classes: &[], in_doubt: None, owner: "staf" };
        let mut parts = Vec::new();
        let mut sink = |part| {
            parts.push(part);
            ControlFlow::Continue(())
        };
        let mut no_list =
            |_: &str| -> Result<Box<dyn Octets>, ReadError> { Err(io::Error::from(io::ErrorKind::NotFound).into()) };
        let mut roster = LedgerRoster::new(&self.database, self.places.clone());
        let beside = Beside { open_list: &mut no_list, roster: &mut roster };
        let (mut content, settings) = (Cursor::new(content), FormatSettings::default());
        let read = format::read_job(&job, &mut content, beside, &settings, self.clock.now(), &mut sink);
        let read = read.map(drop).map_err(|error| error.to_string());
        (parts, read)
    }
}

fn refused(answer: Option<IntakeOrder>) -> Result<JobId, Ended> {
    match answer {
        Some(IntakeOrder::Accepted { job, .. }) => Ok(job),
        Some(IntakeOrder::Known { job }) => Err(Ended::Known(job)),
        Some(IntakeOrder::Refused(refusal)) => Err(Ended::Rejected(format!("{refusal:?}"))),
        None => Err(Ended::Stopped),
    }
}
