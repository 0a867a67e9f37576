//! What an opt-out covers, and how long what may be told of people is kept.

use super::section::Section;
use crate::model::{Class, SignedDuration};
use crate::policy::{LifeSafety, Retention};

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

pub(super) fn retention(mut section: Section) -> Retention {
    let days = |days: u32| match days {
        0 => Ok(None),
        1..=36_500 => Ok(Some(SignedDuration::from_hours(24 * i64::from(days)))),
        _ => Err(format!("{days} days is more than a century; write 0 to keep it for ever")),
    };
    let retention = Retention {
        texts: section.checked("texts_days", 0, days),
        inbound: section.checked("inbound_days", 0, days),
        numbers: section.checked("numbers_days", 0, days),
    };
    section.finish();
    retention
}
