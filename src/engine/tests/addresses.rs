//! Numbers as networks write them: international, national with a 0 and without.

use super::consent::sent;
use super::desk::*;
use crate::engine::event::*;
use crate::model::*;

const CITIZEN: u64 = 6_281_234_567_890;

/// The type octet of TP-OA or TP-RA, which stands at this place of what the desk makes, is another one.
fn of_type(mut pdu: Vec<u8>, place: usize, type_of_address: u8) -> Vec<u8> {
    assert_eq!(pdu[place], 0x81, "the address without a prefix is of unknown type");
    pdu[place] = type_of_address;
    pdu
}

#[test]
fn a_stop_from_a_national_address_without_its_zero_is_of_the_citizen_who_wrote_it() {
    // TP-OA 0B A1 1832547698F0, and the same with 81.
    for type_of_address in [0xA1, 0x81] {
        let mut desk = Desk::new(free());
        desk.connect("a");
        let to = Msisdn::from_u64(CITIZEN);
        let both = || vec![row(1, to), row(2, number(1))];
        desk.drop_job(header(Class::Routine, "Pajak"), both());
        assert_eq!(sent(&mut desk).len(), 2);
        let stop = deliver("81234567890", "STOP", 1, desk.now).remove(0);
        desk.receive("a", of_type(stop, 3, type_of_address));
        let left: Vec<String> = desk.reader().opt_outs(9).unwrap().iter().map(|view| view.number.clone()).collect();
        assert_eq!(left, ["+6281234567890"], "{type_of_address:#04x}");
        let confirmation = sent(&mut desk);
        assert_eq!(confirmation.len(), 1);
        assert_eq!(confirmation[0].0, to, "nobody in Japan is written to");
        let next = desk.drop_job(header(Class::Routine, "Imunisasi"), both());
        assert!(matches!(next, IntakeOrder::Accepted { recipients: 2, excluded: 1, .. }), "{next:?}");
        assert_eq!(sent(&mut desk), [(number(1), "Imunisasi".to_owned())]);
    }
}

#[test]
fn a_report_with_such_an_address_finds_its_message() {
    for type_of_address in [0xA1, 0x81] {
        let mut desk = Desk::new(free());
        desk.connect("a");
        let rows = vec![row(1, Msisdn::from_u64(CITIZEN))];
        let IntakeOrder::Accepted { job, .. } = desk.drop_job(header(Class::Routine, "Pajak"), rows) else {
            panic!("accepted")
        };
        desk.begin("a");
        let tp_mr = desk.submit("a");
        let report = report(tp_mr, "81234567890", 0, desk.now);
        desk.receive("a", of_type(report, 4, type_of_address));
        assert_eq!(desk.count(job, State::Delivered), 1, "{type_of_address:#04x}");
    }
}
