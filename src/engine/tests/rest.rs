//! SIMs that rest, as people see them.

use super::desk::*;
use super::stories::refused;
use crate::engine::event::*;
use crate::model::*;

fn shown(desk: &Desk) -> (String, String) {
    let modem = desk.reader().modems(desk.now).unwrap().remove(0);
    (modem.state, modem.reason.unwrap_or_default())
}

fn alarms(desk: &Desk) -> Vec<(String, String)> {
    let stand = desk.reader().alarms(false, 9).unwrap();
    let out = stand.into_iter().filter(|alarm| alarm.kind == "modem_out");
    out.map(|alarm| (alarm.kind, alarm.detail)).collect()
}

/// It is tried as soon as it may be, and refused.
fn refuse(desk: &mut Desk) {
    let wake = desk.next_wake.expect("its rest ends");
    desk.pass(wake.duration_since(desk.now));
    while desk.ready.contains_key(&name("a")) {
        desk.begin("a");
        desk.answer("a", refused(50, Cause::Sim));
    }
}

#[test]
fn a_sim_that_rests_says_until_when_and_why_and_becomes_an_alarm_where_it_goes_on() {
    // The only SIM answers +CMS ERROR: 50 to all three.
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Important, "Rapat", 0..3);
    desk.begin("a");
    desk.answer("a", refused(50, Cause::Sim));
    let until = (desk.now + SignedDuration::from_mins(1)).strftime("%H:%M:%S UTC").to_string();
    let rests = ("unready".to_owned(), format!("rests until {until}: the SIM cannot send: +CMS ERROR: 50"));
    assert_eq!(shown(&desk), rests);
    // Set up again meanwhile, or by a daemon that was started anew, it still rests.
    desk.modem("a", ModemEvent::Unready { reason: "lost registration".to_owned() });
    desk.modem("a", ModemEvent::Ready { operator: None, reports: true });
    assert_eq!(shown(&desk), rests);
    desk.crash();
    desk.connect("a");
    assert_eq!(shown(&desk), rests);
    desk.pass(SignedDuration::from_mins(1));
    assert_eq!(shown(&desk), ("ready".to_owned(), String::new()), "it is tried");
    let began = desk.now;
    desk.begin("a");
    desk.answer("a", refused(50, Cause::Sim));
    while desk.now.duration_since(began) < SignedDuration::from_mins(16) {
        refuse(&mut desk);
    }
    let [(kind, detail)] = &alarms(&desk)[..] else { panic!("one alarm: {:?}", alarms(&desk)) };
    assert!(kind == "modem_out" && detail.ends_with("the SIM cannot send: +CMS ERROR: 50"), "{kind}: {detail}");
    desk.pass(SignedDuration::from_hours(2));
    desk.send_all();
    assert_eq!((desk.count(job, State::Submitted), alarms(&desk)), (3, vec![]));
}

#[test]
fn a_sim_that_has_rested_and_has_nothing_to_send_is_no_alarm_and_a_busy_one_is_not_shown() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.job(Class::Routine, "x", 0..1);
    desk.begin("a");
    desk.answer("a", refused(314, Cause::Busy));
    assert_eq!(shown(&desk).0, "ready", "it is over in seconds");
    desk.pass(SignedDuration::from_secs(5));
    desk.begin("a");
    desk.answer("a", refused(50, Cause::Sim));
    let job = desk.reader().jobs(1, true).unwrap()[0].id;
    desk.act(Action::Cancel(JobId(job))).unwrap();
    for _ in 0..60 {
        desk.pass(SignedDuration::from_mins(1));
        assert_ne!(desk.next_wake, Some(desk.now), "nothing is looked at in vain");
    }
    assert_eq!((shown(&desk).0.as_str(), alarms(&desk)), ("ready", vec![]));
}
