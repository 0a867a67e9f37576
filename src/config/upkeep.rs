//! Keys about the care for modems and SIMs: self-tests.

use super::section::Section;
use crate::model::SignedDuration;

/// `[self_test]`: how often modems test themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelfTest {
    /// How often; `None`: only when somebody asks for it.
    pub every: Option<SignedDuration>,
}

pub(super) fn self_test(mut section: Section) -> SelfTest {
    let every = section.checked("every_days", 0u32, |days: u32| match days {
        0 => Ok(None),
        1..=366 => Ok(Some(SignedDuration::from_hours(24 * i64::from(days)))),
        _ => Err(format!("{days} days is more than a year; write 0 (never) to 366")),
    });
    section.finish();
    SelfTest { every }
}
