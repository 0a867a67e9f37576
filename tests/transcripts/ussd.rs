//! USSD on several families, with answers as their networks gave them, and what goes wrong in it.

use std::time::Duration;

use kentongan::engine::event::{ModemEvent, ModemOrder, UssdKey};
use kentongan::model::{Ticket, UssdAnswer, UssdCode, UssdEnd, UssdForm};
use kentongan::modem::SessionEnd;
use kentongan::pdu::ussd::packed;

use crate::peer::{Bench, Got, PDU};

fn key(code: &str) -> UssdKey {
    UssdKey { code: UssdCode::parse(code).expect("a code"), packed: packed(code) }
}

async fn ordered(bench: &Bench, codes: &[&str]) {
    let keys = codes.iter().map(|code| key(code)).collect();
    bench.order(ModemOrder::Ussd { ticket: Ticket(7), keys }).await;
}

fn dialled(string: &str) -> Got {
    Got::Command(format!("AT+CUSD=1,\"{string}\",15"))
}

fn answer(string: &str, dcs: Option<u8>, form: UssdForm) -> UssdAnswer {
    UssdAnswer { string: string.to_owned(), dcs, form }
}

fn ended(answers: Vec<UssdAnswer>, end: UssdEnd) -> ModemEvent {
    ModemEvent::UssdEnded { ticket: Ticket(7), answers, end }
}

/// How often the session with the network was ended.
fn closed(bench: &Bench) -> usize {
    bench.peer.commands().iter().filter(|command| *command == "AT+CUSD=2").count()
}

/// One code on one modem: what it writes, what the modem says, and how that is reported.
async fn check(modem: &str, code: &str, written: &str, said: &str, expected: ModemEvent) {
    let (mut bench, _) = Bench::ready(modem).await;
    ordered(&bench, &[code]).await;
    assert_eq!(bench.peer.got().await, dialled(written), "{modem}");
    bench.peer.say(said).await;
    assert_eq!(bench.event().await, expected, "{modem}: {said}");
    assert_eq!(closed(&bench), 1, "{modem}");
    // The line is in order afterwards.
    bench.on_air(1, 11).await;
}

fn one(string: &str, dcs: u8, form: UssdForm) -> ModemEvent {
    ended(vec![answer(string, Some(dcs), form)], UssdEnd::Answered { open: false })
}

#[tokio::test(start_paused = true)]
async fn every_family_is_written_to_and_read_in_its_own_way() {
    use UssdForm::{PackedHex, Plain, Ucs2Hex};
    // Available airtime, python-gsmmodem test/test_modem.py.
    let said = "\r\nOK\r\n\r\n+CUSD: 0,\"Available Balance: R 96.45 .\",15\r\n";
    check("quectel-ec25", "*101#", "*101#", said, one("Available Balance: R 96.45 .", 15, Plain)).await;
    check("zte-k3565-z", "*101#", "*101#", said, one("Available Balance: R 96.45 .", 15, Plain)).await;
    // UCS-2 from a Russian network, whatever the character set.
    let said = "\r\nOK\r\n\r\n+CUSD: 0,\"0421043F0430044104380431043E\",72\r\n";
    check("cinterion-mc75i", "*100#", "*100#", said, one("0421043F0430044104380431043E", 72, Plain)).await;
    // chan-dongle test/parse.c: packed, and with another scheme than it was asked for.
    let said = "\r\r\nOK\r\r\n\r\r\n+CUSD: 0,\"CF2135487D2E4130572D0682BB1A\",0\r\r\n";
    check("huawei-e1752", "*100#", "AA180C3602", said, one("CF2135487D2E4130572D0682BB1A", 0, PackedHex)).await;
    // gammu issue 358: the modem stays with UCS-2, and ends the session with its answer.
    let keret = "00480061007600690020006B0065007200650074";
    let said = format!("\r\n+CUSD: 2,\"{keret}\",15\r\n\r\nOK\r\n");
    check("nokia-n79", "*102#", "002A0031003000320023", &said, one(keret, 15, Ucs2Hex)).await;
}

#[tokio::test(start_paused = true)]
async fn answers_come_before_the_result_in_several_lines_and_cut_short() {
    let plain =
        |string: &str, dcs| ended(vec![answer(string, dcs, UssdForm::Plain)], UssdEnd::Answered { open: false });
    let balances = "You have the following remaining balances:\n0 free minutes\n20 MORE Weekend minutes ";
    let said = format!("\r\n+CUSD: 2,\"{}\",15\r\n\r\nOK\r\n", balances.replace('\n', "\r\n"));
    check("quectel-ec25", "*111*502#", "*111*502#", &said, plain(balances, Some(15))).await;
    // gammu issue 150: the end is missing, with its quote.
    let cut = "Pozostalo Ci 50,04zl do wykorzystania do 2018-09-04 23:59:59. Dodatko5";
    check("quectel-ec25", "*101#", "*101#", &format!("\r\nOK\r\n+CUSD: 2,\"{cut}\r\n"), plain(cut, None)).await;
}

#[tokio::test(start_paused = true)]
async fn refusals_say_what_they_are() {
    let check = async |said: &str, end: UssdEnd| {
        check("quectel-ec25", "*100#", "*100#", said, ended(Vec::new(), end)).await;
    };
    check("\r\nOK\r\n\r\n+CUSD: 4\r\n", UssdEnd::NotSupported).await;
    check("\r\n+CUSD: 4\r\n\r\n+CME ERROR: unknown\r\n", UssdEnd::NotSupported).await;
    check("\r\nOK\r\n\r\n+CUSD: 5\r\n", UssdEnd::NetworkTimeout).await;
    check("\r\nOK\r\n\r\n+CUSD: 2\r\n", UssdEnd::Terminated).await;
    check("\r\nOK\r\n\r\n+CUSD: 3\r\n", UssdEnd::Elsewhere).await;
    check("\r\n+CME ERROR: 30\r\n", UssdEnd::Refused("+CME ERROR: 30".to_owned())).await;
    check("\r\nERROR\r\n", UssdEnd::Refused("ERROR".to_owned())).await;
    // The end of an earlier session is none of this one.
    let after_leftover = "\r\n+CUSD: 2\r\n\r\nOK\r\n\r\n+CUSD: 4\r\n";
    check(after_leftover, UssdEnd::NotSupported).await;
}

#[tokio::test(start_paused = true)]
async fn a_menu_is_walked_with_its_keys_and_closed_behind_the_last_one() {
    let (mut bench, _) = Bench::ready("wavecom-900e1800").await;
    ordered(&bench, &["*120*8864#", "2"]).await;
    assert_eq!(bench.peer.got().await, dialled("*120*8864#"));
    // vumi's log of a Wavecom: a menu, a list in lines, and still it waits.
    bench.peer.say("OK\n+CUSD: 1,\"What would you like to search Wikipedia for? \",15\n").await;
    assert_eq!(bench.peer.got().await, dialled("2"));
    assert_eq!(closed(&bench), 0, "the menu stays open between its keys");
    bench.peer.say("OK\n+CUSD: 1,\"1. HIV\n2. HIV/AIDS\n3. HIV/AIDS in China \",15\n").await;
    let answers = ["What would you like to search Wikipedia for? ", "1. HIV\n2. HIV/AIDS\n3. HIV/AIDS in China "];
    let answers = answers.map(|string| answer(string, Some(15), UssdForm::Plain)).to_vec();
    assert_eq!(bench.event().await, ended(answers, UssdEnd::Answered { open: true }));
    assert_eq!(closed(&bench), 1);
}

#[tokio::test(start_paused = true)]
async fn a_menu_that_ends_before_its_keys_is_told_with_what_it_said() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    ordered(&bench, &["*123#", "1", "4"]).await;
    assert_eq!(bench.peer.got().await, dialled("*123#"));
    bench.peer.say("\r\nOK\r\n\r\n+CUSD: 1,\"1. Pulsa\",15\r\n").await;
    assert_eq!(bench.peer.got().await, dialled("1"));
    bench.peer.say("\r\nOK\r\n\r\n+CUSD: 0,\"Rp 5.000\",15\r\n").await;
    let answers = ["1. Pulsa", "Rp 5.000"].map(|string| answer(string, Some(15), UssdForm::Plain)).to_vec();
    assert_eq!(bench.event().await, ended(answers, UssdEnd::Early));
    assert_eq!(closed(&bench), 1);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_never_answers_is_waited_for_a_minute_and_the_session_is_closed() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    let began = tokio::time::Instant::now();
    ordered(&bench, &["*100#"]).await;
    bench.peer.got().await;
    bench.peer.say("\r\nOK\r\n").await;
    assert_eq!(bench.event().await, ended(Vec::new(), UssdEnd::Silence));
    assert_eq!(began.elapsed().as_secs(), 60);
    assert_eq!(closed(&bench), 1);
    // Too late: nobody takes it for the answer to the next one.
    bench.peer.say("\r\n+CUSD: 0,\"Rp 1\",15\r\n").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    ordered(&bench, &["*100#"]).await;
    bench.peer.got().await;
    bench.peer.say("\r\nOK\r\n\r\n+CUSD: 0,\"Rp 2\",15\r\n").await;
    assert_eq!(bench.event().await, one("Rp 2", 15, UssdForm::Plain));
}

#[tokio::test(start_paused = true)]
async fn a_modem_unplugged_in_the_middle_is_lost_and_nothing_is_made_up() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    ordered(&bench, &["*100#"]).await;
    bench.peer.got().await;
    bench.peer.say("\r\nOK\r\n").await;
    bench.peer.unplug();
    let told = bench.until(|event| matches!(event, ModemEvent::Lost { .. })).await;
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_restarts_in_the_middle_is_set_up_again_at_once() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    ordered(&bench, &["*100#"]).await;
    bench.peer.got().await;
    bench.peer.say("\r\nOK\r\n\r\nRDY\r\n").await;
    assert!(matches!(bench.event().await, ModemEvent::Lost { .. }));
    bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
    assert_eq!(closed(&bench), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stop_in_the_middle_closes_the_session_and_ends_within_seconds() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    ordered(&bench, &["*123#", "1"]).await;
    bench.peer.got().await;
    let began = tokio::time::Instant::now();
    bench.stop.cancel();
    // The command is not cut off by another one: its result comes first.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(closed(&bench), 0);
    bench.peer.say("\r\nOK\r\n").await;
    assert_eq!(bench.event().await, ended(Vec::new(), UssdEnd::Stopped));
    assert_eq!(closed(&bench), 1);
    assert_eq!(bench.end().await, SessionEnd::Stopped);
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn an_exchange_that_is_in_the_way_ends_at_once_and_what_waits_is_sent() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    ordered(&bench, &["*123#", "1"]).await;
    bench.peer.got().await;
    bench.peer.say("\r\nOK\r\n").await;
    bench.order(ModemOrder::EndUssd(Ticket(6))).await;
    bench.order(ModemOrder::EndUssd(Ticket(7))).await;
    assert_eq!(bench.event().await, ended(Vec::new(), UssdEnd::Withdrawn));
    assert_eq!(closed(&bench), 1);
    bench.on_air(1, 11).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_dialled_while_a_send_is_in_hand_and_nothing_is_sent_while_dialling() {
    let (mut bench, _) = Bench::ready("quectel-ec25").await;
    bench.on_air(1, 11).await;
    ordered(&bench, &["*100#"]).await;
    bench.peer.gets_nothing_for(Duration::from_secs(60)).await;
    bench.reserve(2).await;
    bench.peer.say("\r\n+CMGS: 5\r\n\r\nOK\r\n").await;
    let told = bench.event().await;
    assert!(matches!(told, ModemEvent::Answered { next: None, .. }), "{told:?}");
    assert_eq!(bench.peer.got().await, dialled("*100#"), "and not AT+CMGS");
    bench.peer.say("\r\nOK\r\n").await;
    bench.peer.gets_nothing_for(Duration::from_secs(20)).await;
    bench.peer.say("\r\n+CMTI: \"ME\",3\r\n\r\n+CUSD: 0,\"Rp 2\",15\r\n").await;
    assert_eq!(bench.event().await, one("Rp 2", 15, UssdForm::Plain));
    let events = bench.until(|event| *event == ModemEvent::Begun(Ticket(2))).await;
    assert_eq!(events.len(), 1, "{events:?}");
    // What was announced meanwhile is read when the message is gone.
    assert_eq!(bench.peer.got().await, Got::Command("AT+CMGS=24".into()));
    bench.go(2, 12).await;
    bench.peer.say("\r\n> ").await;
    assert_eq!(bench.peer.got().await, Got::Pdu(PDU.into()));
}
