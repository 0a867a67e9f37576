//! Ledgers put back from a backup: nothing goes out twice, who has left stays left, and what nobody knows waits for a person.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::consent::read;
use super::desk::*;
use crate::engine::Replaced;
use crate::engine::event::*;
use crate::model::*;
use crate::store::Store;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Lets modem `a` hand over so many more, the last of them without an answer; gives whom what.
fn send(desk: &mut Desk, most: usize) -> Vec<(Msisdn, String)> {
    let a = name("a");
    let mut gone = Vec::new();
    while gone.len() < most {
        let held = desk.ready.get(&a).cloned();
        match (desk.air.contains_key(&a), &held) {
            (true, _) => drop(desk.submit("a")),
            (false, Some(_)) => drop(desk.begin("a")),
            (false, None) => break,
        }
        if desk.air.contains_key(&a) {
            gone.extend(held.as_ref().map(read));
        }
    }
    gone
}

/// The same until nothing is left, everything answered.
fn send_rest(desk: &mut Desk) -> Vec<(Msisdn, String)> {
    let gone = send(desk, usize::MAX);
    assert!(desk.air.is_empty());
    gone
}

/// The ledger is gone with its disk.
fn lost(database: &Path) {
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", database.display()));
    }
}

fn doubled(gone: &[(Msisdn, String)]) -> Vec<&(Msisdn, String)> {
    let mut counts: BTreeMap<&(Msisdn, String), usize> = BTreeMap::new();
    gone.iter().for_each(|one| *counts.entry(one).or_default() += 1);
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(one, _)| one).collect()
}

fn resume(desk: &mut Desk, job: JobId) {
    desk.act(Action::Resume(Scope::Job(job))).unwrap();
}

fn kinds(desk: &Desk, kind: &str) -> Vec<(String, String)> {
    let all = desk.reader().events(None, 10_000).unwrap();
    all.into_iter().filter(|event| event.kind == kind).map(|event| (event.actor, event.detail)).collect()
}

#[test]
fn what_was_sent_after_the_backup_is_known_from_the_ledger_it_replaces_and_not_sent_again() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "Pajak", 1..11);
    let mut gone = send(&mut desk, 3);
    let backup = desk.back_up();
    desk.pass(HOUR);
    gone.extend(send(&mut desk, 4));
    // One is on the air when the daemon is killed, and three have not had their turn.
    let restored = desk.put_back(&backup, |_| {});
    assert_eq!(restored.carried.as_ref().map(|carried| (carried.jobs, carried.attempts)), Some((0, 4)));
    assert_eq!((restored.held, restored.held_messages), (1, 4), "three that wait and one in doubt");
    assert!(restored.aside.unwrap().exists(), "the ledger that was replaced is kept");
    let view = desk.view(job);
    assert_eq!((view.state.as_str(), view.waits_for.as_deref()), ("paused", Some("held")));
    assert_eq!((desk.count(job, State::Submitted), desk.count(job, State::InDoubt)), (6, 1));
    desk.connect("a");
    assert!(send_rest(&mut desk).is_empty(), "nothing goes before a person has said so");
    assert!(desk.act(Action::ResumeHeld).unwrap_err().contains("a backup was put back"));
    resume(&mut desk, job);
    gone.extend(send_rest(&mut desk));
    assert_eq!((gone.len(), doubled(&gone)), (10, vec![]));
    let events = kinds(&desk, "ledger_restored");
    let [(actor, detail)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(actor, "siti");
    assert!(detail.contains("0 jobs, 4 hand-overs") && detail.ends_with("disk diganti"), "{detail}");
    assert_eq!(desk.reader().verify_chain(None).unwrap().broken, None);
}

#[test]
fn jobs_and_opt_outs_since_the_backup_come_along_and_a_file_is_not_taken_twice() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let before = desk.job(Class::Routine, "Undangan", 1..5);
    desk.act(Action::OptOut(HandEntry::of(number(4)))).unwrap();
    let backup = desk.back_up();
    desk.pass(HOUR);
    let after = desk.job(Class::Important, "Rapat", 20..25);
    desk.hear("a", "+6281200000002", "STOP");
    desk.act(Action::OptIn(HandEntry::of(number(4)))).unwrap();
    let mut gone = send(&mut desk, 2);
    let at = |reader: &crate::store::Reader| reader.chain_head().unwrap().unwrap();
    let (in_backup, newest) = (at(&crate::store::Reader::open(&backup).unwrap()), at(&desk.reader()));
    let restored = desk.put_back(&backup, |_| {});
    let (when, said) = desk.reader().put_backs().unwrap().remove(0);
    let replaced = Replaced::of(when, &said).expect("the record names the ledger that was replaced");
    assert_eq!(restored.aside.as_ref(), Some(&replaced.file));
    let held = [in_backup.event, in_backup.event + 1, newest.event, newest.event + 1].map(|n| replaced.may_hold(n));
    assert_eq!(held, [false, true, true, false]);
    let carried = restored.carried.unwrap();
    assert_eq!((carried.jobs, carried.inbound, carried.opt_outs, carried.held_against), (2, 1, 1, 1));
    assert!(desk.reader().opt_out(number(2)).unwrap().is_some(), "who left after the backup has left");
    assert!(desk.reader().opt_out(number(4)).unwrap().is_some(), "and who came back since is asked again");
    assert_eq!(desk.reader().consents(number(2)).unwrap()[0].kind, "opted_out");
    let same = JobHeader { source: "salinan.csv".to_owned(), ..header(Class::Important, "Rapat") };
    let again = desk.drop_job(same, vec![row(1, number(20))]);
    let IntakeOrder::Refused(Refusal::SentBefore { job, .. }) = again else { panic!("{again:?}") };
    assert_eq!(job, after);
    desk.connect("a");
    // The confirmation of the STOP waits in the ledger as it did, and may go: it had not left.
    gone.extend(send_rest(&mut desk));
    resume(&mut desk, before);
    resume(&mut desk, after);
    gone.extend(send_rest(&mut desk));
    assert_eq!(doubled(&gone), Vec::<&(Msisdn, String)>::new());
    let to = |n: u32, text: &str| gone.iter().filter(|(to, said)| *to == number(n) && said == text).count();
    assert_eq!((to(2, "Undangan"), to(4, "Undangan"), to(1, "Undangan"), to(24, "Rapat")), (0, 0, 1, 1));
}

#[test]
fn where_the_ledger_is_lost_everything_waits_emergencies_too_and_answers_are_taken_back() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let flood = desk.job(Class::Emergency, "Banjir", 1..4);
    let routine = desk.job(Class::Routine, "Pajak", 10..14);
    desk.hear("a", "+6281200000077", "STOP");
    send(&mut desk, 1);
    let backup = desk.back_up();
    desk.pass(HOUR);
    send_rest(&mut desk);
    let restored = desk.put_back(&backup, lost);
    assert!(restored.carried.is_none() && restored.aside.is_none());
    assert_eq!((restored.held, restored.held_messages, restored.taken_back), (2, 7, 1));
    assert_eq!(desk.count(flood, State::InDoubt), 1, "what was on the air in the backup");
    desk.connect("a");
    desk.pass(HOUR);
    desk.pass(HOUR);
    assert!(send_rest(&mut desk).is_empty(), "nobody knows what was sent");
    for job in [flood, routine] {
        let reason = desk.view(job).waits_reason.unwrap();
        assert!(reason.contains("nobody knows which of"), "{reason}");
    }
    assert!(desk.act(Action::ResumeHeld).unwrap_err().starts_with("2 job(s) wait because a backup was put back"));
    let alarms = desk.reader().alarms(false, 10).unwrap();
    assert!(alarms.iter().any(|alarm| alarm.kind == "backlog_waits" && alarm.detail.contains("a backup was put back")));
    desk.act(Action::Cancel(routine)).unwrap();
    desk.crash();
    desk.connect("a");
    assert!(send_rest(&mut desk).is_empty(), "over a restart too");
    resume(&mut desk, flood);
    assert_eq!(
        send_rest(&mut desk).len(),
        3,
        "as a person has decided, and for the one in doubt the policy of emergencies"
    );
    assert!(desk.reader().alarms(false, 10).unwrap().iter().all(|alarm| alarm.kind != "backlog_waits"));
}

#[test]
fn of_a_ledger_that_is_another_or_damaged_the_opt_outs_are_kept() {
    let mut desk = Desk::new(free());
    desk.job(Class::Routine, "Pajak", 1..4);
    let backup = desk.back_up();
    desk.pass(HOUR);
    let restored = desk.put_back(&backup, |database| {
        lost(database);
        let now = Timestamp::from_second(1_795_100_000).unwrap();
        let store = Store::open(database).unwrap();
        let mut other = crate::engine::Engine::open(store, free(), now, 9).unwrap();
        let action = Action::OptOut(HandEntry::of(number(2)));
        let act = Act { reply_to: None, actor: "admin".to_owned(), reason: String::new(), action };
        drop(other.handle(now, [Event::Act(act)]).unwrap());
    });
    assert!(restored.carried.is_none() && restored.opt_outs_found == 1);
    assert!(desk.reader().opt_out(number(2)).unwrap().is_some());
    assert_eq!(desk.reader().verify_chain(None).unwrap().broken, None);
}

#[test]
fn who_was_erased_after_the_backup_is_erased_again() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.act(Action::List(HandEntry::of(number(3)))).unwrap();
    let job = desk.job(Class::Routine, "Pajak", 3..5);
    let backup = desk.back_up();
    desk.act(Action::Erase(HandEntry::of(number(3)))).unwrap();
    let restored = desk.put_back(&backup, |_| {});
    assert_eq!(restored.carried.unwrap().erased, [number(3)]);
    let held = crate::store::scan::columns(
        &desk.ledger(),
        |cell| matches!(cell, crate::store::scan::Cell::Integer(integer) if integer.unsigned_abs() == number(3).as_u64()),
    );
    assert!(held.is_empty(), "{held:?}");
    assert_eq!(desk.reader().opt_out(number(3)).unwrap(), Some(OptOutScope::Everything));
    assert_eq!(desk.reader().verify_chain(None).unwrap().broken, None);
    desk.connect("a");
    resume(&mut desk, job);
    let gone = send_rest(&mut desk);
    assert!(gone.iter().all(|(to, _)| *to == number(4)), "{gone:?}");
}

#[test]
fn a_restore_that_was_cut_off_keeps_the_daemon_from_starting_and_is_taken_up() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "Pajak", 1..6);
    let backup = desk.back_up();
    let gone = send(&mut desk, 3);
    // Cut off after the backup took the ledger's place: it knows nothing of what it is to hold.
    let now = desk.now;
    let mut aside = None;
    let restored = desk.put_back(&backup, |database| {
        aside = crate::store::restore::begin(database, now).unwrap().aside;
        crate::store::restore::put_in_place(&backup, database).unwrap();
        let refused = Store::open(database).err().unwrap().to_string();
        assert!(refused.contains("run the same kentongan restore again"), "{refused}");
        // The desk asks about the ledger that is there; the command knows where the one before lies.
        std::fs::remove_file(database).unwrap();
        for end in ["", "-wal", "-shm"] {
            let from = format!("{}{end}", aside.as_ref().unwrap().display());
            if Path::new(&from).exists() {
                std::fs::copy(from, format!("{}{end}", database.display())).unwrap();
            }
        }
    });
    assert_eq!(restored.aside, aside);
    assert!(restored.carried.is_some());
    desk.connect("a");
    resume(&mut desk, job);
    let all: Vec<_> = gone.into_iter().chain(send_rest(&mut desk)).collect();
    assert_eq!((all.len(), doubled(&all)), (5, vec![]));
}

/// What may happen to an office between two moments.
#[derive(Clone, Debug)]
enum Happens {
    Job(u8),
    Sends(u8),
    Stop(u8),
    Crash,
    Hour,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        (1u8..9).prop_map(Happens::Job),
        (1u8..9).prop_map(Happens::Sends),
        (0u8..60).prop_map(Happens::Stop),
        Just(Happens::Crash),
        Just(Happens::Hour),
    ]
}

fn live(desk: &mut Desk, jobs: &mut u32, gone: &mut Vec<(Msisdn, String)>, days: &[Happens]) {
    for happens in days {
        match happens {
            Happens::Job(size) => {
                *jobs += 1;
                let rows = (1..=u32::from(*size)).map(|n| row(n, number(n))).collect();
                match desk.drop_job(header(Class::Routine, &format!("Kabar {jobs}")), rows) {
                    // Everybody it names may have left.
                    IntakeOrder::Accepted { .. } | IntakeOrder::Refused(Refusal::Nobody { .. }) => {}
                    other => panic!("neither accepted nor without anybody: {other:?}"),
                }
            }
            Happens::Sends(count) => gone.extend(send(desk, usize::from(*count))),
            Happens::Stop(n) => desk.hear("a", &format!("+62812000000{n:02}"), "STOP"),
            Happens::Crash => {
                desk.crash();
                desk.connect("a");
            }
            Happens::Hour => desk.pass(HOUR),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_before_and_after_a_backup_nobody_gets_a_text_twice(
        before in proptest::collection::vec(happens(), 0..12),
        after in proptest::collection::vec(happens(), 0..12),
        disk_is_lost in any::<bool>(),
    ) {
        let mut desk = Desk::new(free());
        desk.connect("a");
        let (mut jobs, mut gone) = (0, Vec::new());
        live(&mut desk, &mut jobs, &mut gone, &before);
        let backup = desk.back_up();
        live(&mut desk, &mut jobs, &mut gone, &after);
        let left: Vec<u32> = (0..60).filter(|n| desk.reader().opt_out(number(*n)).unwrap().is_some()).collect();
        let restored = desk.put_back(&backup, |database| if disk_is_lost { lost(database) });
        desk.connect("a");
        gone.extend(send(&mut desk, usize::MAX));
        if restored.carried.is_some() {
            // A person lets everything go; where nothing is known, nobody should.
            for n in &left {
                prop_assert!(desk.reader().opt_out(number(*n)).unwrap().is_some());
            }
            for job in desk.reader().jobs(1_000, false).unwrap() {
                if job.state == "paused" {
                    resume(&mut desk, JobId(job.id));
                }
            }
            gone.extend(send(&mut desk, usize::MAX));
        }
        prop_assert_eq!(doubled(&gone), Vec::<&(Msisdn, String)>::new());
        prop_assert_eq!(desk.reader().verify_chain(None).unwrap().broken, None);
        for job in desk.reader().jobs(1_000, false).unwrap() {
            prop_assert!(job.adds_up(), "{:?}", job);
        }
    }
}
