//! Any octets: every decoder answers with a value or an error, and what it read it reads again from what it writes.
#![no_main]

use kentongan::pdu::{Address, Deliver, Incoming, StatusReport, Submit, Text, hex, join_text, transliterate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    if let Ok(deliver) = Deliver::decode(octets) {
        assert_eq!(Deliver::decode(&deliver.encode()).as_ref(), Ok(&deliver));
        assert_eq!(deliver.text().unwrap_or_default(), join_text([&deliver]));
        let _ = (deliver.concat(), deliver.service_centre_time.to_string(), format!("{deliver:?}"));
    }
    if let Ok(submit) = Submit::decode(octets) {
        assert_eq!(Submit::decode(&submit.encode()).as_ref(), Ok(&submit));
    }
    if let Ok(report) = StatusReport::decode(octets) {
        let again = StatusReport::decode(&report.encode()).map(|again| (again.tp_mr, again.recipient, again.status));
        assert_eq!(again, Ok((report.tp_mr, report.recipient, report.status)));
    }
    let _ = (Incoming::decode(octets), Address::decode_service_centre(octets));
    if let Ok(text) = std::str::from_utf8(octets) {
        let _ = hex::decode(text);
        if let Ok(plan) = Text::plan(text) {
            for number in 1..=plan.segments() {
                let _ = plan.user_data(number as u8, 0xABCD);
            }
        }
        let _ = transliterate(text);
    }
});
