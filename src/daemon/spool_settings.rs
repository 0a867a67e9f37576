use std::sync::Arc;

use super::Clock;
use super::people::{group_id, user_name};
use crate::config::{Config, Unit};
use crate::spool::format::FormatSettings;
use crate::spool::{self, SpoolSettings};

/// What the queue directory's shell needs, out of the whole configuration.
pub(super) fn spool_settings(config: &Config, clock: Clock) -> SpoolSettings {
    SpoolSettings {
        units: config.units.iter().map(spool_unit).collect(),
        format: format_settings(config),
        places: config.roster.places.clone(),
        user_name,
        ..SpoolSettings::new(&config.paths.queue, &config.paths.database, Arc::new(move || clock.now()))
    }
}

/// How job files are read.
pub fn format_settings(config: &Config) -> FormatSettings {
    FormatSettings {
        country: config.office.country,
        time_zone: config.office.time_zone.clone(),
        file_bytes_max: config.intake.file_bytes_max,
        rows_max: config.intake.rows_max,
        unusable_share_max: config.intake.unusable_share_max,
    }
}

/// A unit as the queue directory knows it.
pub fn spool_unit(unit: &Unit) -> spool::Unit {
    let group = unit.group.as_ref().map(|name| spool::Group { name: name.clone(), gid: group_id(name) });
    spool::Unit { name: unit.name.clone(), classes: unit.classes.clone(), in_doubt: unit.in_doubt, group }
}
