//! SIMs that ask for their PIN.

use std::time::Duration;

use kentongan::engine::event::{ModemEvent, ModemOrder};
use kentongan::model::Pin;
use kentongan::modem::SessionSettings;

use crate::peer::Bench;

fn with_pin(settings: &mut SessionSettings) {
    settings.pin = Pin::parse("4711").ok();
}

fn entered(bench: &Bench) -> usize {
    bench.peer.commands().iter().filter(|command| command.starts_with("AT+CPIN=")).count()
}

#[tokio::test(start_paused = true)]
async fn a_pin_is_entered_only_after_the_engine_has_noted_the_try() {
    let mut bench = Bench::start_set("locked-huawei", with_pin);
    let ModemEvent::PinAsked { tries, .. } = bench.event().await else { panic!("it asks first") };
    assert_eq!(tries, Some(3));
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(entered(&bench), 0);
    bench.orders.send(ModemOrder::EnterPin).await.expect("the session listens");
    assert!(matches!(bench.event().await, ModemEvent::PinAnswered { accepted: true, .. }));
    bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    assert_eq!(entered(&bench), 1);
}

#[tokio::test(start_paused = true)]
async fn a_pin_is_not_entered_where_the_engine_says_no_or_nothing() {
    let mut bench = Bench::start_set("locked-huawei", with_pin);
    assert!(matches!(bench.event().await, ModemEvent::PinAsked { .. }));
    let reason = "only 2 tries of the PIN are left".to_owned();
    bench.orders.send(ModemOrder::HoldPin { reason: reason.clone() }).await.expect("the session listens");
    assert_eq!(bench.event().await, ModemEvent::Unready { reason });

    let mut silent = Bench::start_set("locked-huawei", with_pin);
    assert!(matches!(silent.event().await, ModemEvent::PinAsked { .. }));
    assert!(matches!(silent.event().await, ModemEvent::Unready { .. }));
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(entered(&bench) + entered(&silent), 0);
}

#[tokio::test(start_paused = true)]
async fn a_refused_pin_is_reported_and_not_entered_again() {
    let mut bench = Bench::start_set("wrong-pin", with_pin);
    // By the standard's counter, two tries are left.
    assert!(matches!(bench.event().await, ModemEvent::PinAsked { tries: Some(2), .. }));
    bench.orders.send(ModemOrder::EnterPin).await.expect("the session listens");
    assert!(matches!(bench.event().await, ModemEvent::PinAnswered { accepted: false, .. }));
    let ModemEvent::Unready { reason } = bench.event().await else { panic!("it says why") };
    assert!(reason.contains("refused") && reason.contains("16") && !reason.contains("4711"), "{reason}");
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!(entered(&bench), 1);
}

#[tokio::test(start_paused = true)]
async fn a_sim_that_asks_for_its_puk_is_asked_nothing() {
    let mut bench = Bench::start_set("puk", with_pin);
    let ModemEvent::Unready { reason } = bench.event().await else { panic!("it says why") };
    assert!(reason.contains("PUK"), "{reason}");
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(entered(&bench), 0);
}
