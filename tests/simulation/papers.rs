//! Job files as people drop them: texts and tables, short and long, numbers written in every way, some of them twice, some unusable.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use fastrand::Rng;

use super::town::audit;
use super::town::number;

/// How many people the city has.
pub const PEOPLE: u32 = 150;

/// Numbers that no phone has.
const WRONG: [&str; 5] = ["6.28122E+11", "0812-34", "belum ada", "12345", "#N/A"];

/// A job file and what must become of it.
#[derive(Clone, Debug)]
pub struct Paper {
    pub name: String,
    pub content: String,
    /// Whether it is to be accepted.
    pub good: bool,
    pub rows: u64,
    pub people: BTreeSet<u64>,
}

impl Paper {
    /// What the auditor wants to know of it.
    pub fn expected(&self) -> audit::Paper {
        audit::Paper { rows: self.rows, people: self.people.clone() }
    }
}

/// One way of writing a number.
fn written(person: u32, chance: &mut Rng) -> String {
    let digits = number(person).digits();
    let rest = &digits[2..];
    match chance.u8(0..6) {
        0 => format!("0{rest}"),
        1 => format!("+62{rest}"),
        2 => digits,
        3 => rest.to_owned(),
        4 => format!("0{}-{}-{}", &rest[..3], &rest[3..7], &rest[7..]),
        _ => format!("+62 {} {} {}", &rest[..3], &rest[3..7], &rest[7..]),
    }
}

/// A text with the tag in it, all over.
fn text(tag: &str, chance: &mut Rng) -> String {
    match chance.u8(0..10) {
        0..5 => format!("{tag} kerja bakti hari Minggu pukul 07.00 WIB."),
        5..9 => format!("{tag}: waspada banjir dan longsor. ").repeat(chance.usize(5..14)),
        // Forces UCS-2, with 70 characters a segment.
        _ => format!("{tag} siaga ⚠ mengungsi. ").repeat(chance.usize(2..8)),
    }
}

/// The file with this place in the day, to these people.
pub fn paper(place: usize, people: &[u32], chance: &mut Rng) -> Paper {
    let tag = format!("J{place:03}");
    let text = text(&tag, chance);
    let mut rows: Vec<String> = Vec::new();
    for person in people {
        rows.push(written(*person, chance));
        match chance.u8(0..16) {
            0 => rows.push(written(*person, chance)),
            1 => rows.push(WRONG[chance.usize(..WRONG.len())].to_owned()),
            _ => {}
        }
    }
    let (name, content) = match chance.u8(0..3) {
        0 => (format!("daftar {tag}.csv"), table(&rows, &text, chance)),
        _ => (format!("surat {tag}.txt"), letter(&rows, &text, chance)),
    };
    let people = people.iter().map(|person| number(*person).as_u64()).collect();
    Paper { name, content, good: true, rows: rows.len() as u64, people }
}

fn letter(rows: &[String], text: &str, chance: &mut Rng) -> String {
    let mut head = String::new();
    let class = ["darurat", "penting", "umum"][chance.usize(0..3)];
    let _ = writeln!(head, "Kelas: {class}");
    match chance.u8(0..8) {
        0 => head.push_str("Ragu: ulang\n"),
        1 => head.push_str("Ragu: tahan\n"),
        2 => head.push_str("Kedaluwarsa: 5 menit\n"),
        3 => head.push_str("Kirim: 2 menit\n"),
        _ => {}
    }
    format!("{head}Kepada: {}\n\n{text}\n", rows.join("; "))
}

/// Each row with a text of its own, or all with the same.
fn table(rows: &[String], text: &str, chance: &mut Rng) -> String {
    let own = chance.bool();
    let mut table = "nomor;nama;pesan\r\n".to_owned();
    for (place, row) in rows.iter().enumerate() {
        let text = if own { format!("{text} #{place}.") } else { text.to_owned() };
        let _ = writeln!(table, "{row};Warga {place};{text}\r");
    }
    table
}

/// A file that must be rejected; no two have the same content.
pub fn wrong(place: usize, chance: &mut Rng) -> Paper {
    let tag = format!("X{place:03}");
    let (extension, content) = match chance.u8(0..3) {
        0 => ("csv", format!("{tag}\nkelurahan;kecamatan\nSukajadi;Sukajadi\n")),
        1 => ("txt", format!("Halo {tag} tanpa kepala surat\n")),
        _ => ("csv", format!("nomor;pesan\nbelum ada;{tag}\n6.28E+11;{tag}\n12;{tag}\n")),
    };
    Paper { name: format!("salah {tag}.{extension}"), content, good: false, rows: 0, people: BTreeSet::new() }
}
