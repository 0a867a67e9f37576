//! Who is not written to, one story a test: what an opt-out covers, and what the ledger of consent says of it.

use super::desk::*;
use crate::engine::event::*;
use crate::engine::{ConsentRules, Rules};
use crate::model::*;
use crate::pdu;
use crate::policy::LifeSafety;
use crate::store::{OptOutRow, Store};

/// Emergencies of the fire service are life-safety.
pub(super) fn with_life_safety() -> Rules {
    let life_safety = LifeSafety { classes: [Class::Emergency].into(), units: ["damkar".to_owned()].into() };
    Rules { consent: ConsentRules { life_safety, ..ConsentRules::default() }, ..free() }
}

fn warning(text: &str) -> JobHeader {
    JobHeader { unit: "damkar".to_owned(), ..header(Class::Emergency, text) }
}

fn accepted(answer: &IntakeOrder) -> JobId {
    match answer {
        IntakeOrder::Accepted { job, .. } => *job,
        other => panic!("not accepted: {other:?}"),
    }
}

/// What a session holds ready, as the network would read it: to whom, and what.
pub(super) fn read(held: &Reservation) -> (Msisdn, String) {
    let octets = pdu::hex::decode(&held.pdu).unwrap();
    let submit = pdu::Submit::decode(&octets[1..]).unwrap();
    let to = Msisdn::from_network(&submit.destination.to_string(), Country::indonesia()).unwrap();
    (to, submit.user_data.text(submit.dcs).unwrap_or_default())
}

/// Sends everything that modem `a` has, and gives it.
pub(super) fn sent(desk: &mut Desk) -> Vec<(Msisdn, String)> {
    let mut sent = Vec::new();
    while let Some(first) = desk.ready.get(&name("a")).cloned() {
        let mut held = Some(first);
        desk.begin("a");
        while desk.air.contains_key(&name("a")) {
            sent.extend(held.as_ref().map(read));
            // With the answer goes the AT+CMGS for what was held ready meanwhile.
            held = desk.ready.get(&name("a")).cloned();
            desk.submit("a");
        }
    }
    sent
}

#[test]
fn stop_leaves_what_is_life_safety_and_stop_semua_leaves_nothing() {
    let mut desk = Desk::new(with_life_safety());
    let flood = accepted(&desk.drop_job(warning("Banjir"), vec![row(1, number(5))]));
    let routine = desk.job(Class::Routine, "Pajak", 5..6);
    let others = desk.job(Class::Emergency, "Bukan damkar", 5..6);
    desk.connect("a");
    desk.modem("a", ModemEvent::Unready { reason: "lost registration".to_owned() });
    desk.hear("a", "+6281200000005", "STOP");
    assert_eq!((desk.count(routine, State::Suppressed), desk.count(others, State::Suppressed)), (1, 1));
    assert_eq!(desk.count(flood, State::Queued), 1);
    desk.modem("a", ModemEvent::Ready { operator: None, reports: true });
    let answer = Rules::default().answers.stopped_ordinary;
    assert_eq!(sent(&mut desk), [(number(5), "Banjir".to_owned()), (number(5), answer)]);

    let second = accepted(&desk.drop_job(warning("Banjir lagi"), vec![row(1, number(5))]));
    desk.hear("a", "+6281200000005", "Stop semua!");
    assert_eq!(desk.count(second, State::Suppressed), 1);
    let refused = desk.drop_job(warning("Banjir ketiga"), vec![row(1, number(5))]);
    assert!(matches!(refused, IntakeOrder::Refused(Refusal::Nobody { recipients: 1, .. })));
    let kinds: Vec<_> = desk.reader().events(None, 100).unwrap().into_iter().map(|event| event.kind).collect();
    assert!(kinds.iter().any(|kind| kind == "opt_out_widened"), "{kinds:?}");
    desk.now += SignedDuration::from_hours(30);
    desk.hear("a", "+6281200000005", "stop");
    let opt_out = desk.reader().opt_outs(9).unwrap().remove(0);
    assert_eq!(opt_out.scope, "everything", "a plain STOP narrows nothing");
}

#[test]
fn a_stop_sent_while_nothing_was_life_safety_means_everything_whatever_the_settings_say_later() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.hear("a", "+6281200000005", "STOP");
    assert_eq!(sent(&mut desk), [(number(5), Rules::default().answers.stopped)], "so they were told");
    desk.restart(with_life_safety());
    let refused = desk.drop_job(warning("Banjir"), vec![row(1, number(5))]);
    assert!(matches!(refused, IntakeOrder::Refused(Refusal::Nobody { recipients: 1, .. })));
}

#[test]
fn an_opt_out_of_all_but_life_safety_holds_for_that_too_once_the_settings_no_longer_name_it() {
    let mut desk = Desk::new(with_life_safety());
    desk.connect("a");
    desk.hear("a", "+6281200000005", "STOP");
    let flood = accepted(&desk.drop_job(warning("Banjir"), vec![row(1, number(5))]));
    desk.restart(free());
    desk.connect("a");
    assert!(sent(&mut desk).iter().all(|(_, text)| text != "Banjir"), "asked at the hand-over, not only at intake");
    assert_eq!(desk.count(flood, State::Suppressed), 1);
}

#[test]
fn the_ledger_of_consent_has_every_stop_and_start_as_it_was_written_and_each_confirmation() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    for text in ["Tolong stop pak!", "STOP", "mulai", "MULAI"] {
        desk.now += SignedDuration::from_hours(25);
        desk.hear("a", "+6281200000005", text);
        desk.send_all();
    }
    let ledger = desk.reader().consents(number(5)).unwrap();
    let shown: Vec<_> = ledger
        .iter()
        .map(|line| {
            let text = line.text.as_deref().unwrap_or("-");
            format!("{} {} {} {} {}", line.kind, line.changed, text, line.rule.as_deref().unwrap_or("-"), line.actor)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "opted_out true Tolong stop pak! keyword_filler citizen",
            "confirmed true - - engine",
            "opted_out false STOP keyword citizen",
            "opted_in true mulai - citizen",
            "confirmed true - - engine",
            "opted_in false MULAI - citizen",
        ]
    );
    assert!(ledger.iter().all(|line| line.sim.as_deref() == Some("8962a") && line.inbox.is_some()), "{ledger:?}");
    assert_eq!(ledger[1].message_state.as_deref(), Some("unreported"), "of a day before");
    assert_eq!(ledger[3].basis.as_deref(), Some("consent"));
    assert!(ledger[0].at < ledger[2].at);
}

#[test]
fn letters_and_the_counter_are_entered_with_actor_reason_and_paper() {
    let mut desk = Desk::new(with_life_safety());
    let entry = |scope| HandEntry {
        scope,
        channel: Channel::Letter,
        letter: Some("No. 12/2026".to_owned()),
        ..HandEntry::of(number(5))
    };
    let listed = HandEntry { channel: Channel::Decree, basis: Some(Basis::PublicTask), ..HandEntry::of(number(5)) };
    desk.act(Action::List(listed)).unwrap();
    assert!(desk.act(Action::OptOut(entry(OptOutScope::Ordinary))).unwrap().contains("life-safety"));
    assert!(desk.act(Action::OptOut(entry(OptOutScope::Ordinary))).is_err(), "it holds already");
    desk.act(Action::OptOut(entry(OptOutScope::Everything))).unwrap();
    assert!(desk.act(Action::OptOut(entry(OptOutScope::Ordinary))).is_err(), "nothing is narrowed");
    let back = HandEntry { basis: Some(Basis::Consent), ..entry(OptOutScope::Everything) };
    desk.act(Action::OptIn(back.clone())).unwrap();
    assert!(desk.act(Action::OptIn(back)).is_err());
    let shown: Vec<_> = desk
        .reader()
        .consents(number(5))
        .unwrap()
        .into_iter()
        .map(|line| {
            let (letter, basis) = (line.letter.unwrap_or_default(), line.basis.unwrap_or_default());
            format!("{} {} {letter} {basis} {} {}", line.kind, line.channel, line.actor, line.reason)
        })
        .collect();
    let hand = |kind, rest| format!("{kind} letter No. 12/2026 {rest} admin uji");
    assert_eq!(
        shown,
        [
            "listed decree  public_task admin uji".to_owned(),
            hand("opted_out", ""),
            hand("opted_out", ""),
            hand("opted_out", ""),
            hand("opted_out", ""),
            hand("opted_in", "consent"),
        ]
    );
    let events = desk.reader().events(None, 20).unwrap();
    assert!(events.iter().any(|event| event.detail.contains("letter No. 12/2026")), "{events:?}");
    let job = desk.job(Class::Routine, "x", 5..6);
    assert_eq!(desk.count(job, State::Queued), 1);
}

#[test]
fn the_transaction_that_opens_a_hand_over_looks_at_opt_outs_by_itself() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "Undangan", 1..2);
    assert!(!desk.ready.is_empty(), "it is reserved, and nothing has told the engine");
    let row = OptOutRow {
        number: number(1),
        scope: OptOutScope::Everything,
        source: "operator",
        inbox: None,
        rule: None,
        actor: "root",
        reason: "by hand",
    };
    let store = Store::open(&desk.ledger()).unwrap();
    store.begin().unwrap();
    assert!(store.enter_opt_out(&row, desk.now).unwrap());
    store.commit().unwrap();
    assert_eq!(desk.begin("a"), None);
    assert_eq!(desk.count(job, State::Suppressed), 1);
}
