//! What is held of a person, and what is left of them once they were erased.

use super::consent::{sent, with_life_safety};
use super::desk::*;
use crate::engine::event::*;
use crate::model::*;
use crate::store::PersonView;

fn held(desk: &Desk, n: u32) -> PersonView {
    desk.reader().person(number(n)).unwrap()
}

fn erase(desk: &mut Desk, n: u32) -> Result<String, String> {
    let entry = HandEntry { channel: Channel::Letter, letter: Some("No. 7".to_owned()), ..HandEntry::of(number(n)) };
    desk.act(Action::Erase(entry))
}

/// Number 5 has got a long message and a short one, was left out of a list, has written twice, left and come back; a report for
/// nothing known names it too.
fn known(desk: &mut Desk) -> [JobId; 2] {
    desk.connect("a");
    let long = desk.job(Class::Routine, &"warga ".repeat(40), 5..7);
    desk.hear("a", "+6281200000005", "Hatur nuhun, informasinya bermanfaat");
    desk.send_all();
    desk.receive("a", report(1, "+6281200000005", 0, desk.now));
    desk.receive("a", report(99, "+6281200000005", 0, desk.now));
    desk.hear("a", "+6281200000005", "STOP");
    desk.send_all();
    let without = desk.job(Class::Routine, "Tanpa dia", 4..7);
    desk.hear("a", "+6281200000005", "MULAI");
    desk.send_all();
    [long, without]
}

#[test]
fn everything_that_is_held_of_a_number_is_shown_to_its_owner() {
    let mut desk = Desk::new(free());
    let [long, without] = known(&mut desk);
    let person = held(&desk, 5);
    let places: Vec<_> = person.messages.iter().map(|place| (place.job, place.state.as_str())).collect();
    assert_eq!(places, [(long.0, "submitted"), (2, "submitted"), (without.0, "excluded")], "2 is the confirmation");
    assert_eq!(person.messages[0].text.as_deref(), Some(&*"warga ".repeat(40)));
    assert_eq!((person.messages[0].basis.as_str(), person.messages[0].owner.as_str()), ("unstated", "staf"));
    assert_eq!(person.messages[2].reason.as_deref(), Some("opted_out"));
    let texts: Vec<_> = person.inbound.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(texts, ["Hatur nuhun, informasinya bermanfaat", "STOP", "MULAI"]);
    assert_eq!((person.consents.len(), person.opt_out.is_none(), person.erased), (3, true, Some(false)));
    let kinds: Vec<_> = person.events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["report_orphan", "opted_out", "opted_in"]);
    assert!(held(&desk, 77).is_empty());
}

#[test]
fn an_erased_person_leaves_counts_a_sound_record_and_an_opt_out_that_holds() {
    let mut desk = Desk::new(with_life_safety());
    let jobs = known(&mut desk);
    let before: Vec<_> = jobs.iter().map(|job| desk.view(*job).messages).collect();
    let noted = desk.reader().chain_head().unwrap();
    let waiting = desk.job(Class::Routine, "Belum berangkat", 5..6);
    desk.modem("a", ModemEvent::Unready { reason: "lost registration".to_owned() });
    let told = erase(&mut desk, 5).unwrap();
    assert!(told.starts_with("+6281200000005 is erased: 4 messages, 3 inbound texts and 0 offices"), "{told}");

    let person = held(&desk, 5);
    assert_eq!(person.erased, Some(true));
    assert!(person.messages.is_empty() && person.inbound.is_empty() && person.events.is_empty());
    assert!(person.consents.is_empty() && person.opt_out.is_none());
    let after: Vec<_> = jobs.iter().map(|job| desk.view(*job).messages).collect();
    assert_eq!(after, before, "the accounts are what they were");
    assert_eq!(desk.count(waiting, State::Suppressed), 1);
    let row = desk.recipients(jobs[0]).remove(0);
    assert_eq!((row.number.as_str(), row.name, row.state.as_str()), ("", None, "submitted"));
    assert_eq!(desk.recipients(jobs[0])[1].number, "6281200000006", "the next one is still there");
    let view = desk.reader().verify_chain(noted).unwrap();
    assert_eq!(view.broken, None);
    let texts: Vec<_> = desk.reader().inbox(9).unwrap().into_iter().map(|entry| (entry.from, entry.text)).collect();
    assert!(texts.iter().all(|entry| *entry == (String::new(), String::new())), "{texts:?}");
    assert_eq!(desk.reader().status().unwrap().opt_outs, 1);
    assert!(erase(&mut desk, 5).unwrap_err().contains("nothing is held"));

    desk.modem("a", ModemEvent::Ready { operator: None, reports: true });
    desk.crash();
    desk.connect("a");
    let flood = JobHeader { unit: "damkar".to_owned(), ..header(Class::Emergency, "Banjir") };
    let refused = desk.drop_job(flood, vec![row_of(5)]);
    assert!(matches!(refused, IntakeOrder::Refused(Refusal::Nobody { recipients: 1, .. })), "also what is life-safety");
    let job = desk.job(Class::Routine, "Daftar baru", 5..7);
    let left_out = desk.recipients(job).remove(0);
    assert_eq!(left_out.number, "", "a list that names it again does not bring it back into the ledger");
    assert_eq!(left_out.reason.as_deref(), Some("opted_out"));
    assert_eq!(sent(&mut desk).len(), 1);

    desk.now += SignedDuration::from_hours(30);
    desk.hear("a", "+6281200000005", "MULAI");
    let job = desk.job(Class::Routine, "Kembali", 5..6);
    assert_eq!(desk.count(job, State::Queued), 1, "but their own word does");
    assert_eq!(held(&desk, 5).erased, Some(false));
}

#[test]
fn who_is_erased_leaves_the_result_files_that_name_them_and_a_kill_before_that_is_no_matter() {
    let mut desk = Desk::new(free());
    let [long, without] = known(&mut desk);
    desk.hear("a", "+6281200000005", "Terima kasih");
    desk.orders.clear();
    erase(&mut desk, 5).unwrap();
    let inbox = Order::InboxChanged { unit: "diskominfo".to_owned() };
    assert!(desk.orders.contains(&inbox), "it shows what she wrote: {:?}", desk.orders);
    let due = |desk: &Desk| desk.reader().report_file_due(long).unwrap();
    let first = due(&desk).expect("it is marked in the same commit");
    assert!(desk.reader().report_file_due(without).unwrap().is_some());
    // What was read before another change does not count for it.
    erase(&mut desk, 6).unwrap();
    desk.feed(vec![Event::ReportWritten { job: long, mark: first.mark }]);
    let second = due(&desk).expect("it names the other one still");
    desk.crash();
    assert_eq!(due(&desk), Some(second));
    desk.feed(vec![Event::ReportWritten { job: long, mark: second.mark }]);
    assert_eq!(due(&desk), None);
}

fn row_of(n: u32) -> RecipientRow {
    row(1, number(n))
}

/// The octets as they lie on the disk: digits, the integer, and the semi-octets of a PDU.
fn on_disk(desk: &Desk, n: u32) -> Vec<&'static str> {
    let digits = number(n).digits();
    let integer = number(n).as_u64().to_be_bytes();
    let pairs: Vec<u8> =
        format!("{digits}F").bytes().map(|digit| if digit == b'F' { 15 } else { digit - b'0' }).collect();
    let swapped: Vec<u8> = pairs.chunks(2).map(|pair| pair[1] << 4 | pair[0]).collect();
    let forms = [("digits", digits.into_bytes()), ("integer", integer[2..].to_vec()), ("semi-octets", swapped)];
    let mut found = Vec::new();
    for file in ["", "-wal"] {
        let path = format!("{}{file}", desk.ledger().display());
        let Ok(octets) = std::fs::read(path) else { continue };
        for (form, wanted) in &forms {
            if octets.windows(wanted.len()).any(|window| window == wanted.as_slice()) {
                found.push(*form);
            }
        }
    }
    found
}

#[test]
fn an_erased_number_is_nowhere_in_the_file_nor_in_its_log() {
    let mut desk = Desk::new(free());
    known(&mut desk);
    desk.act(Action::OptOut(HandEntry::of(number(5)))).unwrap();
    assert!(!on_disk(&desk, 5).is_empty(), "or this looks for the wrong octets");
    erase(&mut desk, 5).unwrap();
    assert_eq!(on_disk(&desk, 5), [""; 0]);
    assert!(!on_disk(&desk, 6).is_empty());
}

#[test]
fn what_comes_back_from_the_network_after_an_erasure_brings_nothing_back() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "Halo", 5..6);
    desk.begin("a");
    let heard = deliver("+6281200000005", "Halo juga", 7, desk.now).remove(0);
    desk.receive("a", heard.clone());
    erase(&mut desk, 5).unwrap();
    let tp_mr = desk.submit("a");
    let late = report(tp_mr, "+6281200000005", 0, desk.now);
    desk.receive("a", late.clone());
    desk.receive("a", late);
    desk.receive("a", heard);
    assert_eq!(on_disk(&desk, 5), [""; 0]);
    assert_eq!(desk.count(job, State::Submitted), 1, "what was on the air has its true state");
    assert_eq!(desk.reader().inbox(9).unwrap().len(), 1, "read twice, kept once, and empty");
    assert_eq!(desk.recorded("report_orphan").len(), 1);
    assert_eq!(desk.reader().verify_chain(None).unwrap().broken, None);
}

#[test]
fn a_number_that_a_list_is_bringing_in_right_now_is_erased_with_the_rest() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let id = IntakeId(77);
    let begin = IntakeEvent::Begin(Box::new(header(Class::Routine, "Sedang dibaca")));
    desk.feed(vec![Event::Intake(id, begin), Event::Intake(id, IntakeEvent::Rows(vec![row_of(5), row(2, number(6))]))]);
    erase(&mut desk, 5).unwrap();
    desk.feed(vec![Event::Intake(id, IntakeEvent::Rows(vec![row(3, number(5))]))]);
    desk.feed(vec![Event::Intake(id, IntakeEvent::Complete)]);
    assert_eq!(sent(&mut desk), [(number(6), "Sedang dibaca".to_owned())]);
    assert_eq!(on_disk(&desk, 5), [""; 0]);
    let job = JobId(desk.reader().jobs(1, false).unwrap()[0].id);
    assert_eq!((desk.count(job, State::Suppressed), desk.view(job).excluded), (1, 1));
}

#[test]
fn without_its_key_a_ledger_that_keeps_opt_outs_of_erased_numbers_is_not_opened() {
    use crate::store::{Store, StoreError};
    let mut desk = Desk::new(free());
    known(&mut desk);
    let path = desk.ledger();
    let key = path.with_extension("db.key");
    let copy = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    desk.crash();
    assert_ne!(std::fs::read(&key).unwrap(), copy, "nothing rested on the lost one yet");
    erase(&mut desk, 5).unwrap();
    let right = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let error = Store::open(&path).err().unwrap();
    assert!(matches!(error, StoreError::KeyMissing { kept: 1, .. }), "{error}");
    assert_eq!(
        desk.reader().person(number(5)).unwrap().erased,
        None,
        "who may not read the key is not told that it is nothing"
    );
    std::fs::write(&key, copy).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::WrongKey { .. })));
    std::fs::write(&key, right).unwrap();
    desk.crash();
    let refused = desk.drop_job(header(Class::Routine, "Lagi"), vec![row_of(5)]);
    assert!(matches!(refused, IntakeOrder::Refused(Refusal::Nobody { recipients: 1, .. })));
}
