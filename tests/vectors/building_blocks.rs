//! Septets, addresses, times, validity and header elements on their own, in both directions where a line says so.

use jiff::{SignedDuration, Timestamp};
use kentongan::pdu::gsm7::{self, Alphabet};
use kentongan::pdu::{Address, Concat, Ports, TimeStamp, Udh, Validity, hex, ucs2};
use serde_json::Value;

use super::{Clash, Line, clash, number, octets, text};

/// The clashes among pairs of what a line says and what was found.
fn differing(pairs: impl IntoIterator<Item = (&'static str, Value, Value)>) -> Vec<Clash> {
    let pairs = pairs.into_iter().filter(|(_, expected, found)| expected != found);
    pairs.map(|(field, expected, found)| clash(field, expected, found)).collect()
}

/// Text, septets and packed octets. With `cr_padding` seven spare bits hold a carriage return (23.038 §6.1.2.3.1,
/// USSD), which an SMS never has; it is put there and taken away here.
pub fn gsm7(line: &Line) -> Result<Vec<Clash>, String> {
    const CR: u8 = 0x0D;
    let (text, packed) = (text(line, "text")?, octets(line, "packed")?);
    let padded = line.get("cr_padding").and_then(Value::as_bool).unwrap_or(false);
    let mut written = match Alphabet::DEFAULT.encode(text) {
        Ok(septets) => septets,
        Err(character) => return Ok(vec![clash("text", text, format!("U+{:04X} has no code", character as u32))]),
    };
    let mut clashes = Vec::new();
    if line.contains_key("septets") {
        clashes.extend(differing([(
            "septets",
            hex::encode(&octets(line, "septets")?).into(),
            hex::encode(&written).into(),
        )]));
    }
    let mut read = gsm7::unpack(&packed, 0, if padded { usize::MAX } else { written.len() });
    if padded && read.len().is_multiple_of(8) && read.last() == Some(&CR) {
        read.pop();
    }
    if padded && written.len() % 8 == 7 {
        written.push(CR);
    }
    clashes.extend(differing([
        ("packed", hex::encode(&packed).into(), hex::encode(&gsm7::pack(&written, 0)).into()),
        ("text", text.into(), Alphabet::DEFAULT.decode(&read).into()),
    ]));
    Ok(clashes)
}

/// Text and its UCS-2 octets.
pub fn ucs2(line: &Line) -> Result<Vec<Clash>, String> {
    let (text, octets) = (text(line, "text")?, octets(line, "octets")?);
    Ok(differing([
        ("text", text.into(), ucs2::decode(&octets).into()),
        ("octets", hex::encode(&octets).into(), hex::encode(&ucs2::encode(text)).into()),
    ]))
}

/// An address field: `encoded` is read, `canonical` is what must be written.
pub fn address(line: &Line) -> Result<Vec<Clash>, String> {
    let (address, read) = Address::decode(&octets(line, "encoded")?).map_err(|error| error.to_string())?;
    let number = text(line, "number")?;
    let made = Address::numeric(address.type_of_address(), number.strip_prefix('+').unwrap_or(number));
    let made = made.map_or_else(|error| error.to_string(), |made| hex::encode(&made.encode()));
    Ok(address_clashes(line, &address.to_string(), read, &hex::encode(&address.encode()), &made))
}

/// The same for a service centre address.
pub fn service_centre(line: &Line) -> Result<Vec<Clash>, String> {
    let encoded = octets(line, "encoded")?;
    let (address, read) = Address::decode_service_centre(&encoded).map_err(|error| error.to_string())?;
    let Some(address) = address else {
        return Ok(differing([("number", line.get("number").cloned().unwrap_or_default(), Value::Null)]));
    };
    let number = text(line, "number")?;
    let made = Address::numeric(address.type_of_address(), number.strip_prefix('+').unwrap_or(number));
    let made = made.map_or_else(|error| error.to_string(), |made| hex::encode(&made.encode_service_centre()));
    let again = hex::encode(&address.encode_service_centre());
    Ok(address_clashes(line, &address.to_string(), read, &again, &made))
}

fn address_clashes(line: &Line, number: &str, read: usize, again: &str, made: &str) -> Vec<Clash> {
    let stated = |field: &'static str, found: Value| Some((field, line.get(field)?.clone(), found));
    differing(
        [
            stated("number", number.into()),
            stated("octets_read", read.into()),
            stated("canonical", again.into()),
            stated("canonical", made.into()),
        ]
        .into_iter()
        .flatten(),
    )
}

/// A span and its relative TP-VP.
pub fn validity(line: &Line) -> Result<Vec<Clash>, String> {
    let found = match Validity::relative(SignedDuration::from_secs(number(line, "seconds")?)) {
        Ok(Validity::Relative(value)) => value.into(),
        other => format!("{other:?}").into(),
    };
    Ok(differing([("value", number(line, "value")?.into(), found)]))
}

/// A time with its zone and its seven octets.
pub fn time_stamp(line: &Line) -> Result<Vec<Clash>, String> {
    let (iso, encoded) = (text(line, "iso")?, octets(line, "encoded")?);
    let stamp = TimeStamp::from_octets(encoded.as_slice().try_into().map_err(|_| "`encoded` has not seven octets")?);
    let moment: Timestamp = iso.parse().map_err(|error| format!("`iso`: {error}"))?;
    let again = stamp.civil().and_then(|(_, offset)| TimeStamp::at(moment, offset));
    Ok(differing([
        ("iso", iso.into(), stamp.to_string().into()),
        ("encoded", hex::encode(&encoded).into(), again.map(|again| hex::encode(&again.octets())).into()),
    ]))
}

/// A concatenation element.
pub fn concat(line: &Line) -> Result<Vec<Clash>, String> {
    let octets = octets(line, "ie")?;
    let field =
        |name: &str| number(line, name).and_then(|number| u16::try_from(number).map_err(|error| error.to_string()));
    let octet = |name: &str| field(name).map(|number| number as u8);
    let wide = octets.first() == Some(&0x08);
    let concat = Concat { reference: field("ref")?, total: octet("total")?, number: octet("seq")?, wide };
    let mut written = Udh::default();
    written.push_concat(concat);
    let read = Udh::decode(&octets).map_err(|error| error.to_string())?.concat();
    Ok(differing([
        ("concat", format!("{:?}", Some(concat)).into(), format!("{read:?}").into()),
        ("ie", hex::encode(&octets).into(), hex::encode(written.octets()).into()),
    ]))
}

/// A port element.
pub fn ports(line: &Line) -> Result<Vec<Clash>, String> {
    let octets = octets(line, "ie")?;
    let field =
        |name: &str| number(line, name).and_then(|number| u16::try_from(number).map_err(|error| error.to_string()));
    let wide = octets.first() == Some(&0x05);
    let ports = Ports { destination: field("dst")?, source: field("src")?, wide };
    let mut written = Udh::default();
    written.push_ports(ports);
    let read = Udh::decode(&octets).map_err(|error| error.to_string())?.ports();
    Ok(differing([
        ("ports", format!("{:?}", Some(ports)).into(), format!("{read:?}").into()),
        ("ie", hex::encode(&octets).into(), hex::encode(written.octets()).into()),
    ]))
}
