//! Networks: to which one a number and a SIM belong, and which have a SIM that could send.

use std::collections::BTreeMap;

use super::Engine;
use super::rank::Ranks;
use crate::model::{Msisdn, NetworkId, SimId, Timestamp, later};
use crate::policy::Operator;
use crate::store::StoreError;

impl Engine {
    /// Takes up the networks that messages have and those of the table of operators, before any job is.
    pub(super) fn learn_networks(&mut self) -> Result<(), StoreError> {
        for operator in self.rules.operators.all() {
            self.store.add_network(&operator.group)?;
        }
        self.networks = self.store.networks()?;
        self.queue.networks = std::iter::once(NetworkId::UNKNOWN).chain(self.networks.values().copied()).collect();
        self.queue.preference.wait = self.rules.own_network_wait;
        Ok(())
    }

    fn network(&self, operator: Option<&Operator>) -> NetworkId {
        let known = operator.and_then(|operator| self.networks.get(&operator.group));
        known.copied().unwrap_or(NetworkId::UNKNOWN)
    }

    /// The network that a number belongs to, as far as its prefix says.
    pub(super) fn network_to(&self, number: Msisdn) -> NetworkId {
        self.network(self.rules.operators.of_number(number))
    }

    /// The network that a SIM belongs to, by its IMSI, or by what serves it where it does not tell.
    pub(super) fn network_of(&self, sim: SimId) -> Result<NetworkId, StoreError> {
        let (imsi, served_by) = self.store.sim_operator(sim)?;
        Ok(self.network(self.rules.operators.of_sim(imsi.as_deref(), served_by.as_deref())))
    }

    /// Notes what the SIMs of each network could carry within the time that messages are kept for them.
    pub(super) fn note_served_networks(&mut self, now: Timestamp) {
        let Some(wait) = self.queue.preference.wait else { return };
        let until = later(now, wait);
        let mut served: BTreeMap<NetworkId, Ranks> = BTreeMap::new();
        for station in self.stations.values().filter(|station| station.ready) {
            let book = &self.sims[&station.sim];
            if book.rests_until <= until {
                let ranks = served.entry(book.network).or_insert(Ranks::NONE);
                *ranks = ranks.or(book.carries.and(book.affords(until, now)));
            }
        }
        self.queue.preference.served = served;
    }
}
