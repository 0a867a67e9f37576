use std::time::Duration;

use kentongan::engine::event::{ModemEvent, ModemOrder};
use kentongan::model::{AttemptId, Doubt, Outcome, Ticket};

use crate::peer::{Bench, Got, PDU};

const ASKED: &str = "AT+CRSM=176,28483,0,0,2";

fn asked(bench: &Bench) -> usize {
    bench.peer.commands().iter().filter(|command| *command == ASKED).count()
}

fn place(told: &[ModemEvent], wanted: impl Fn(&ModemEvent) -> bool) -> usize {
    told.iter().position(wanted).unwrap_or_else(|| panic!("{told:?}"))
}

fn lined_up(told: &[ModemEvent]) -> (bool, bool) {
    match told[place(told, |event| matches!(event, ModemEvent::LinedUp { .. }))] {
        ModemEvent::LinedUp { echoed, restarted } => (echoed, restarted),
        _ => unreachable!("it was just found"),
    }
}

async fn set_up_again(bench: &mut Bench) -> Vec<ModemEvent> {
    bench.order(ModemOrder::BringUp).await;
    bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await
}

#[tokio::test(start_paused = true)]
async fn the_number_last_used_is_read_from_the_card_once_that_is_known_and_before_anything_is_sent() {
    let (bench, told) = Bench::ready("quectel-ec25").await;
    let found = place(&told, |event| matches!(event, ModemEvent::Found { .. }));
    assert!(matches!(told[found + 1], ModemEvent::LinedUp { .. }), "{told:?}");
    assert_eq!(told[found + 2], ModemEvent::LastUsed { tp_mr: Some(0x29) });
    assert_eq!(asked(&bench), 1);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_refuses_to_read_the_card_is_asked_once() {
    let (mut bench, told) = Bench::ready("huawei-e1752").await;
    assert!(told.contains(&ModemEvent::LastUsed { tp_mr: None }));
    bench.order(ModemOrder::ReadLastUsed).await;
    let told = set_up_again(&mut bench).await;
    assert!(!told.iter().any(|event| matches!(event, ModemEvent::LastUsed { .. })), "{told:?}");
    assert_eq!(asked(&bench), 1);
}

#[tokio::test(start_paused = true)]
async fn a_modem_of_no_known_family_is_not_asked_for_files_of_the_card() {
    for name in ["nokia-n79", "qualcomm-m6280"] {
        let (bench, _) = Bench::ready(name).await;
        assert_eq!(asked(&bench), 0, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_sent_goes_before_a_question_to_the_card() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    bench.order(ModemOrder::ReadLastUsed).await;
    assert_eq!(bench.event().await, ModemEvent::LastUsed { tp_mr: Some(0x29) });
    bench.on_air(1, 11).await;
    bench.order(ModemOrder::ReadLastUsed).await;
    bench.reserve(2).await;
    bench.peer.say("\r\n+CMGS: 42\r\n\r\nOK\r\n").await;
    assert!(matches!(bench.event().await, ModemEvent::Answered { next: Some(Ticket(2)), .. }));
    bench.go(2, 12).await;
    assert_eq!(bench.peer.got().await, Got::Command("AT+CMGS=24".into()));
    bench.peer.say("\r\n> ").await;
    assert_eq!(bench.peer.got().await, Got::Pdu(PDU.into()));
    bench.peer.say("\r\n+CMGS: 43\r\n\r\nOK\r\n").await;
    assert!(matches!(bench.event().await, ModemEvent::Answered { next: None, .. }));
    assert_eq!(bench.event().await, ModemEvent::LastUsed { tp_mr: Some(0x29) });
    assert_eq!(asked(&bench), 3);
}

#[tokio::test(start_paused = true)]
async fn a_set_up_tells_whether_the_modem_echoed_and_whether_it_said_that_it_was_restarted() {
    let (mut bench, told) = Bench::ready("quectel-ec25").await;
    assert_eq!(lined_up(&told), (true, false), "nobody has told it to be quiet yet");
    assert_eq!(lined_up(&set_up_again(&mut bench).await), (false, false));
    bench.peer.say("\r\nRDY\r\n").await;
    let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    assert_eq!(lined_up(&told), (false, true));
    assert_eq!(lined_up(&set_up_again(&mut bench).await), (false, false), "said once");
}

#[tokio::test(start_paused = true)]
async fn the_last_words_of_a_modem_are_kept_and_no_pdu_among_them() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    bench.on_air(1, 11).await;
    bench.peer.say(&format!("{PDU}\r\n^RSSI:18\r\n\r\n+CMT: ,24\r\n{PDU}\r\n+CM")).await;
    let outcome = Outcome::Uncertain(Doubt::Silence);
    let told = bench.until(|event| matches!(event, ModemEvent::LastWords { .. })).await;
    assert!(told.contains(&ModemEvent::Answered { attempt: AttemptId(11), outcome, next: None }), "{told:?}");
    let words = |said: &str| ModemEvent::LastWords { attempt: AttemptId(11), said: said.to_owned() };
    assert_eq!(told.last(), Some(&words("<40>\\r\\n^RSSI:18\\r\\n\\r\\n+CMT: ,24\\r\\n<40>\\r\\n+CM")));
    assert!(matches!(bench.event().await, ModemEvent::Lost { .. }));
    // It wakes up a little, and is heard once more.
    tokio::time::sleep(Duration::from_secs(2)).await;
    bench.peer.say("E ERROR: 14\r\n").await;
    let told = bench.until(|event| matches!(event, ModemEvent::Found { .. })).await;
    assert_eq!(told[0], words("<40>\\r\\n^RSSI:18\\r\\n\\r\\n+CMT: ,24\\r\\n<40>\\r\\n+CME ERROR: 14\\r\\n"));
}
