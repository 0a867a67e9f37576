//! All TPDUs through the same properties, and the PDUs that the module's documents name.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..190)
}

fn address() -> impl Strategy<Value = Address> {
    prop_oneof![
        "[0-9]{1,20}".prop_map(|digits| Address::international(&digits).expect("digits")),
        "[0-9*#abc]{1,20}".prop_map(|digits| Address::numeric(0xA8, &digits).expect("digits")),
        // Seven characters fill 13 of 14 semi-octets; @ at the end is not lost.
        "[A-Za-z@ ]{1,11}".prop_map(|name| Address::alphanumeric(&name).expect("a name")),
    ]
}

fn header() -> impl Strategy<Value = Option<Udh>> {
    let elements = prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..9)), 0..4);
    prop::option::of(elements).prop_map(|elements| {
        elements.map(|elements| {
            let mut header = Udh::default();
            elements.iter().for_each(|(iei, data)| header.push(*iei, data));
            header
        })
    })
}

/// User data as long as it may be, or shorter, and the coding that goes with it.
fn user_data() -> impl Strategy<Value = (Dcs, UserData)> {
    let body = prop::collection::vec(any::<u8>(), 0..161);
    (header(), body, any::<u8>()).prop_map(|(header, mut body, dcs)| {
        let dcs = Dcs(dcs);
        loop {
            let built = if dcs.counts_septets() {
                UserData::septets(header.clone(), body.iter().map(|octet| octet & 0x7F).collect())
            } else {
                UserData::octets(header.clone(), body.clone())
            };
            match built {
                Ok(user_data) => return (dcs, user_data),
                Err(_) => body.pop(),
            };
        }
    })
}

fn time() -> impl Strategy<Value = TimeStamp> {
    any::<[u8; 7]>().prop_map(TimeStamp::from_octets)
}

fn validity() -> impl Strategy<Value = Option<Validity>> {
    prop::option::of(prop_oneof![
        any::<u8>().prop_map(Validity::Relative),
        time().prop_map(Validity::Absolute),
        any::<[u8; 7]>().prop_map(|octets| Validity::Enhanced(EnhancedValidity(octets))),
    ])
}

prop_compose! {
    fn submit()(
        [reject_duplicates, report, reply_path] in any::<[bool; 3]>(),
        tp_mr in any::<u8>(),
        destination in address(),
        protocol in any::<u8>(),
        validity in validity(),
        (dcs, user_data) in user_data(),
    ) -> Submit {
        Submit { reject_duplicates, report, reply_path, tp_mr, destination, protocol, dcs, validity, user_data }
    }
}

prop_compose! {
    fn deliver()(
        [more_messages, loop_prevention, report, reply_path] in any::<[bool; 4]>(),
        originator in address(),
        protocol in any::<u8>(),
        service_centre_time in time(),
        (dcs, user_data) in user_data(),
    ) -> Deliver {
        Deliver {
            more_messages, loop_prevention, report, reply_path, originator, protocol, dcs, service_centre_time, user_data,
        }
    }
}

prop_compose! {
    fn status_report()(
        [more_messages, loop_prevention, of_command] in any::<[bool; 3]>(),
        tp_mr in any::<u8>(),
        recipient in address(),
        service_centre_time in time(),
        discharge_time in time(),
        status in any::<u8>(),
        protocol in prop::option::of(any::<u8>()),
        text in prop::option::of(user_data()),
        parameters in any::<bool>(),
    ) -> StatusReport {
        let (dcs, user_data) = text.unzip();
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        let indicator = bit(protocol.is_some(), 1) | bit(dcs.is_some(), 2) | bit(user_data.is_some(), 4);
        let parameters = parameters.then_some(ReportParameters { indicator, protocol, dcs, user_data });
        StatusReport {
            more_messages, loop_prevention, of_command, tp_mr, recipient, service_centre_time, discharge_time,
            status: TpStatus(status), parameters,
        }
    }
}

proptest! {
    #[test]
    fn a_submit_is_read_as_it_was_written(submit in submit()) {
        let octets = submit.encode();
        prop_assert_eq!(Submit::decode_prefix(&octets), Ok((submit, octets.len())));
    }

    #[test]
    fn a_deliver_is_read_as_it_was_written(deliver in deliver()) {
        let octets = deliver.encode();
        prop_assert_eq!(Deliver::decode_prefix(&octets), Ok((deliver.clone(), octets.len())));
        let pdu = with_service_centre(None, &octets);
        prop_assert_eq!(Incoming::decode(&pdu), Ok((None, Incoming::Deliver(deliver))));
    }

    #[test]
    fn a_status_report_is_read_as_it_was_written(report in status_report()) {
        let octets = report.encode();
        prop_assert_eq!(StatusReport::decode_prefix(&octets), Ok((report.clone(), octets.len())));
        let centre = Address::international("6281100000").expect("a number");
        let pdu = with_service_centre(Some(&centre), &octets);
        prop_assert_eq!(Incoming::decode(&pdu), Ok((Some(centre), Incoming::StatusReport(report))));
    }

    #[test]
    fn a_cut_tpdu_is_refused(submit in submit(), deliver in deliver(), report in status_report(), part in 0.0..1.0) {
        let cut = |octets: &[u8]| octets[..(octets.len() as f64 * part) as usize].to_vec();
        prop_assert!(Submit::decode(&cut(&submit.encode())).is_err());
        prop_assert!(Deliver::decode(&cut(&deliver.encode())).is_err());
        // Without its optional fields a report is whole.
        let whole = StatusReport { parameters: None, ..report };
        prop_assert!(StatusReport::decode(&cut(&whole.encode())).is_err());
    }

    #[test]
    fn any_octets_are_read_or_refused(mut octets in octets(), first in any::<u8>(), address in 0u8..30) {
        // The first octets are steered, so that many get past them.
        octets.splice(..octets.len().min(2), [first, address]);
        if let Ok(deliver) = Deliver::decode(&octets) {
            let text = join_text([&deliver]);
            prop_assert_eq!(deliver.text().unwrap_or_default(), text);
            prop_assert!(deliver.encode().len() <= octets.len() + 1);
            let _ = (deliver.concat(), deliver.service_centre_time.to_string(), format!("{deliver:?}"));
        }
        octets.insert(1, first);
        let submit = Submit::decode(&octets).map(|submit| submit.encode());
        let report = StatusReport::decode(&octets).map(|report| report.encode());
        prop_assert!(submit.is_err() || report.is_err());
        octets.insert(0, 0);
        let incoming = Incoming::decode(&octets);
        prop_assert_eq!(matches!(incoming, Ok((_, Incoming::StatusReport(_)))), report.is_ok());
    }
}

#[test]
fn a_message_as_it_goes_to_the_modem() {
    let plan = Text::plan("Siaga banjir").expect("one segment");
    let mut submit =
        Submit::new(Address::international("6281234567890").expect("a number"), plan.dcs(None), plan.user_data(1, 0));
    submit.validity = Some(Validity::relative(SignedDuration::from_hours(24)).expect("a day"));
    let tpdu = submit.encode();
    assert_eq!(
        hex::encode(&with_service_centre(None, &tpdu)),
        "0031000D91261832547698F00000A70CD374F81C0689C36E755A0E"
    );
    assert_eq!(tpdu.len(), 26);
}

#[test]
fn a_stored_message_of_our_own_is_not_taken_for_an_incoming_one() {
    let pdu = hex::decode("0031000D91261832547698F00000A70CD374F81C0689C36E755A0E").expect("hexadecimal");
    assert_eq!(Incoming::decode(&pdu), Err(PduError::MessageType { expected: "SMS-DELIVER (00)", found: 1 }));
    assert!(Submit::decode(&pdu[1..]).is_ok());
}
