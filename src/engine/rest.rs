//! SIMs that rest: shown with the reason and the time for as long as they do, and an alarm where one rest follows the other.

use super::{ENGINE, Engine};
use crate::model::{ModemName, SignedDuration, SimId, Timestamp};
use crate::store::{EventRow, StoreError};

/// Shorter ones, such as that of a SIM that is busy, are over before anybody has read of them.
const SHOWN_FROM: SignedDuration = SignedDuration::from_secs(30);

impl Engine {
    /// Nothing goes through a SIM until then.
    pub(super) fn rest(
        &mut self,
        modem: &ModemName,
        sim: SimId,
        until: Timestamp,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let book = self.sims.get_mut(&sim).expect("it has just been judged");
        book.rests_until = until;
        why.clone_into(&mut book.rests_why);
        let detail = format!("{modem} rests until {until}: {why}");
        self.record(EventRow { kind: "sim_rests", sim: Some(sim), detail: &detail, ..ENGINE }, now)?;
        self.release_where_modem(modem);
        self.show_rest(modem, now)
    }

    /// A modem that is ready and whose SIM rests is shown as one that takes nothing, and counts as out of work from the first of
    /// several rests on.
    pub(super) fn show_rest(&mut self, modem: &ModemName, now: Timestamp) -> Result<(), StoreError> {
        let Some(station) = self.stations.get_mut(modem).filter(|station| station.ready) else { return Ok(()) };
        let book = &self.sims[&station.sim];
        let until = book.rests_until;
        if until == Timestamp::MAX || until.duration_since(now) < SHOWN_FROM {
            return Ok(());
        }
        station.rest_shown = true;
        let reason = format!("rests until {}: {}", until.strftime("%H:%M:%S UTC"), book.rests_why);
        tracing::warn!(%modem, reason, "a SIM rests");
        self.out_of_work(modem, &reason, now);
        self.store.set_modem_state(modem, "unready", Some(&reason), now)
    }

    /// Shows rests that are over as such; gives the time at which the next one is.
    pub(super) fn end_rests(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let mut next: Option<Timestamp> = None;
        for (modem, station) in self.stations.iter_mut().filter(|(_, station)| station.rest_shown) {
            let until = self.sims[&station.sim].rests_until;
            if until > now {
                next = next.into_iter().chain([until]).min();
                continue;
            }
            station.rest_shown = false;
            self.store.set_modem_state(modem, "ready", None, now)?;
        }
        // Where it is taken out, a person ends it.
        Ok(next.filter(|until| *until != Timestamp::MAX))
    }

    /// Whether a modem is ready and its SIM rests no longer: it has yet to show that it works again.
    pub(super) fn is_to_be_tried(&self, modem: &ModemName, now: Timestamp) -> bool {
        self.stations.get(modem).is_some_and(|station| station.ready && self.sims[&station.sim].rests_until <= now)
    }
}
