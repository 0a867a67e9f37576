//! Keys about backups that the daemon makes by itself.

use std::path::{Path, PathBuf};

use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::section::Section;
use crate::policy::BackupPlan;

/// `[backup]`: backups that the daemon makes by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Where they are put.
    pub folder: PathBuf,
    /// When, and which are kept.
    pub plan: BackupPlan,
}

/// `None`: no folder is named, and none are made.
pub(super) fn backup(mut section: Section, file: &Path, zone: &TimeZone) -> Option<Backup> {
    let base = file.parent().unwrap_or(Path::new(""));
    let folder = section.checked("folder", String::new(), |path: String| match path.as_str() {
        "" => Ok(None),
        path => Ok::<_, String>(Some(base.join(path))),
    });
    let at = section.checked("at", "02:30".to_owned(), |text: String| {
        let time = Time::strptime("%H:%M", text.replace('.', ":"));
        time.map_err(|_| format!("`{}` is no time of day; write one such as \"02:30\"", text.escape_debug()))
    });
    let count = |count: usize| match count {
        0..=1_000 => Ok(count),
        _ => Err(format!("{count} is too many; write 0 to 1000")),
    };
    let keep_daily = section.checked("keep_daily", 7, count);
    let keep_weekly = section.checked("keep_weekly", 4, count);
    section.finish();
    Some(Backup { folder: folder?, plan: BackupPlan { at, zone: zone.clone(), keep_daily, keep_weekly } })
}
