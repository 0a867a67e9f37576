//! Whom an expression over role and area means in the roster as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::phrases;
use crate::config::Config;
use crate::model::audience::{Audience, Expression};
use crate::model::{Entry, ImportId, Lang};
use crate::spool::{LedgerRoster, expression_error};
use crate::store::{Reader, StoreError};

/// Why nobody is meant. What refuses is in the language asked for, and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum WhomError {
    /// The ledger did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no roster yet.
    #[error("{0}")]
    NoRoster(String),
    /// The expression cannot be read, or names what is not there.
    #[error("{0}")]
    Unusable(String),
}

/// One kecamatan, and who is meant there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AudienceCount {
    /// Its name; `None` for those who hold no office in one.
    pub kecamatan: Option<String>,
    /// Who holds an office there.
    pub people: u64,
    /// Their numbers; one counts where it is met first, as it does in a job.
    pub numbers: u64,
}

/// The roster as it is.
fn version(reader: &Reader, lang: Lang) -> Result<ImportId, WhomError> {
    reader.roster_version()?.ok_or_else(|| WhomError::NoRoster(phrases::no_roster(lang).to_owned()))
}

/// Whom an expression means in the roster as it is, and which one that is.
fn meant(config: &Config, reader: &Reader, text: &str, lang: Lang) -> Result<(ImportId, Audience), WhomError> {
    let known = LedgerRoster::known(reader, &config.roster.places)?;
    let (version, known) = known.ok_or_else(|| WhomError::NoRoster(phrases::no_roster(lang).to_owned()))?;
    let read = Expression::parse(text).and_then(|read| read.resolve(&known));
    let audience = read.map_err(|error| {
        let (what, remedy) = expression_error(&error, lang);
        WhomError::Unusable(format!("{what}; {remedy}"))
    })?;
    Ok((version, audience))
}

/// The roster as it is, and whom an expression means in it; without one, everyone.
pub fn whom(
    config: &Config,
    reader: &Reader,
    text: Option<&str>,
    lang: Lang,
) -> Result<(ImportId, Option<Audience>), WhomError> {
    match text {
        Some(text) => meant(config, reader, text, lang).map(|(version, audience)| (version, Some(audience))),
        None => version(reader, lang).map(|version| (version, None)),
    }
}

/// How many people an expression means, by kecamatan.
pub fn count_meant(config: &Config, reader: &Reader, text: &str, lang: Lang) -> Result<Vec<AudienceCount>, WhomError> {
    let (version, audience) = meant(config, reader, text, lang)?;
    let mut counts: BTreeMap<Option<String>, AudienceCount> = BTreeMap::new();
    let mut numbers = BTreeSet::new();
    reader.roster(version, |_, entry: Entry| {
        if audience.means(&entry.seat) {
            let kecamatan = entry.seat.kecamatan;
            let count = counts.entry(kecamatan.clone()).or_default();
            count.kecamatan = kecamatan;
            count.people += 1;
            count.numbers += u64::from(numbers.insert(entry.number));
        }
        ControlFlow::Continue(())
    })?;
    Ok(counts.into_values().collect())
}
