//! Which rows of an outbox of gammu-smsd can be taken over, and what each of them says. Pure.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::model::{Country, Msisdn, NumberError, SignedDuration, Timestamp};
use crate::pdu;
use crate::store::foreign::gammu::{OutboxRow, PartRow};

/// A row that becomes a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub id: i64,
    pub number: Msisdn,
    pub text: String,
    /// Nothing goes out before; `None`: at once.
    pub not_before: Option<Timestamp>,
    /// How long it is worth sending, where the row says so.
    pub lifetime: Option<SignedDuration>,
    pub digest: [u8; 32],
    /// It was to be sent at some hours of the day only, which does not come along.
    pub has_hours: bool,
}

/// Why a row is left where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// It stands in `sentitems`, whole or in part.
    Sent,
    /// The daemon is at it.
    BeingSent,
    /// It was taken over before.
    TakenBefore,
    /// It shows itself at once and is not kept (class 0).
    Flash,
    /// It is for the SIM or a device (class 2, 3).
    OtherClass,
    /// It is no text.
    Binary,
    /// It has a user data header that is not that of a long text.
    Header,
    /// Not all its parts are there.
    PartsMissing,
    /// It has no text, or none that can be read.
    NoText,
    /// Its number opted out in Kalkun.
    OptedOut,
    /// Its number cannot be used.
    Number(NumberError),
}

impl Left {
    /// The name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Left::Sent => "sent",
            Left::BeingSent => "being_sent",
            Left::TakenBefore => "taken_before",
            Left::Flash => "flash",
            Left::OtherClass => "other_class",
            Left::Binary => "binary",
            Left::Header => "user_data_header",
            Left::PartsMissing => "parts_missing",
            Left::NoText => "no_text",
            Left::OptedOut => "opted_out",
            Left::Number(_) => "invalid",
        }
    }
}

/// What a row is judged by.
pub(super) struct Office<'a> {
    pub country: Country,
    pub zone: &'a TimeZone,
    pub now: Timestamp,
    /// Numbers that opted out in the daemon before.
    pub opted_out: BTreeSet<Msisdn>,
}

/// Judges one row. `taken_before` is asked last, with the digest of the row.
pub(super) fn judge<E>(
    row: &OutboxRow,
    office: &Office<'_>,
    taken_before: impl FnOnce(&[u8; 32]) -> Result<bool, E>,
) -> Result<Result<Taken, Left>, E> {
    let taken = match read(row, office) {
        Ok(taken) => taken,
        Err(left) => return Ok(Err(left)),
    };
    Ok(if taken_before(&taken.digest)? { Err(Left::TakenBefore) } else { Ok(taken) })
}

fn read(row: &OutboxRow, office: &Office<'_>) -> Result<Taken, Left> {
    if row.sent {
        return Err(Left::Sent);
    }
    if local(&row.sending_until, office.zone).is_some_and(|until| until > office.now) {
        return Err(Left::BeingSent);
    }
    for part in &row.parts {
        match part.class.trim() {
            "" | "-1" | "1" | "127" => {}
            "0" => return Err(Left::Flash),
            _ => return Err(Left::OtherClass),
        }
        if part.coding.eq_ignore_ascii_case("8bit") {
            return Err(Left::Binary);
        }
    }
    let total = parts_wanted(row)?;
    if row.parts.len() != total {
        return Err(Left::PartsMissing);
    }
    let text: String = row.parts.iter().map(text).collect::<Option<String>>().ok_or(Left::NoText)?;
    if text.trim().is_empty() {
        return Err(Left::NoText);
    }
    let number = Msisdn::parse(&row.number, office.country).map_err(Left::Number)?;
    if office.opted_out.contains(&number) {
        return Err(Left::OptedOut);
    }
    let mut digest = Sha256::new_with_prefix("gammu-smsd outbox");
    for field in [&row.id.to_string(), &row.inserted, &number.digits(), &text] {
        digest.update((field.len() as u64).to_be_bytes());
        digest.update(field);
    }
    let hours = (row.send_after.trim(), row.send_before.trim());
    Ok(Taken {
        id: row.id,
        number,
        text,
        not_before: local(&row.sending_at, office.zone).filter(|at| *at > office.now),
        lifetime: row
            .validity
            .trim()
            .parse::<u8>()
            .ok()
            .filter(|code| *code < 255)
            .and_then(|code| pdu::Validity::Relative(code).span()),
        digest: digest.finalize().into(),
        has_hours: !matches!(hours, ("" | "00:00:00", "" | "23:59:59")),
    })
}

/// How many parts a message has, by the header of a long text (3GPP TS 23.040 §9.2.3.24.1 and .8); any other header means something
/// that a text cannot say.
fn parts_wanted(row: &OutboxRow) -> Result<usize, Left> {
    let mut wanted = if row.multipart.trim().eq_ignore_ascii_case("true") { None } else { Some(1) };
    for part in &row.parts {
        let udh = pdu::hex::decode(part.udh.trim()).map_err(|_| Left::Header)?;
        wanted = match udh[..] {
            [] => wanted,
            [5, 0, 3, _, total, _] | [6, 8, 4, _, _, total, _] => Some(usize::from(total)),
            _ => return Err(Left::Header),
        };
    }
    // Long texts that were put in by hand may lack the header; then the table of parts says how many there are.
    Ok(wanted.unwrap_or(row.parts.len().max(2)))
}

/// The text of a part: as decoded, else the hexadecimal of UCS-2.
fn text(part: &PartRow) -> Option<String> {
    if !part.decoded.is_empty() {
        return Some(part.decoded.clone());
    }
    if !part.coding.to_ascii_lowercase().starts_with("unicode") {
        return None;
    }
    let octets = pdu::hex::decode(part.text.trim()).ok()?;
    let units: Vec<u16> =
        octets.chunks(2).map(|pair| pair.iter().fold(0, |unit, octet| unit << 8 | u16::from(*octet))).collect();
    String::from_utf16(&units).ok().filter(|text| octets.len() % 2 == 0 && !text.is_empty())
}

/// A time as it stands there, in the office's zone.
fn local(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim().get(..19)?;
    let civil = DateTime::strptime("%Y-%m-%d %H:%M:%S", text.replace('T', " ")).ok()?;
    zone.to_timestamp(civil).ok()
}

/// What rows of one job share: not before, and how long.
type Settings = (Option<Timestamp>, Option<SignedDuration>);

/// Rows that can be one job: the same settings, each number once.
pub(super) fn jobs(taken: &[Taken]) -> Vec<Vec<&Taken>> {
    let mut jobs: Vec<(Settings, BTreeSet<Msisdn>, Vec<&Taken>)> = Vec::new();
    for row in taken {
        let settings = (row.not_before, row.lifetime);
        let free = jobs.iter_mut().find(|(of, numbers, _)| *of == settings && !numbers.contains(&row.number));
        match free {
            Some((_, numbers, rows)) => {
                numbers.insert(row.number);
                rows.push(row);
            }
            None => jobs.push((settings, [row.number].into(), vec![row])),
        }
    }
    jobs.into_iter().map(|(_, _, rows)| rows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office(zone: &TimeZone) -> Office<'_> {
        let now = "2026-11-26T03:00:00Z".parse().unwrap();
        let opted_out = [Msisdn::parse("081299999999", Country::indonesia()).unwrap()].into();
        Office { country: Country::indonesia(), zone, now, opted_out }
    }

    fn part(text: &str) -> PartRow {
        PartRow {
            coding: "Default_No_Compression".to_owned(),
            decoded: text.to_owned(),
            class: "-1".to_owned(),
            ..PartRow::default()
        }
    }

    fn row(text: &str) -> OutboxRow {
        OutboxRow {
            id: 7,
            inserted: "2026-11-26 09:00:00".to_owned(),
            sending_at: "2026-11-26 09:00:00".to_owned(),
            sending_until: "2026-11-26 09:00:00".to_owned(),
            send_before: "23:59:59".to_owned(),
            send_after: "00:00:00".to_owned(),
            number: "+6281234567890".to_owned(),
            class: "-1".to_owned(),
            validity: "-1".to_owned(),
            multipart: "false".to_owned(),
            parts: vec![part(text)],
            sent: false,
        }
    }

    fn judged(row: &OutboxRow) -> Result<Taken, Left> {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        judge(row, &office(&zone), |_| Ok::<_, ()>(false)).unwrap()
    }

    #[test]
    fn a_row_is_taken_as_it_is_with_its_time_and_its_validity() {
        let taken = judged(&row("Rapat {nama}")).unwrap();
        assert_eq!(
            (taken.text.as_str(), taken.not_before, taken.lifetime, taken.has_hours),
            ("Rapat {nama}", None, None, false)
        );
        let later = OutboxRow {
            sending_at: "2026-11-26 18:30:00".to_owned(),
            validity: "167".to_owned(),
            send_after: "08:00:00".to_owned(),
            ..row("x")
        };
        let taken = judged(&later).unwrap();
        assert_eq!(taken.not_before, Some("2026-11-26T11:30:00Z".parse().unwrap()));
        assert_eq!((taken.lifetime, taken.has_hours), (Some(SignedDuration::from_hours(24)), true));
        let hexadecimal = PartRow {
            coding: "Unicode_No_Compression".to_owned(),
            text: "00410077006100733A0B".to_owned(),
            ..part("")
        };
        assert_eq!(judged(&OutboxRow { parts: vec![hexadecimal], ..row("") }).unwrap().text, "Awas\u{3A0B}");
    }

    #[test]
    fn a_long_text_is_joined_and_every_other_row_is_left_with_its_reason() {
        let headed = |text: &str, udh: &str| PartRow { udh: udh.to_owned(), ..part(text) };
        let long = |parts: Vec<PartRow>| OutboxRow { multipart: "true".to_owned(), parts, ..row("") };
        let whole = long(vec![headed("satu ", "050003CC0201"), headed("dua", "050003CC0202")]);
        assert_eq!(judged(&whole).unwrap().text, "satu dua");
        let bare = long(vec![part("satu "), part("dua")]);
        assert_eq!(judged(&bare).unwrap().text, "satu dua");
        let check = |row: OutboxRow, left: Left| assert_eq!(judged(&row), Err(left), "{row:?}");
        check(long(vec![headed("satu ", "050003CC0301"), headed("dua", "050003CC0302")]), Left::PartsMissing);
        check(long(vec![part("satu ")]), Left::PartsMissing);
        check(OutboxRow { parts: vec![headed("x", "0605040B8423F0")], ..row("") }, Left::Header);
        check(OutboxRow { sent: true, ..row("x") }, Left::Sent);
        check(OutboxRow { sending_until: "2026-11-26 10:00:01".to_owned(), ..row("x") }, Left::BeingSent);
        check(OutboxRow { parts: vec![PartRow { class: "0".to_owned(), ..part("x") }], ..row("") }, Left::Flash);
        check(OutboxRow { parts: vec![PartRow { class: "2".to_owned(), ..part("x") }], ..row("") }, Left::OtherClass);
        check(OutboxRow { parts: vec![PartRow { coding: "8bit".to_owned(), ..part("x") }], ..row("") }, Left::Binary);
        check(row(" "), Left::NoText);
        check(row(""), Left::NoText);
        check(OutboxRow { number: "3636".to_owned(), ..row("x") }, Left::Number(NumberError::ShortCode));
        check(OutboxRow { number: "081299999999".to_owned(), ..row("x") }, Left::OptedOut);
    }

    #[test]
    fn a_row_is_known_again_and_a_number_is_in_a_job_once() {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        let first = judged(&row("x")).unwrap();
        let again = judge(&row("x"), &office(&zone), |digest| Ok::<_, ()>(*digest == first.digest)).unwrap();
        assert_eq!(again, Err(Left::TakenBefore));
        assert_ne!(
            judged(&OutboxRow { id: 8, ..row("x") }).unwrap().digest,
            first.digest,
            "the same text twice, on purpose"
        );
        let other = Taken { number: Msisdn::from_u64(6281200000001), ..first.clone() };
        let later = Taken { lifetime: Some(SignedDuration::from_hours(1)), ..other.clone() };
        let rows = [first.clone(), other, first.clone(), later];
        let sizes: Vec<usize> = jobs(&rows).iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1, 1]);
    }
}
