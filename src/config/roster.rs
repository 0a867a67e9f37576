//! `[roster]`: whom the office reaches, and which areas there are.

use std::path::Path;
use std::sync::Arc;

use super::section::Section;
use crate::model::{Places, SignedDuration};
use crate::policy::Suspension;

/// `[roster]`: the areas of the city, and when a number counts as dead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// The areas of the file that is named; empty where none is.
    pub places: Arc<Places>,
    /// When a number counts as dead.
    pub suspension: Suspension,
}

pub(super) fn roster(mut section: Section, file: &Path) -> Roster {
    let base = file.parent().map(Path::to_owned).unwrap_or_default();
    let default = Suspension::default();
    let roster = Roster {
        places: section.checked("areas", String::new(), |name: String| match name.as_str() {
            "" => Ok(Arc::default()),
            name => read(&base.join(name)).map(Arc::new),
        }),
        suspension: Suspension {
            failures: section.checked("suspend_failures", default.failures, |count: u32| match count {
                0..=1000 => Ok(count),
                _ => Err(format!("{count} is not possible; write 0 (never) to 1000")),
            }),
            over: section.checked("suspend_days", (default.over.as_hours() / 24) as u32, |days: u32| match days {
                0..=3650 => Ok(SignedDuration::from_hours(i64::from(days) * 24)),
                _ => Err(format!("{days} days is more than ten years; write 0 to 3650")),
            }),
        },
    };
    section.finish();
    roster
}

fn read(file: &Path) -> Result<Places, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("{} cannot be read: {error}; name a file in UTF-8", file.display()))?;
    Places::parse(&text).map_err(|error| format!("{}, {error}", file.display()))
}
