//! Modems that are known by what they are, wherever they are plugged in.

use super::desk::{Desk, free, name};
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::Limits;
use crate::policy::naming::Listed;

fn entry(modem: &str, imei: Option<&str>, iccid: Option<&str>) -> Listed {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Listed { name: name(modem), address: None, imei: owned(imei), iccid: owned(iccid), imsi: None }
}

fn plug(desk: &mut Desk, address: &str, imei: &str, iccid: &str) {
    let modem = ModemIdentity { imei: Some(imei.to_owned()), ..ModemIdentity::default() };
    let sim = SimIdentity { iccid: Some(iccid.to_owned()), imsi: None };
    let found = ModemEvent::Found { modem, sim, port: format!("/dev/gsm/{address}") };
    let ready = ModemEvent::Ready { operator: None, reports: true };
    desk.feed(vec![Event::Modem(name(address), found), Event::Modem(name(address), ready)]);
}

fn pull(desk: &mut Desk, address: &str) {
    desk.air.remove(&name(address));
    desk.ready.remove(&name(address));
    desk.feed(vec![Event::Modem(name(address), ModemEvent::Lost { reason: "unplugged".to_owned() })]);
}

fn modems(desk: &Desk) -> Vec<(String, String)> {
    desk.reader().modems(desk.now).unwrap().into_iter().map(|modem| (modem.name, modem.state)).collect()
}

fn states(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect()
}

const CARD: &str = "8962100012345678901";
const OTHER: &str = "8962100012345678902";

#[test]
fn a_listed_modem_keeps_its_name_wherever_it_is_plugged_in_and_another_is_left_alone() {
    let mut desk = Desk::new(Rules { listed: vec![entry("telkomsel-1", Some("356938035643809"), None)], ..free() });
    plug(&mut desk, "1-4", "356938035643809", CARD);
    plug(&mut desk, "1-5", "356938035640001", OTHER);
    assert_eq!(modems(&desk), states(&[("telkomsel-1", "ready")]));
    let job = desk.job(Class::Routine, "x", 0..3);
    assert!(desk.ready.contains_key(&name("1-4")), "orders go to the session's address");
    assert!(!desk.ready.contains_key(&name("1-5")));
    desk.begin("1-4");
    desk.submit("1-4");
    // The second is on the air.
    pull(&mut desk, "1-4");
    assert_eq!(modems(&desk), states(&[("telkomsel-1", "lost")]));
    plug(&mut desk, "1-7", "356938035643809", CARD);
    assert_eq!(modems(&desk), states(&[("telkomsel-1", "ready")]));
    assert!(desk.ready.contains_key(&name("1-7")), "the rest follows there");
    desk.begin("1-7");
    desk.submit("1-7");
    assert_eq!((desk.count(job, State::Submitted), desk.count(job, State::InDoubt)), (2, 1));
}

#[test]
fn limits_of_an_entry_with_a_card_move_with_the_card_and_so_does_what_it_sent() {
    let mut rules =
        Rules { listed: vec![entry("kartu", None, Some(CARD)), entry("lain", None, Some(OTHER))], ..free() };
    rules.modem_limits.insert(name("kartu"), Limits { per_hour: 2, ..Limits::NONE });
    let mut desk = Desk::new(rules);
    plug(&mut desk, "1-4", "356938035643809", CARD);
    desk.job(Class::Routine, "x", 0..3);
    desk.begin("1-4");
    desk.submit("1-4");
    // One was accepted, one is on the air.
    pull(&mut desk, "1-4");
    plug(&mut desk, "1-5", "356938035640001", CARD);
    assert!(!desk.ready.contains_key(&name("1-5")), "two an hour, whichever modem it is in");
    desk.pass(SignedDuration::from_mins(61));
    assert!(desk.ready.contains_key(&name("1-5")));
}

#[test]
fn modems_that_share_an_imei_all_work_and_the_record_says_so_once() {
    let mut desk = Desk::new(Rules { listed: vec![entry("pool", Some("356938035643809"), None)], ..free() });
    plug(&mut desk, "1-4", "356938035643809", CARD);
    plug(&mut desk, "1-5", "356938035643809", OTHER);
    plug(&mut desk, "1-5", "356938035643809", OTHER);
    assert_eq!(modems(&desk), states(&[("pool", "ready"), ("pool.2", "ready")]));
    let told = desk.recorded("modem_imei_shared");
    assert_eq!(told, ["pool and pool.2 share the IMEI 356938035643809; both are used"]);
}

#[test]
fn another_card_in_the_same_place_is_another_modem_or_none() {
    let mut desk = Desk::new(Rules { listed: vec![entry("kartu", None, Some(CARD))], ..free() });
    plug(&mut desk, "1-4", "356938035643809", CARD);
    plug(&mut desk, "1-4", "356938035643809", OTHER);
    assert_eq!(modems(&desk), states(&[("kartu", "lost")]));
    assert_eq!(desk.recorded("modem_unlisted").len(), 1);
    desk.job(Class::Routine, "x", 0..1);
    assert!(desk.ready.is_empty());
}
