//! Whole PDUs: what they decode to, and that malformed ones are refused.

use kentongan::pdu::{
    Address, Body, Coding, Dcs, Deliver, Incoming, StatusReport, Submit, TimeStamp, Udh, UserData, Validity,
    WaitingKind, hex,
};
use serde_json::{Value, json};

use super::{Clash, Line, clash, compare, octets, text};

/// A PDU with the fields it must decode to.
pub fn judge(line: &Line) -> Result<Vec<Clash>, String> {
    let pdu = octets(line, "pdu")?;
    let expect = line.get("expect").and_then(Value::as_object).ok_or("there is no object `expect`")?;
    let has_smsc = line.get("has_smsc").and_then(Value::as_bool).unwrap_or(true);
    let mut found = match decode(text(line, "kind")?, &pdu, has_smsc) {
        Ok(found) => found,
        Err(error) => return Ok(vec![clash("the PDU", "to be read", error)]),
    };
    // Octets behind the user data may be counted with the TPDU or not.
    let (whole, trailing) = (found["tpdu_len"].as_u64(), found["trailing_octets"].as_u64());
    if let (Some(whole), Some(trailing)) = (whole, trailing)
        && expect.get("tpdu_len") == Some(&json!(whole - trailing))
    {
        found.insert("tpdu_len".to_owned(), (whole - trailing).into());
    }
    Ok(compare(&without_minus_zero(expect), &found))
}

/// ISO 8601 has no zone of minus zero, which an octet 0x08 says; it is the zone of plus zero.
fn without_minus_zero(expect: &Line) -> Line {
    let positive =
        |value: &Value| value.as_str().and_then(|time| time.strip_suffix("-00:00")).map(|time| format!("{time}+00:00"));
    expect
        .iter()
        .map(|(field, value)| match field.as_str() {
            "scts" | "discharge" => (field.clone(), positive(value).map_or(value.clone(), Value::from)),
            _ => (field.clone(), value.clone()),
        })
        .collect()
}

/// A PDU that must be refused, or at least do no harm.
pub fn judge_malformed(line: &Line) -> Result<Vec<Clash>, String> {
    let must = text(line, "must")?;
    let pdu = hex::decode(text(line, "pdu")?);
    let decoded = pdu.map_err(|error| error.to_string()).and_then(|pdu| {
        let (_, length) = Address::decode_service_centre(&pdu).map_err(|error| error.to_string())?;
        let kind = match pdu.get(length).map(|first| first & 3) {
            Some(0b01) => "submit",
            Some(0b10) => "status-report",
            _ => "deliver",
        };
        decode(kind, &pdu, true)
    });
    match (must, decoded) {
        ("reject", Ok(found)) => Ok(vec![clash("the PDU", "to be refused", found)]),
        ("reject" | "no-crash", _) => Ok(Vec::new()),
        (other, _) => Err(format!("`must` is {other:?}")),
    }
}

/// What a PDU says, in the words of the vectors.
fn decode(kind: &str, pdu: &[u8], has_smsc: bool) -> Result<Line, String> {
    let as_text = |error: kentongan::pdu::PduError| error.to_string();
    let (centre, length) = if has_smsc { Address::decode_service_centre(pdu).map_err(as_text)? } else { (None, 0) };
    let tpdu = &pdu[length..];
    let (mut found, taken, again) = match kind {
        "submit" => {
            let (submit, taken) = Submit::decode_prefix(tpdu).map_err(as_text)?;
            let again = Submit::decode(&submit.encode()).as_ref() == Ok(&submit);
            (submit_fields(&submit), taken, again)
        }
        "deliver" => {
            let (deliver, taken) = Deliver::decode_prefix(tpdu).map_err(as_text)?;
            if has_smsc {
                assert_eq!(Incoming::decode(pdu), Ok((centre.clone(), Incoming::Deliver(deliver.clone()))));
            }
            let again = Deliver::decode(&deliver.encode()).as_ref() == Ok(&deliver);
            (deliver_fields(&deliver), taken, again)
        }
        _ => {
            let (report, taken) = StatusReport::decode_prefix(tpdu).map_err(as_text)?;
            if has_smsc {
                assert_eq!(Incoming::decode(pdu), Ok((centre.clone(), Incoming::StatusReport(report.clone()))));
            }
            let again = StatusReport::decode(&report.encode()).as_ref() == Ok(&report);
            (report_fields(&report), taken, again)
        }
    };
    if !again {
        return Err("what was read is not read again from what is written".to_owned());
    }
    found.insert("type".to_owned(), kind.into());
    found.insert("smsc".to_owned(), centre.as_ref().map_or(Value::Null, address));
    found.insert("first_octet".to_owned(), tpdu[0].into());
    found.insert("tpdu_len".to_owned(), tpdu.len().into());
    found.insert("trailing_octets".to_owned(), (tpdu.len() - taken).into());
    Ok(found)
}

fn submit_fields(submit: &Submit) -> Line {
    let mut found = fields(json!({
        "reject_duplicates": submit.reject_duplicates,
        "srr": submit.report,
        "reply_path": submit.reply_path,
        "udhi": submit.user_data.header().is_some(),
        "mr": submit.tp_mr,
        "recipient": address(&submit.destination),
        "pid": submit.protocol,
        "vpf": match submit.validity {
            None => 0,
            Some(Validity::Enhanced(_)) => 1,
            Some(Validity::Relative(_)) => 2,
            Some(Validity::Absolute(_)) => 3,
        },
        "validity": submit.validity.map_or(Value::Null, |validity| match validity {
            Validity::Relative(value) => json!({
                "format": "relative", "value": value, "seconds": validity.span().map(|span| span.as_secs()),
            }),
            Validity::Absolute(time) => json!({ "format": "absolute", "until": time_stamp(time) }),
            Validity::Enhanced(octets) => json!({ "format": "enhanced", "octets": hex::encode(&octets.0) }),
        }),
    }));
    found.extend(dcs_fields(submit.dcs));
    found.extend(user_data_fields(submit.dcs, &submit.user_data));
    found
}

fn deliver_fields(deliver: &Deliver) -> Line {
    let mut found = fields(json!({
        "more_messages": deliver.more_messages,
        "loop_prevention": deliver.loop_prevention,
        "sri": deliver.report,
        "reply_path": deliver.reply_path,
        "udhi": deliver.user_data.header().is_some(),
        "sender": address(&deliver.originator),
        "pid": deliver.protocol,
        "scts": time_stamp(deliver.service_centre_time),
    }));
    found.extend(dcs_fields(deliver.dcs));
    found.extend(user_data_fields(deliver.dcs, &deliver.user_data));
    found
}

fn report_fields(report: &StatusReport) -> Line {
    let parameters = report.parameters.as_ref();
    let user_data = parameters.and_then(|parameters| parameters.user_data.as_ref());
    let mut found = fields(json!({
        "more_messages": report.more_messages,
        "loop_prevention": report.loop_prevention,
        "srq": report.of_command,
        "mr": report.tp_mr,
        "recipient": address(&report.recipient),
        "scts": time_stamp(report.service_centre_time),
        "discharge": time_stamp(report.discharge_time),
        "status": report.status.0,
        "udhi": user_data.is_some_and(|user_data| user_data.header().is_some()),
        "pi": parameters.map(|parameters| parameters.indicator),
        "pid": parameters.and_then(|parameters| parameters.protocol),
    }));
    let dcs = parameters.and_then(|parameters| parameters.dcs);
    found.extend(dcs.map(dcs_fields).unwrap_or_default());
    found.extend(user_data.map(|data| user_data_fields(dcs.unwrap_or(Dcs(0)), data)).unwrap_or_default());
    found
}

fn dcs_fields(dcs: Dcs) -> Line {
    fields(json!({
        "dcs": dcs.0,
        "encoding": match dcs.coding() {
            Coding::Gsm7 => "gsm7",
            Coding::Octets => "8bit",
            Coding::Ucs2 => "ucs2",
        },
        "class": dcs.class().map(|class| class.number()),
        "compressed": dcs.compressed(),
        "auto_delete": dcs.automatic_deletion(),
        "mwi": dcs.message_waiting().map(|waiting| json!({
            "type": match waiting.kind {
                WaitingKind::Voicemail => "voicemail",
                WaitingKind::Fax => "fax",
                WaitingKind::Email => "email",
                WaitingKind::Other => "other",
            },
            "active": waiting.active,
            "store": waiting.store,
        })),
    }))
}

fn user_data_fields(dcs: Dcs, data: &UserData) -> Line {
    let mut found = fields(json!({ "udl": data.udl(), "udh": [], "odd_ucs2": false }));
    if let Body::Octets(octets) = data.body() {
        let ucs2 = dcs.coding() == Coding::Ucs2 && !dcs.compressed();
        found.insert(if ucs2 { "octets" } else { "data" }.to_owned(), hex::encode(octets).into());
        found.insert("odd_ucs2".to_owned(), (ucs2 && octets.len() % 2 == 1).into());
    }
    found.extend(data.text(dcs).map(|text| ("text".to_owned(), text.into())));
    found.extend(data.header().map(header_fields).unwrap_or_default());
    found
}

/// The concatenation is given as found, even where the standard says to ignore it.
fn header_fields(header: &Udh) -> Line {
    let mut found = Line::new();
    let elements: Vec<Value> =
        header.elements().map(|element| json!({ "iei": element.iei, "data": hex::encode(element.data) })).collect();
    found.insert("udh".to_owned(), elements.into());
    for element in header.elements() {
        let concat = match (element.iei, element.data) {
            (0x00, [reference, total, seq]) => json!({ "ref": reference, "total": total, "seq": seq, "bits": 8 }),
            (0x08, [high, low, total, seq]) => json!({
                "ref": u16::from_be_bytes([*high, *low]), "total": total, "seq": seq, "bits": 16,
            }),
            _ => continue,
        };
        found.insert("concat".to_owned(), concat);
    }
    if let Some(concat) = header.concat() {
        let bits = if concat.wide { 16 } else { 8 };
        let understood = json!({ "ref": concat.reference, "total": concat.total, "seq": concat.number, "bits": bits });
        found.insert("concat".to_owned(), understood);
    }
    if let Some(ports) = header.ports() {
        let bits = if ports.wide { 16 } else { 8 };
        found.insert("ports".to_owned(), json!({ "dst": ports.destination, "src": ports.source, "bits": bits }));
    }
    found.extend(header.single_shift().map(|id| ("single_shift".to_owned(), id.into())));
    found.extend(header.locking_shift().map(|id| ("locking_shift".to_owned(), id.into())));
    found
}

fn address(address: &Address) -> Value {
    json!({
        "number": address.to_string(),
        "ton": address.type_of_address() >> 4 & 7,
        "npi": address.numbering_plan(),
        "toa": address.type_of_address(),
    })
}

fn time_stamp(time: TimeStamp) -> Value {
    time.civil().map_or(Value::Null, |_| time.to_string().into())
}

fn fields(object: Value) -> Line {
    match object {
        Value::Object(fields) => fields,
        other => panic!("{other} is no object"),
    }
}
