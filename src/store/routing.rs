//! Networks, and what is known of a SIM's own.

use std::collections::BTreeMap;

use rusqlite::params;

use super::{Store, StoreError};
use crate::model::{NetworkId, SimId};

impl Store {
    /// Gives a network its number, if it has none yet.
    pub fn add_network(&self, name: &str) -> Result<(), StoreError> {
        self.run("INSERT INTO networks (name) VALUES (?1) ON CONFLICT DO NOTHING", params![name]).map(drop)
    }

    /// Every network that ever was in the table of operators.
    pub fn networks(&self) -> Result<BTreeMap<String, NetworkId>, StoreError> {
        let rows = self.all("SELECT name, id FROM networks", [], |row| Ok((row.get(0)?, NetworkId(row.get(1)?))))?;
        Ok(rows.into_iter().collect())
    }

    /// A SIM's IMSI, and what the network that served it last calls itself.
    pub fn sim_operator(&self, sim: SimId) -> Result<(Option<String>, Option<String>), StoreError> {
        let found =
            self.one("SELECT imsi, operator FROM sims WHERE id = ?1", [sim.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.unwrap_or_default())
    }
}
