//! The history of modems and SIMs: how each stood when, kept when it changes and removed when it is old.
//!
//! A row is good until the next one of its modem. When what is worth one is
//! [`HistoryRule`](crate::policy::history::HistoryRule)'s to say.

use std::collections::BTreeMap;

use super::event::ModemEvent;
use super::{ENGINE, Engine};
use crate::model::{ModemName, Registration, SignedDuration, Standing, Timestamp, earlier, later};
use crate::store::{EventRow, StoreError};

/// Rows that one call removes.
const BIT: usize = 500;
/// From one removal of what is old to the next.
const CUT_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// What the engine keeps in mind of the history.
#[derive(Debug, Default)]
pub(super) struct History {
    watches: BTreeMap<ModemName, Watch>,
    /// Before this time nothing is due; `None`: something may be.
    next_look: Option<Timestamp>,
    /// When what is old is removed next; `None`: now.
    next_cut: Option<Timestamp>,
    /// How many rows this removal has taken so far.
    cut: usize,
}

/// One modem.
#[derive(Debug, Default)]
struct Watch {
    /// It has a session that has said how it stands.
    live: bool,
    registration: Registration,
    signal: Option<u8>,
    kept: Option<(Standing, Timestamp)>,
    /// When it is looked at again although nothing happens.
    due: Option<Timestamp>,
}

impl Engine {
    /// Notes what an event says of how a modem stands.
    pub(super) fn watch(&mut self, modem: &ModemName, event: &ModemEvent) {
        let watch = match event {
            ModemEvent::Ready { .. } | ModemEvent::Unready { .. } => {
                let watch = self.history.watches.entry(modem.clone()).or_default();
                watch.live = true;
                watch
            }
            ModemEvent::Health { .. } | ModemEvent::Lost { .. } => {
                self.history.watches.entry(modem.clone()).or_default()
            }
            _ => return,
        };
        match event {
            ModemEvent::Health { registration, signal } => {
                (watch.registration, watch.signal) = (*registration, *signal);
            }
            ModemEvent::Lost { .. } => *watch = Watch { kept: watch.kept.take(), ..Watch::default() },
            _ => {}
        }
        watch.due = Some(Timestamp::MIN);
        self.history.next_look = None;
    }

    /// Keeps what is due, and removes what is old. Gives the time of the next look.
    pub(super) fn keep_history(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let cut = self.cut_history(now)?;
        if let Some(at) = self.history.next_look.filter(|at| *at > now) {
            return Ok(Some(at.min(cut)));
        }
        let mut watches = std::mem::take(&mut self.history.watches);
        for (modem, watch) in watches.iter_mut().filter(|(_, watch)| watch.due.is_some_and(|due| due <= now)) {
            self.keep_standing(modem, watch, now)?;
        }
        let next = watches.values().filter_map(|watch| watch.due).min().unwrap_or(Timestamp::MAX);
        self.history.watches = watches;
        self.history.next_look = Some(next);
        Ok(Some(next.min(cut)))
    }

    fn keep_standing(&self, modem: &ModemName, watch: &mut Watch, now: Timestamp) -> Result<(), StoreError> {
        // One that was never at work has no history that begins with its absence.
        if !watch.live && watch.kept.is_none() {
            watch.due = None;
            return Ok(());
        }
        let standing = if watch.live { self.standing(modem, watch)? } else { Standing::default() };
        let rule = &self.rules.history;
        let due = |watch: &Watch| rule.due(watch.kept.as_ref().map(|(kept, at)| (kept, *at)), &standing);
        if due(watch).is_some_and(|at| at <= now) {
            self.store.insert_sample(modem, &standing, now)?;
            watch.kept = Some((standing.clone(), now));
        }
        watch.due = due(watch);
        Ok(())
    }

    fn standing(&self, modem: &ModemName, watch: &Watch) -> Result<Standing, StoreError> {
        let sim = self.stations.get(modem).map(|station| station.sim);
        let served_by = sim.map_or(Ok(None), |sim| self.store.sim_operator(sim).map(|(_, served_by)| served_by))?;
        Ok(Standing { sim, registration: Some(watch.registration), signal: watch.signal, operator: served_by })
    }

    /// Removes a bit of what is older than the settings want, once a day. Gives when it goes on.
    fn cut_history(&mut self, now: Timestamp) -> Result<Timestamp, StoreError> {
        if let Some(at) = self.history.next_cut.filter(|at| *at > now) {
            return Ok(at);
        }
        let before = earlier(now, self.rules.history.keep_for);
        let removed = self.store.cut_samples(before, BIT)? + self.store.cut_credits(before, BIT)?;
        self.history.cut += removed;
        if removed > 0 {
            return Ok(now);
        }
        if self.history.cut > 0 {
            let day = before.to_zoned_datetime(self.rules.zone.clone()).date();
            let detail = format!("{} rows of the history of modems and credit from before {day}", self.history.cut);
            self.record(EventRow { kind: "history_cut", detail: &detail, ..ENGINE }, now)?;
            self.history.cut = 0;
        }
        let next = later(now, CUT_EVERY);
        self.history.next_cut = Some(next);
        Ok(next)
    }

    /// What the last run left open ended with it: nobody watched any more.
    pub(super) fn end_old_history(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let alive = self.store.heartbeat()?.map_or(now, |(alive, _)| alive.min(now));
        self.store.end_samples(alive)
    }
}
