//! `kentongan alarms`: what a person should look at now, and what has passed.

mod phrases;

use self::phrases::Phrases;
use super::answers::Answers;
use super::args::{Alarms, AlarmsAct};
use super::phrases::words::{sentence, word};
use super::screen::{Table, maybe_time, print, print_json, time};
use super::{Context, Failure, notices};
use crate::engine::event::Action;
use crate::model::Lang;

/// Rows on paper when nobody says how many.
const PAPER_ROWS: u32 = 50;

pub(super) fn run(context: &Context, how: &Alarms) -> Result<(), Failure> {
    if let Some(AlarmsAct::Test(test)) = &how.act {
        return notices::test(context, Action::TestAlarms, test.json);
    }
    let limit = how.limit.unwrap_or(if how.json { u32::MAX } else { PAPER_ROWS });
    let rows = Answers::of(context)?.alarms(how.all, limit as usize)?;
    if how.json {
        return Ok(print_json(&rows)?);
    }
    let (say, zone) = (Phrases::of(context.lang), context.zone()?);
    let mut table = Table::new([say.since, say.level, say.what, say.subject, say.detail, say.passed]);
    for alarm in &rows {
        table.row([
            time(alarm.raised_at, zone),
            word(context.lang, &alarm.level),
            word(context.lang, &alarm.kind),
            about(context.lang, &alarm.subject),
            sentence(context.lang, &alarm.detail),
            maybe_time(alarm.cleared_at, zone),
        ]);
    }
    let shown = if table.is_empty() { format!("{}\n", say.none) } else { table.to_string() };
    Ok(print(&shown)?)
}

/// What an alarm is about, for people: a modem, a SIM, an operator, `SIM to OPERATOR`, `job 12`.
fn about(lang: Lang, subject: &str) -> String {
    match (lang, subject.strip_prefix("job "), subject.split_once(" to ")) {
        (Lang::Indonesian, Some(job), _) => format!("pekerjaan {job}"),
        (Lang::Indonesian, None, Some((sim, operator))) => format!("{sim} ke {operator}"),
        _ => word(lang, subject),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_alarm_is_about_is_told_in_the_readers_language() {
        let told: Vec<_> = ["job 12", "8962b to XL", "all SIMs", "XL"]
            .iter()
            .map(|subject| about(Lang::Indonesian, subject))
            .collect();
        assert_eq!(told, ["pekerjaan 12", "8962b ke XL", "semua kartu SIM", "XL"]);
        assert_eq!(about(Lang::English, "job 12"), "job 12");
    }
}
