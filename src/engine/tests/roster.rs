//! The roster: imports, all or nothing; numbers that die and come alive; and that nobody who left is written to by way of a list.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::desk::*;
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::audience::{Expression, Known};
use crate::model::*;
use crate::policy::{Coverage, Difference, Suspension, Unread};

pub(super) fn rw(place: u16, holder: &str, to: Msisdn) -> Entry {
    let seat = Seat {
        kecamatan: Some("Coblong".to_owned()),
        kelurahan: Some("Dago".to_owned()),
        rw: Some(place),
        ..Seat::of(Role::Rw)
    };
    Entry { seat, name: holder.to_owned(), person: None, number: to }
}

pub(super) fn roster(desk: &Desk) -> Vec<(EntryId, Entry)> {
    let reader = desk.reader();
    let mut all = Vec::new();
    if let Some(version) = reader.roster_version().unwrap() {
        let each = |id, entry| {
            all.push((id, entry));
            ControlFlow::Continue(())
        };
        reader.roster(version, each).unwrap();
    }
    all
}

pub(super) fn begin(desk: &mut Desk, session: u64, base: Option<ImportId>) -> Result<String, String> {
    let (file, source, basis) = ("rw.csv".to_owned(), "SK 12/2026".to_owned(), "tugas".to_owned());
    desk.act(Action::RosterBegin(RosterImport { session, base, file, source, basis }))
}

/// A list comes in as the command does it: compared, agreed to, applied.
pub(super) fn import(desk: &mut Desk, list: Vec<Entry>) -> Result<String, String> {
    let base = desk.reader().roster_version().unwrap();
    let named: Vec<(u32, Entry)> = (2..).zip(list).collect();
    let difference = Difference::between(&roster(desk), &named, &Unread::default(), Coverage::Listed);
    begin(desk, 7, base)?;
    for step in difference.steps() {
        desk.act(Action::RosterSteps { session: 7, steps: RosterSteps(vec![step]) })?;
    }
    desk.act(Action::RosterApply { session: 7, digest: difference.digest() })
}

/// A job to everyone in the roster, each number once.
pub(super) fn blast(desk: &mut Desk, class: Class, text: &str) -> Option<JobId> {
    let mut seen = BTreeSet::new();
    let audience = Expression::parse("semua").unwrap().resolve(&Known::default()).unwrap();
    let everyone = roster(desk).into_iter().filter(|(_, entry)| audience.means(&entry.seat));
    let rows = everyone.filter(|(_, entry)| seen.insert(entry.number)).zip(1..).map(|((id, entry), place)| {
        let origin = Origin { entry: Some(id), kecamatan: entry.seat.kecamatan.clone() };
        RecipientRow { name: Some(entry.name), origin, ..RecipientRow::to(place, entry.number) }
    });
    let rows: Vec<_> = rows.collect();
    let import = desk.reader().roster_version().unwrap()?;
    let note = AudienceNote { expression: "semua".to_owned(), meaning: audience.meaning().to_owned(), import };
    match desk.drop_job(JobHeader { audience: Some(note), ..header(class, text) }, rows) {
        IntakeOrder::Accepted { job, .. } => Some(job),
        _ => None,
    }
}

#[test]
fn an_import_shows_when_all_of_it_is_there_and_keeps_what_was() {
    let mut desk = Desk::new(free());
    assert!(import(&mut desk, vec![rw(1, "Asep", number(1)), rw(2, "Dewi", number(2))]).is_ok());
    begin(&mut desk, 1, Some(ImportId(1))).unwrap();
    let steps = RosterSteps(vec![RosterStep::Add(rw(3, "Ujang", number(3)))]);
    desk.act(Action::RosterSteps { session: 1, steps }).unwrap();
    assert_eq!(roster(&desk).len(), 2, "nothing of it shows before it is applied");
    desk.crash();
    desk.tick();
    assert_eq!(roster(&desk).len(), 2);
    import(&mut desk, vec![rw(1, "Asep", number(11)), rw(3, "Eti", number(3))]).unwrap();
    let names: Vec<_> = roster(&desk).into_iter().map(|(_, entry)| (entry.name, entry.number)).collect();
    assert_eq!(names, [("Asep".to_owned(), number(11)), ("Eti".to_owned(), number(3))]);
    let history = desk.reader().roster_history(Some(number(1)), None).unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].ended.as_deref(), history[0].import), (Some("number"), 1));
    assert!(history[0].until.is_some());
    let imports = desk.reader().roster_imports(9).unwrap();
    let told: Vec<_> = imports.iter().map(|import| (import.id, import.steps, import.source.as_str())).collect();
    assert_eq!(told, [(2, 4, "SK 12/2026"), (1, 2, "SK 12/2026")]);
    let events = desk.reader().events(None, 9).unwrap();
    assert!(events.iter().any(|event| event.kind == "roster_imported" && event.actor == "admin"));
}

#[test]
fn a_difference_to_another_roster_is_refused_and_so_is_what_was_not_agreed_to() {
    let mut desk = Desk::new(free());
    let refused = |answer: Result<String, String>| answer.unwrap_err();
    import(&mut desk, vec![rw(1, "Asep", number(1))]).unwrap();
    assert!(refused(begin(&mut desk, 1, None)).contains("changed meanwhile"));
    // Two look at the same roster; the first to apply has changed it for the other.
    begin(&mut desk, 1, Some(ImportId(1))).unwrap();
    import(&mut desk, vec![rw(1, "Asep", number(9))]).unwrap();
    let add = |place| RosterSteps(vec![RosterStep::Add(rw(place, "Ujang", number(3)))]);
    assert!(refused(desk.act(Action::RosterSteps { session: 1, steps: add(5) })).contains("not begun"));
    begin(&mut desk, 2, Some(ImportId(2))).unwrap();
    desk.act(Action::RosterSteps { session: 2, steps: add(5) }).unwrap();
    let other = StepsDigest::default().finish();
    assert!(refused(desk.act(Action::RosterApply { session: 2, digest: other })).contains("agreed to"));
    begin(&mut desk, 3, Some(ImportId(2))).unwrap();
    assert!(refused(desk.act(Action::RosterSteps { session: 3, steps: add(1) })).contains("held already"));
    begin(&mut desk, 4, Some(ImportId(2))).unwrap();
    let end = |entry| RosterSteps(vec![RosterStep::End { entry: EntryId(entry), why: Ending::Gone }]);
    assert!(refused(desk.act(Action::RosterSteps { session: 4, steps: end(77) })).contains("does not fit"));
    begin(&mut desk, 5, Some(ImportId(2))).unwrap();
    assert!(refused(desk.act(Action::RosterApply { session: 5, digest: String::new() })).contains("nothing"));
    desk.tick();
    assert_eq!(roster(&desk).len(), 1);
    import(&mut desk, vec![rw(1, "Asep", number(10))]).unwrap();
    assert_eq!(roster(&desk)[0].1.number, number(10));
}

#[test]
fn a_job_stays_as_it_was_accepted_and_says_whom_it_was_for() {
    let mut desk = Desk::new(free());
    import(&mut desk, vec![rw(1, "Asep", number(1)), rw(2, "Dewi", number(2))]).unwrap();
    let job = blast(&mut desk, Class::Routine, "rapat").unwrap();
    import(&mut desk, vec![rw(1, "Asep", number(9))]).unwrap();
    desk.connect("a");
    desk.send_all();
    let sent: BTreeSet<String> = desk.recipients(job).into_iter().map(|recipient| recipient.number).collect();
    assert_eq!(sent, [number(1).digits(), number(2).digits()].into());
    assert_eq!(desk.count(job, State::Submitted), 2);
    let view = desk.view(job);
    assert_eq!((view.audience.as_deref(), view.roster_import), (Some("semua"), Some(1)));
    let events = desk.reader().events(Some(job), 9).unwrap();
    assert!(events.iter().any(|event| event.detail == "as of roster import 1: semua"), "{events:?}");
}

#[test]
fn a_saved_audience_is_on_record_and_must_be_readable() {
    let mut desk = Desk::new(free());
    let mut save = |name: &str, expression: &str| {
        desk.act(Action::SaveAudience { name: name.to_owned(), expression: expression.to_owned() })
    };
    save("rw-utara", "peran=RW dan wilayah=utara").unwrap();
    save("rw-utara", "peran=RW").unwrap();
    assert!(save("rw utara", "peran=RW").unwrap_err().contains("without spaces"));
    assert!(save("x", "peran=").unwrap_err().contains("character 7: expected a value"));
    let saved = desk.reader().audiences().unwrap();
    assert_eq!(saved.iter().map(|saved| saved.expression.as_str()).collect::<Vec<_>>(), ["peran=RW"]);
    desk.act(Action::RemoveAudience("rw-utara".to_owned())).unwrap();
    assert!(desk.act(Action::RemoveAudience("rw-utara".to_owned())).is_err());
    let kinds: Vec<_> = desk.reader().events(None, 3).unwrap().into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["audience_removed", "audience_saved", "audience_saved"]);
}

/// One job a week to the same number, with this status report.
pub(super) fn week(desk: &mut Desk, to: u32, status: u8) -> JobId {
    let job = desk.job(Class::Important, &format!("minggu {} {to}", desk.now), to..to + 1);
    desk.begin("a");
    let tp_mr = desk.submit("a");
    desk.receive("a", report(tp_mr, &number(to).to_string(), status, desk.now));
    desk.pass(SignedDuration::from_hours(24 * 7));
    job
}

#[test]
fn a_number_that_fails_for_weeks_is_suspended_and_listed_and_a_sign_of_life_brings_it_back() {
    let mut desk = Desk::new(free());
    import(&mut desk, vec![rw(1, "Asep", number(1)), rw(2, "Dewi", number(2))]).unwrap();
    desk.connect("a");
    for status in [0x46, 0x41] {
        week(&mut desk, 1, status);
    }
    assert!(desk.reader().corrections(Some(ImportId(1))).unwrap().is_empty());
    week(&mut desk, 1, 0x46);
    let listed = desk.reader().corrections(Some(ImportId(1))).unwrap();
    let [dead] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((dead.number.as_str(), dead.failures, dead.rw), (number(1).to_string().as_str(), 3, Some(1)));
    // It is excluded with its reason, on any list; a warning goes to it all the same.
    let job = blast(&mut desk, Class::Routine, "kabar").unwrap();
    let why: Vec<_> = desk.recipients(job).into_iter().filter_map(|recipient| recipient.reason).collect();
    assert_eq!(why, ["suspended: messages to it failed again and again; see kentongan roster corrections"]);
    desk.send_all();
    let warning = blast(&mut desk, Class::Emergency, "longsor").unwrap();
    assert_eq!(desk.view(warning).excluded, 0);
    desk.crash();
    desk.connect("a");
    desk.hear("a", &number(1).to_string(), "Siap");
    assert!(desk.reader().corrections(Some(ImportId(1))).unwrap().is_empty());
    let after = blast(&mut desk, Class::Routine, "kabar lagi").unwrap();
    assert_eq!(desk.view(after).excluded, 0);
    let events = desk.reader().events(None, 99).unwrap();
    let kinds: Vec<_> =
        events.iter().map(|event| event.kind.as_str()).filter(|kind| kind.starts_with("number_")).collect();
    assert_eq!(kinds, ["number_restored", "number_suspended"]);
}

#[test]
fn what_says_nothing_of_a_number_does_not_count_against_it() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    // Temporary, and a delivery between.
    for status in [0x63, 0x63, 0x63, 0x46, 0x46, 0x00, 0x46, 0x46] {
        week(&mut desk, 1, status);
    }
    assert!(desk.reader().corrections(None).unwrap().is_empty());
    week(&mut desk, 1, 0x46);
    let listed = desk.reader().corrections(None).unwrap();
    assert_eq!(listed.len(), 1, "it stands in no roster and is listed all the same");
    assert_eq!(listed[0].entry, None);
    assert!(desk.act(Action::Restore(number(1))).is_ok());
    assert!(desk.act(Action::Restore(number(1))).unwrap_err().contains("is not suspended"));
}

#[test]
fn the_rule_for_dead_numbers_can_be_switched_off() {
    let suspension = Suspension { failures: 0, ..Suspension::default() };
    let mut desk = Desk::new(Rules { suspension, ..free() });
    desk.connect("a");
    for _ in 0..6 {
        week(&mut desk, 1, 0x46);
    }
    assert!(desk.reader().corrections(None).unwrap().is_empty());
}

#[derive(Clone, Debug)]
enum Happening {
    /// A list gives these offices to these numbers.
    Import(BTreeMap<u16, u32>),
    Stop(u32),
    /// A job to everyone; all of it goes out.
    Blast(bool),
    Crash,
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let list = proptest::collection::btree_map(1u16..6, 1u32..8, 1..5).prop_map(Happening::Import);
    let one = prop_oneof![
        3 => list,
        2 => (1u32..8).prop_map(Happening::Stop),
        3 => any::<bool>().prop_map(Happening::Blast),
        1 => Just(Happening::Crash),
    ];
    proptest::collection::vec(one, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_import_clears_an_opt_out_and_no_job_reaches_who_left(story in happenings()) {
        let mut desk = Desk::new(free());
        desk.connect("a");
        let mut left = BTreeSet::new();
        let mut jobs = 0;
        for happening in story {
            match happening {
                Happening::Import(list) => {
                    let list = list.into_iter().map(|(place, to)| rw(place, &format!("Nama {to}"), number(to)));
                    // Refused only where nothing changes.
                    let _ = import(&mut desk, list.collect());
                }
                Happening::Stop(n) => {
                    desk.hear("a", &number(n).to_string(), "STOP");
                    left.insert(number(n).digits());
                    desk.send_all();
                }
                Happening::Blast(urgent) => {
                    jobs += 1;
                    let class = if urgent { Class::Emergency } else { Class::Routine };
                    let Some(job) = blast(&mut desk, class, &format!("kabar {jobs}")) else { continue };
                    desk.send_all();
                    for recipient in desk.recipients(job) {
                        let sent = recipient.state == State::Submitted.name();
                        prop_assert_eq!(sent, !left.contains(&recipient.number), "{:?}", recipient);
                    }
                    desk.view(job);
                }
                Happening::Crash => {
                    desk.crash();
                    desk.connect("a");
                }
            }
            let kept: BTreeSet<String> =
                desk.reader().opt_outs(99).unwrap().into_iter().map(|one| one.number.replace('+', "")).collect();
            prop_assert_eq!(&kept, &left);
        }
    }
}
