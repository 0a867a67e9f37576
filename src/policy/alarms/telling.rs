//! Who is told what of alarms, and when: several in one go, nothing that passes at once, not too often, and the end of it too.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::model::{AlarmLevel, SignedDuration, Timestamp, later};
use crate::policy::Hours;

/// How one way of telling is used.
#[derive(Clone, Debug, PartialEq)]
pub struct Manner {
    /// What matters less is not told.
    pub level: AlarmLevel,
    /// Hours in which only what is critical is told.
    pub hours: Hours,
    /// How long an alarm must stand, or have passed, before it is told.
    pub settle: SignedDuration,
    /// How long others are waited for, to be told together.
    pub gather: SignedDuration,
    /// One that stands is told again after this.
    pub repeat: SignedDuration,
    /// Notices in an hour and in a day, at most; `None`: as many as there are.
    pub at_most: Option<(u32, u32)>,
}

impl Default for Manner {
    /// As for SMS.
    fn default() -> Self {
        Self {
            level: AlarmLevel::Warning,
            hours: Hours::default(),
            settle: SignedDuration::from_mins(2),
            gather: SignedDuration::from_mins(1),
            repeat: SignedDuration::from_hours(24),
            at_most: Some((4, 12)),
        }
    }
}

/// An alarm, and what one target has been told of it. Those of which all is told do not come here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its row.
    pub id: i64,
    /// What it is and what it is about: the same for one that comes back.
    pub key: (String, String),
    /// How much it matters.
    pub level: AlarmLevel,
    /// Since when it stands.
    pub raised_at: Timestamp,
    /// When it passed; `None`: it stands.
    pub cleared_at: Option<Timestamp>,
    /// How much longer than usual its end must last: after a start nobody knows at once whether it has passed.
    pub patience: SignedDuration,
    /// When the target was last told that it stands; `None`: never.
    pub told_at: Option<Timestamp>,
}

/// What is told of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// It stands.
    Stands,
    /// It still stands.
    StillStands,
    /// It has passed.
    Passed,
}

/// What follows for one alarm without a word to anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It came and went too quickly, or came back: nothing more is told of it.
    Nothing,
    /// The target knows already that it stands, since this time: it went only for a moment.
    Known(Timestamp),
}

/// What is to be done for one target now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Told together, in this order; empty: nothing now.
    pub told: Vec<(i64, Said)>,
    /// Noted, and not told.
    pub noted: Vec<(i64, News)>,
    /// When to ask again, if nothing happens before.
    pub next: Option<Timestamp>,
}

/// What a target is told now. `sent`: when it got notices in the last day. `items`: in the order of their ids.
pub fn round(items: &[Item], sent: &[Timestamp], manner: &Manner, zone: &TimeZone, now: Timestamp) -> Round {
    let mut round = Round::default();
    let mut due: Vec<(Timestamp, i64, Said)> = Vec::new();
    for item in settled(items, &mut round.noted, manner) {
        if item.level < manner.level {
            continue;
        }
        let (ripe, said) = match (item.cleared_at, item.told_at) {
            (None, None) => (later(item.raised_at, manner.settle), Said::Stands),
            (None, Some(told)) => (later(told, manner.repeat), Said::StillStands),
            (Some(cleared), _) => (later(cleared, manner.settle + item.patience), Said::Passed),
        };
        due.push((may_be_told(item.level, ripe, manner, zone, now), item.id, said));
    }
    let Some(first) = due.iter().map(|(ripe, ..)| *ripe).min() else { return round };
    // What only repeats waits for nobody and is no reason to hurry; it is all the same.
    let at = later(first, manner.gather).max(allowed(sent, manner, now));
    if at > now {
        round.next = Some(at);
        return round;
    }
    due.retain(|(ripe, ..)| *ripe <= now);
    due.sort_by_key(|(_, id, said)| (*said == Said::Passed, *id));
    round.told = due.into_iter().map(|(_, id, said)| (id, said)).collect();
    // For what is not ripe yet.
    round.next = Some(now);
    round
}

/// The alarms as they stand once those are taken out that came and went, and those joined that went and came back.
fn settled(items: &[Item], noted: &mut Vec<(i64, News)>, manner: &Manner) -> Vec<Item> {
    let mut last: BTreeMap<&(String, String), Item> = BTreeMap::new();
    let mut all = Vec::new();
    for known in items {
        let mut item = known.clone();
        if let Some(before) = last.remove(&known.key) {
            noted.push((before.id, News::Nothing));
            if let (None, Some(told)) = (item.told_at, before.told_at) {
                noted.push((item.id, News::Known(told)));
                item.told_at = Some(told);
            }
        }
        last.insert(&known.key, item);
    }
    for item in last.into_values() {
        let passing = item.told_at.is_none()
            && item.cleared_at.is_some_and(|cleared| cleared < later(item.raised_at, manner.settle));
        if passing {
            noted.push((item.id, News::Nothing));
        } else {
            all.push(item);
        }
    }
    all
}

/// When something that is ripe may be told by the clock on the wall.
fn may_be_told(level: AlarmLevel, ripe: Timestamp, manner: &Manner, zone: &TimeZone, now: Timestamp) -> Timestamp {
    let at = ripe.max(now);
    if level == AlarmLevel::Critical || manner.hours.allow(zone, at) {
        return ripe;
    }
    manner.hours.next_allowed(zone, at).unwrap_or(Timestamp::MAX)
}

/// When the next notice keeps within what an hour and a day may bring.
fn allowed(sent: &[Timestamp], manner: &Manner, now: Timestamp) -> Timestamp {
    let Some((hour, day)) = manner.at_most else { return now };
    let mut sent = sent.to_vec();
    sent.sort_unstable();
    let free = |most: u32, span: SignedDuration| {
        let place = sent.len().checked_sub(most as usize);
        place.and_then(|place| sent.get(place)).map_or(now, |oldest| later(*oldest, span))
    };
    now.max(free(hour, SignedDuration::from_hours(1))).max(free(day, SignedDuration::from_hours(24)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + 60 * minutes).unwrap()
    }

    fn item(id: i64, what: &str, raised: i64, cleared: Option<i64>, told: Option<i64>) -> Item {
        Item {
            id,
            key: (what.to_owned(), "x".to_owned()),
            level: if what == "warning" { AlarmLevel::Warning } else { AlarmLevel::Critical },
            raised_at: at(raised),
            cleared_at: cleared.map(at),
            patience: SignedDuration::ZERO,
            told_at: told.map(at),
        }
    }

    /// Settles in 2 minutes, gathers for 1.
    fn ask(items: &[Item], sent: &[i64], minutes: i64) -> Round {
        let sent: Vec<_> = sent.iter().map(|minutes| at(*minutes)).collect();
        round(items, &sent, &Manner::default(), &TimeZone::UTC, at(minutes))
    }

    #[test]
    fn an_alarm_is_told_once_it_has_stood_and_others_have_been_waited_for() {
        let one = item(1, "a", 0, None, None);
        assert_eq!(ask(std::slice::from_ref(&one), &[], 2), Round { next: Some(at(3)), ..Round::default() });
        let two = item(2, "b", 1, None, None);
        let late = item(3, "c", 2, None, None);
        let told = ask(&[one, two, late], &[], 3).told;
        assert_eq!(told, [(1, Said::Stands), (2, Said::Stands)], "what has not stood for two minutes comes later");
    }

    #[test]
    fn what_comes_and_goes_is_not_told_and_what_comes_back_is_not_told_again() {
        let quick = ask(&[item(1, "a", 0, Some(1), None)], &[], 60);
        assert_eq!(quick, Round { noted: vec![(1, News::Nothing)], ..Round::default() });
        let back = ask(&[item(1, "a", 0, Some(10), Some(3)), item(2, "a", 11, None, None)], &[], 60);
        assert_eq!(back.noted, [(1, News::Nothing), (2, News::Known(at(3)))]);
        assert_eq!((back.told, back.next), (vec![], Some(at(3 + 24 * 60 + 1))), "only the daily word is left");
    }

    #[test]
    fn the_end_is_told_too_also_of_what_nobody_could_be_told_of() {
        let passed = ask(&[item(1, "a", 0, Some(10), Some(3))], &[], 13).told;
        assert_eq!(passed, [(1, Said::Passed)]);
        // Rate-limited, or no modem was at work: it stood for an hour all the same.
        assert_eq!(ask(&[item(1, "a", 0, Some(60), None)], &[], 63).told, [(1, Said::Passed)]);
    }

    #[test]
    fn a_start_that_looks_anew_is_no_recovery() {
        let cleared = Item { patience: SignedDuration::from_mins(17), ..item(1, "a", 0, Some(10), Some(3)) };
        assert_eq!(ask(std::slice::from_ref(&cleared), &[], 20).told, []);
        let again = ask(&[cleared.clone(), item(2, "a", 25, None, None)], &[], 28);
        assert_eq!((again.told, again.noted.len()), (vec![], 2), "it is known already");
        assert_eq!(ask(&[cleared], &[], 30).told, [(1, Said::Passed)]);
    }

    #[test]
    fn an_hour_and_a_day_have_their_measure() {
        let items = [item(1, "a", 0, None, None)];
        assert_eq!(ask(&items, &[0, 1, 2, 3], 5).next, Some(at(60)), "four an hour");
        let day: Vec<i64> = (0..12).map(|n| n * 100).collect();
        assert_eq!(ask(&items, &day, 1_200).next, Some(at(24 * 60)), "twelve a day");
        let free = Manner { at_most: None, ..Manner::default() };
        assert_eq!(round(&items, &[at(0); 99], &free, &TimeZone::UTC, at(5)).told.len(), 1);
    }

    #[test]
    fn in_quiet_hours_only_what_is_critical_is_told() {
        // 1_795_000_000 is 11:06:40 UTC.
        let quiet = Hours::new(
            &jiff::civil::Weekday::Monday.cycle_forward().take(7).collect::<Vec<_>>(),
            vec!["11:00-13:00".parse().unwrap()],
        );
        let manner = Manner { hours: quiet.unwrap(), ..Manner::default() };
        let items = [item(1, "warning", 0, None, None), item(2, "critical", 0, None, None)];
        let ask = |items: &[Item], minutes| round(items, &[], &manner, &TimeZone::UTC, at(minutes));
        assert_eq!(ask(&items, 3).told, [(2, Said::Stands)]);
        let opens = "2026-11-18T13:01:00Z".parse().unwrap();
        assert_eq!(ask(&items[..1], 3), Round { next: Some(opens), ..Round::default() });
        let only_critical = Manner { level: AlarmLevel::Critical, ..Manner::default() };
        assert_eq!(round(&items[..1], &[], &only_critical, &TimeZone::UTC, at(60)), Round::default());
    }

    /// One alarm as the world brings it: raised and cleared again and again, every number some minutes later.
    fn weather() -> impl Strategy<Value = Vec<(usize, i64)>> {
        proptest::collection::vec((0usize..3, 1i64..200), 1..40)
    }

    proptest! {
        #[test]
        fn nobody_is_told_too_often_and_everybody_ends_with_the_truth(weather in weather()) {
            let (mut items, mut last_id, mut sent, mut clock) = (Vec::<Item>::new(), 0, Vec::new(), 0);
            let mut belief = BTreeMap::new();
            let mut changes = weather.into_iter().peekable();
            let mut due = changes.peek().map_or(0, |(_, wait)| *wait);
            let mut ended = None;
            loop {
                if ended.is_none() && clock >= due {
                    let Some((which, _)) = changes.next() else { unreachable!("there is one left") };
                    let what = ["a", "b", "c"][which];
                    match items.iter_mut().rev().find(|item| item.key.0 == what && item.cleared_at.is_none()) {
                        Some(stands) => stands.cleared_at = Some(at(clock)),
                        None => {
                            last_id += 1;
                            items.push(item(last_id, what, clock, None, None));
                        }
                    }
                    match changes.peek() {
                        Some((_, wait)) => due = clock + wait,
                        None => ended = Some(clock),
                    }
                }
                let stand: Vec<String> =
                    items.iter().filter(|item| item.cleared_at.is_none()).map(|item| item.key.0.clone()).collect();
                let answer = round(&items, &sent, &Manner::default(), &TimeZone::UTC, at(clock));
                for (id, news) in &answer.noted {
                    let place = items.iter().position(|item| item.id == *id).unwrap();
                    match news {
                        News::Nothing => { items.remove(place); }
                        News::Known(told) => items[place].told_at = Some(*told),
                    }
                }
                if !answer.told.is_empty() {
                    sent.push(at(clock));
                    let hour = sent.iter().filter(|sent| **sent > at(clock - 60)).count();
                    let day = sent.iter().filter(|sent| **sent > at(clock - 24 * 60)).count();
                    prop_assert!(hour <= 4 && day <= 12, "{hour} in an hour, {day} in a day");
                }
                for (id, said) in &answer.told {
                    let place = items.iter().position(|item| item.id == *id).unwrap();
                    let what = items[place].key.0.clone();
                    match said {
                        Said::Passed => { belief.remove(&what); items.remove(place); }
                        Said::Stands => {
                            prop_assert!(belief.insert(what, ()).is_none(), "told twice");
                            items[place].told_at = Some(at(clock));
                        }
                        Said::StillStands => items[place].told_at = Some(at(clock)),
                    }
                }
                // A day after the last change everybody has heard the last word.
                if ended.is_some_and(|ended| clock > ended + 25 * 60) {
                    let stand: Vec<&String> = stand.iter().collect();
                    let mut known: Vec<&String> = belief.keys().collect();
                    let mut stand = stand;
                    stand.sort();
                    known.sort();
                    prop_assert_eq!(stand, known);
                    break;
                }
                clock += 1;
            }
        }
    }
}
