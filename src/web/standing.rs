//! Moratoria as they stand: those that people entered, and those of the settings.

use crate::config::Config;
use crate::store::MoratoriumView;

/// What people entered, with what the settings say, by beginning.
pub fn moratoria(config: &Config, entered: Vec<MoratoriumView>) -> Vec<MoratoriumView> {
    let set = config.calendar.moratoria.iter().map(|moratorium| MoratoriumView {
        id: None,
        from: moratorium.from,
        until: moratorium.until,
        classes: moratorium.classes.iter().map(|class| class.name()).collect::<Vec<_>>().join(","),
        units: moratorium.units.join(","),
        reason: moratorium.reason.clone(),
        actor: "settings".to_owned(),
        entered_at: None,
        ended_at: None,
    });
    let mut all = entered;
    all.extend(set);
    all.sort_by_key(|row| (row.from, row.id));
    all
}
