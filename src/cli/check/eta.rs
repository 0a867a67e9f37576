use crate::policy::{Limits, Quota};

/// Seconds a modem is taken to need for one segment: 3GPP signalling channels carry 6 to 10 a minute.
const AIR_S: u64 = 6;

/// How long so many segments take over so many modems within this part of each SIM's quota, from an empty queue, in seconds.
/// `None` without modems.
pub(super) fn seconds(segments: u64, modems: u64, limits: &Limits, quota: Quota) -> Option<u64> {
    if modems == 0 {
        return None;
    }
    let share = segments.div_ceil(modems);
    // A window lets its count go at once and the rest when it has slid on.
    let window = |count: u32, span_s: u64| match u64::from(count) {
        0 => 0,
        count => share.saturating_sub(1) / count * span_s,
    };
    let each = AIR_S + limits.min_gap.as_secs();
    let (hour, day) = (limits.part(limits.per_hour, quota), limits.part(limits.per_day, quota));
    [share * each, window(limits.per_minute, 60), window(hour, 3600), window(day, 86_400)].into_iter().max()
}

/// `2 h 05 min`, `12 min`, `< 1 min`.
pub(super) fn in_words(seconds: u64) -> String {
    match (seconds / 3600, seconds.div_ceil(60) % 60) {
        (0, _) if seconds < 60 => "< 1 min".to_owned(),
        (0, minutes) if seconds <= 3540 => format!("{minutes} min"),
        (hours, minutes) => format!("{} h {minutes:02} min", if minutes == 0 { seconds.div_ceil(3600) } else { hours }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_limit_decides() {
        let check = |segments, modems, limits: &Limits, expected| {
            assert_eq!(seconds(segments, modems, limits, Quota::Common), expected, "{segments} over {modems}");
        };
        check(10, 0, &Limits::NONE, None);
        check(100, 4, &Limits::NONE, Some(150));
        check(60, 1, &Limits { per_minute: 6, ..Limits::NONE }, Some(540));
        check(11_000, 20, &Limits { per_minute: 6, ..Limits::NONE }, Some(5460));
        check(600, 1, &Limits { per_hour: 250, ..Limits::NONE }, Some(7200));
        let kept = Limits { per_hour: 250, reserve_emergency: 0.2, ..Limits::NONE };
        check(600, 1, &kept, Some(7200));
        check(601, 1, &kept, Some(10_800));
        assert_eq!(seconds(601, 1, &kept, Quota::Whole), Some(7200), "emergencies have all of it");
    }

    #[test]
    fn spans_are_said_as_people_say_them() {
        let words: Vec<_> = [5, 61, 3540, 3590, 3600, 5460, 7201].into_iter().map(in_words).collect();
        assert_eq!(words, ["< 1 min", "2 min", "59 min", "1 h 00 min", "1 h 00 min", "1 h 31 min", "2 h 01 min"]);
    }
}
