//! Damage that is found in the ledger's file while the daemon works.

use super::desk::*;
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::alarms::Alarms;

#[test]
fn damage_stops_what_units_send_and_tells_administrators_until_a_person_lets_it_go_on() {
    let alarms = Alarms { numbers: vec![number(900_000)], office: "Diskominfo".to_owned(), ..Alarms::default() };
    let mut desk = Desk::new(Rules { alarms, ..free() });
    desk.connect("a");
    let job = desk.job(Class::Emergency, "Banjir", 0..3);
    desk.feed(vec![Event::Damaged("Tree 7 page 9: btreeInitPage() returns error code 11".to_owned())]);
    desk.pass(SignedDuration::from_mins(3));
    assert_eq!(desk.send_all(), [(name("a"), 1)].into(), "only the notice to the administrator");
    let notice = desk.reader().notices(9).unwrap().remove(0);
    assert_eq!(notice.text, "Diskominfo: BASIS DATA RUSAK, pengiriman dihentikan");
    assert_eq!(desk.count(job, State::Queued), 3);
    let alarm = desk.reader().alarms(false, 9).unwrap().remove(0);
    assert_eq!(
        (alarm.kind.as_str(), alarm.subject.as_str(), alarm.level.as_str()),
        ("database_damaged", "database", "critical")
    );
    assert!(alarm.detail.starts_with("Tree 7 page 9") && alarm.detail.contains("kentongan resume"), "{}", alarm.detail);
    desk.act(Action::Resume(Scope::All)).unwrap();
    // The look of the next day finds the same, and does not take back what a person has said.
    desk.feed(vec![Event::Damaged("Tree 7 page 9: btreeInitPage() returns error code 11".to_owned())]);
    assert_eq!(desk.send_all(), [(name("a"), 3)].into());
}

#[test]
fn a_ledger_that_a_start_finds_whole_has_no_such_alarm_and_stays_stopped_until_a_person_has_seen_it() {
    let mut desk = Desk::new(free());
    desk.feed(vec![Event::Damaged("a page".to_owned())]);
    desk.crash();
    assert!(desk.reader().alarms(false, 9).unwrap().is_empty());
    assert_eq!(desk.reader().pauses().unwrap(), [Scope::All]);
}
