//! Files as scripts for smstools (SMS Server Tools 3) write them: `Name: value` lines, an empty line, the text.
//!
//! ```text
//! To: 6281234567890
//! Alphabet: UCS2
//! Priority: HIGH
//!
//! …
//! ```
//!
//! Such a file may have any name. One without an extension that is known here is taken for it where it reads like one; a `.txt` where a
//! header says so that only smstools has. What makes sense is followed, our own headers too (`Class`, `Expires`, `Again` …). What is not
//! followed is a [`Remark`]; what would make people get something else, or get it though they should not, refuses the file.

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_8859_15, UTF_16BE};
use jiff::tz::TimeZone;

use super::text::{self, Header as Own, TextJob};
use super::{Octets, ReadError, printable};
use crate::model::{Class, SignedDuration, Timestamp};
use crate::spool::rejection::{Fault, NotSmstools, Rejection};
use crate::spool::remark::{Remark, Unfollowed};

/// Headers of a file are looked for in so many octets at its beginning.
const HEAD_MAX: u64 = 16 * 1024;

/// What smstools does with a header, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Header {
    To,
    Alphabet,
    Priority,
    Validity,
    Autosplit,
    Flash,
    Report,
    Replace,
    Carrier,
    Address,
    Language,
    Macro,
    Hold,
    /// It was sent by smstools, or came in there.
    Done,
    /// What the text is, or what is sent, is no text for people.
    NoText,
    /// Says nothing about what is sent.
    Comment,
}

/// The headers that smstools knows (its manual's page on the file format, and `smsd.c` of 3.1.21).
const HEADERS: [(&str, Header); 40] = [
    ("To", Header::To),
    ("Alphabet", Header::Alphabet),
    ("Priority", Header::Priority),
    ("Validity", Header::Validity),
    ("Autosplit", Header::Autosplit),
    ("Flash", Header::Flash),
    ("Report", Header::Report),
    ("Replace", Header::Replace),
    ("Queue", Header::Carrier),
    ("Provider", Header::Carrier),
    ("Modem", Header::Carrier),
    ("SMSC", Header::Carrier),
    ("To_TOA", Header::Address),
    ("Language", Header::Language),
    ("Language_ext", Header::Language),
    ("Macro", Header::Macro),
    ("Hold", Header::Hold),
    ("Sent", Header::Done),
    ("Message_id", Header::Done),
    ("Received", Header::Done),
    ("From_SMSC", Header::Done),
    ("From_TOA", Header::Done),
    ("Discharge_timestamp", Header::Done),
    ("Binary", Header::NoText),
    ("UDH", Header::NoText),
    ("UDH-DATA", Header::NoText),
    ("UDH-DUMP", Header::NoText),
    ("Hex", Header::NoText),
    ("Text_is_pdu", Header::NoText),
    ("Include", Header::NoText),
    ("Voicecall", Header::NoText),
    ("System_message", Header::NoText),
    ("Ping", Header::NoText),
    ("From", Header::Comment),
    ("IMSI", Header::Comment),
    ("Subject", Header::Comment),
    ("Failed", Header::Comment),
    ("Fail_reason", Header::Comment),
    ("Smsd_debug", Header::Comment),
    ("PDU", Header::Comment),
];

impl Header {
    fn from_name(name: &str) -> Option<Self> {
        HEADERS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, header)| *header)
    }
}

/// A file taken apart.
pub(super) struct File {
    pub job: TextJob,
    pub remarks: Vec<Remark>,
}

/// Whether a file without a name that says its kind reads like one of smstools'. Errors: the reader's own.
pub(super) fn is_one(content: &mut dyn Octets) -> std::io::Result<bool> {
    let octets = beginning(content)?;
    let Some((head, _)) = split(&octets) else { return Ok(false) };
    let head = eight_bit(head);
    let mut names = head.lines().map(|line| text::header(line).map(|(name, _)| name));
    Ok(head.lines().any(|line| text::header(line).is_some_and(|(name, _)| name.eq_ignore_ascii_case("To")))
        && names.all(|name| name.is_some()))
}

/// Whether a text names a header that only smstools has. Errors: the reader's own.
pub(super) fn speaks(content: &mut dyn Octets) -> std::io::Result<bool> {
    let octets = beginning(content)?;
    let Some((head, _)) = split(&octets) else { return Ok(false) };
    let known = |line: &str| {
        let (name, _) = text::header(line)?;
        Header::from_name(name).filter(|header| !matches!(header, Header::To | Header::Comment))
    };
    Ok(eight_bit(head).lines().any(|line| known(line).is_some()))
}

fn beginning(content: &mut dyn Octets) -> std::io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    content.seek(std::io::SeekFrom::Start(0))?;
    std::io::Read::read_to_end(&mut std::io::Read::take(&mut *content, HEAD_MAX), &mut octets)?;
    Ok(octets)
}

/// The lines of the headers, and what follows the empty line after them. `None`: there is no empty line, or nothing before it.
fn split(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
    let mut from = 0;
    while let Some(length) = octets[from..].iter().position(|octet| *octet == b'\n') {
        let line = &octets[from..from + length];
        if line.iter().all(|octet| matches!(octet, b' ' | b'\t' | b'\r')) {
            return (from > 0).then(|| (&octets[..from], &octets[from + length + 1..]));
        }
        from += length + 1;
    }
    None
}

/// Text in a character set of 8 bits: UTF-8 where it is that, else Latin-9, which smstools calls ISO.
fn eight_bit(octets: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(octets) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => decoded(octets, ISO_8859_15).unwrap_or_default().into(),
    }
}

fn decoded(octets: &[u8], encoding: &'static Encoding) -> Option<String> {
    encoding.decode_without_bom_handling_and_without_replacement(octets).map(Cow::into_owned)
}

/// Takes a file apart. `classes`: those that the unit may use; empty: all.
pub(super) fn parse(octets: &[u8], classes: &[Class], zone: &TimeZone, now: Timestamp) -> Result<File, ReadError> {
    let (head, body) = split(octets).ok_or_else(|| Rejection::from(Fault::NoText))?;
    let mut file = File { job: TextJob::default(), remarks: Vec::new() };
    let (mut alphabet, mut macros, mut own_seen) = (Alphabet::Unsaid, Vec::new(), Vec::new());
    let head = eight_bit(head);
    for (line, place) in head.lines().zip(1..) {
        let refused = |fault: Fault| ReadError::from(Rejection::from(fault).at_line(place));
        let foreign = |fault: NotSmstools| refused(Fault::Smstools(fault));
        let (name, value) = text::header(line).ok_or_else(|| refused(Fault::StrayLine))?;
        let written = || printable(&format!("{name}: {value}"), 60);
        let mut remark = |unfollowed| file.remarks.push(Remark { header: written(), unfollowed });
        match Header::from_name(name) {
            Some(Header::To) => {
                // Short numbers are marked by an s.
                let number =
                    value.strip_prefix(['s', 'S']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
                text::obey(&mut file.job, Own::To, place, number.unwrap_or(value), zone, now)?;
            }
            Some(Header::Alphabet) => {
                alphabet = Alphabet::of(value).ok_or_else(|| foreign(NotSmstools::Alphabet { word: written() }))?;
            }
            Some(Header::Priority) if !is_high(value) => {}
            Some(Header::Priority) => match classes.is_empty() || classes.contains(&Class::Important) {
                true => file.job.class = file.job.class.or(Some((place, Class::Important))),
                false => remark(Unfollowed::Priority),
            },
            Some(Header::Validity) => {
                let span = validity(value).ok_or_else(|| foreign(NotSmstools::Validity { word: written() }))?;
                file.job.lifetime = file.job.lifetime.or(Some(span));
            }
            Some(Header::Autosplit) if value == "3" => {}
            Some(Header::Autosplit) => remark(Unfollowed::Autosplit),
            Some(Header::Flash) if is_no(value) => {}
            Some(Header::Flash) => remark(Unfollowed::Flash),
            Some(Header::Report) if !is_no(value) => {}
            Some(Header::Report) => remark(Unfollowed::Report),
            Some(Header::Replace) => remark(Unfollowed::Replace),
            Some(Header::Carrier) => remark(Unfollowed::Carrier),
            Some(Header::Address) => remark(Unfollowed::Address),
            Some(Header::Language) => remark(Unfollowed::Language),
            Some(Header::Macro) => macros.extend(value.split_once('=')),
            Some(Header::Hold | Header::NoText) if is_no(value) => {}
            Some(Header::Hold) => return Err(foreign(NotSmstools::Hold)),
            Some(Header::NoText) => return Err(foreign(NotSmstools::NoText { word: written() })),
            Some(Header::Done) => return Err(foreign(NotSmstools::Done { word: written() })),
            Some(Header::Comment) => {}
            None => match Own::from_name(name) {
                Some(own) if own != Own::To && own_seen.contains(&own) => {
                    return Err(refused(Fault::RepeatedHeader { name: printable(name, 40) }));
                }
                Some(own) => {
                    own_seen.push(own);
                    text::obey(&mut file.job, own, place, value, zone, now)?;
                }
                None => remark(Unfollowed::Unknown),
            },
        }
    }
    if file.job.names_nobody() {
        return Err(Rejection::from(Fault::NoRecipients).into());
    }
    if file.job.expires_at.is_some() {
        // What is said in our own words says more.
        file.job.lifetime = None;
    }
    let mut text = alphabet.read(body).map_err(Rejection::from)?;
    for (name, value) in macros.iter().filter(|(name, _)| !name.trim().is_empty()) {
        text = text.replace(name.trim(), value.trim());
    }
    if text.contains('\0') {
        return Err(Rejection::from(Fault::Binary).into());
    }
    file.job.text = text.replace("\r\n", "\n").trim_matches(['\n', '\r', ' ', '\t']).to_owned();
    if file.job.text.is_empty() {
        return Err(Rejection::from(Fault::NoText).into());
    }
    Ok(file)
}

/// The character set of a text; smstools looks at the first three letters of the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alphabet {
    Unsaid,
    EightBit,
    Utf8,
    Wide,
    Gsm,
}

impl Alphabet {
    /// `None`: unknown, or no text at all.
    fn of(word: &str) -> Option<Self> {
        let word = word.trim().to_ascii_lowercase();
        Some(match word.get(..3).unwrap_or(&word) {
            "iso" | "lat" | "ans" => Alphabet::EightBit,
            "utf" => Alphabet::Utf8,
            "ucs" | "uni" | "chi" => Alphabet::Wide,
            "gsm" => Alphabet::Gsm,
            "" => Alphabet::Unsaid,
            _ => return None,
        })
    }

    fn read(self, octets: &[u8]) -> Result<String, Fault> {
        match self {
            // Scripts that say ISO and write UTF-8 are common; no text in Latin-9 reads as UTF-8 by chance.
            Alphabet::Unsaid | Alphabet::EightBit => Ok(eight_bit(octets).into_owned()),
            Alphabet::Utf8 => decoded(octets, encoding_rs::UTF_8).ok_or(Fault::Encoding { encoding: "UTF-8" }),
            Alphabet::Wide => {
                // A line feed of one octet that an editor or `echo` put at the end.
                let whole = if octets.len() % 2 == 1 { octets.strip_suffix(b"\n").unwrap_or(octets) } else { octets };
                let (marked, encoding) = match whole {
                    [0xFE, 0xFF, rest @ ..] => (rest, UTF_16BE),
                    [0xFF, 0xFE, rest @ ..] => (rest, encoding_rs::UTF_16LE),
                    rest => (rest, UTF_16BE),
                };
                decoded(marked, encoding).ok_or(Fault::Encoding { encoding: "UCS-2" })
            }
            // Where the GSM alphabet and ASCII agree (3GPP TS 23.038 §6.2.1).
            Alphabet::Gsm => match octets.iter().all(|octet| alike(*octet)) {
                true => Ok(octets.iter().map(|octet| char::from(*octet)).collect()),
                false => Err(Fault::Smstools(NotSmstools::GsmCodes)),
            },
        }
    }
}

fn alike(octet: u8) -> bool {
    matches!(octet, b'\n' | b'\r' | b' '..=b'#' | b'%'..=b'?' | b'A'..=b'Z' | b'a'..=b'z')
}

fn is_high(word: &str) -> bool {
    matches!(word.trim().to_ascii_lowercase().as_str(), "high" | "tinggi") || is_yes(word)
}

fn is_yes(word: &str) -> bool {
    matches!(word.trim().to_ascii_lowercase().as_str(), "yes" | "y" | "ya" | "true" | "on" | "1")
}

fn is_no(word: &str) -> bool {
    matches!(word.trim().to_ascii_lowercase().as_str(), "" | "no" | "n" | "tidak" | "false" | "off" | "0")
}

/// The longest validity there is (3GPP TS 23.040 §9.2.3.12.1): 63 weeks.
const WEEKS_MAX: i64 = 63;

/// How long a message is worth sending: the number of a relative TP-VP, or a count and a word (`2 days`, `hour`, `30 min`).
fn validity(value: &str) -> Option<SignedDuration> {
    let value = value.trim().to_ascii_lowercase();
    let hours = |count: i64| SignedDuration::from_hours(count);
    if let Ok(code) = value.parse::<u8>() {
        return Some(match i64::from(code) {
            code @ 0..=143 => SignedDuration::from_mins((code + 1) * 5),
            code @ 144..=167 => SignedDuration::from_mins(12 * 60 + (code - 143) * 30),
            code @ 168..=196 => hours((code - 166) * 24),
            code => hours((code - 192) * 7 * 24),
        });
    }
    let mut words = value.split_whitespace();
    let first = words.next()?;
    let (count, unit) = match first.parse::<i64>() {
        Ok(count) => (count, words.next()?),
        Err(_) => (1, first),
    };
    let longest = hours(WEEKS_MAX * 7 * 24);
    let one = match unit.trim_end_matches('s') {
        "min" | "minute" | "menit" => SignedDuration::from_mins(1),
        "hour" | "jam" => hours(1),
        "day" | "hari" => hours(24),
        "week" | "minggu" => hours(7 * 24),
        "month" | "bulan" => hours(30 * 24),
        "year" | "tahun" | "max" | "maximum" => longest,
        _ => return None,
    };
    let span = one.checked_mul(i32::try_from(count).ok().filter(|count| *count > 0)?)?;
    (words.next().is_none()).then_some(span.min(longest))
}

#[cfg(test)]
mod tests;
