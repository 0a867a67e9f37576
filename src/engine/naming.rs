//! Names for sessions: a session is known to the shells by its address, to people, limits and the record by the name of the modem and
//! card that were found there.

use super::event::Order;
use super::{ENGINE, Engine};
use crate::model::{ModemIdentity, ModemName, SimIdentity, Timestamp};
use crate::policy::naming;
use crate::store::{EventRow, StoreError};

/// Who was found at an address.
#[derive(Debug)]
pub(super) struct Bound {
    pub name: ModemName,
    imei: Option<String>,
}

impl Engine {
    /// Gives what was found at `address` its name. `None`: modems are listed and this is none of them, so it is not used.
    pub(super) fn bind(
        &mut self,
        address: &ModemName,
        modem: &ModemIdentity,
        sim: &SimIdentity,
        now: Timestamp,
    ) -> Result<Option<ModemName>, StoreError> {
        let elsewhere = |bound: &&ModemName| *bound != address;
        let taken = |name: &ModemName| {
            let holders = self.bound.iter().filter(|(at, bound)| elsewhere(at) && bound.name == *name);
            holders.count() > 0 && self.stations.contains_key(name)
        };
        let named = naming::name(&self.rules.listed, address, modem, sim, taken);
        if let Some(before) = self.bound.get(address).map(|bound| bound.name.clone())
            && named.as_ref().is_none_or(|named| named.name != before)
        {
            self.lost(&before, "another modem or card is in its place", now)?;
            self.bound.remove(address);
        }
        let imei = modem.imei.clone();
        let Some(named) = named else {
            let imei = imei.as_deref().unwrap_or("unknown");
            let detail = format!("{address}: no [[modem]] fits it, so it is not used; IMEI {imei}");
            self.record(EventRow { kind: "modem_unlisted", detail: &detail, ..ENGINE }, now)?;
            return Ok(None);
        };
        let twin = self.bound.iter().find(|(at, bound)| {
            elsewhere(at) && imei.is_some() && bound.imei == imei && self.stations.contains_key(&bound.name)
        });
        if let (Some((_, twin)), Some(imei)) = (twin, &imei)
            && self.twins.insert(imei.clone())
        {
            let detail = format!("{} and {} share the IMEI {imei}; both are used", twin.name, named.name);
            self.record(EventRow { kind: "modem_imei_shared", detail: &detail, ..ENGINE }, now)?;
        }
        // A second modem of one entry follows the entry's limits, and carries what the first does.
        if let Some(limits) = self.rules.modem_limits.get(&named.entry).cloned() {
            self.rules.modem_limits.insert(named.name.clone(), limits);
        }
        if let Some(classes) = self.rules.modem_classes.get(&named.entry).cloned() {
            self.rules.modem_classes.insert(named.name.clone(), classes);
        }
        // The name has moved here.
        self.bound.retain(|_, bound| bound.name != named.name);
        self.bound.insert(address.clone(), Bound { name: named.name.clone(), imei });
        Ok(Some(named.name))
    }

    /// The name of whoever was found at this address last; the address itself where nobody was yet. `None`: the address happens to
    /// be the name of a modem that is elsewhere.
    pub(super) fn name_at(&self, address: &ModemName) -> Option<ModemName> {
        match self.bound.get(address) {
            Some(bound) => Some(bound.name.clone()),
            None if self.bound.values().any(|bound| bound.name == *address) => None,
            None => Some(address.clone()),
        }
    }

    /// Turns names into the addresses of their sessions.
    pub(super) fn address(&self, orders: &mut [Order]) {
        for order in orders {
            if let Order::Modem(modem, _) = order
                && let Some((address, _)) = self.bound.iter().find(|(_, bound)| bound.name == *modem)
            {
                *modem = address.clone();
            }
        }
    }
}
