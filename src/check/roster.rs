//! What people ask of the roster: who holds which office, who did, and which numbers want correcting.

use std::ops::ControlFlow;

use super::whom::{WhomError, whom};
use crate::config::Config;
use crate::model::{Country, EntryId, ImportId, Lang, Msisdn, place_key};
use crate::store::{CorrectionView, EntryView, Reader, StoreError};

/// Which entries of the roster.
#[derive(Clone, Debug, Default)]
pub struct EntryPage {
    /// Whoever is meant by this expression; `None`: everyone.
    pub expression: Option<String>,
    /// As of this import, so that one page fits to another; `None`: the newest. What an expression names is looked for in the newest.
    pub import: Option<ImportId>,
    /// Only later ones than this.
    pub after: Option<EntryId>,
    /// At most so many.
    pub limit: usize,
}

/// Who holds which office, in the order in which they were entered.
pub fn entries(config: &Config, reader: &Reader, page: &EntryPage, lang: Lang) -> Result<Vec<EntryView>, WhomError> {
    let (newest, audience) = whom(config, reader, page.expression.as_deref(), lang)?;
    let version = page.import.map_or(newest, |import| import.min(newest));
    let mut ids = Vec::new();
    if page.limit > 0 {
        reader.roster_after(version, page.after.unwrap_or(EntryId(0)), |id, entry| {
            if audience.as_ref().is_none_or(|audience| audience.means(&entry.seat)) {
                ids.push(id);
            }
            if ids.len() < page.limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
    }
    Ok(reader.roster_entries(&ids)?)
}

/// All that the roster ever said of a number as people write it, or of the office of the entry of this number; the oldest first.
pub fn history(country: Country, reader: &Reader, what: &str) -> Result<Vec<EntryView>, StoreError> {
    let number = Msisdn::parse(what, country).ok();
    let entry = match number {
        Some(_) => None,
        None => what.parse().map(EntryId).ok(),
    };
    reader.roster_history(number, entry)
}

/// Numbers to which messages failed so often that nothing is sent to them any more, of one kelurahan or of all.
pub fn corrections(reader: &Reader, kelurahan: Option<&str>) -> Result<Vec<CorrectionView>, StoreError> {
    let mut rows = reader.corrections(reader.roster_version()?)?;
    if let Some(kelurahan) = kelurahan {
        let key = place_key(kelurahan);
        rows.retain(|row| row.kelurahan.as_deref().is_some_and(|name| place_key(name) == key));
    }
    Ok(rows)
}
