//! The lookout for what nobody reports: no modem at work, messages that wait although nothing holds them, disks that fill, people who
//! leave in numbers, archives that an erasure does not reach.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Engine;
use crate::model::{AlarmKind, Class, JobId, SignedDuration, Timestamp, earlier, later, minute};
use crate::policy::alarms::Room;
use crate::store::StoreError;
use crate::store::archive::UnreachedArchive;

/// What the alarm is about where there is only one.
const EVERY_MODEM: &str = "all modems";
const EVERYBODY: &str = "citizens";
/// Between looks at the queue that nothing asks for.
const PACE: SignedDuration = SignedDuration::from_secs(30);
/// Opt-outs count so long.
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// More of them than this make no difference.
const OPT_OUTS_MAX: usize = 10_000;
/// How long an erasure may wait for an archive: its disk may be away for a night.
const ARCHIVE_PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// What the engine keeps in mind of it.
#[derive(Debug, Default)]
pub(super) struct Lookout {
    /// The alarms of this module that stand, and what was last said of each; nothing: before the start.
    stand: BTreeMap<(AlarmKind, String), String>,
    /// Since when no modem is at work.
    idle_since: Option<Timestamp>,
    /// Before this time the queue is not looked at.
    look_at: Option<Timestamp>,
    /// When a message will have waited too long.
    late_at: Option<Timestamp>,
    /// Jobs that something holds.
    held: BTreeSet<JobId>,
    /// Since when the others could send.
    free: BTreeMap<JobId, Timestamp>,
    /// When people left by SMS.
    left: VecDeque<Timestamp>,
    /// Somebody left in this call.
    leaving: bool,
    /// Before this time no archive is looked after; `None`: at once.
    archives_at: Option<Timestamp>,
}

impl Lookout {
    /// Something may hold a job now, or hold it no more; or a job is new.
    pub fn look_again(&mut self) {
        self.look_at = None;
    }

    /// Somebody was erased, or something came of the work at an archive.
    pub fn look_at_archives_again(&mut self) {
        self.archives_at = None;
    }
}

impl Engine {
    /// At the start: what stood then stands until it is seen to have passed.
    pub(super) fn take_up_lookout(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for kind in [
            AlarmKind::NoModem,
            AlarmKind::QueueOld,
            AlarmKind::DiskLow,
            AlarmKind::OptOutSurge,
            AlarmKind::ArchiveUnreached,
        ] {
            let subjects = self.store.standing(kind)?;
            self.lookout.stand.extend(subjects.into_iter().map(|subject| ((kind, subject), String::new())));
        }
        if self.rules.alarms.thresholds.disk_free == 0 {
            for what in ["database", "queue"] {
                self.weigh_alarm(AlarmKind::DiskLow, what, None, now)?;
            }
        }
        let since = earlier(now, HOUR);
        self.lookout.left = self.store.opt_outs_since(since)?.into();
        self.lookout.leaving = true;
        Ok(())
    }

    /// Whether any modem could send now.
    pub(super) fn a_modem_works(&self) -> bool {
        let sends = |station: &super::station::Station| {
            station.ready && self.sims.get(&station.sim).is_some_and(|book| book.rests_until != Timestamp::MAX)
        };
        self.stations.values().any(sends)
    }

    /// Looks at all of it; gives the time of the next look.
    pub(super) fn keep_lookout(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let waits = [
            self.look_at_modems(now)?,
            self.look_at_queue(now)?,
            self.look_at_leavers(now)?,
            self.look_at_archives(now)?,
        ];
        Ok(waits.into_iter().flatten().min())
    }

    /// Raises or clears one of these alarms, or brings what it says up to date; nothing is written while nothing changes.
    fn weigh_alarm(
        &mut self,
        kind: AlarmKind,
        subject: &str,
        detail: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = (kind, subject.to_owned());
        match detail {
            Some(detail) => {
                let said = self.lookout.stand.insert(key, detail.to_owned());
                if said.is_none_or(|said| said != detail) {
                    self.raise(kind, subject, detail, now)?;
                }
                Ok(())
            }
            None if self.lookout.stand.remove(&key).is_some() => self.clear(kind, subject, now),
            None => Ok(()),
        }
    }

    fn look_at_modems(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let Some(wait) = self.rules.alarms.thresholds.no_modem else {
            self.weigh_alarm(AlarmKind::NoModem, EVERY_MODEM, None, now)?;
            return Ok(None);
        };
        if self.a_modem_works() {
            self.lookout.idle_since = None;
            self.weigh_alarm(AlarmKind::NoModem, EVERY_MODEM, None, now)?;
            return Ok(None);
        }
        let since = *self.lookout.idle_since.get_or_insert(now);
        let due = later(since, wait);
        if due > now {
            return Ok(Some(due));
        }
        let detail = format!("no modem is at work since {}", since.strftime("%H:%M UTC"));
        self.weigh_alarm(AlarmKind::NoModem, EVERY_MODEM, Some(&detail), now)?;
        Ok(None)
    }

    fn look_at_queue(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        if self.lookout.look_at.is_some_and(|at| at > now) && !due(self.lookout.late_at) {
            return Ok(self.lookout.late_at);
        }
        self.lookout.look_at = Some(later(now, PACE));
        self.note_openings(now)?;
        let mut late: BTreeMap<Class, (JobId, Timestamp, u64)> = BTreeMap::new();
        let mut next: Option<Timestamp> = None;
        for (job, class, from) in self.queue.free_to_go(now) {
            let Some(wait) = self.rules.alarms.thresholds.queue_of(class) else { continue };
            let since = self.lookout.free.get(&job).map_or(from, |opened| from.max(*opened));
            let at = later(since, wait);
            if at > now {
                next = next.into_iter().chain([at]).min();
                continue;
            }
            // What waits after a refusal is not late before that wait has been over for as long.
            let by = earlier(now, wait);
            let left = self.store.overdue(job, by)?;
            if left > 0 {
                let (_, oldest, all) = late.entry(class).or_insert((job, since, 0));
                *all += left;
                if since < *oldest {
                    late.insert(class, (job, since, left + late[&class].2));
                }
            }
        }
        for class in [Class::Emergency, Class::Important, Class::Routine] {
            let detail = late.get(&class).map(|(job, since, left)| {
                format!("{left} messages wait, the oldest of job {job} since {}", minute(*since))
            });
            self.weigh_alarm(AlarmKind::QueueOld, class.name(), detail.as_deref(), now)?;
        }
        if !late.is_empty() {
            next = next.into_iter().chain([later(now, PACE)]).min();
        }
        self.lookout.late_at = next;
        Ok(next)
    }

    /// A job that something held and nothing holds any more waits from now on, also for the next start.
    fn note_openings(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let (free, held) = self.queue.free_and_held(now);
        for job in free.iter().filter(|job| self.lookout.held.contains(job)) {
            self.store.set_opened(*job, now)?;
            self.lookout.free.insert(*job, now);
        }
        for job in &free {
            if !self.lookout.free.contains_key(job) {
                let opened = self.store.opened(*job)?.unwrap_or(Timestamp::MIN);
                self.lookout.free.insert(*job, opened);
            }
        }
        self.lookout.free.retain(|job, _| free.contains(job));
        self.lookout.held = held;
        Ok(())
    }

    /// A citizen has left by SMS.
    pub(super) fn somebody_left(&mut self, now: Timestamp) {
        self.lookout.left.push_back(now);
        if self.lookout.left.len() > OPT_OUTS_MAX {
            self.lookout.left.pop_front();
        }
        self.lookout.leaving = true;
    }

    fn look_at_leavers(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let stands = self.lookout.stand.contains_key(&(AlarmKind::OptOutSurge, EVERYBODY.to_owned()));
        let before = self.lookout.left.len();
        while self.lookout.left.front().is_some_and(|at| later(*at, HOUR) <= now) {
            self.lookout.left.pop_front();
        }
        let changed = std::mem::take(&mut self.lookout.leaving) || self.lookout.left.len() != before;
        let rule = self.rules.alarms.thresholds.opt_outs;
        let in_hour = u32::try_from(self.lookout.left.len()).unwrap_or(u32::MAX);
        if changed {
            // How many were sent is only counted where enough people have left.
            let surge = rule.surge(in_hour, 0, stands) && {
                let day = earlier(now, SignedDuration::from_hours(24));
                rule.surge(in_hour, self.store.handed_over_since(day)?, stands)
            };
            let detail = format!("{in_hour} people opted out within an hour");
            self.weigh_alarm(AlarmKind::OptOutSurge, EVERYBODY, surge.then_some(&detail), now)?;
        }
        let stands = self.lookout.stand.contains_key(&(AlarmKind::OptOutSurge, EVERYBODY.to_owned()));
        Ok(self.lookout.left.front().filter(|_| stands).map(|oldest| later(*oldest, HOUR)))
    }

    /// An archive may be away for as long as nobody is to be taken out of it.
    fn look_at_archives(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        if let Some(at) = self.lookout.archives_at.filter(|at| *at > now) {
            return Ok(Some(at).filter(|at| *at < Timestamp::MAX));
        }
        let (mut next, mut unreached) = (Timestamp::MAX, BTreeSet::new());
        for UnreachedArchive { file, since, trouble } in self.store.unreached_archives()? {
            let due = later(since, ARCHIVE_PATIENCE);
            if due > now {
                next = next.min(due);
                continue;
            }
            let why = trouble.unwrap_or_else(|| "it was not looked through since then".to_owned());
            let detail = format!(
                "who was erased since {} still stands in it: {why}; bring it back to its place, and it is looked through within an hour",
                minute(since)
            );
            self.weigh_alarm(AlarmKind::ArchiveUnreached, &file, Some(&detail), now)?;
            unreached.insert(file);
        }
        let stands = self.lookout.stand.keys().filter(|(kind, _)| *kind == AlarmKind::ArchiveUnreached);
        let passed: Vec<String> =
            stands.map(|(_, file)| file.clone()).filter(|file| !unreached.contains(file)).collect();
        for file in passed {
            self.weigh_alarm(AlarmKind::ArchiveUnreached, &file, None, now)?;
        }
        self.lookout.archives_at = Some(next);
        Ok(Some(next).filter(|at| *at < Timestamp::MAX))
    }

    /// How full a disk is has been looked at.
    pub(super) fn disk_seen(&mut self, what: &str, room: Room, now: Timestamp) -> Result<(), StoreError> {
        let stands = self.lookout.stand.contains_key(&(AlarmKind::DiskLow, what.to_owned()));
        let low = room.is_low(self.rules.alarms.thresholds.disk_free, stands);
        let detail = format!("{} MB of {} MB are left", room.free / 1_000_000, room.total / 1_000_000);
        self.weigh_alarm(AlarmKind::DiskLow, what, low.then_some(&detail), now)
    }
}
