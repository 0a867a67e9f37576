//! Stands between the engine's loop and the engine: shows the auditor what passes, and lets the daemon die at a chosen commit.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kentongan::daemon::engine_task::Decider;
use kentongan::engine::event::Event;
use kentongan::engine::{Engine, Step};
use kentongan::model::Timestamp;
use kentongan::store::StoreError;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::audit::{Auditor, Verdict};

/// When the daemon dies, all of it at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// After so many commits from now.
    pub commits: u64,
    /// Turns that its tasks still get: none, and not even the orders of that commit are carried out; one or more, and what the
    /// orders cause goes as far as it gets in so many.
    pub turns: u32,
}

/// What is in store for the daemon.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fate {
    pub death: Option<Death>,
    /// How long the disk takes for a commit.
    pub slow_disk: Duration,
}

/// What outlives the daemon's lives.
pub struct Watch {
    pub auditor: Option<Mutex<Auditor>>,
    pub fate: Mutex<Fate>,
    /// Commits so far: something may have changed.
    pub steps: watch::Sender<u64>,
    /// Deaths so far, of whatever kind.
    pub deaths: watch::Sender<u64>,
    /// What the auditor found wrong.
    pub fault: Mutex<Option<String>>,
    pub tasks: Mutex<Vec<AbortHandle>>,
    lives: AtomicU64,
}

impl Watch {
    pub fn new(auditor: Option<Auditor>) -> Arc<Self> {
        Arc::new(Self {
            auditor: auditor.map(Mutex::new),
            fate: Mutex::default(),
            steps: watch::Sender::new(0),
            deaths: watch::Sender::new(0),
            fault: Mutex::default(),
            tasks: Mutex::default(),
            lives: AtomicU64::new(0),
        })
    }

    /// Ends every task of the daemon where it stands; none gets another turn.
    pub fn die(&self) {
        for task in self.tasks.lock().unwrap().drain(..) {
            task.abort();
        }
        self.deaths.send_modify(|count| *count += 1);
    }

    /// Whether the commit of the start is the one to die after.
    pub fn dies_now(&self) -> bool {
        let mut fate = self.fate.lock().unwrap();
        match &mut fate.death {
            Some(death) if death.commits > 1 => {
                death.commits -= 1;
                false
            }
            Some(_) => {
                fate.death = None;
                drop(fate);
                self.die();
                true
            }
            None => false,
        }
    }

    /// The next life's number.
    pub fn new_life(&self) -> u64 {
        self.lives.fetch_add(1, Ordering::Relaxed)
    }

    /// Asks the auditor; whether all is well.
    pub fn audit(&self, ask: impl FnOnce(&mut Auditor) -> Verdict) -> bool {
        let Some(auditor) = &self.auditor else { return true };
        let mut auditor = auditor.lock().unwrap();
        match ask(&mut auditor) {
            Ok(()) => true,
            Err(wrong) => {
                *self.fault.lock().unwrap() = Some(format!("at commit {}: {wrong}", auditor.commits));
                false
            }
        }
    }
}

/// The engine, watched.
pub struct Watched {
    pub engine: Engine,
    pub watch: Arc<Watch>,
}

impl Decider for Watched {
    async fn decide(&mut self, now: Timestamp, events: &mut Vec<Event>) -> Result<Step, StoreError> {
        let watch = &self.watch;
        watch.audit(|auditor| {
            auditor.hear(now, events);
            Ok(())
        });
        let decided = self.engine.handle(now, events.drain(..));
        let step = match decided {
            Ok(step) => step,
            Err(error) => {
                // The daemon ends; its sessions with it.
                watch.die();
                return Err(error);
            }
        };
        let well = watch.audit(|auditor| auditor.check(now, &step.orders));
        watch.steps.send_modify(|count| *count += 1);
        let fate = {
            let mut fate = watch.fate.lock().unwrap();
            if let Some(death) = &mut fate.death {
                death.commits = death.commits.saturating_sub(1);
            }
            *fate
        };
        let dies = fate.death.filter(|death| death.commits == 0);
        match dies {
            _ if !well => end(watch).await,
            Some(Death { turns: 0, .. }) => end(watch).await,
            Some(Death { turns, .. }) => {
                watch.fate.lock().unwrap().death = None;
                let (watch, deaths) = (watch.clone(), *watch.deaths.borrow());
                tokio::spawn(async move {
                    for _ in 0..turns {
                        tokio::task::yield_now().await;
                    }
                    // It may have died of something else meanwhile.
                    if *watch.deaths.borrow() == deaths {
                        watch.die();
                    }
                });
            }
            None => {}
        }
        if !fate.slow_disk.is_zero() {
            tokio::time::sleep(fate.slow_disk).await;
        }
        Ok(step)
    }
}

/// Dies here and now.
async fn end(watch: &Watch) {
    watch.fate.lock().unwrap().death = None;
    watch.die();
    std::future::pending().await
}
