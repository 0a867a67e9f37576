//! Alarms that nobody reports, and how administrators are told.

use super::desk::*;
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::alarms::{Alarms, Manner};

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

fn admin() -> Msisdn {
    number(900_000)
}

/// One administrator is told by SMS.
fn told() -> Rules {
    let alarms = Alarms { numbers: vec![admin()], office: "Diskominfo".to_owned(), ..Alarms::default() };
    Rules { alarms, ..free() }
}

fn by_mail() -> Rules {
    let mail = Manner { at_most: None, ..Manner::default() };
    Rules { alarms: Alarms { mail: Some(mail), lang: Lang::English, ..Alarms::default() }, ..free() }
}

fn standing(desk: &Desk) -> Vec<(String, String)> {
    let rows = desk.reader().alarms(false, 99).unwrap();
    rows.into_iter().map(|alarm| (alarm.kind, alarm.subject)).collect()
}

/// What has been written to administrators, oldest first.
fn notices(desk: &Desk) -> Vec<String> {
    let mut texts: Vec<String> = desk.reader().notices(99).unwrap().into_iter().map(|notice| notice.text).collect();
    texts.reverse();
    texts
}

/// The clock goes on, with every look that is asked for.
fn live(desk: &mut Desk, span: SignedDuration) {
    let end = later(desk.now, span);
    while let Some(wake) = desk.next_wake.filter(|wake| *wake < end) {
        desk.now = wake.max(desk.now);
        desk.tick();
    }
    desk.now = end;
    desk.tick();
}

#[test]
fn an_administrator_is_told_of_a_modem_that_is_out_through_another_one_and_of_its_return() {
    let mut desk = Desk::new(told());
    desk.connect("a");
    desk.connect("b");
    desk.modem("a", ModemEvent::Lost { reason: "unplugged".to_owned() });
    live(&mut desk, minutes(15));
    assert_eq!(standing(&desk), [("modem_out".to_owned(), "a".to_owned())]);
    assert!(notices(&desk).is_empty(), "it has not stood for two minutes");
    live(&mut desk, minutes(3));
    assert_eq!(notices(&desk), ["Diskominfo: modem a mati"]);
    // In the queue through whichever modem works, and out before anything else.
    desk.job(Class::Emergency, "Banjir", 0..3);
    assert_eq!(desk.send_all(), [(name("b"), 4)].into());
    desk.connect("a");
    live(&mut desk, minutes(4));
    assert_eq!(notices(&desk), ["Diskominfo: modem a mati", "Diskominfo: PULIH: modem a bekerja lagi"]);
    let recorded = desk.reader().notices(9).unwrap();
    assert_eq!((recorded[1].way.as_str(), recorded[1].target.as_str()), ("sms", full(admin()).as_str()));
    assert_eq!(recorded[1].state, "submitted");
    // A start repeats nothing.
    desk.crash();
    desk.connect("a");
    desk.connect("b");
    live(&mut desk, minutes(60));
    assert_eq!(notices(&desk).len(), 2);
}

#[test]
fn a_notice_goes_before_a_blast_and_a_stop_of_everything_ends_them() {
    let mut desk = Desk::new(told());
    desk.connect("a");
    desk.job(Class::Emergency, "Banjir", 0..50);
    desk.begin("a");
    desk.feed(vec![Event::Disk { what: "database", room: Room { free: 1_000_000, total: 9_000_000_000 } }]);
    live(&mut desk, minutes(3));
    assert_eq!(standing(&desk), [("disk_low".to_owned(), "database".to_owned())]);
    let detail = desk.reader().alarms(false, 1).unwrap().remove(0).detail;
    assert_eq!(detail, "1 MB of 9000 MB are left");
    for _ in 0..3 {
        desk.submit("a");
    }
    assert_eq!(desk.reader().notices(1).unwrap()[0].state, "submitted", "only what was on its way went before");
    desk.hear("a", &full(admin()), "STOP SEMUA");
    desk.feed(vec![Event::Disk { what: "database", room: Room { free: 8_000_000_000, total: 9_000_000_000 } }]);
    live(&mut desk, minutes(30));
    assert!(standing(&desk).iter().all(|(kind, _)| kind != "disk_low"));
    assert_eq!(notices(&desk).len(), 1, "neither of the disk nor of what waits meanwhile");
}

#[test]
fn an_alarm_that_stands_says_how_it_is_now_not_how_it_was() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let told = |desk: &mut Desk, free, total| {
        desk.feed(vec![Event::Disk { what: "database", room: Room { free, total } }]);
        let rows = desk.reader().alarms(true, 9).unwrap();
        assert_eq!(rows.len(), 1, "it is one alarm: {rows:?}");
        rows[0].detail.clone()
    };
    assert_eq!(told(&mut desk, 5_000_000, 6_000_000), "5 MB of 6 MB are left");
    assert_eq!(told(&mut desk, 79_000_000, 80_000_000), "79 MB of 80 MB are left");
    desk.crash();
    assert_eq!(told(&mut desk, 78_000_000, 80_000_000), "78 MB of 80 MB are left");
}

#[test]
fn without_a_modem_nothing_is_written_that_would_be_old_when_it_came() {
    let mut desk = Desk::new(told());
    desk.connect("a");
    desk.modem("a", ModemEvent::Lost { reason: "unplugged".to_owned() });
    live(&mut desk, minutes(5));
    assert_eq!(standing(&desk), [("no_modem".to_owned(), "all modems".to_owned())]);
    live(&mut desk, minutes(55));
    assert!(notices(&desk).is_empty());
    // A start in between ends nothing: there is no modem still.
    desk.crash();
    assert_eq!(standing(&desk).len(), 1);
    desk.connect("a");
    assert!(standing(&desk).is_empty());
    live(&mut desk, minutes(15));
    let [text] = &notices(&desk)[..] else { panic!("{:?}", notices(&desk)) };
    assert_eq!(
        text, "Diskominfo: PULIH: ada modem yang bekerja lagi, SMS dikirim",
        "the return of a is told with it later"
    );
    live(&mut desk, minutes(20));
    assert!(notices(&desk).len() <= 2, "{:?}", notices(&desk));
}

#[test]
fn messages_that_nothing_holds_and_that_wait_are_an_alarm_and_those_that_something_holds_are_none() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.act(Action::Pause(Scope::Class(Class::Emergency))).unwrap();
    desk.job(Class::Emergency, "Banjir", 0..5);
    live(&mut desk, minutes(60));
    assert_eq!(standing(&desk), [], "people hold it");
    desk.act(Action::Resume(Scope::Class(Class::Emergency))).unwrap();
    live(&mut desk, minutes(14));
    assert_eq!(standing(&desk), [], "what waited for people is not late at once");
    // Nothing is ever sent: the session does not begin. A start forgets none of the time.
    desk.crash();
    desk.connect("a");
    live(&mut desk, minutes(2));
    assert_eq!(standing(&desk), [("queue_old".to_owned(), "emergency".to_owned())]);
    desk.send_all();
    live(&mut desk, minutes(1));
    assert_eq!(standing(&desk), []);
}

#[test]
fn many_who_leave_at_once_are_an_alarm_until_the_hour_is_over() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.job(Class::Routine, "Pajak", 0..100);
    desk.send_all();
    for n in 0..19 {
        desk.hear("a", &full(number(n)), "STOP");
    }
    assert_eq!(standing(&desk), []);
    live(&mut desk, minutes(10));
    desk.hear("a", &full(number(20)), "STOP");
    assert!(standing(&desk).contains(&("opt_out_surge".to_owned(), "citizens".to_owned())));
    desk.crash();
    live(&mut desk, minutes(49));
    desk.connect("a");
    assert!(standing(&desk).iter().any(|(kind, _)| kind == "opt_out_surge"));
    live(&mut desk, minutes(2));
    assert!(standing(&desk).iter().all(|(kind, _)| kind != "opt_out_surge"));
}

#[test]
fn a_letter_waits_until_it_is_sent_and_one_that_nobody_takes_is_an_alarm_and_given_up() {
    let mut desk = Desk::new(by_mail());
    desk.connect("a");
    let full = Event::Disk { what: "queue", room: Room { free: 1, total: 9 } };
    desk.feed(vec![full]);
    live(&mut desk, minutes(3));
    let waiting = |desk: &Desk| desk.reader().waiting_notices("mail", "mail", 9).unwrap();
    let letter = waiting(&desk).remove(0);
    assert_eq!(letter.subject, "Kantor: the disk of the queue is nearly full");
    assert!(letter.text.contains("0 MB of 0 MB are left"), "{}", letter.text);
    desk.crash();
    assert_eq!(waiting(&desk), std::slice::from_ref(&letter), "a start keeps it");
    let failed = |tries| {
        let next_at = Timestamp::MAX;
        let end = NoticeEnd::Failed { tries, next_at, trouble: "connection refused".to_owned() };
        Event::Notice { id: letter.id, end }
    };
    desk.feed(vec![failed(1)]);
    let tried = waiting(&desk).remove(0);
    assert_eq!((tried.tries, tried.trouble.as_deref()), (1, Some("connection refused")));
    live(&mut desk, minutes(60));
    assert!(standing(&desk).iter().any(|(kind, subject)| kind == "mail_failing" && subject == "mail"));
    live(&mut desk, minutes(72 * 60));
    assert_eq!(desk.reader().notice(letter.id).unwrap().unwrap().state, "given_up");
    // What came of the next one ends it.
    for letter in waiting(&desk) {
        desk.feed(vec![Event::Notice { id: letter.id, end: NoticeEnd::Sent }]);
    }
    desk.tick();
    assert!(standing(&desk).iter().all(|(kind, _)| kind != "mail_failing"));
}

#[test]
fn a_test_goes_every_way_and_says_what_came_of_each() {
    let mail = Some(Manner { at_most: None, ..Manner::default() });
    let rules = told();
    let mut desk = Desk::new(Rules { alarms: Alarms { mail, ..rules.alarms.clone() }, ..rules });
    desk.connect("a");
    let ids = desk.act(Action::TestAlarms).unwrap();
    let ids: Vec<i64> = ids.split(',').map(|id| id.parse().unwrap()).collect();
    desk.send_all();
    let end = NoticeEnd::Failed { tries: 1, next_at: desk.now, trouble: "refused".to_owned() };
    desk.feed(vec![Event::Notice { id: ids[1], end }]);
    let states: Vec<_> = ids.iter().map(|id| desk.reader().notice(*id).unwrap().unwrap().state).collect();
    assert_eq!(states, ["submitted", "given_up"], "a test is tried once");
    assert!(standing(&desk).is_empty());
    let mut nobody = Desk::new(free());
    assert!(nobody.act(Action::TestAlarms).unwrap_err().contains("nobody is told"));
}

#[test]
fn an_administrator_who_is_erased_leaves_nothing_behind() {
    let mut desk = Desk::new(told());
    desk.connect("a");
    desk.act(Action::TestAlarms).unwrap();
    desk.send_all();
    desk.act(Action::Erase(HandEntry::of(admin()))).unwrap();
    let digits = admin().digits();
    let held = crate::store::scan::columns(&desk.ledger(), |cell| match cell {
        crate::store::scan::Cell::Integer(integer) => integer.to_string() == digits,
        crate::store::scan::Cell::Text(text) => text.contains(&digits),
        crate::store::scan::Cell::Octets(_) => false,
    });
    assert!(held.is_empty(), "{held:?}");
}
