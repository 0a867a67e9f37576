//! What citizens write, for whom it is, who answers it, and how often the machine does.

use super::consent::sent;
use super::desk::*;
use crate::engine::event::*;
use crate::model::*;
use crate::store::{InboxFilter, InboxView};

const CITIZEN: &str = "+6281200000005";

fn inbox(desk: &Desk) -> Vec<InboxView> {
    let filter = InboxFilter { limit: 100, ..InboxFilter::default() };
    desk.reader().inbox_where(&filter).unwrap()
}

/// State and unit of the newest text.
fn newest(desk: &Desk) -> (Option<String>, Option<String>) {
    let entry = inbox(desk).remove(0);
    (entry.state, entry.unit)
}

fn reply(desk: &mut Desk, inbox: i64, text: &str) -> Result<String, String> {
    desk.act(Action::AnswerInbox { inbox, text: Body(text.to_owned()), unit: None })
}

fn hear_later(desk: &mut Desk, text: &str) {
    desk.now += SignedDuration::from_secs(1);
    desk.hear("a", CITIZEN, text);
}

fn answers_of_the_machine(desk: &Desk) -> usize {
    let jobs = desk.reader().jobs(100, true).unwrap();
    jobs.iter().filter(|job| job.kind == "reply" && job.owner == "engine").count()
}

#[test]
fn a_reply_is_for_the_unit_of_the_last_message_that_was_handed_over() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.hear("a", CITIZEN, "Salah sambung?");
    assert_eq!(newest(&desk), (Some("new".to_owned()), None), "nobody has written to them");
    desk.job(Class::Routine, "Pajak", 5..6);
    desk.send_all();
    let warning = JobHeader { unit: "damkar".to_owned(), ..header(Class::Emergency, "Banjir") };
    desk.drop_job(warning, vec![row(1, number(5))]);
    desk.send_all();
    let waits = JobHeader {
        unit: "dinkes".to_owned(),
        not_before: Some(desk.now + SignedDuration::from_hours(5)),
        ..header(Class::Routine, "Imunisasi")
    };
    desk.drop_job(waits, vec![row(1, number(5))]);
    hear_later(&mut desk, "Air sudah masuk rumah");
    assert_eq!(newest(&desk), (Some("new".to_owned()), Some("damkar".to_owned())), "not the one that still waits");
    assert!(desk.orders.contains(&Order::InboxChanged { unit: "damkar".to_owned() }), "its report wants writing");
    let only = |unit: &str| {
        let filter = InboxFilter { unit: Some(unit.to_owned()), limit: 9, ..InboxFilter::default() };
        desk.reader().inbox_where(&filter).unwrap().len()
    };
    assert_eq!((only("damkar"), only("diskominfo")), (1, 0));
}

#[test]
fn a_text_is_new_then_read_then_answered_once_through_its_own_sim() {
    let mut desk = Desk::new(free());
    desk.connect("b");
    let job = desk.job(Class::Routine, "Pajak", 5..6);
    desk.send_all();
    desk.connect("a");
    desk.hear("a", CITIZEN, "Bayarnya di mana?");
    let id = inbox(&desk)[0].id;
    desk.act(Action::ReadInbox(id)).unwrap();
    assert_eq!(newest(&desk).0.as_deref(), Some("read"));
    assert!(desk.act(Action::ReadInbox(id)).unwrap_err().contains("not new"));
    assert!(reply(&mut desk, id, "  ").unwrap_err().contains("empty"));
    assert!(reply(&mut desk, id, &"panjang ".repeat(300)).unwrap_err().contains("at most 8"));
    assert!(reply(&mut desk, 99, "x").unwrap_err().contains("no inbound text 99"));
    assert!(reply(&mut desk, id, "Di kantor kelurahan.").unwrap().contains("on its way"));
    assert!(reply(&mut desk, id, "Sekali lagi").unwrap_err().contains("already"));
    assert!(!desk.ready.contains_key(&name("b")), "the SIM that was written to answers, no other");
    assert_eq!(sent(&mut desk), [(number(5), "Di kantor kelurahan.".to_owned())]);
    let entry = inbox(&desk).remove(0);
    assert_eq!((entry.state.as_deref(), entry.answer_state.as_deref()), (Some("answered"), Some("submitted")));
    assert_eq!((entry.about_job, entry.answer.as_deref()), (Some(job.0), Some("Di kantor kelurahan.")));
    let answer = desk.view(JobId(entry.answer_job.unwrap()));
    assert_eq!((answer.unit.as_str(), answer.owner.as_str(), answer.recipients), ("diskominfo", "admin", 1));
    let events = desk.reader().events(Some(JobId(answer.id)), 9).unwrap();
    assert!(events.iter().any(|event| event.kind == "inbox_answered" && event.actor == "admin"), "{events:?}");
}

#[test]
fn who_writes_after_leaving_is_answered_once_and_who_leaves_after_writing_is_not() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    hear_later(&mut desk, "STOP SEMUA");
    sent(&mut desk);
    hear_later(&mut desk, "KTP saya sudah jadi?");
    let asked = inbox(&desk)[0].id;
    reply(&mut desk, asked, "Sudah, silakan diambil.").unwrap();
    assert_eq!(sent(&mut desk), [(number(5), "Sudah, silakan diambil.".to_owned())]);
    let job = desk.drop_job(header(Class::Routine, "Kabar"), vec![row(1, number(5))]);
    assert!(matches!(job, IntakeOrder::Refused(Refusal::Nobody { recipients: 1, .. })), "which brings nobody back");

    hear_later(&mut desk, "Loketnya buka sampai jam berapa?");
    let asked = inbox(&desk)[0].id;
    hear_later(&mut desk, "STOP");
    assert!(reply(&mut desk, asked, "Sampai pukul 15.").unwrap_err().contains("opted out since"));
    let stop = inbox(&desk)[0].id;
    assert!(reply(&mut desk, stop, "Kenapa?").unwrap_err().contains("keyword"));
}

#[test]
fn an_answer_that_waits_is_not_sent_to_who_leaves_meanwhile() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    for (turn, text, leaves) in [(1, "Bagaimana caranya?", "STOP"), (2, "Kapan?", "hapus")] {
        hear_later(&mut desk, text);
        let asked = inbox(&desk)[0].id;
        desk.modem("a", ModemEvent::Unready { reason: "lost registration".to_owned() });
        assert!(reply(&mut desk, asked, "Begini").unwrap().contains("waits for its SIM"));
        desk.crash();
        desk.connect("b");
        desk.now += SignedDuration::from_secs(1);
        match leaves {
            "STOP" => desk.hear("b", CITIZEN, "STOP"),
            _ => drop(desk.act(Action::Erase(HandEntry::of(number(5))))),
        }
        desk.connect("a");
        assert!(sent(&mut desk).iter().all(|(_, text)| text != "Begini"), "{leaves}");
        let suppressed = |entry: &&InboxView| entry.answer_state.as_deref() == Some("suppressed");
        assert_eq!(inbox(&desk).iter().filter(suppressed).count(), turn);
        desk.now += SignedDuration::from_hours(30);
        hear_later(&mut desk, "MULAI");
        sent(&mut desk);
    }
}

#[test]
fn the_machine_answers_anybody_once_a_day_over_midnight_and_restarts() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    // 23.50 in Jakarta.
    let evening: Timestamp = "2026-11-24T16:50:00Z".parse().unwrap();
    desk.now = evening;
    desk.hear("a", CITIZEN, "INFO");
    assert_eq!(answers_of_the_machine(&desk), 1);
    for (minutes, text) in [(5, "banjir belum berhenti"), (15, "INFO"), (30, "STOP"), (60, "MULAI"), (900, "BANTUAN")] {
        desk.crash();
        desk.connect("a");
        desk.now = evening + SignedDuration::from_mins(minutes);
        desk.hear("a", CITIZEN, text);
        sent(&mut desk);
        assert_eq!(answers_of_the_machine(&desk), 1, "{text} {minutes} minutes later, past midnight or not");
    }
    assert_eq!(desk.reader().consents(number(5)).unwrap().len(), 2, "honoured without a word");
    desk.hear("a", "+6281200000006", "INFO");
    assert_eq!(answers_of_the_machine(&desk), 2, "somebody else has an answer of their own");
    desk.now = evening + SignedDuration::from_hours(24) + SignedDuration::from_secs(1);
    desk.hear("a", CITIZEN, "STOP");
    assert_eq!(answers_of_the_machine(&desk), 3);
}

#[test]
fn an_answer_of_a_person_is_none_of_the_machines() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    hear_later(&mut desk, "Kapan posyandu?");
    let asked = inbox(&desk)[0].id;
    reply(&mut desk, asked, "Sabtu.").unwrap();
    hear_later(&mut desk, "STOP");
    assert_eq!(answers_of_the_machine(&desk), 1, "the confirmation is sent all the same");
}

#[test]
fn operators_are_filed_by_sim_never_answered_and_consent_to_nothing() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    for (modem, from, text) in [
        ("b", "TELKOMSEL", "Sisa pulsa Rp1.000"),
        ("a", "4444", "MULAI"),
        ("b", "TELKOMSEL", "STOP"),
        ("a", "XL-Axiata", "Masa aktif sampai 1 Desember"),
    ] {
        desk.now += SignedDuration::from_secs(1);
        desk.hear(modem, from, text);
    }
    assert!(inbox(&desk).is_empty(), "citizens and operators are kept apart");
    let filed = |sim: Option<&str>| {
        let filter = InboxFilter { operator: true, sim: sim.map(str::to_owned), limit: 9, ..InboxFilter::default() };
        let entries = desk.reader().inbox_where(&filter).unwrap();
        entries.into_iter().map(|entry| (entry.sim, entry.text)).collect::<Vec<_>>()
    };
    let shown = filed(None);
    let texts: Vec<_> = shown.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["Masa aktif sampai 1 Desember", "MULAI", "STOP", "Sisa pulsa Rp1.000"]);
    assert_eq!(filed(Some("8962b")).len(), 2);
    assert_eq!(answers_of_the_machine(&desk), 0);
    assert_eq!(desk.reader().status().unwrap().opt_outs, 0);
    assert!(reply(&mut desk, 1, "x").unwrap_err().contains("nobody's"));
}

#[test]
fn a_late_part_makes_a_text_new_again_unless_it_was_answered() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    for answered in [false, true] {
        desk.now += SignedDuration::from_hours(48);
        let parts = deliver(CITIZEN, &"Air naik di RT 03. ".repeat(12), 7 + u16::from(answered), desk.now);
        desk.receive("a", parts[0].clone());
        desk.pass(SignedDuration::from_mins(10));
        let id = inbox(&desk)[0].id;
        match answered {
            true => drop(reply(&mut desk, id, "Kami cek.").unwrap()),
            false => drop(desk.act(Action::ReadInbox(id)).unwrap()),
        }
        desk.receive("a", parts[1].clone());
        let expected = if answered { "answered" } else { "new" };
        assert_eq!(newest(&desk).0.as_deref(), Some(expected));
    }
}
