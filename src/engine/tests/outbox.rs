//! What webhooks are told: every fact once, in order, with what made it true.

use std::collections::BTreeSet;

use super::desk::*;
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::alarms::Hook;
use crate::store::{FactView, fact_list};

fn hook(name: &str, unit: Option<&str>) -> Hook {
    Hook {
        name: name.to_owned(),
        facts: FactKind::ALL.into(),
        unit: unit.map(str::to_owned),
        give_up_after: SignedDuration::from_hours(72),
    }
}

fn with(hooks: Vec<Hook>) -> Rules {
    Rules { webhooks: hooks, ..free() }
}

fn all() -> String {
    fact_list(&FactKind::ALL)
}

fn facts(desk: &Desk, name: &str, unit: Option<&str>) -> Vec<FactView> {
    desk.reader().parcel(name, 0, &all(), unit, 1_000).unwrap().facts
}

fn told(facts: &[FactView]) -> Vec<String> {
    let word = |fact: &FactView| match (&fact.what, &fact.state) {
        (Some(what), _) => what.clone(),
        (None, Some(state)) => format!("{} {state}", fact.event),
        (None, None) => fact.event.clone(),
    };
    facts.iter().map(word).collect()
}

#[test]
fn every_fact_is_told_in_the_order_in_which_it_became_true() {
    let mut desk = Desk::new(with(vec![hook("a", None)]));
    desk.connect("m");
    let job = desk.job(Class::Important, "Rapat", 0..2);
    desk.begin("m");
    let first = desk.submit("m");
    let refused = Outcome::Refused { cause: Cause::Ambiguous, code: ErrorCode { kind: ErrorKind::Cms, number: 21 } };
    desk.answer("m", refused.clone());
    desk.pass(SignedDuration::from_secs(30));
    desk.begin("m");
    desk.answer("m", refused);
    desk.receive("m", report(first, &full(number(0)), 0, desk.now));
    desk.hear("m", &full(number(0)), "Terima kasih");
    desk.hear("m", &full(number(0)), "STOP");
    desk.modem("m", ModemEvent::Lost { reason: "unplugged".to_owned() });
    let facts = facts(&desk, "a", None);
    assert_eq!(
        told(&facts),
        [
            "modem_ready",
            "job_accepted",
            "sent submitted",
            "failed failed",
            "delivered delivered",
            "job_done",
            "inbound",
            "inbound",
            "opted_out",
            "modem_lost",
        ]
    );
    let sent = &facts[2];
    assert_eq!((sent.job, sent.unit.as_deref(), sent.row), (Some(job.0), Some("diskominfo"), Some(1)));
    assert_eq!(sent.number.as_deref(), Some(full(number(0)).as_str()));
    let reply = &facts[6];
    assert_eq!((reply.text.as_deref(), reply.kind.as_deref()), (Some("Terima kasih"), Some("reply")));
    assert_eq!(reply.number, sent.number);
    assert_eq!(facts[8].number, sent.number);
    assert_eq!((facts[9].subject.as_deref(), facts[9].detail.as_deref()), (Some("m"), Some("unplugged")));
    let ids: BTreeSet<_> = facts.iter().map(|fact| &fact.id).collect();
    assert_eq!(ids.len(), facts.len());
}

#[test]
fn a_unit_hears_of_its_own_and_of_what_is_everybodys() {
    let mut desk = Desk::new(with(vec![hook("a", None), hook("b", Some("damkar"))]));
    desk.connect("m");
    desk.job(Class::Important, "Rapat", 0..1);
    desk.send_all();
    let header = JobHeader { unit: "damkar".to_owned(), ..header(Class::Emergency, "Banjir") };
    desk.drop_job(header, vec![row(1, number(7))]);
    desk.send_all();
    desk.hear("m", &full(number(0)), "siapa ini?");
    desk.hear("m", "+6289900000000", "halo");
    let words = told(&facts(&desk, "b", Some("damkar")));
    assert_eq!(
        words,
        ["modem_ready", "job_accepted", "sent submitted"],
        "others' messages and replies are not its business"
    );
}

#[test]
fn where_nobody_is_called_nothing_is_written_and_a_new_webhook_begins_with_now() {
    let mut desk = Desk::new(free());
    desk.connect("m");
    desk.job(Class::Important, "Rapat", 0..2);
    desk.send_all();
    desk.restart(with(vec![hook("a", None)]));
    assert_eq!(told(&facts(&desk, "a", None)), [""; 0]);
    desk.connect("m");
    assert_eq!(told(&facts(&desk, "a", None)), ["modem_ready"]);
    // Taken away it is forgotten, with a word in the record.
    desk.restart(free());
    assert!(desk.reader().webhooks().unwrap().is_empty());
    let events = desk.reader().events(None, 50).unwrap();
    assert!(events.iter().any(|event| event.kind == "webhook_removed" && event.detail.contains("1 facts")));
    desk.restart(with(vec![hook("a", None)]));
    assert_eq!(told(&facts(&desk, "a", None)), [""; 0], "an id is never used again");
}

#[test]
fn what_every_webhook_has_is_removed_and_a_crash_loses_nothing() {
    let mut desk = Desk::new(with(vec![hook("a", None), hook("b", None)]));
    desk.connect("m");
    desk.job(Class::Important, "Rapat", 0..20);
    desk.send_all();
    let parcel = desk.reader().parcel("a", 0, &all(), None, 10).unwrap();
    assert_eq!(parcel.facts.len(), 10);
    let call = |position| HookCall { position, reached: true, ..HookCall::default() };
    desk.feed(vec![Event::Hook { name: "a".to_owned(), call: call(parcel.up_to) }]);
    desk.crash();
    let rest = desk.reader().parcel("a", 0, &all(), None, 100).unwrap();
    assert_eq!(parcel.facts.len() + rest.facts.len(), facts(&desk, "b", None).len());
    // It never goes back, also not by a word that comes late.
    desk.feed(vec![Event::Hook { name: "a".to_owned(), call: call(1) }]);
    assert_eq!(desk.reader().parcel("a", 0, &all(), None, 100).unwrap(), rest);
    desk.feed(vec![
        Event::Hook { name: "a".to_owned(), call: call(rest.up_to) },
        Event::Hook { name: "b".to_owned(), call: call(rest.up_to) },
    ]);
    desk.tick();
    let view = desk.reader().webhooks().unwrap();
    assert_eq!(view.iter().map(|hook| (hook.behind, hook.state.as_str())).collect::<Vec<_>>(), [(0, "ok"), (0, "ok")]);
    desk.connect("m");
    assert_eq!(told(&facts(&desk, "a", None)), ["modem_ready"]);
}

#[test]
fn a_webhook_that_takes_nothing_is_an_alarm_and_what_is_too_old_for_it_is_given_up_on_record() {
    let mut desk = Desk::new(with(vec![hook("a", None), hook("b", None)]));
    desk.connect("m");
    let failed = |tries| {
        let trouble = Some("it answered 500".to_owned());
        let call = HookCall { position: 0, reached: false, tries, next_at: None, trouble };
        Event::Hook { name: "a".to_owned(), call }
    };
    desk.feed(vec![failed(1)]);
    let alarms = |desk: &Desk| -> Vec<String> {
        let rows = desk.reader().alarms(false, 9).unwrap();
        rows.into_iter().filter(|alarm| alarm.kind == "webhook_failing").map(|alarm| alarm.detail).collect()
    };
    assert_eq!(alarms(&desk), [""; 0]);
    desk.pass(SignedDuration::from_hours(1));
    assert_eq!(alarms(&desk), ["it answered 500"]);
    desk.pass(SignedDuration::from_hours(70));
    let kept = facts(&desk, "a", None).len();
    assert!(kept > 0);
    desk.job(Class::Important, "Rapat", 0..1);
    desk.pass(SignedDuration::from_hours(1));
    while desk.next_wake.is_some_and(|wake| wake <= desk.now) {
        desk.tick();
    }
    let words = told(&facts(&desk, "a", None));
    assert!(words.contains(&"job_accepted".to_owned()) && !words.contains(&"modem_ready".to_owned()), "{words:?}");
    assert_eq!(alarms(&desk), ["it answered 500"]);
    let events = desk.reader().events(None, 50).unwrap();
    let skipped = events.iter().find(|event| event.kind == "webhook_skipped").expect("it is on record");
    assert!(skipped.detail.starts_with("a: 1 facts up to "), "{}", skipped.detail);
    let view = desk.reader().webhooks().unwrap();
    assert_eq!((view[0].skipped, view[0].state.as_str(), view[1].skipped), (1, "failing", 0));
    assert!(told(&facts(&desk, "b", None)).contains(&"modem_ready".to_owned()), "others lose nothing by it");
    let call = HookCall { position: 1, reached: true, ..HookCall::default() };
    desk.feed(vec![Event::Hook { name: "a".to_owned(), call }]);
    assert_eq!(alarms(&desk), [""; 0]);
}
