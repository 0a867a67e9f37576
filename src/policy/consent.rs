use std::collections::BTreeSet;

use crate::model::{Class, OptOutScope};

/// What the settings call life-safety: what a plain STOP does not stop. Nothing, unless they say so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifeSafety {
    /// Classes that may be life-safety; none: it is switched off.
    pub classes: BTreeSet<Class>,
    /// Units whose jobs of these classes are; none named: those of every unit.
    pub units: BTreeSet<String>,
}

impl LifeSafety {
    /// As what an opt-out is entered that asked for so much. Where nothing is life-safety STOP means everything, and stays so when
    /// the settings change later: that is what its sender was told.
    pub fn entered(&self, asked: OptOutScope) -> OptOutScope {
        if self.classes.is_empty() { OptOutScope::Everything } else { asked }
    }

    /// Whether an opt-out of this scope keeps a unit's jobs of a class away.
    pub fn stops(&self, scope: OptOutScope, class: Class, unit: &str) -> bool {
        let covered = self.classes.contains(&class) && (self.units.is_empty() || self.units.contains(unit));
        scope == OptOutScope::Everything || !covered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_leaves_only_what_the_settings_call_life_safety_and_stop_semua_leaves_nothing() {
        let off = LifeSafety::default();
        let on = LifeSafety { classes: [Class::Emergency].into(), units: ["damkar".to_owned()].into() };
        assert_eq!(off.entered(OptOutScope::Ordinary), OptOutScope::Everything);
        assert_eq!(on.entered(OptOutScope::Ordinary), OptOutScope::Ordinary);
        assert_eq!(on.entered(OptOutScope::Everything), OptOutScope::Everything);
        let check = |rules: &LifeSafety, scope, class, unit, stops| {
            assert_eq!(rules.stops(scope, class, unit), stops, "{scope} {class} {unit}");
        };
        check(&on, OptOutScope::Ordinary, Class::Emergency, "damkar", false);
        check(&on, OptOutScope::Ordinary, Class::Emergency, "diskominfo", true);
        check(&on, OptOutScope::Ordinary, Class::Important, "damkar", true);
        check(&on, OptOutScope::Everything, Class::Emergency, "damkar", true);
        check(&off, OptOutScope::Ordinary, Class::Emergency, "damkar", true);
        let every_unit = LifeSafety { units: BTreeSet::new(), ..on };
        check(&every_unit, OptOutScope::Ordinary, Class::Emergency, "diskominfo", false);
    }
}
