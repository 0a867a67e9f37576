//! What is left of somebody once they were erased, or kept long enough: every table and column of the ledger is looked through.

use std::collections::BTreeSet;

use super::consent::sent;
use super::desk::*;
use super::roster::{begin, blast, import, roster, rw};
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::{Retention, Suspension};
use crate::store::scan::{Cell, columns};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Where a number stands: as an integer, in digits with or without anything between them and the country in front, in the semi-octets
/// of a PDU, and these in hexadecimal.
fn places_of(desk: &Desk, number: Msisdn) -> BTreeSet<String> {
    let digits = number.digits();
    let national = &digits[2..];
    let swapped: Vec<u8> = format!("{digits}F").into_bytes().chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
    let swapped = String::from_utf8(swapped).unwrap();
    let octets = crate::pdu::hex::decode(&swapped).unwrap();
    columns(&desk.ledger(), |cell| match cell {
        Cell::Integer(integer) => integer.unsigned_abs() == number.as_u64(),
        Cell::Text(text) => {
            let plain: String = text.chars().filter(char::is_ascii_digit).collect();
            plain.contains(national) || text.to_uppercase().contains(&swapped)
        }
        Cell::Octets(held) => held.windows(octets.len()).any(|window| window == octets),
    })
}

/// Where a text stands; at the desk the digests of jobs are made of their texts.
fn places_of_text(desk: &Desk, wanted: &str) -> BTreeSet<String> {
    let found = columns(&desk.ledger(), |cell| matches!(cell, Cell::Text(text) if text.contains(wanted)));
    found.into_iter().filter(|place| place != "jobs.digest").collect()
}

/// Whoever is in the roster with this number has left their offices.
fn leave_offices(desk: &mut Desk, number: Msisdn) {
    let base = desk.reader().roster_version().unwrap();
    begin(desk, 9, base).unwrap();
    let mut digest = StepsDigest::default();
    for (entry, _) in roster(desk).into_iter().filter(|(_, entry)| entry.number == number) {
        let step = RosterStep::End { entry, why: Ending::Gone };
        digest.take(&step);
        desk.act(Action::RosterSteps { session: 9, steps: RosterSteps(vec![step]) }).unwrap();
    }
    desk.act(Action::RosterApply { session: 9, digest: digest.finish() }).unwrap();
}

fn names(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

/// One dead message is enough to be suspended.
fn strict(retention: Retention) -> Rules {
    Rules { suspension: Suspension { failures: 1, over: SignedDuration::ZERO }, retention, ..free() }
}

fn citizen(name: &str, to: Msisdn) -> Entry {
    Entry { seat: Seat::of(Role::Subscriber), name: name.to_owned(), person: None, number: to }
}

fn official(name: &str, to: Msisdn) -> Entry {
    let seat = Seat { agency: Some("Dinas Kesehatan".to_owned()), ..Seat::of(Role::Official) };
    Entry { seat, name: name.to_owned(), person: Some("19800101".to_owned()), number: to }
}

/// Number 5, of Dewi, has been everywhere: in the roster in four capacities, one of them past; on a list, written with dots; dead for a
/// time; in a self-test by mistake; in doubt; and has written, left, come back, and begun a long text.
fn known_everywhere(desk: &mut Desk) -> JobId {
    let five = number(5);
    desk.connect("a");
    desk.hear("a", "+6281200000005", "STOP");
    desk.hear("a", "+6281200000005", "MULAI");
    desk.send_all();
    import(
        desk,
        vec![rw(1, "Dewi", five), citizen("Dewi", five), official("Dewi Lestari", five), rw(2, "Asep", number(6))],
    )
    .unwrap();
    import(desk, vec![rw(1, "Eti", number(8)), rw(3, "Dewi", five)]).unwrap();
    let written = RecipientRow { raw: "0812.0000.0005".to_owned(), name: Some("Dewi".to_owned()), ..row(1, five) };
    let header = header(Class::Routine, "Rapat RW");
    let again = RecipientRow {
        raw: "+62 812 0000 0005".to_owned(),
        name: Some("Bu Dewi".to_owned()),
        number: Err(Excluded::Duplicate { first_row: 1, place: None }),
        ..row(3, five)
    };
    let rows = vec![written.clone(), row(2, number(6)), again];
    let IntakeOrder::Accepted { job, .. } = desk.drop_job(header, rows) else { panic!("it is accepted") };
    desk.send_all();
    desk.receive("a", report(2, "+6281200000005", 0x46, desk.now));
    desk.receive("a", report(77, "+6281200000005", 0, desk.now));
    let dead = desk.reader().person(five).unwrap().failures.unwrap();
    assert_eq!((dead.failures, dead.suspended_since.is_some()), (1, true));
    blast(desk, Class::Routine, "Untuk semua").unwrap();
    desk.send_all();
    desk.act(Action::TestModem { modem: name("a"), number: Some(five) }).unwrap();
    desk.send_all();
    desk.pass(SignedDuration::from_hours(1));
    desk.job(Class::Emergency, "Banjir", 5..6);
    desk.begin("a");
    let attempt = desk.air[&name("a")];
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    desk.modem("a", ModemEvent::LastWords { attempt, said: "\\r\\n+CMGS".to_owned() });
    desk.modem("a", ModemEvent::Unready { reason: "lost registration".to_owned() });
    desk.act(Action::OptOut(HandEntry::of(five))).unwrap();
    let parts = deliver("+6281200000005", &"Banjir di gang sebelah. ".repeat(9), 9, desk.now);
    desk.receive("a", parts[0].clone());
    let mut torn = parts[1].clone();
    torn.truncate(14);
    desk.receive("a", torn);
    job
}

#[test]
fn an_erased_number_is_in_no_table_but_as_a_keyed_digest_and_the_record_is_sound() {
    let mut desk = Desk::new(strict(Retention::default()));
    let job = known_everywhere(&mut desk);
    let noted = desk.reader().chain_head().unwrap();
    let before = places_of(&desk, number(5));
    let expected = names(&[
        "attempts.number",
        "consents.number",
        "event_numbers.number",
        "inbox.number",
        "inbox.sender",
        "inbox.text",
        "messages.number",
        "number_failures.number",
        "numbers.number",
        "opt_outs.number",
        "parts.pdu",
        "parts.sender",
        "parts.text",
        "recipients.number",
        "recipients.raw",
        "reports.number",
        "reports.pdu",
        "reports.recipient",
        "roster.number",
        "roster.seat",
        "self_test_steps.detail",
        "self_tests.number",
        "suspended.number",
    ]);
    assert_eq!(before, expected, "or a place is looked for that nothing is in");
    let account = desk.view(job).messages;
    let told = desk.act(Action::Erase(HandEntry::of(number(5)))).unwrap();
    assert!(told.contains("4 offices"), "{told}");
    assert_eq!(places_of(&desk, number(5)), names(&[]));
    assert_eq!(places_of_text(&desk, "Dewi"), names(&[]), "nor the name beside it");
    assert!(!places_of(&desk, number(6)).is_empty());
    assert_eq!(desk.view(job).messages, account);
    assert_eq!(desk.reader().verify_chain(noted).unwrap().broken, None);
    assert_eq!(desk.reader().status().unwrap().opt_outs, 1);

    // What is still under way brings nothing back.
    desk.modem("a", ModemEvent::Ready { operator: None, reports: true });
    desk.receive("a", report(2, "+6281200000005", 0x46, desk.now));
    desk.pass(DAY * 3);
    desk.crash();
    desk.connect("a");
    desk.send_all();
    assert_eq!(places_of(&desk, number(5)), names(&[]));
    assert_eq!(desk.reader().verify_chain(noted).unwrap().broken, None);

    // Nor does a list that names it twice.
    let again = RecipientRow {
        raw: "0812-0000-0005".to_owned(),
        number: Err(Excluded::Duplicate { first_row: 1, place: None }),
        ..row(2, number(5))
    };
    let listed = desk.drop_job(header(Class::Routine, "Lagi"), vec![row(1, number(5)), again, row(3, number(6))]);
    assert!(matches!(listed, IntakeOrder::Accepted { recipients: 3, excluded: 2, .. }), "{listed:?}");
    assert_eq!(places_of(&desk, number(5)), names(&[]));
}

#[test]
fn an_erased_persons_offices_are_vacant_and_a_list_that_names_them_again_clears_no_opt_out() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let list = || vec![rw(1, "Dewi", number(5)), rw(2, "Asep", number(6)), citizen("Dewi", number(5))];
    import(&mut desk, list()).unwrap();
    let shown = desk.reader().person(number(5)).unwrap();
    let came: Vec<_> =
        shown.offices.iter().map(|office| (office.entry.role.as_str(), office.source.as_str())).collect();
    assert_eq!(came, [("rw", "SK 12/2026"), ("subscriber", "SK 12/2026")]);
    desk.act(Action::Erase(HandEntry::of(number(5)))).unwrap();
    let held: Vec<_> = roster(&desk).into_iter().map(|(_, entry)| entry.number).collect();
    assert_eq!(held, [number(6)], "her offices are vacant");
    let seat = desk.reader().roster_history(None, Some(EntryId(1))).unwrap();
    assert_eq!((seat.len(), seat[0].rw, seat[0].name.as_str(), seat[0].number.as_str()), (1, Some(1), "", ""));
    let job = blast(&mut desk, Class::Emergency, "longsor").unwrap();
    assert_eq!(sent(&mut desk), [(number(6), "longsor".to_owned())]);
    assert_eq!(desk.view(job).recipients, 1);

    import(&mut desk, list()).unwrap();
    let entries = desk.reader().roster_history(Some(number(5)), None).unwrap();
    assert_eq!(entries.iter().map(|entry| entry.opted_out).collect::<Vec<_>>(), [true, true], "the list says so");
    let job = blast(&mut desk, Class::Emergency, "banjir").unwrap();
    assert_eq!(sent(&mut desk), [(number(6), "banjir".to_owned())]);
    let why: Vec<_> = desk.recipients(job).into_iter().filter_map(|recipient| recipient.reason).collect();
    assert_eq!(why, ["opted_out"]);
    assert_eq!(places_of(&desk, number(5)), names(&["roster.number", "roster.seat"]), "where the office put her again");
    desk.act(Action::Erase(HandEntry::of(number(5)))).unwrap();
    assert_eq!(places_of(&desk, number(5)), names(&[]), "and that ends again when she asks again");
}

#[test]
fn an_import_that_names_who_is_erased_meanwhile_has_to_be_looked_at_again() {
    let mut desk = Desk::new(free());
    import(&mut desk, vec![rw(1, "Asep", number(6))]).unwrap();
    for (named, refused) in [(7, false), (5, true)] {
        desk.act(Action::List(HandEntry::of(number(5)))).unwrap();
        let base = desk.reader().roster_version().unwrap();
        begin(&mut desk, 3, base).unwrap();
        let steps = vec![RosterStep::Add(rw(named as u16, "Dewi", number(named)))];
        let mut digest = StepsDigest::default();
        steps.iter().for_each(|step| digest.take(step));
        desk.act(Action::RosterSteps { session: 3, steps: RosterSteps(steps) }).unwrap();
        desk.act(Action::Erase(HandEntry::of(number(5)))).unwrap();
        let applied = desk.act(Action::RosterApply { session: 3, digest: digest.finish() });
        assert_eq!(applied.is_err(), refused, "{applied:?}");
    }
    desk.pass(SignedDuration::from_mins(1));
    assert_eq!(places_of(&desk, number(5)), names(&[]));
    assert_eq!(roster(&desk).len(), 2);
}

#[test]
fn texts_that_were_kept_long_enough_are_in_no_table() {
    let span = Some(DAY * 7);
    let mut desk = Desk::new(strict(Retention { texts: span, inbound: span, numbers: None }));
    desk.connect("a");
    import(&mut desk, vec![rw(1, "Dewi", number(5))]).unwrap();
    blast(&mut desk, Class::Routine, "Pisang untuk semua").unwrap();
    let own = RecipientRow { text: Some("Pisang untuk Ibu Dewi".to_owned()), ..row(1, number(6)) };
    desk.drop_job(header(Class::Routine, "dua"), vec![own]);
    desk.act(Action::TestModem { modem: name("a"), number: Some(number(9)) }).unwrap();
    desk.send_all();
    desk.hear("a", "+6281200000005", "Pisang dari saya");
    desk.receive("a", deliver("+6281200000006", &"Pisang satu tandan. ".repeat(9), 9, desk.now)[0].clone());
    let inbox = desk.reader().inbox(1).unwrap()[0].id;
    desk.act(Action::AnswerInbox { inbox, text: Body("Pisang diterima".to_owned()), unit: None }).unwrap();
    desk.send_all();
    let expected = names(&["inbox.text", "jobs.text", "messages.text", "parts.text"]);
    assert_eq!(places_of_text(&desk, "Pisang"), expected);
    assert_eq!(places_of_text(&desk, "Pesan uji modem"), names(&["jobs.text", "self_test_texts.text"]));
    for _ in 0..60 {
        desk.pass(SignedDuration::from_hours(12));
    }
    assert_eq!(places_of_text(&desk, "Pisang"), names(&[]));
    assert_eq!(places_of_text(&desk, "Pesan uji modem"), names(&[]));
    let octets = columns(&desk.ledger(), |cell| matches!(cell, Cell::Octets(octets) if octets.len() > 40));
    assert_eq!(octets, names(&[]), "no PDU of a text either: digests, keys and reports are shorter");
    assert_eq!(desk.reader().verify_chain(None).unwrap().broken, None);
}

#[test]
fn numbers_that_were_kept_long_enough_are_in_no_table_but_where_they_are_in_force() {
    let span = Some(DAY * 30);
    let mut desk = Desk::new(strict(Retention { texts: span, inbound: span, numbers: span }));
    known_everywhere(&mut desk);
    import(&mut desk, vec![rw(4, "Tuti", number(7))]).unwrap();
    leave_offices(&mut desk, number(5));
    desk.modem("a", ModemEvent::Ready { operator: None, reports: true });
    for _ in 0..200 {
        desk.pass(SignedDuration::from_hours(12));
    }
    let in_force = names(&["consents.number", "opt_outs.number"]);
    assert_eq!(places_of(&desk, number(5)), in_force, "an opt-out and its proof");
    assert_eq!(places_of_text(&desk, "Dewi"), names(&[]));
    let roster = roster(&desk);
    assert!(roster.iter().any(|(_, entry)| entry.number == number(7)), "whoever holds an office now stays");
    assert!(!roster.iter().any(|(_, entry)| entry.number == number(5)));
    assert_eq!(desk.reader().verify_chain(None).unwrap().broken, None);
}
