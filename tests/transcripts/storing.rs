use std::time::Duration;

use kentongan::engine::event::{ModemEvent, ModemOrder};
use kentongan::model::{AttemptId, Outcome, Slot, Ticket};

use crate::peer::{Bench, Got, PDU, reservation};

const REPORT: &str = "0006D60B911326880736F4111011719551401110117195714000";

fn slot(memory: &str, index: u16) -> Slot {
    Slot { memory: memory.into(), index }
}

fn received(event: &ModemEvent) -> Option<&Slot> {
    match event {
        ModemEvent::Received { slot, .. } => slot.as_ref(),
        other => panic!("{other:?}"),
    }
}

/// Answers the AT+CMGR that comes next.
async fn reads(bench: &mut Bench, index: u16, answer: &str) {
    assert_eq!(bench.peer.got().await, Got::Command(format!("AT+CMGR={index}")));
    bench.peer.say(answer).await;
}

#[tokio::test(start_paused = true)]
async fn an_announced_message_is_read_where_it_lies_and_deleted_only_when_ordered() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    bench.peer.say("\r\n+CMTI: \"SM\",7\r\n").await;
    reads(&mut bench, 7, &format!("\r\n+CMGR: 0,,24\r\n{REPORT}\r\n\r\nOK\r\n")).await;
    assert_eq!(received(&bench.event().await), Some(&slot("SM", 7)));
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert!(!bench.peer.commands().iter().any(|command| command.starts_with("AT+CMGD")));
    bench.order(ModemOrder::Delete(slot("SM", 7))).await;
    // A slot that was never reported stays.
    bench.order(ModemOrder::Delete(slot("SM", 8))).await;
    bench.order(ModemOrder::Delete(slot("\"\r", 8))).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let said = bench.peer.commands();
    let deletes: Vec<&String> = said.iter().filter(|command| command.starts_with("AT+CMGD")).collect();
    assert_eq!(deletes, ["AT+CMGD=7"]);
    assert_eq!(said[said.len() - 3..said.len() - 1], ["AT+CPMS=\"SM\"", "AT+CMGR=7"]);
}

#[tokio::test(start_paused = true)]
async fn a_slot_is_not_deleted_again_for_an_order_given_twice() {
    let (mut bench, _) = Bench::ready("huawei-e1752").await;
    bench.order(ModemOrder::Delete(slot("ME", 0))).await;
    bench.order(ModemOrder::Delete(slot("ME", 0))).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    // Huawei uses an index again at once: the second order would delete a message that nobody has read.
    assert_eq!(bench.peer.commands().iter().filter(|command| *command == "AT+CMGD=0").count(), 1);
    bench.peer.say("\r\n+CMTI: \"ME\",0\r\n").await;
    reads(&mut bench, 0, &format!("\r\n+CMGR: 0,,24\r\n{PDU}\r\n\r\nOK\r\n")).await;
    assert_eq!(received(&bench.event().await), Some(&slot("ME", 0)));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_pdu_is_kept_as_it_stands() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    bench.peer.say("\r\n+CMTI: \"ME\",2\r\n").await;
    reads(&mut bench, 2, "\r\n+CMGR: 0,,24\r\nnot a PDU\r\n\r\nOK\r\n").await;
    assert_eq!(bench.event().await, ModemEvent::Garbled { line: "not a PDU".into(), slot: Some(slot("ME", 2)) });
    bench.peer.say("\r\n+CMT: ,3\r\n0FF\r\n").await;
    assert_eq!(bench.event().await, ModemEvent::Garbled { line: "0FF".into(), slot: None });
}

#[tokio::test(start_paused = true)]
async fn an_announced_slot_that_is_empty_leads_to_a_sweep() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    let before = bench.peer.commands().len();
    bench.peer.say("\r\n+CMTI: \"ME\",2\r\n").await;
    reads(&mut bench, 2, "\r\nOK\r\n").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(bench.peer.commands()[before..].contains(&"AT+CMGL=4".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn messages_and_reports_in_the_middle_of_a_send_arrive_and_the_modem_gets_nothing() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    bench.on_air(1, 11).await;
    bench
        .peer
        .say(&format!("\r\n+CDS: 24\r\n{REPORT}\r\n\r\n+CMT: ,24\r\n{PDU}\r\n\r\n+CMTI: \"ME\",4\r\n\r\nRING\r\n"))
        .await;
    assert_eq!(received(&bench.event().await), None);
    assert_eq!(received(&bench.event().await), None);
    bench.peer.gets_nothing_for(Duration::from_secs(60)).await;
    bench.peer.say("\r\n+CMGS: 200\r\n\r\nOK\r\n").await;
    let outcome = Outcome::Submitted { tp_mr: Some(200) };
    assert_eq!(bench.event().await, ModemEvent::Answered { attempt: AttemptId(11), outcome, next: None });
    // Now the call is hung up and the announced message read.
    assert_eq!(bench.peer.got().await, Got::Command("AT+CHUP".into()));
    bench.peer.say("\r\nNO CARRIER\r\n").await;
    reads(&mut bench, 4, &format!("\r\n+CMGR: 0,,24\r\n{REPORT}\r\n\r\nOK\r\n")).await;
    assert_eq!(received(&bench.event().await), Some(&slot("ME", 4)));
}

#[tokio::test(start_paused = true)]
async fn what_is_announced_is_read_between_two_messages() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    bench.on_air(1, 11).await;
    bench.reserve(2).await;
    bench.peer.say("\r\n+CMTI: \"ME\",4\r\n\r\n+CMGS: 200\r\n\r\nOK\r\n").await;
    assert!(matches!(bench.event().await, ModemEvent::Answered { next: None, .. }));
    reads(&mut bench, 4, &format!("\r\n+CMGR: 0,,24\r\n{REPORT}\r\n\r\nOK\r\n")).await;
    assert_eq!(received(&bench.event().await), Some(&slot("ME", 4)));
    assert_eq!(bench.event().await, ModemEvent::Begun(Ticket(2)));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_between_the_segments_of_one_message() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    let mut first = reservation(1);
    first.more = true;
    bench.order(ModemOrder::Reserve(first)).await;
    assert_eq!(bench.event().await, ModemEvent::Begun(Ticket(1)));
    assert_eq!(bench.peer.got().await, Got::Command("AT+CMGS=24".into()));
    assert_eq!(bench.peer.commands().iter().filter(|command| *command == "AT+CMMS=1").count(), 1);
    bench.go(1, 11).await;
    bench.peer.say("\r\n> ").await;
    assert_eq!(bench.peer.got().await, Got::Pdu(PDU.into()));
    bench.reserve(2).await;
    bench.peer.say("\r\n+CMTI: \"ME\",4\r\n\r\n+CMGS: 200\r\n\r\nOK\r\n").await;
    assert_eq!(bench.peer.got().await, Got::Command("AT+CMGS=24".into()));
    assert!(matches!(bench.event().await, ModemEvent::Answered { next: Some(Ticket(2)), .. }));
    bench.go(2, 12).await;
    bench.peer.say("\r\n> ").await;
    assert_eq!(bench.peer.got().await, Got::Pdu(PDU.into()));
    bench.peer.say("\r\n+CMGS: 201\r\n\r\nOK\r\n").await;
    reads(&mut bench, 4, "\r\nOK\r\n").await;
}

#[tokio::test(start_paused = true)]
async fn settings_that_the_modem_forgot_are_given_again() {
    let (mut bench, _) = Bench::ready("forgetful").await;
    let ModemEvent::Noted { text } = bench.event().await else { panic!("noted") };
    assert!(text.contains("forgotten"));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(bench.peer.commands().iter().filter(|command| *command == "AT+CNMI=2,1,0,1,0").count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_is_back_in_text_mode_is_set_up_again() {
    let (mut bench, _) = Bench::ready("back-in-text-mode").await;
    let ModemEvent::Lost { reason } = bench.event().await else { panic!("lost") };
    assert!(reason.contains("text mode"), "{reason}");
    bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    let told = bench.peer.commands().iter().filter(|command| *command == "AT+CMGF=0").count();
    assert_eq!(told, 2);
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_nobody_asked_for_is_left_at_once_and_the_command_is_given_again() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    let began = tokio::time::Instant::now();
    bench.peer.say("\r\n+CMTI: \"ME\",3\r\n").await;
    let Got::Command(command) = bench.peer.got().await else { panic!("it reads") };
    // The octets before were garbage that the modem took for AT+CMGS.
    bench.peer.say("\r\n> ").await;
    assert_eq!(bench.peer.got().await, Got::Escape);
    assert_eq!(bench.peer.got().await, Got::Command(command.clone()));
    // Once: a modem that says nothing else is no reason to go on for ever.
    bench.peer.say("\r\n> \r\n\r\nOK\r\n").await;
    bench.order(ModemOrder::BringUp).await;
    bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
}

/// What arrived before the modem was ready, in order, with what the engine was told before it.
fn place(told: &[ModemEvent], wanted: impl Fn(&ModemEvent) -> bool) -> usize {
    told.iter().position(wanted).unwrap_or_else(|| panic!("{told:?}"))
}

#[tokio::test(start_paused = true)]
async fn what_is_handed_on_while_the_modem_is_set_up_waits_until_the_sim_is_known() {
    let mut bench = Bench::start("quectel-ec25");
    // Before AT+CGMI; it has kept AT+CNMI=2,2,0,1,0 from before.
    bench.peer.say(&format!("\r\n+CMT: ,24\r\n{PDU}\r\n\r\n+CDS: 24\r\n{REPORT}\r\n\r\n+CMT: ,3\r\n0FF\r\n")).await;
    let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    let found = place(&told, |event| matches!(event, ModemEvent::Found { .. }));
    let received = place(&told, |event| matches!(event, ModemEvent::Received { slot: None, acknowledge: false, .. }));
    assert!(found < received, "{told:?}");
    assert!(matches!(told[received + 1], ModemEvent::Received { slot: None, .. }), "{told:?}");
    assert_eq!(told[received + 2], ModemEvent::Garbled { line: "0FF".into(), slot: None });
}

#[tokio::test(start_paused = true)]
async fn a_report_that_comes_after_a_send_fell_silent_is_handed_on_once_the_sim_is_known_again() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    bench.on_air(1, 11).await;
    bench.until(|event| matches!(event, ModemEvent::Lost { .. })).await;
    bench.peer.say(&format!("\r\n+CDS: 24\r\n{REPORT}\r\n")).await;
    let told = bench.until(|event| matches!(event, ModemEvent::Received { .. })).await;
    assert!(told.iter().any(|event| matches!(event, ModemEvent::Found { .. })), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_handed_on_to_a_modem_that_goes_away_while_it_is_set_up_is_not_forgotten() {
    let mut bench = Bench::start("locked");
    bench.peer.say(&format!("\r\n+CDS: 24\r\n{REPORT}\r\n")).await;
    // Nobody knows how long the SIM stays locked.
    assert_eq!(received(&bench.event().await), None);
    assert!(matches!(bench.event().await, ModemEvent::Unready { .. }));
    bench.peer.say(&format!("\r\n+CMT: ,24\r\n{PDU}\r\n")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    bench.peer.unplug();
    assert_eq!(received(&bench.event().await), None);
    assert!(matches!(bench.event().await, ModemEvent::Lost { .. }));
}

#[tokio::test(start_paused = true)]
async fn what_comes_early_to_a_modem_that_will_not_acknowledge_by_itself_is_acknowledged_once_it_is_durable() {
    let mut bench = Bench::start("acknowledging");
    bench.peer.say(&format!("\r\n+CDS: 24\r\n{REPORT}\r\n")).await;
    let told = bench.until(|event| matches!(event, ModemEvent::Received { .. })).await;
    assert!(matches!(told.last(), Some(ModemEvent::Received { slot: None, acknowledge: true, .. })), "{told:?}");
    assert!(!bench.peer.commands().contains(&"AT+CNMA".to_owned()), "not before it is durable");
    bench.order(ModemOrder::Acknowledge).await;
    bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let said = bench.peer.commands();
    let place = |wanted: &str| {
        said.iter().position(|command| command == wanted).unwrap_or_else(|| panic!("{wanted} is not in {said:?}"))
    };
    assert!(place("AT+CSMS=0") < place("AT+CNMI=2,1,0,1,0") && place("AT+CSMS=0") < place("AT+CNMA"), "{said:?}");
    // One that was not in time has switched announcements off, and is told again.
    let ModemEvent::Noted { text } = bench.event().await else { panic!("noted") };
    assert!(text.contains("announced"), "{text}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(bench.peer.commands().iter().filter(|command| *command == "AT+CNMI=2,1,0,1,0").count(), 2);
}

#[tokio::test(start_paused = true)]
async fn one_list_behind_every_memory_is_reported_once_and_no_message_in_an_emptied_slot_is_deleted_unread() {
    let mut bench = Bench::start("one-list");
    let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    let slots: Vec<&Slot> = told
        .iter()
        .filter(|event| matches!(event, ModemEvent::Received { .. }))
        .map(|event| received(event).expect("stored"))
        .collect();
    assert_eq!(slots, [&slot("ME", 1), &slot("ME", 2)], "SM shows the same two");
    let deletes = |bench: &Bench| {
        let all = bench.peer.commands();
        all.into_iter().filter(|command| command.starts_with("AT+CMGD")).collect::<Vec<_>>()
    };
    bench.order(ModemOrder::Delete(slot("ME", 1))).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    // A STOP comes into the slot that is free now, and an order for what was there before comes late.
    bench.peer.say("\r\n+CMTI: \"SM\",1\r\n").await;
    assert_eq!(bench.peer.got().await, Got::Command("AT+CMGR=1".into()));
    bench.order(ModemOrder::Delete(slot("ME", 1))).await;
    bench.order(ModemOrder::Delete(slot("ME", 2))).await;
    bench.peer.say(&format!("\r\n+CMGR: 0,,24\r\n{PDU}\r\n\r\nOK\r\n")).await;
    assert_eq!(received(&bench.event().await), Some(&slot("SM", 1)));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(deletes(&bench), ["AT+CMGD=1", "AT+CMGD=2"]);
    bench.order(ModemOrder::Delete(slot("SM", 1))).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(deletes(&bench), ["AT+CMGD=1", "AT+CMGD=2", "AT+CMGD=1"]);
}

#[tokio::test(start_paused = true)]
async fn a_slot_that_is_announced_again_is_not_deleted_by_an_order_for_what_was_there_before() {
    let (mut bench, _) = Bench::ready("huawei-e1752").await;
    // Held in ME at index 0; before the order for it is carried out, index 0 is filled anew, under whatever name.
    bench.on_air(1, 11).await;
    bench.order(ModemOrder::Delete(slot("ME", 0))).await;
    bench.peer.say("\r\n+CMTI: \"SM\",0\r\n\r\n+CMGS: 1\r\n\r\nOK\r\n").await;
    bench.event().await;
    reads(&mut bench, 0, &format!("\r\n+CMGR: 0,,24\r\n{REPORT}\r\n\r\nOK\r\n")).await;
    assert_eq!(received(&bench.event().await), Some(&slot("SM", 0)));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!bench.peer.commands().iter().any(|command| command.starts_with("AT+CMGD")));
}
