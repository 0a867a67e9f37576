//! What modems hand on while nobody knows which SIM they have: during their set-up, and after a send that fell silent.

use super::desk::*;
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::pdu::hex;
use crate::policy::naming::Listed;

fn handed_on(pdu: Vec<u8>) -> ModemEvent {
    ModemEvent::Received { pdu, slot: None, acknowledge: false }
}

fn lost(desk: &mut Desk) {
    let reason = "a send was not answered in time; the modem is being set up again".to_owned();
    desk.modem("a", ModemEvent::Lost { reason });
}

#[test]
fn a_report_that_comes_while_a_silent_send_is_listened_to_settles_it_and_nobody_gets_it_twice() {
    // 0.8 > AT+CMGS=23, no answer; 16.2 < +CDS: 26 with TP-MR 0, "delivered"; 70.9 > the same PDU once more.
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.job(Class::Routine, "Uji", 0..1);
    desk.begin("a");
    desk.answer("a", Outcome::Submitted { tp_mr: Some(255) });
    let to = Msisdn::from_u64(6_281_230_000_001);
    let IntakeOrder::Accepted { job, .. } = desk.drop_job(header(Class::Emergency, "AWAS"), vec![row(1, to)]) else {
        panic!("accepted")
    };
    desk.begin("a");
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    lost(&mut desk);
    let report = hex::decode("0691261801000006000D91261832000000F1621162311391826211623113918200").unwrap();
    desk.modem("a", handed_on(report));
    assert_eq!((desk.count(job, State::InDoubt), desk.count(job, State::Delivered)), (0, 1));
    desk.connect("a");
    desk.pass(SignedDuration::from_hours(1));
    assert!(desk.ready.is_empty() && desk.air.is_empty(), "it is not sent again");
}

#[test]
fn a_stop_that_comes_before_the_card_is_read_counts_also_from_a_modem_nobody_has_met() {
    let mut desk = Desk::new(free());
    // 0.428 > AT&D0; 0.542 < +CMT: ,23 of a modem that was left at AT+CNMI=2,2, long before AT+CIMI.
    let stop = hex::decode("06912618010000040C912618030000100000621162311292820453EA130A").unwrap();
    desk.modem("a", handed_on(stop.clone()));
    desk.connect("a");
    lost(&mut desk);
    let later = hex::decode("06912618010000040C912618030000200000621162311203820453EA130A").unwrap();
    desk.modem("a", handed_on(later.clone()));
    let left: Vec<String> = desk.reader().opt_outs(9).unwrap().iter().map(|view| view.number.clone()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert_eq!(desk.recorded("inbound_unclaimed").len(), 1, "the second one came to the card that was there last");
    // Handed on once more, it is the same message.
    desk.modem("a", handed_on(later));
    let garbled = ModemEvent::Garbled { line: "+CMT: ,23 069126".to_owned(), slot: None };
    desk.modem("a", garbled);
    assert_eq!(desk.reader().status().unwrap().inbox, 3, "two texts, and one that cannot be read");
}

#[test]
fn what_lies_in_a_slot_stays_there_until_its_card_is_known() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    lost(&mut desk);
    desk.orders.clear();
    desk.hear("a", "+6281230000001", "STOP");
    let deletes = |desk: &Desk| {
        desk.orders.iter().filter(|order| matches!(order, Order::Modem(_, ModemOrder::Delete(_)))).count()
    };
    assert_eq!((deletes(&desk), desk.reader().opt_out_count().unwrap()), (0, 0), "it is read again");
    desk.connect("a");
    desk.hear("a", "+6281230000001", "STOP");
    assert_eq!((deletes(&desk), desk.reader().opt_out_count().unwrap()), (1, 1));
}

#[test]
fn a_modem_in_a_place_that_bears_the_name_of_another_one_is_heard_too() {
    let listed =
        Listed { name: name("b"), address: None, imei: Some("356938035640001".to_owned()), iccid: None, imsi: None };
    let mut desk = Desk::new(Rules { listed: vec![listed], ..free() });
    let modem = ModemIdentity { imei: Some("356938035640001".to_owned()), ..ModemIdentity::default() };
    let sim = SimIdentity { iccid: Some("8962b".to_owned()), imsi: None };
    desk.modem("a", ModemEvent::Found { modem, sim, port: "/dev/gsm/a".to_owned() });
    let stop = deliver("+6281230000007", "STOP", 1, desk.now).remove(0);
    desk.modem("b", handed_on(stop));
    assert_eq!((desk.reader().opt_out_count().unwrap(), desk.recorded("inbound_unclaimed").len()), (1, 1));
}
