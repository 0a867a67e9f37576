//! The roster in the ledger, for job files that name their recipients by role and area.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::format::{ReadError, Roster};
use crate::model::audience::Known;
use crate::model::{Entry, EntryId, ImportId, Places};
use crate::store::{Reader, StoreError};

/// The roster of a ledger, opened when a job file first asks for it.
pub struct LedgerRoster {
    database: PathBuf,
    places: Arc<Places>,
    reader: Option<Reader>,
}

impl LedgerRoster {
    /// The roster of this ledger; `places`: the areas of the configuration.
    pub fn new(database: &Path, places: Arc<Places>) -> Self {
        Self { database: database.to_owned(), places, reader: None }
    }

    /// What names in an expression may refer to, and the roster's version; `None` before the first import.
    pub fn known(reader: &Reader, places: &Places) -> Result<Option<(ImportId, Known)>, StoreError> {
        let Some(version) = reader.roster_version()? else { return Ok(None) };
        // Whoever holds an office in an area that the file of areas does not know can be named all the same.
        let mut places = places.clone();
        for (kecamatan, kelurahan) in reader.roster_areas(version)? {
            places.add(&kecamatan, kelurahan.as_deref());
        }
        let saved = reader.audiences()?.into_iter().map(|saved| (saved.name, saved.expression)).collect();
        let agencies = reader.roster_agencies(version)?.into_iter().collect();
        Ok(Some((version, Known { places, saved, agencies })))
    }

    fn reader(&mut self) -> Result<Option<&Reader>, ReadError> {
        if self.reader.is_none() && self.database.exists() {
            self.reader = Some(Reader::open(&self.database).map_err(failed)?);
        }
        Ok(self.reader.as_ref())
    }
}

fn failed(error: StoreError) -> ReadError {
    ReadError::Io(io::Error::other(error))
}

impl Roster for LedgerRoster {
    fn known(&mut self) -> Result<Option<(ImportId, Known)>, ReadError> {
        let places = self.places.clone();
        match self.reader()? {
            Some(reader) => Self::known(reader, &places).map_err(failed),
            None => Ok(None),
        }
    }

    fn each(
        &mut self,
        version: ImportId,
        each: &mut dyn FnMut(EntryId, Entry) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        match self.reader()? {
            Some(reader) => reader.roster(version, each).map_err(failed),
            None => Ok(()),
        }
    }
}
