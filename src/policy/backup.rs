use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::model::Timestamp;

/// When backups are made by themselves, and which of them are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupPlan {
    /// At this time of day.
    pub at: Time,
    /// In this zone.
    pub zone: TimeZone,
    /// The newest of each of so many days.
    pub keep_daily: usize,
    /// The newest of each of so many weeks, from Monday on.
    pub keep_weekly: usize,
}

impl BackupPlan {
    /// When the next one is due after one that was made at `last`; `None`: at once, since there is none.
    pub fn due(&self, last: Option<Timestamp>) -> Option<Timestamp> {
        let last = last?;
        let today = self.zone.to_datetime(last).date();
        let days = [Some(today), today.tomorrow().ok()];
        let at = |day: jiff::civil::Date| self.zone.to_timestamp(day.to_datetime(self.at)).ok();
        days.into_iter().flatten().filter_map(at).find(|at| *at > last)
    }

    /// Which of these, by the times at which they were made, are kept no longer. The newest always is.
    pub fn expendable(&self, made: &[Timestamp]) -> Vec<Timestamp> {
        let mut newest_first = made.to_vec();
        newest_first.sort_unstable_by(|left, right| right.cmp(left));
        newest_first.dedup();
        let (mut days, mut weeks) = (Vec::new(), Vec::new());
        let keeps = |at: &Timestamp, place: usize| {
            let day = self.zone.to_datetime(*at).date();
            let week = (day.iso_week_date().year(), day.iso_week_date().week());
            // Of each day and of each week the newest comes first.
            let daily = !days.contains(&day) && days.len() < self.keep_daily;
            let weekly = !weeks.contains(&week) && weeks.len() < self.keep_weekly;
            if daily {
                days.push(day);
            }
            if weekly {
                weeks.push(week);
            }
            daily || weekly || place == 0
        };
        let mut keeps = keeps;
        let judged: Vec<_> = newest_first.iter().enumerate().map(|(place, at)| (*at, keeps(at, place))).collect();
        judged.into_iter().filter(|(_, kept)| !kept).map(|(at, _)| at).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::SignedDuration;

    fn plan() -> BackupPlan {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        BackupPlan { at: Time::constant(2, 30, 0, 0), zone, keep_daily: 7, keep_weekly: 4 }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_is_due_at_the_offices_time_of_day_and_a_missed_one_is_due_at_once() {
        let check = |last: &str, due: &str| assert_eq!(plan().due(Some(at(last))), Some(at(due)), "{last}");
        check("2026-11-25T19:30:00Z", "2026-11-26T19:30:00Z");
        check("2026-11-25T19:29:59Z", "2026-11-25T19:30:00Z");
        check("2026-11-25T23:00:00Z", "2026-11-26T19:30:00Z");
        assert_eq!(plan().due(None), None);
    }

    #[test]
    fn a_year_of_backups_leaves_a_week_of_days_and_a_month_of_weeks() {
        let first = at("2026-01-01T19:30:00Z");
        let mut kept = Vec::new();
        for day in 0..365 {
            kept.push(first + SignedDuration::from_hours(24 * day));
            let gone = plan().expendable(&kept);
            kept.retain(|made| !gone.contains(made));
        }
        let shown: Vec<String> =
            kept.iter().map(|made| plan().zone.to_datetime(*made).strftime("%m-%d").to_string()).collect();
        assert_eq!(shown, ["12-13", "12-20", "12-26", "12-27", "12-28", "12-29", "12-30", "12-31", "01-01"]);
    }

    proptest! {
        #[test]
        fn the_newest_is_never_given_up_and_no_more_are_kept_than_asked_for(
            hours in proptest::collection::vec(0i64..20_000, 1..60),
            keep_daily in 0usize..9,
            keep_weekly in 0usize..9,
        ) {
            let made: Vec<Timestamp> = hours.iter().map(|hour| at("2026-01-01T00:00:00Z") + SignedDuration::from_hours(*hour)).collect();
            let plan = BackupPlan { keep_daily, keep_weekly, ..plan() };
            let gone = plan.expendable(&made);
            prop_assert!(!gone.contains(made.iter().max().unwrap()));
            let mut kept: Vec<_> = made.iter().filter(|made| !gone.contains(made)).collect();
            kept.sort();
            kept.dedup();
            prop_assert!(kept.len() <= (keep_daily + keep_weekly).max(1));
        }
    }
}
