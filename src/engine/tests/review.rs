//! Stories of what a second pair of eyes feared, one story a test.

use super::desk::*;
use super::stories::refused;
use crate::engine::event::*;
use crate::model::*;

#[test]
fn an_answer_refused_for_now_is_tried_again_through_its_own_sim() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    desk.hear("a", "+6281200000005", "STOP");
    desk.begin("a");
    desk.answer("a", refused(38, Cause::Temporary));
    desk.pass(SignedDuration::from_secs(30));
    assert!(desk.ready.contains_key(&name("a")), "no other SIM may carry it, so it does not wait for one");
}

#[test]
fn two_modems_with_one_card_do_not_wait_for_each_other() {
    let mut desk = Desk::new(free());
    desk.connect_sim("a", "1");
    desk.connect_sim("b", "1");
    desk.job(Class::Routine, "x", 0..1);
    let carrier = desk.ready.keys().next().unwrap().clone();
    desk.begin(carrier.as_str());
    desk.answer(carrier.as_str(), refused(38, Cause::Temporary));
    desk.pass(SignedDuration::from_secs(30));
    assert!(!desk.ready.is_empty(), "there is no other card to wait for");
}
