//! `NAME.txt`: headers, an empty line, the text.
//!
//! ```text
//! Kepada: 0812-3456-7890, daftar-rt.csv
//! Kelas: darurat
//! Kedaluwarsa: 2 jam
//!
//! BPBD: Sungai Cikapundung meluap di {kelurahan}. ...
//! ```
//!
//! Header names are Indonesian or English. Numbers may go on in the lines below `Kepada`. A line of `Kepada` may instead say whom by role
//! and area (`peran=RW dan wilayah=utara`, `@nama`; see [`crate::model::audience`]); such a line has nothing else in it.

use jiff::tz::TimeZone;

use super::times::{self, Edge, Unclear, When};
use super::{ReadError, printable};
use crate::model::audience::Expression;
use crate::model::{Basis, Class, InDoubt, SignedDuration, Timestamp, distance};
use crate::spool::rejection::{Fault, Rejection};

/// List files that one job may name.
pub(super) const LISTS_MAX: usize = 20;

/// A text job taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TextJob {
    /// Numbers as written, with their lines.
    pub numbers: Vec<(u32, String)>,
    /// Names of list files, with their lines, each once.
    pub lists: Vec<(u32, String)>,
    /// Expressions over role and area, with the lines they begin in.
    pub audiences: Vec<(u32, String)>,
    /// Order and policy, with its line; `None`: the unit's default.
    pub class: Option<(u32, Class)>,
    pub not_before: Option<Timestamp>,
    pub lifetime: Option<SignedDuration>,
    pub expires_at: Option<Timestamp>,
    pub in_doubt: Option<InDoubt>,
    pub again: bool,
    /// On what the processing of its numbers rests; `None`: the unit's.
    pub basis: Option<Basis>,
    /// The text, as written, without blanks around it.
    pub text: String,
}

impl TextJob {
    pub(super) fn names_nobody(&self) -> bool {
        self.numbers.is_empty() && self.lists.is_empty() && self.audiences.is_empty()
    }
}

/// A header of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Header {
    To,
    Class,
    NotBefore,
    Expires,
    InDoubt,
    Again,
    Basis,
}

impl Header {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name.trim().to_lowercase().replace([' ', '_'], "-").as_str() {
            "kepada" | "ke" | "tujuan" | "to" => Header::To,
            "kelas" | "class" => Header::Class,
            "kirim" | "not-before" => Header::NotBefore,
            "kedaluwarsa" | "kadaluarsa" | "kadaluwarsa" | "expires" => Header::Expires,
            "ragu" | "in-doubt" => Header::InDoubt,
            "ulang" | "again" => Header::Again,
            "dasar" | "basis" => Header::Basis,
            _ => return None,
        })
    }
}

/// Takes a job apart; its lines end in one line feed. `now` and `zone` place its times.
pub(super) fn parse(content: &str, zone: &TimeZone, now: Timestamp) -> Result<TextJob, ReadError> {
    let mut job = TextJob::default();
    let mut seen: Vec<Header> = Vec::new();
    let mut in_recipients = false;
    let mut rest = content;
    let mut line_number = 0;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        line_number += 1;
        let refused = |fault: Fault| ReadError::from(Rejection::from(fault).at_line(line_number));
        if line.trim().is_empty() {
            if seen.is_empty() {
                continue;
            }
            break;
        }
        if in_recipients && ((line.starts_with([' ', '\t']) && !is_known(line)) || goes_on(line)) {
            recipients(&mut job, line_number, line)?;
            continue;
        }
        let Some((name, value)) = header(line) else {
            return Err(refused(if seen.is_empty() { Fault::NoHeaders } else { Fault::StrayLine }));
        };
        let Some(header) = Header::from_name(name) else {
            let near = nearest(name);
            // Without an empty line anywhere this is no misspelt header but the text itself.
            return Err(refused(match near.is_some() || rest.lines().any(|line| line.trim().is_empty()) {
                true => Fault::UnknownHeader { name: printable(name, 40), near },
                false if seen.is_empty() && !rest.lines().any(is_known) => Fault::NoHeaders,
                false => Fault::StrayLine,
            }));
        };
        if header != Header::To && seen.contains(&header) {
            return Err(refused(Fault::RepeatedHeader { name: printable(name, 40) }));
        }
        seen.push(header);
        in_recipients = header == Header::To;
        obey(&mut job, header, line_number, value, zone, now)?;
    }
    if seen.is_empty() {
        return Err(Rejection::from(Fault::NoHeaders).into());
    }
    if job.names_nobody() {
        return Err(Rejection::from(Fault::NoRecipients).into());
    }
    job.text = rest.trim_matches(['\n', ' ', '\t']).to_owned();
    if job.text.is_empty() {
        return Err(Rejection::from(Fault::NoText).at_line(line_number).into());
    }
    Ok(job)
}

/// Does what one header says.
pub(super) fn obey(
    job: &mut TextJob,
    header: Header,
    line: u32,
    value: &str,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<(), ReadError> {
    let refused = |fault: Fault| ReadError::from(Rejection::from(fault).at_line(line));
    let word = || printable(value, 60);
    match header {
        Header::To => recipients(job, line, value)?,
        Header::Class => {
            let class = value.parse().map_err(|_| refused(Fault::Class { word: word() }))?;
            job.class = Some((line, class));
        }
        Header::NotBefore => match time(value, zone, now, Edge::Start).map_err(refused)? {
            When::At(at) => job.not_before = Some(at),
            When::Span(span) => {
                let at = now.checked_add(span).map_err(|_| refused(Fault::Time { word: word() }))?;
                job.not_before = Some(at);
            }
        },
        Header::Expires => match time(value, zone, now, Edge::End).map_err(refused)? {
            When::At(at) => job.expires_at = Some(at),
            When::Span(span) => job.lifetime = Some(span),
        },
        Header::InDoubt => {
            job.in_doubt = Some(value.parse().map_err(|_| refused(Fault::InDoubt { word: word() }))?);
        }
        Header::Basis => {
            job.basis = Some(value.parse().map_err(|_| refused(Fault::Basis { word: word() }))?);
        }
        Header::Again => job.again = yes(value).ok_or_else(|| refused(Fault::YesNo { word: word() }))?,
    }
    Ok(())
}

/// The list files that a job names, as far as its headers can be read.
pub(super) fn lists_named(content: &str) -> Vec<String> {
    let mut job = TextJob::default();
    let mut in_recipients = false;
    for line in content.lines().skip_while(|line| line.trim().is_empty()) {
        let value = match header(line) {
            _ if line.trim().is_empty() => break,
            Some((name, value)) => {
                in_recipients = Header::from_name(name) == Some(Header::To);
                value
            }
            None => line,
        };
        if in_recipients && recipients(&mut job, 0, value).is_err() {
            break;
        }
    }
    job.lists.into_iter().map(|(_, name)| name).collect()
}

/// Whether a job is an emergency and has its text: whoever wrote it is done, as far as anybody can tell.
pub(super) fn is_urgent(content: &str) -> bool {
    let mut lines = content.lines().skip_while(|line| line.trim().is_empty());
    let mut urgent = false;
    for line in lines.by_ref().take_while(|line| !line.trim().is_empty()) {
        if let Some((name, value)) = header(line)
            && Header::from_name(name) == Some(Header::Class)
        {
            urgent = value.parse() == Ok(Class::Emergency);
        }
    }
    urgent && lines.any(|line| !line.trim().is_empty())
}

/// `Name: value`, blanks around either. A name is one or two words of letters.
pub(super) fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim();
    let is_name = !name.is_empty()
        && name.len() <= 40
        && name.starts_with(|c: char| c.is_alphabetic())
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    is_name.then_some((name, value.trim()))
}

fn is_known(line: &str) -> bool {
    header(line).is_some_and(|(name, _)| Header::from_name(name).is_some())
}

/// The known header that differs in at most two letters.
fn nearest(name: &str) -> Option<&'static str> {
    const KNOWN: [&str; 14] = [
        "Kepada",
        "Kelas",
        "Kirim",
        "Kedaluwarsa",
        "Ragu",
        "Ulang",
        "Dasar",
        "To",
        "Class",
        "Not-Before",
        "Expires",
        "In-Doubt",
        "Again",
        "Basis",
    ];
    let near = |known: &&str| (distance(&name.to_lowercase(), &known.to_lowercase()), known.len());
    // Two letters of four are another word.
    KNOWN.into_iter().min_by_key(near).filter(|known| near(known).0 <= known.len().div_ceil(3).min(2))
}

/// Whether a line below `Kepada` can only be more recipients.
fn goes_on(line: &str) -> bool {
    if is_expression(line) {
        return header(line).is_none();
    }
    line.split([',', ';']).map(str::trim).filter(|word| !word.is_empty()).all(|word| {
        is_list(word) || (word.chars().any(|c| c.is_ascii_digit()) && !word.chars().any(char::is_alphabetic))
    })
}

fn is_list(word: &str) -> bool {
    let word = word.to_lowercase();
    [".csv", ".xlsx", ".txt"].iter().any(|end| word.len() > end.len() && word.ends_with(end))
}

/// Whether the recipients of a line are said by role and area: a condition, a saved name, or everyone.
fn is_expression(value: &str) -> bool {
    let mut pieces = value.split([',', ';']).map(str::trim).filter(|piece| !is_list(piece));
    let names_one =
        |piece: &str| piece.split(|c: char| c.is_whitespace() || c == '(').any(|word| word.starts_with('@'));
    matches!(value.trim().to_lowercase().as_str(), "semua" | "all")
        || pieces.any(|piece| piece.contains(['=', '≠']) || names_one(piece))
}

fn recipients(job: &mut TextJob, line: u32, value: &str) -> Result<(), ReadError> {
    // An expression may go on in the lines below it, where one of them asks for it.
    let goes_on =
        job.audiences.last().is_some_and(|(_, text)| Expression::is_unfinished(text) || Expression::continues(value));
    if let Some((_, text)) = job.audiences.last_mut().filter(|_| goes_on) {
        text.push(' ');
        text.push_str(value.trim());
        return Ok(());
    }
    if is_expression(value) {
        job.audiences.push((line, value.trim().to_owned()));
        return Ok(());
    }
    for word in value.split([',', ';']).map(str::trim).filter(|word| !word.is_empty()) {
        if !is_list(word) {
            job.numbers.push((line, word.to_owned()));
            continue;
        }
        // A list lies in the same folder and is no hidden file; nothing leads out of the queue.
        if word.contains(['/', '\\', '\0']) || word.starts_with('.') {
            return Err(Rejection::from(Fault::ListName { name: printable(word, 80) }).at_line(line).into());
        }
        if job.lists.iter().any(|(_, known)| known == word) {
            continue;
        }
        if job.lists.len() == LISTS_MAX {
            return Err(Rejection::from(Fault::TooManyLists { limit: LISTS_MAX }).at_line(line).into());
        }
        job.lists.push((line, word.to_owned()));
    }
    Ok(())
}

fn time(value: &str, zone: &TimeZone, now: Timestamp, edge: Edge) -> Result<When, Fault> {
    let word = || printable(value, 60);
    times::read(value, zone, now, edge).map_err(|unclear| match unclear {
        Unclear::NoTime => Fault::Time { word: word() },
        Unclear::Over => Fault::TimeOver { word: word() },
        Unclear::NoHour => Fault::NoHour { word: word() },
    })
}

fn yes(word: &str) -> Option<bool> {
    match word.trim().to_lowercase().as_str() {
        "ya" | "y" | "yes" | "true" | "1" => Some(true),
        "tidak" | "t" | "no" | "n" | "false" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-24T05:00:00Z";

    fn parsed(content: &str) -> Result<TextJob, String> {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        parse(content, &zone, NOW.parse().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn an_emergency_is_urgent_once_its_text_is_there() {
        for (content, urgent) in [
            ("Kepada: 0812\nKelas: darurat\n\nAwas\n", true),
            ("To: 0812\nClass: emergency\n\n\nAwas", true),
            ("Kepada: 0812\nKelas: darurat\n", false),
            ("Kepada: 0812\nKelas: darurat\n\n \n", false),
            ("Kepada: 0812\nKelas: penting\n\nKelas: darurat\n", false),
            ("Kepada: 0812\n\nAwas\n", false),
            ("", false),
        ] {
            assert_eq!(is_urgent(content), urgent, "{content:?}");
        }
    }

    #[test]
    fn headers_in_both_languages_and_numbers_over_several_lines() {
        let indonesian = "Kepada: 081234567890; 0813-2222-3333,\n  +62 811 444 555\n085777888999\nKelas: Darurat\n\
                          Kirim: 2026-11-24 18:00\nKedaluwarsa: 2 jam\nRagu: ulang\nUlang: ya\nDasar: tugas publik\n\n\n\
                          Air naik.\nKe posko: RW 3\n";
        let english = "To: 081234567890; 0813-2222-3333,\n  +62 811 444 555\n085777888999\nclass: emergency\n\
                       Not-Before: 24/11/2026 18.00\nEXPIRES: 2h\nIn-Doubt: resend\nAgain: yes\nBasis: public_task\n\n\
                       Air naik.\nKe posko: RW 3";
        let job = parsed(indonesian).unwrap();
        assert_eq!(job.text, "Air naik.\nKe posko: RW 3");
        assert_eq!(job.numbers.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 1, 2, 3]);
        assert_eq!(job.class, Some((4, Class::Emergency)));
        assert_eq!(job.not_before, Some("2026-11-24T11:00:00Z".parse().unwrap()));
        assert_eq!(job.lifetime, Some(SignedDuration::from_hours(2)));
        assert_eq!((job.in_doubt, job.again), (Some(InDoubt::Resend), true));
        assert_eq!(job.basis, Some(Basis::PublicTask));
        assert_eq!(parsed(english).unwrap(), job);
    }

    #[test]
    fn blanks_before_a_header_and_its_colon_are_nothing() {
        let job = parsed("  Kepada : 081234567890,\n   081322223333\n\tKelas : darurat\n\nAir naik.").unwrap();
        let numbers: Vec<_> = job.numbers.iter().map(|(_, number)| number.as_str()).collect();
        assert_eq!((numbers, job.class), (vec!["081234567890", "081322223333"], Some((3, Class::Emergency))));
        assert_eq!(lists_named(" Kepada: a.csv,\n  b.csv\n Kelas: umum\n\nx"), ["a.csv", "b.csv"]);
    }

    #[test]
    fn the_plain_form_of_other_daemons_is_a_job() {
        let job = parsed("To: 6281234567890\n\nTest").unwrap();
        assert_eq!((job.numbers, job.text.as_str()), (vec![(1, "6281234567890".to_owned())], "Test"));
    }

    #[test]
    fn a_list_is_named_once_and_lies_in_the_same_folder() {
        let job = parsed("Kepada: daftar rt.csv, 0812345\n RW.XLSX, daftar rt.csv\n\nx").unwrap();
        assert_eq!(job.lists, [(1, "daftar rt.csv".to_owned()), (2, "RW.XLSX".to_owned())]);
        for name in ["../rahasia.csv", "/etc/x.txt", "a\\b.csv", ".x.csv"] {
            assert!(parsed(&format!("Kepada: {name}\n\nx")).unwrap_err().contains("cannot be a list file"), "{name}");
        }
        assert_eq!(lists_named("Kelas: umum\nKepada: a.csv,\n b.xlsx\n\nc.csv"), ["a.csv", "b.xlsx"]);
    }

    #[test]
    fn recipients_by_role_and_area_stand_beside_numbers_and_lists() {
        let job = parsed(
            "Kepada: peran=RW dan kelurahan=Dago,\n  Pasteur\n dan rw=1-5\n  0812345\nperan=lurah\n @camat\n a=b.csv, 0813\n\nx",
        )
        .unwrap();
        let audiences: Vec<_> = job.audiences.iter().map(|(line, text)| (*line, text.as_str())).collect();
        assert_eq!(
            audiences,
            [(1, "peran=RW dan kelurahan=Dago, Pasteur dan rw=1-5"), (5, "peran=lurah"), (6, "@camat")]
        );
        assert_eq!(job.numbers, [(4, "0812345".to_owned()), (7, "0813".to_owned())]);
        assert_eq!(job.lists, [(7, "a=b.csv".to_owned())]);
        assert_eq!(parsed("To: all\n\nx").unwrap().audiences, [(1, "all".to_owned())]);
        assert_eq!(lists_named("Kepada: peran=RW,\n lurah\n a.csv\n\nx"), ["a.csv"]);
    }

    #[test]
    fn every_mistake_names_its_line() {
        let check = |content: &str, expected: &str| {
            let error = parsed(content).unwrap_err();
            assert!(error.contains(expected), "{content:?}: {error}");
        };
        check("Halo semua\n", "line 1: the file does not begin with headers");
        check("Kepada: 0812\nPerhatian: x\n\ny", "line 2: the header `Perhatian` is not known");
        check("Yth. Bapak\nHalo: semua\n", "line 1: the file does not begin with headers");
        check("Halo Bapak Ibu: ada rapat\nbesok", "line 1: the file does not begin with headers");
        check("Kepada: 0812\nHalo Bapak: ada rapat", "line 2: this line is neither");
        check("Kpada: 0812\n\nx", "line 1: the header `Kpada` is not known; did you mean `Kepada`? Known are");
        check("Kepada: 0812\nKadaluwarso: 2 jam\nx", "did you mean `Kedaluwarsa`?");
        check("Kepada: 0812\nAir naik\n", "line 2: this line is neither");
        check("Kepada: 0812\nKelas: umum\nKelas: darurat\n\nx", "line 3: the header `Kelas` stands there twice");
        check("Kelas: umum\n\nx", "no recipient");
        check("Kepada: ,\n\nx", "no recipient");
        check("Kepada: 0812\n\n \n", "there is no text");
        check("Kepada: 0812", "there is no text");
        check("Kepada: 0812\nKelas: kilat\n\nx", "line 2: `kilat` is no class");
        check("Kepada: 0812\nKirim: segera\n\nx", "line 2: `segera` is no time");
        check("Kepada: 0812\nKirim: 11:00\n\nx", "line 2: `11:00` is over today");
        check(
            "Kepada: 0812\nKirim: besok\n\nx",
            "line 2: `besok` has no hour; write the hour as well, such as besok 08.00",
        );
        check("Kepada: 0812\nRagu: entah\n\nx", "line 2: `entah`");
        check("Kepada: 0812\nDasar: entah\n\nx", "line 2: `entah` is no legal basis");
        check("Kepada: 0812\nUlang: entah\n\nx", "line 2: `entah`");
    }

    #[test]
    fn ctrl_z_and_headers_inside_the_text_are_text() {
        assert_eq!(parsed("To: 0812\n\nTo: 0813\x1A\nb").unwrap().text, "To: 0813\x1A\nb");
    }
}
