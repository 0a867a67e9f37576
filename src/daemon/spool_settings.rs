use std::sync::Arc;

use super::Clock;
use super::people::{group_id, user_name};
use crate::check::format_settings;
use crate::config::{Config, Unit};
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

/// A unit as the queue directory knows it.
fn spool_unit(unit: &Unit) -> spool::Unit {
    let group = unit.group.as_ref().map(|name| spool::Group { name: name.clone(), gid: group_id(name) });
    spool::Unit { name: unit.name.clone(), classes: unit.classes.clone(), in_doubt: unit.in_doubt, group }
}
