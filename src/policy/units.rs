use std::collections::BTreeMap;

use crate::model::Class;

/// What is set for one unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitRules {
    /// Stands below each of its texts; empty: nothing does.
    pub signature: String,
    /// Segments it may send in a day of the office; 0: as many as it likes.
    pub segments_per_day: u32,
    /// What becomes of a job that is over it.
    pub over_quota: OverQuota,
    /// Whether its jobs wait for a second person.
    pub approval: UnitApproval,
    /// Its own size for that; `None`: that of the class.
    pub approval_above: Option<u64>,
}

/// What becomes of a job that needs more than is left of its unit's day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverQuota {
    /// What is left of the day goes out, the rest on the next.
    #[default]
    Wait,
    /// It is not accepted.
    Refuse,
}

/// Whether the jobs of a unit wait for a second person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnitApproval {
    /// Those above the set size.
    #[default]
    BySize,
    /// All but emergencies.
    Always,
    /// None but emergencies, where those do.
    Never,
}

/// Which jobs wait for a second person: the sizes above which they do, by class; `None`: never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Approval {
    /// Of emergencies, whatever the unit: who warns must not wait, unless this says so.
    pub emergency: Option<u64>,
    /// Of important jobs.
    pub important: Option<u64>,
    /// Of routine jobs.
    pub routine: Option<u64>,
}

/// Why a job waits for a second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// It is for more people than this.
    Size(u64),
    /// Every job of its unit does.
    Unit,
}

impl Approval {
    /// Whether a job that goes to so many people waits for a second person, and why.
    pub fn needs(&self, class: Class, unit: Option<&UnitRules>, people: u64) -> Option<Needs> {
        let above = match class {
            Class::Emergency => return self.emergency.filter(|above| people > *above).map(Needs::Size),
            Class::Important => self.important,
            Class::Routine => self.routine,
        };
        match unit.map(|unit| unit.approval).unwrap_or_default() {
            UnitApproval::Always => Some(Needs::Unit),
            UnitApproval::Never => None,
            UnitApproval::BySize => {
                unit.and_then(|unit| unit.approval_above).or(above).filter(|above| people > *above).map(Needs::Size)
            }
        }
    }
}

/// Rules by the name of the unit; a unit that is not here has the defaults.
pub type Units = BTreeMap<String, UnitRules>;

/// A text with its unit's signature on a line below it, unless it ends with it already. A blank text stays blank.
pub fn signed(text: String, unit: Option<&UnitRules>) -> String {
    let Some(signature) = unit.map(|unit| unit.signature.trim()).filter(|signature| !signature.is_empty()) else {
        return text;
    };
    match text.trim_end() {
        "" => text,
        body if body.ends_with(signature) => text,
        body => format!("{body}\n{signature}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_stands_below_a_text_once() {
        let unit = UnitRules { signature: " Diskominfo ".to_owned(), ..UnitRules::default() };
        let sign = |text: &str| signed(text.to_owned(), Some(&unit));
        assert_eq!(sign("Rapat.\n"), "Rapat.\nDiskominfo");
        assert_eq!(sign("Rapat.\nDiskominfo"), "Rapat.\nDiskominfo");
        assert_eq!(sign(" \n"), " \n", "a blank text is none, and stays one");
        assert_eq!(signed("Rapat. ".to_owned(), None), "Rapat. ");
    }

    #[test]
    fn large_jobs_and_those_of_some_units_wait_for_a_second_person() {
        let rule = Approval { important: Some(500), routine: Some(100), emergency: None };
        let unit = |approval, approval_above| UnitRules { approval, approval_above, ..UnitRules::default() };
        let check = |class, unit: Option<&UnitRules>, people, expected| {
            assert_eq!(rule.needs(class, unit, people), expected, "{class} to {people}");
        };
        check(Class::Routine, None, 100, None);
        check(Class::Routine, None, 101, Some(Needs::Size(100)));
        check(Class::Important, None, 500, None);
        check(Class::Emergency, None, 1_000_000, None);
        let strict = unit(UnitApproval::Always, None);
        check(Class::Routine, Some(&strict), 1, Some(Needs::Unit));
        check(Class::Emergency, Some(&strict), 1, None);
        check(Class::Important, Some(&unit(UnitApproval::BySize, Some(10))), 11, Some(Needs::Size(10)));
        check(Class::Important, Some(&unit(UnitApproval::Never, Some(10))), 11_000, None);
        let all = Approval { emergency: Some(0), ..rule };
        assert_eq!(all.needs(Class::Emergency, Some(&unit(UnitApproval::Never, None)), 1), Some(Needs::Size(0)));
    }
}
