//! What encoding and decoding cost: a plan for a text, a segment in hexadecimal as the modem takes it, and the PDUs that
//! come back. Run with `cargo bench --bench codec`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::SignedDuration;
use kentongan::pdu::{
    Address, Deliver, Incoming, Submit, Text, TimeStamp, Validity, hex, transliterate, with_service_centre,
};

const PLAIN: &str = "PERINGATAN DINI: hujan lebat di hulu Cikapundung. Warga RW 04 sampai RW 09 Kel. Cipaganti diminta siaga \
                     di pos ronda. Info: 112";
const TYPOGRAPHIC: &str =
    "“Jum’at Bersih” – mohon hadir… semua RT/RW Kecamatan Coblong, pukul 07.00 WIB di halaman kantor";
const TURKISH: &str = "Şiddetli yağış bekleniyor, dere yataklarından uzak durun ve çocukları dışarı çıkarmayın lütfen";

fn plan(c: &mut Criterion) {
    let long = PLAIN.repeat(4);
    let mut check = |name: &str, text: &str| {
        c.bench_function(&format!("plan/{name}"), |b| {
            b.iter(|| Text::plan(black_box(text)).map(|plan| plan.segments()))
        });
    };
    check("one plain segment", PLAIN);
    check("four plain segments", &long);
    check("UCS-2", TYPOGRAPHIC);
    check("national tables", TURKISH);
    c.bench_function("transliterate/plain", |b| b.iter(|| transliterate(black_box(PLAIN))));
    c.bench_function("transliterate/typographic", |b| b.iter(|| transliterate(black_box(TYPOGRAPHIC))));
}

fn encode(c: &mut Criterion) {
    let plan = Text::plan(PLAIN).expect("one segment");
    let destination = Address::international("6281234567890").expect("a number");
    let validity = Validity::relative(SignedDuration::from_hours(24)).expect("a day");
    c.bench_function("encode/segment to hexadecimal", |b| {
        b.iter(|| {
            let mut submit =
                Submit::new(black_box(&destination).clone(), plan.dcs(None), black_box(&plan).user_data(1, 0));
            submit.validity = Some(validity);
            hex::encode(&with_service_centre(None, &submit.encode()))
        })
    });
}

fn decode(c: &mut Criterion) {
    let mut check = |name: &str, line: &str| {
        c.bench_function(&format!("decode/{name}"), |b| {
            b.iter(|| {
                let octets = hex::decode(black_box(line)).expect("hexadecimal");
                Incoming::decode(&octets).expect("a PDU")
            })
        });
    };
    check("status report", "0791261801000000062A0D91261832547698F0621142800000826211428010008200");
    let plan = Text::plan(PLAIN).expect("one segment");
    let deliver = Deliver {
        more_messages: false,
        loop_prevention: false,
        report: false,
        reply_path: false,
        originator: Address::international("6281234567890").expect("a number"),
        protocol: 0,
        dcs: plan.dcs(None),
        service_centre_time: TimeStamp::from_octets([0x62, 0x11, 0x42, 0x80, 0x00, 0x00, 0x82]),
        user_data: plan.user_data(1, 0),
    };
    check("deliver", &hex::encode(&with_service_centre(None, &deliver.encode())));
}

criterion_group!(benches, plan, encode, decode);
criterion_main!(benches);
