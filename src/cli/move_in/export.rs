//! The table `outbox` of gammu-smsd as somebody exported it to CSV: columns by the names they have in the database, in any order.

use std::io::Read;

use crate::store::foreign::gammu::{OutboxRow, PartRow, Smsd};

/// Octets that are looked at to find the separator.
const HEAD: usize = 4096;

/// Reads an export; further parts of long texts are not in it, and such rows are left. Errors: a line for a person, English.
pub(super) fn read(mut from: impl Read) -> Result<Smsd, String> {
    let mut octets = Vec::new();
    from.read_to_end(&mut octets).map_err(|error| error.to_string())?;
    let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&octets);
    let head = octets.iter().take(HEAD).take_while(|octet| **octet != b'\n');
    let count = |separator: u8| head.clone().filter(|octet| **octet == separator).count();
    let separator = [b',', b';', b'\t'].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',');
    let mut table = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(octets);
    let names: Vec<String> = table
        .headers()
        .map_err(|error| error.to_string())?
        .iter()
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let place = |name: &str| names.iter().position(|known| *known == name.to_ascii_lowercase());
    for needed in ["ID", "DestinationNumber", "TextDecoded"] {
        if place(needed).is_none() {
            return Err(format!(
                "there is no column `{needed}`; export the table outbox with the names of its columns in the first row"
            ));
        }
    }
    let mut outbox = Vec::new();
    for record in table.records() {
        let record = record.map_err(|error| error.to_string())?;
        let cell = |name: &str| place(name).and_then(|place| record.get(place)).unwrap_or_default();
        let plain = |name: &str| match cell(name).trim() {
            // As phpMyAdmin and the sqlite3 program write what is not there.
            "NULL" | "\\N" => String::new(),
            text => text.to_owned(),
        };
        let line = record.position().map_or(0, csv::Position::line);
        let id = plain("ID").parse().map_err(|_| format!("line {line}: `{}` is no ID", cell("ID").escape_debug()))?;
        let part = PartRow {
            coding: plain("Coding"),
            udh: plain("UDH"),
            decoded: cell("TextDecoded").to_owned(),
            text: plain("Text"),
            class: plain("Class"),
        };
        outbox.push(OutboxRow {
            id,
            inserted: plain("InsertIntoDB"),
            sending_at: plain("SendingDateTime"),
            sending_until: plain("SendingTimeOut"),
            send_before: plain("SendBefore"),
            send_after: plain("SendAfter"),
            number: plain("DestinationNumber"),
            class: plain("Class"),
            validity: plain("RelativeValidity"),
            multipart: plain("MultiPart"),
            parts: vec![part],
            sent: false,
        });
    }
    Ok(Smsd { outbox, ..Smsd::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_read_by_its_columns_whatever_separates_them() {
        let comma = "ID,DestinationNumber,TextDecoded,Class,UDH\n7,0812,\"Halo, Ibu\",-1,NULL\n";
        let semicolon = "\u{FEFF}destinationnumber;id;textdecoded\r\n0812;7;Halo, Ibu\r\n";
        for file in [comma, semicolon] {
            let smsd = read(file.as_bytes()).unwrap();
            let row = &smsd.outbox[0];
            assert_eq!(
                (row.id, row.number.as_str(), row.parts[0].decoded.as_str()),
                (7, "0812", "Halo, Ibu"),
                "{file}"
            );
            assert_eq!(row.parts[0].udh, "");
        }
        assert!(read(&b"a,b\n1,2\n"[..]).unwrap_err().contains("no column `ID`"));
        assert!(
            read(&b"ID,DestinationNumber,TextDecoded\nx,0812,y\n"[..]).unwrap_err().contains("line 2: `x` is no ID")
        );
    }
}
