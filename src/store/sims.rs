//! SIMs and modems.

use rusqlite::params;

use super::{Store, StoreError, ms};
use crate::model::{ModemIdentity, ModemName, Registration, SimId, SimIdentity, Timestamp};

impl Store {
    /// The row of a SIM, made if it is new. `key` names the card; see [`SimIdentity::key`].
    ///
    /// A card is the same also where one modem reads only its ICCID and another only its IMSI.
    pub fn sim(&self, key: &str, identity: &SimIdentity, now: Timestamp) -> Result<SimId, StoreError> {
        let known = self.one(
            "SELECT id
             FROM sims
             WHERE key = ?1 OR iccid = ?2 OR (imsi = ?3 AND (iccid IS NULL OR ?2 IS NULL))
             ORDER BY key = ?1 DESC, last_seen_ms DESC, id DESC
             LIMIT 1",
            params![key, identity.iccid, identity.imsi],
            |row| row.get(0).map(SimId),
        )?;
        if let Some(id) = known {
            self.run(
                "UPDATE sims
                 SET last_seen_ms = ?2, iccid = coalesce(iccid, ?3), imsi = coalesce(?4, imsi)
                 WHERE id = ?1",
                params![id.0, ms(now), identity.iccid, identity.imsi],
            )?;
            return Ok(id);
        }
        self.run(
            "INSERT INTO sims (key, iccid, imsi, first_seen_ms, last_seen_ms)
             VALUES (?1, ?2, ?3, ?4, ?4)",
            params![key, identity.iccid, identity.imsi, ms(now)],
        )?;
        Ok(SimId(self.connection.last_insert_rowid()))
    }

    /// Notes which operator serves a SIM.
    pub fn set_operator(&self, sim: SimId, operator: &str) -> Result<(), StoreError> {
        self.run("UPDATE sims SET operator = ?2 WHERE id = ?1", params![sim.0, operator]).map(drop)
    }

    /// Notes who a modem is and which SIM it holds.
    pub fn set_modem(
        &self,
        name: &ModemName,
        identity: &ModemIdentity,
        port: &str,
        sim: SimId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO modems (name, imei, manufacturer, model, revision, port, sim_id, state, changed_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'found', ?8)
             ON CONFLICT (name) DO UPDATE
             SET imei = excluded.imei, manufacturer = excluded.manufacturer, model = excluded.model,
                 revision = excluded.revision, port = excluded.port, sim_id = excluded.sim_id, state = 'found',
                 reason = NULL, changed_at_ms = excluded.changed_at_ms",
            params![
                name.as_str(),
                identity.imei,
                identity.manufacturer,
                identity.model,
                identity.revision,
                port,
                sim.0,
                ms(now)
            ],
        )
        .map(drop)
    }

    /// Notes a modem's state: `ready`, `unready` or `lost`.
    pub fn set_modem_state(
        &self,
        name: &ModemName,
        state: &str,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.run(
            "UPDATE modems SET state = ?2, reason = ?3, changed_at_ms = ?4 WHERE name = ?1",
            params![name.as_str(), state, reason, ms(now)],
        )
        .map(drop)
    }

    /// Notes a modem's signal and registration.
    pub fn set_modem_health(
        &self,
        name: &ModemName,
        registration: Registration,
        signal: Option<u8>,
    ) -> Result<(), StoreError> {
        self.run(
            "UPDATE modems SET registration = ?2, signal = ?3 WHERE name = ?1",
            params![name.as_str(), registration.name(), signal],
        )
        .map(drop)
    }

    /// No modem is connected when the daemon starts.
    pub fn lose_all_modems(&self, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "UPDATE modems SET state = 'lost', reason = 'the daemon started', changed_at_ms = ?1 WHERE state <> 'lost'",
            [ms(now)],
        )
        .map(drop)
    }
}
