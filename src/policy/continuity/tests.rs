use super::Mark::*;
use super::*;

mod world;

/// Habits of which these are relied on.
fn trusting(trusted: &[Habit]) -> Habits {
    let mut habits = Habits::default();
    for habit in trusted {
        while !habits.trusts(*habit) {
            let _ = habits.learn(*habit, true);
        }
    }
    habits
}

fn all() -> Habits {
    trusting(&Habit::ALL)
}

fn doubt(attempt: i64, own: Manner) -> Mark {
    Doubt(AttemptId(attempt), own)
}

const SILENT: Manner = Manner::Silent;
const TOLD: Manner = Manner::Told;
const CUT: Manner = Manner::Cut;
const RESTART: Mark = Break { restarted: true };

fn check(trail: &[Mark], habits: &Habits, expected: &[(i64, Option<u8>)]) {
    let found: Vec<_> = settle(trail, habits).iter().map(|found| (found.attempt.0, found.tp_mr)).collect();
    assert_eq!(found, expected, "{trail:?}");
}

#[test]
fn no_number_missing_means_that_it_never_left_and_all_missing_that_each_has_one() {
    check(&[Accepted(40), doubt(1, SILENT), Accepted(41)], &all(), &[(1, None)]);
    check(&[Accepted(40), doubt(1, SILENT), Accepted(42)], &all(), &[(1, Some(41))]);
    check(&[Accepted(254), doubt(1, TOLD), doubt(2, SILENT), Accepted(1)], &all(), &[(1, Some(255)), (2, Some(0))]);
    check(
        &[Accepted(40), doubt(1, SILENT), Withdrawn, Card(40), doubt(2, TOLD), Accepted(41)],
        &all(),
        &[(1, None), (2, None)],
    );
}

#[test]
fn some_missing_says_nothing_until_a_report_names_one() {
    check(&[Accepted(40), doubt(1, SILENT), doubt(2, SILENT), Accepted(42)], &all(), &[]);
    check(&[Accepted(40), doubt(1, SILENT), Arrived(41, SILENT), Accepted(42)], &all(), &[(1, None)]);
    check(&[Accepted(40), Arrived(41, SILENT), doubt(2, SILENT), Accepted(42)], &all(), &[(2, None)]);
    // A number that the modem may have left out of its count, and given away a second time, is none to count from.
    let others: Vec<Habit> = Habit::ALL.into_iter().filter(|habit| *habit != Habit::Counts(TOLD)).collect();
    check(&[Accepted(40), Arrived(41, TOLD), doubt(2, SILENT), Accepted(42)], &trusting(&others), &[]);
}

#[test]
fn numbers_that_contradict_say_nothing() {
    check(&[Accepted(40), doubt(1, SILENT), Accepted(43)], &all(), &[]);
    check(&[Accepted(40), doubt(1, SILENT), Accepted(40)], &all(), &[]);
    check(&[Accepted(40), doubt(1, SILENT), Accepted(0)], &all(), &[]);
    check(&[Accepted(40), doubt(1, SILENT), Unnumbered, Accepted(42)], &all(), &[]);
    // Nobody sees whether the card had missed one before.
    check(&[Card(40), doubt(1, SILENT), Card(40)], &all(), &[]);
    // The card says that one left, and the answers that none did.
    check(&[Accepted(40), doubt(1, SILENT), Card(41), Accepted(41)], &all(), &[]);
}

#[test]
fn refused_messages_take_their_numbers_where_that_is_known_and_leave_a_gap_open_where_it_is_not() {
    let trail = [Accepted(40), Refused, doubt(1, SILENT), Accepted(42)];
    check(&trail, &all(), &[(1, None)]);
    check(&[Accepted(40), Refused, doubt(1, SILENT), Accepted(43)], &all(), &[(1, Some(42))]);
    let unknown = trusting(&[Habit::Steps, Habit::Counts(SILENT)]);
    check(&trail, &unknown, &[]);
    // A modem that counts only what is acknowledged leaves out what arrived without an acknowledgement.
    check(&[Accepted(40), doubt(1, SILENT), Accepted(41)], &unknown, &[]);
    // Refused by the modem itself: with or without a number.
    check(&[Accepted(40), Unclear, doubt(1, SILENT), Accepted(42)], &all(), &[]);
    check(&[Accepted(40), Unclear, doubt(1, SILENT), Accepted(41)], &all(), &[(1, None)]);
}

#[test]
fn nothing_is_said_that_the_habits_do_not_bear() {
    let trail = [Accepted(40), doubt(1, SILENT), Accepted(41)];
    for missing in [Habit::Steps, Habit::Refused, Habit::Counts(SILENT)] {
        let others: Vec<Habit> = Habit::ALL.into_iter().filter(|habit| *habit != missing).collect();
        check(&trail, &trusting(&others), &[]);
    }
    check(&[Accepted(40), doubt(1, SILENT), Accepted(42)], &trusting(&[Habit::Steps]), &[(1, Some(41))]);
    let trail = [Accepted(40), doubt(1, CUT), RESTART, Card(40)];
    check(&trail, &all(), &[(1, None)]);
    for missing in [Habit::Steps, Habit::Card, Habit::CardRefused, Habit::CardCounts(CUT)] {
        let others: Vec<Habit> = Habit::ALL.into_iter().filter(|habit| *habit != missing).collect();
        check(&trail, &trusting(&others), &[]);
    }
}

#[test]
fn over_a_restart_only_the_card_counts() {
    check(&[Accepted(40), doubt(1, CUT), RESTART, Accepted(41)], &all(), &[]);
    check(&[Accepted(40), doubt(1, CUT), RESTART, Card(41), Accepted(42)], &all(), &[(1, Some(41))]);
    check(&[Accepted(40), doubt(1, SILENT), Break { restarted: false }, Card(40)], &all(), &[(1, None)]);
    // What is handed over after a restart counts on from the card only where the modem was seen to do so.
    let anew = [Accepted(0), RESTART, Card(0), doubt(1, SILENT), Card(0), Accepted(1)];
    check(&anew, &all(), &[(1, None)]);
    let others: Vec<Habit> = Habit::ALL.into_iter().filter(|habit| *habit != Habit::Resumes).collect();
    check(&anew, &trusting(&others), &[]);
    check(&[Accepted(0), RESTART, doubt(1, SILENT), Card(0)], &trusting(&others), &[]);
}

#[test]
fn a_doubt_that_the_modem_itself_has_ended_is_not_cut_short_by_a_restart_and_one_in_silence_may_be() {
    let told = trusting(&[Habit::Steps, Habit::Refused, Habit::Card, Habit::CardRefused, Habit::CardCounts(TOLD)]);
    check(&[Accepted(40), doubt(1, TOLD), RESTART, Card(40)], &told, &[(1, None)]);
    check(&[Accepted(40), doubt(1, SILENT), RESTART, Card(40)], &told, &[]);
    // A modem that hung in the middle and goes on has left it half done all the same.
    check(&[Accepted(40), doubt(1, SILENT), Card(40)], &told, &[]);
    check(&[Accepted(40), doubt(1, SILENT), Card(40)], &all(), &[(1, None)]);
}

fn taught(trail: &[Mark], place: usize) -> Vec<(Habit, bool)> {
    lessons(trail, place).iter().map(|lesson| (lesson.habit, lesson.held)).collect()
}

#[test]
fn clean_neighbours_teach_whether_numbers_go_up_by_one() {
    assert_eq!(taught(&[Accepted(255), Accepted(0)], 1), [(Habit::Steps, true)]);
    assert_eq!(taught(&[Accepted(7), Accepted(7)], 1), [(Habit::Steps, false)]);
    assert_eq!(taught(&[Accepted(7), Card(7), Accepted(8)], 2), [(Habit::Steps, true)]);
    for between in [Withdrawn, Unclear, doubt(1, SILENT), Placed(8), RESTART, Unnumbered] {
        assert_eq!(taught(&[Accepted(7), between, Accepted(9)], 2), [], "{between:?}");
    }
}

#[test]
fn refused_messages_teach_whether_they_take_a_number() {
    assert_eq!(taught(&[Accepted(7), Refused, Refused, Accepted(10)], 3), [(Habit::Refused, true)]);
    assert_eq!(taught(&[Accepted(7), Refused, Refused, Accepted(9)], 3), [(Habit::Refused, false)]);
    assert_eq!(taught(&[Accepted(7), Refused, Accepted(8)], 2), [(Habit::Refused, false)]);
    assert_eq!(taught(&[Accepted(6), Accepted(7), Refused, Card(8)], 3), [(Habit::CardRefused, true)]);
    assert_eq!(taught(&[Accepted(6), Accepted(7), Refused, Card(7)], 3), [(Habit::CardRefused, false)]);
    assert_eq!(taught(&[Accepted(7), Refused, RESTART, Card(7)], 3), []);
}

#[test]
fn the_card_teaches_only_when_its_number_has_changed() {
    assert_eq!(taught(&[Accepted(6), Accepted(7), Card(7)], 2), [(Habit::Card, true)]);
    assert_eq!(taught(&[Accepted(6), Accepted(7), RESTART, Card(6)], 3), [(Habit::Card, false)]);
    assert_eq!(taught(&[Accepted(6), Accepted(7), Card(7), RESTART, Card(7)], 4), []);
    assert_eq!(taught(&[Accepted(7), Card(7)], 1), [], "it may always be 7");
    assert_eq!(taught(&[RESTART, Card(7), Accepted(8)], 2), [(Habit::Resumes, true)]);
    assert_eq!(taught(&[RESTART, Card(7), Accepted(0)], 2), [(Habit::Resumes, false)]);
    assert_eq!(taught(&[RESTART, Card(7), doubt(1, SILENT), Accepted(8)], 3), []);
}

#[test]
fn a_number_that_was_taken_teaches_and_one_that_arrived_uncounted_is_an_exception() {
    let found = settle(&[Accepted(40), doubt(1, SILENT), Accepted(42)], &all());
    let lesson = found[0].lesson().unwrap();
    assert_eq!((lesson.habit, lesson.held), (Habit::Counts(SILENT), true));
    assert_eq!(settle(&[Accepted(40), doubt(1, SILENT), Accepted(41)], &all())[0].lesson(), None);
    // Whichever comes last, the answer or the report.
    let trail = [Accepted(40), Arrived(41, SILENT), Accepted(41)];
    for place in [1, 2] {
        assert_eq!(taught(&trail, place), [(Habit::Counts(SILENT), false)]);
    }
    let trail = [Accepted(40), Arrived(41, CUT), RESTART, Card(40)];
    for place in [1, 3] {
        assert_eq!(taught(&trail, place), [(Habit::CardCounts(CUT), false)]);
    }
    // Nobody knows whether this one was cut short; it is not on the card.
    let trail = [Accepted(40), Arrived(41, SILENT), Break { restarted: false }, Card(40)];
    assert_eq!(taught(&trail, 3), [(Habit::CardCounts(CUT), false)]);
    // And where it is there, it may have been finished.
    let found = settle(&[Accepted(40), doubt(1, SILENT), Break { restarted: false }, Card(41)], &all());
    assert_eq!((found[0].tp_mr, found[0].lesson()), (Some(41), None));
    let found = settle(&[Accepted(40), doubt(1, CUT), RESTART, Card(41)], &all());
    assert_eq!(found[0].lesson().unwrap().habit, Habit::CardCounts(CUT));
    let found = settle(&[Accepted(40), doubt(1, TOLD), Refused, Card(42)], &all());
    assert_eq!((found[0].tp_mr, found[0].lesson()), (Some(41), None), "the second number hides the first");
    assert_eq!(taught(&[Accepted(40), Arrived(41, SILENT), Accepted(42)], 2), []);
}

#[test]
fn a_report_is_expected_with_one_of_the_next_numbers() {
    let expected =
        |trail: &[Mark], place: usize| -> Vec<u8> { (0..=255).filter(|tp_mr| expects(trail, place, *tp_mr)).collect() };
    assert_eq!(expected(&[Accepted(40), doubt(1, SILENT)], 1), [41]);
    assert_eq!(expected(&[Accepted(40), Refused, doubt(1, SILENT), doubt(2, SILENT)], 2), [41, 42]);
    assert_eq!(expected(&[Accepted(40), Refused, doubt(1, SILENT), doubt(2, SILENT)], 3), [41, 42, 43]);
    assert_eq!(expected(&[Accepted(40), Withdrawn, doubt(1, SILENT)], 2), [41]);
    assert_eq!(expected(&[doubt(1, SILENT)], 0), [0; 0]);
    assert_eq!(expected(&[Accepted(40), RESTART, Card(10), Refused, doubt(1, SILENT)], 4), [11, 12, 41, 42]);
}
