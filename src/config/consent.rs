//! What an opt-out covers.

use super::section::Section;
use crate::model::Class;
use crate::policy::LifeSafety;

/// `[consent]`: what an opt-out covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// What a plain STOP does not stop.
    pub life_safety: LifeSafety,
}

pub(super) fn consent(mut section: Section) -> Consent {
    let classes = section.checked("life_safety_classes", Vec::new(), |list: Vec<String>| {
        list.iter().map(|word| word.parse::<Class>()).collect::<Result<_, _>>().map_err(|error| error.to_string())
    });
    let units = section.take("life_safety_units", Vec::<String>::new()).into_iter().collect();
    section.finish();
    Consent { life_safety: LifeSafety { classes, units } }
}
