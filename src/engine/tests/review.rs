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
