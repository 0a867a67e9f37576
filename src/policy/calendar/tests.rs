use jiff::civil::Weekday;
use proptest::prelude::*;

use super::hours::day;
use super::*;
use crate::model::SignedDuration;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn local(zone: &TimeZone, text: &str) -> Timestamp {
    moment(text, zone, Edge::From).unwrap()
}

const WEEK: [Weekday; 5] = [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

fn hours(days: &[Weekday], quiet: &[&str]) -> Hours {
    Hours::new(days, quiet.iter().map(|stretch| stretch.parse().unwrap()).collect()).unwrap()
}

fn nightly(zone: &str) -> Calendar {
    let every = [&WEEK[..], &[Weekday::Saturday, Weekday::Sunday]].concat();
    Calendar { zone: self::zone(zone), routine: hours(&every, &["21:00-06:00"]), ..Calendar::default() }
}

fn check_opens(calendar: &Calendar, now: &str, opens: &str) {
    let now = local(&calendar.zone, now);
    assert_eq!(calendar.opens(Class::Routine, "u", &[], now), Some(local(&calendar.zone, opens)), "at {now}");
}

#[test]
fn a_night_goes_over_midnight_and_over_the_ends_of_months_and_years() {
    let calendar = nightly("Asia/Jakarta");
    for (now, opens) in [
        ("2026-11-18 20:59", "2026-11-18 20:59"),
        ("2026-11-18 21:00", "2026-11-19 06:00"),
        ("2026-11-19 00:00", "2026-11-19 06:00"),
        ("2026-11-19 05:59:59.999", "2026-11-19 06:00"),
        ("2026-11-19 06:00", "2026-11-19 06:00"),
        ("2026-11-30 23:30", "2026-12-01 06:00"),
        ("2026-12-31 21:00", "2027-01-01 06:00"),
        ("2028-02-28 22:00", "2028-02-29 06:00"),
    ] {
        check_opens(&calendar, now, opens);
    }
    let shut = calendar.at(Class::Routine, "u", &[], local(&calendar.zone, "2026-11-18 22:00"));
    let opens = local(&calendar.zone, "2026-11-19 06:00");
    assert_eq!(shut, Opening::Shut { opens: Some(opens), changes: opens, why: Closed::QuietHour });
    let open = calendar.at(Class::Routine, "u", &[], opens);
    assert_eq!(open, Opening::Open { until: local(&calendar.zone, "2026-11-19 21:00") });
    assert_eq!(
        calendar.at(Class::Emergency, "u", &[], at("2026-11-18T18:00:00Z")),
        Opening::Open { until: Timestamp::MAX }
    );
}

#[test]
fn a_week_end_of_an_office_is_waited_for_and_named() {
    let calendar =
        Calendar { routine: hours(&WEEK, &["17:00-07:30", "12:00-13:00", "16:00-18:00"]), ..Calendar::default() };
    check_opens(&calendar, "2026-11-20 16:00", "2026-11-23 07:30");
    check_opens(&calendar, "2026-11-18 12:30", "2026-11-18 13:00");
    let saturday = calendar.at(Class::Routine, "u", &[], local(&calendar.zone, "2026-11-21 10:00"));
    let Opening::Shut { why, .. } = saturday else { panic!("{saturday:?}") };
    assert_eq!(why, Closed::QuietDay);
}

#[test]
fn the_hour_that_the_clock_leaves_out_is_not_waited_for_and_the_one_it_strikes_twice_is_quiet_twice() {
    // Berlin, 28 March 2027: 02:00 becomes 03:00. New York, 1 November 2026: 02:00 becomes 01:00.
    let every = [&WEEK[..], &[Weekday::Saturday, Weekday::Sunday]].concat();
    let until = |end: &str, name: &str| Calendar {
        zone: zone(name),
        routine: hours(&every, &[&format!("22:00-{end}")]),
        ..Calendar::default()
    };
    let opens = |calendar: &Calendar, now: &str| calendar.opens(Class::Routine, "u", &[], at(now)).unwrap().to_string();
    assert_eq!(
        opens(&until("02:30", "Europe/Berlin"), "2027-03-27T23:00:00Z"),
        "2027-03-28T01:00:00Z",
        "03:00 is after 02:30"
    );
    assert_eq!(
        opens(&until("06:00", "Europe/Berlin"), "2027-03-27T23:00:00Z"),
        "2027-03-28T04:00:00Z",
        "an hour less to wait"
    );
    let early = until("01:30", "America/New_York");
    assert_eq!(opens(&early, "2026-11-01T03:00:00Z"), "2026-11-01T05:30:00Z");
    assert_eq!(opens(&early, "2026-11-01T06:10:00Z"), "2026-11-01T06:30:00Z", "01:10 comes a second time");
    let shuts = early.at(Class::Routine, "u", &[], at("2026-11-01T05:30:00Z"));
    assert_eq!(shuts, Opening::Open { until: at("2026-11-01T06:00:00Z") });
    // Open for one hour on Sundays only, and on that Sunday the hour does not come.
    let rare = Calendar {
        zone: zone("Europe/Berlin"),
        routine: hours(&[Weekday::Sunday], &["00:00-02:00", "03:00-24:00"]),
        ..Calendar::default()
    };
    assert_eq!(opens(&rare, "2027-03-27T23:00:00Z"), "2027-04-04T00:00:00Z");
}

#[test]
fn moratoria_overlap_follow_on_one_another_and_hold_for_whom_they_name() {
    let mut calendar = nightly("Asia/Jakarta");
    let stretch = |from: &str, until: &str, reason: &str| Moratorium {
        from: moment(from, &calendar.zone, Edge::From).unwrap(),
        until: moment(until, &calendar.zone, Edge::Until).unwrap(),
        classes: vec![Class::Routine, Class::Emergency],
        units: vec!["diskominfo".to_owned()],
        reason: reason.to_owned(),
    };
    let (quiet, count) =
        (stretch("2027-11-28", "2027-11-30", "masa tenang"), stretch("2027-11-30 12:00", "2027-12-02 08:00", "rekap"));
    calendar.moratoria = vec![count];
    let entered = [quiet];
    let here = |text: &str| local(&zone("Asia/Jakarta"), text);
    let ask = |class, unit, now: &str| calendar.at(class, unit, &entered, here(now));
    let shut = ask(Class::Routine, "diskominfo", "2027-11-28 10:00");
    let told = Opening::Shut {
        opens: Some(here("2027-12-02 08:00")),
        changes: here("2027-11-30 12:00"),
        why: Closed::Moratorium("masa tenang".to_owned()),
    };
    assert_eq!(shut, told);
    assert_eq!(
        ask(Class::Routine, "diskominfo", "2027-11-27 10:00"),
        Opening::Open { until: here("2027-11-27 21:00") }
    );
    assert_eq!(ask(Class::Routine, "damkar", "2027-11-28 10:00"), Opening::Open { until: here("2027-11-28 21:00") });
    assert_eq!(ask(Class::Important, "diskominfo", "2027-11-28 10:00"), Opening::Open { until: Timestamp::MAX });
    assert_eq!(
        calendar.opens(Class::Emergency, "diskominfo", &entered, here("2027-11-28 00:00")),
        Some(here("2027-12-02 08:00"))
    );
    let spare = Calendar { spare_emergencies: true, ..calendar.clone() };
    assert_eq!(
        spare.opens(Class::Emergency, "diskominfo", &entered, here("2027-11-28 00:00")),
        Some(here("2027-11-28 00:00"))
    );
    let endless = Moratorium { until: Timestamp::MAX, ..entered[0].clone() };
    let never = calendar.opens(Class::Routine, "diskominfo", &[endless], here("2027-11-28 00:00"));
    assert_eq!(never, None, "it ends at night, and there is no morning after");
}

#[test]
fn days_hours_and_dates_are_read_as_people_write_them_and_what_leaves_nothing_is_refused() {
    assert_eq!(
        [Hours::day("Jum'at"), Hours::day("ahad"), Hours::day("SEN"), Hours::day("wednesday")].map(Result::unwrap),
        [Weekday::Friday, Weekday::Sunday, Weekday::Monday, Weekday::Wednesday]
    );
    assert!(Hours::day("hari").is_err());
    assert_eq!("21.00 – 6:00".parse::<Quiet>(), "21:00-06:00".parse());
    for wrong in ["21", "21:00", "21:00-25:00", "9:00-9:00", "a-b", "24:30-06:00", "+1:00-2:00"] {
        assert!(wrong.parse::<Quiet>().is_err(), "{wrong}");
    }
    let quiet = |stretches: &[&str]| stretches.iter().map(|stretch| stretch.parse().unwrap()).collect();
    assert_eq!(Hours::new(&WEEK, quiet(&["12:00-24:00", "00:00-12:00"])), Err(HoursError::NoMinute));
    assert!(Hours::new(&WEEK, quiet(&["12:00-24:00", "00:00-11:59"])).is_ok());
    assert_eq!(Hours::new(&[], Vec::new()), Err(HoursError::NoDays));
    let zone = zone("Asia/Jakarta");
    let read = |text, edge| moment(text, &zone, edge).map(|moment| moment.to_string());
    assert_eq!(read("2027-11-24", Edge::From).unwrap(), "2027-11-23T17:00:00Z");
    assert_eq!(read("2027-11-30", Edge::Until).unwrap(), "2027-11-30T17:00:00Z", "the last day is one of them");
    assert_eq!(read("2027-11-24 06:00", Edge::Until).unwrap(), "2027-11-23T23:00:00Z");
    assert!(read("24-11-2027", Edge::From).is_err() && read("", Edge::From).is_err());
}

#[test]
fn a_day_has_as_many_hours_as_it_has() {
    let length = |zone: &str, now: &str| {
        let (from, until) = day(&self::zone(zone), at(now));
        assert!(from <= at(now) && at(now) < until);
        until.duration_since(from).as_hours()
    };
    assert_eq!(length("Asia/Jakarta", "2026-11-30T16:59:59Z"), 24);
    assert_eq!(length("Europe/Berlin", "2027-03-28T12:00:00Z"), 23);
    assert_eq!(length("America/New_York", "2026-11-01T12:00:00Z"), 25);
}

/// The rule once more, as somebody with a clock on the wall would apply it, a minute at a time.
fn wall(calendar: &Calendar, days: [bool; 7], quiet: &[(i32, i32)], entered: &[Moratorium], at: Timestamp) -> bool {
    let local = calendar.zone.to_datetime(at);
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    let covers = |(from, until): &(i32, i32)| match from < until {
        true => (*from..*until).contains(&minute),
        false => !(*until..*from).contains(&minute),
    };
    days[local.weekday().to_monday_zero_offset() as usize]
        && !quiet.iter().any(covers)
        && !entered.iter().any(|one| one.from <= at && at < one.until)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn the_answer_is_the_first_minute_at_which_it_may_go_and_open_lasts_as_long_as_it_says(
        zone in prop::sample::select(vec!["Asia/Jakarta", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
        place in 0usize..6,
        offset in -3_000i64..3_000,
        mask in 1u8..128,
        stretches in prop::collection::vec((0i32..48, 1i32..30), 0..3),
        gaps in prop::collection::vec((-2_000i64..4_000, 1i64..3_000), 0..4),
    ) {
        // Around days on which clocks are put forward and back, ends of months, and a plain one.
        let around = ["2027-03-28T01:00:00Z", "2026-10-25T01:00:00Z", "2026-11-01T06:00:00Z", "2027-03-14T07:00:00Z", "2026-10-03T15:30:00Z", "2026-12-31T17:00:00Z"][place];
        let now = at(around) + SignedDuration::from_mins(offset);
        let quiet: Vec<(i32, i32)> = stretches.iter().map(|(from, long)| (from * 30, (from * 30 + long * 30) % 1440)).collect();
        let days: Vec<bool> = (0..7).map(|day| mask >> day & 1 == 1).collect();
        let days: [bool; 7] = days.try_into().unwrap();
        let words: Vec<String> = quiet.iter().map(|(from, until)| format!("{}:{:02}-{}:{:02}", from / 60, from % 60, until / 60, until % 60)).collect();
        let named: Vec<Weekday> = (0..7).filter(|day| days[*day as usize]).map(|day| Weekday::from_monday_zero_offset(day).unwrap()).collect();
        let Ok(routine) = Hours::new(&named, words.iter().map(|word| word.parse().unwrap()).collect()) else { return Ok(()) };
        let calendar = Calendar { zone: self::zone(zone), routine, ..Calendar::default() };
        let entered: Vec<Moratorium> = gaps.iter().map(|(from, long)| Moratorium {
            from: now + SignedDuration::from_mins(*from),
            until: now + SignedDuration::from_mins(from + long),
            classes: Vec::new(),
            units: Vec::new(),
            reason: "r".to_owned(),
        }).collect();
        let minutes = (0..25 * 1440).map(|minute| now + SignedDuration::from_mins(minute));
        let open = |at: &Timestamp| wall(&calendar, days, &quiet, &entered, *at);
        match calendar.at(Class::Routine, "u", &entered, now) {
            Opening::Open { until } => {
                prop_assert!(open(&now));
                let shuts = minutes.clone().find(|at| !open(at));
                prop_assert!(shuts.is_none_or(|shuts| until <= shuts), "it says {until}, and shuts at {shuts:?}");
                prop_assert!(until > now);
            }
            Opening::Shut { opens, changes, .. } => {
                prop_assert!(!open(&now));
                prop_assert!(changes > now && opens.is_none_or(|opens| changes <= opens));
                let first = minutes.clone().find(open);
                prop_assert!(first.is_none() || opens == first, "it says {opens:?}, and may at {first:?}");
            }
        }
    }
}
