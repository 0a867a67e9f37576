//! Job files as offices write them: names with commas and quotes, numbers that Excel has damaged, the same person twice.

use std::fmt::Write as _;

use fastrand::Rng;
use rust_xlsxwriter::Workbook;

const NAMES: [&str; 16] = [
    "Hj. Neneng Rohaeti, S.Pd.",
    "Asep \"Ujang\" Suryana",
    "Dedi Mulyadi",
    "Réni Nur'aeni",
    "Cecep Ruhiyat",
    "Iis Dahlia binti Engkos",
    "Ir. R. Oded M. Danial",
    "Siti Aisyah",
    "Yayat  Ruhiyat ",
    "Euis Komariah",
    "=Budi Santoso",
    "Maman; Abdurahman",
    "Ketua RW 05",
    "Ibu RT 03 – Sukajadi",
    "Ayi Vivananda",
    "Titin",
];

/// Numbers that no phone has, with Excel's own among them.
const WRONG: [&str; 6] = ["6.28122E+11", "0812-34", "belum ada", "12345", "+6281234567890123456", "#N/A"];

/// How many people the city has in these tests.
pub const PEOPLE: u64 = 400;

/// The number of a person, digits with country code. One in fifty or so is known to no network in a test with such phones.
pub fn number(person: u64) -> u64 {
    6_281_220_000_000 + person * 7_919
}

/// One way of writing a number, as people and Excel do.
fn written(number: u64, rng: &mut Rng) -> String {
    let digits = number.to_string();
    let rest = &digits[2..];
    match rng.u8(0..7) {
        0 => format!("0{rest}"),
        1 => format!("+62{rest}"),
        2 => digits,
        // Excel has eaten the zero.
        3 => rest.to_owned(),
        4 => format!("0062{rest}"),
        5 => format!("0{}-{}-{}", &rest[..3], &rest[3..7], &rest[7..]),
        _ => format!("+62 {} {} {}", &rest[..3], &rest[3..7], &rest[7..]),
    }
}

/// One row of a list.
pub struct Row {
    pub number: String,
    pub name: &'static str,
    pub text: String,
}

/// A job file and what must become of it.
#[derive(Clone)]
pub struct Sample {
    /// Stands in the file's name and in every segment of its texts.
    pub tag: String,
    pub unit: &'static str,
    pub name: String,
    pub content: Vec<u8>,
    /// Rows named; 0 where the file must be rejected.
    pub rows: u64,
    pub invalid: u64,
    pub duplicate: u64,
    /// Whoever is to get it, unless opted out.
    pub people: Vec<u64>,
}

fn text(tag: &str, kind: u8) -> String {
    match kind {
        // One segment.
        0..5 => format!("{tag} Yth. Bapak/Ibu, kerja bakti hari Minggu pukul 07.00 WIB."),
        // Two: the tag is in both.
        5..8 => {
            let body = "Diskominfo Kota Bandung mengimbau warga untuk waspada terhadap banjir dan longsor. ";
            format!("{tag} {}Info lengkap di kantor kelurahan. #{tag}", body.repeat(2))
        }
        // Two in UCS-2.
        _ => format!(
            "{tag} ⚠️ Siaga banjir! Tinggi muka air Cikapundung naik, mohon waspada dan segera mengungsi. 🙏 #{tag}"
        ),
    }
}

/// The file with this place in the test: CSV in three dialects, a workbook or a text, for one of two units.
pub fn sample(place: u64, rng: &mut Rng) -> Sample {
    let tag = format!("J{place:04}");
    let kind = rng.u8(0..10);
    let body = text(&tag, kind);
    let mut rows = Vec::new();
    let (mut invalid, mut duplicate, mut people) = (0, 0, Vec::new());
    for _ in 0..rng.u64(12..28) {
        let person = rng.u64(0..PEOPLE);
        let name = NAMES[rng.usize(..NAMES.len())];
        match people.contains(&person) {
            true => duplicate += 1,
            false => people.push(person),
        }
        rows.push(Row { number: written(number(person), rng), name, text: body.clone() });
        if rng.u8(0..12) == 0 {
            invalid += 1;
            rows.push(Row { number: WRONG[rng.usize(..WRONG.len())].to_owned(), name, text: body.clone() });
        }
    }
    let count = rows.len() as u64;
    let (unit, extension, content) = match rng.u8(0..10) {
        0..2 => ("diskominfo", "csv", csv(&rows, b',', "nomor,nama,pesan", Code::Utf8)),
        2..4 => ("diskominfo", "csv", csv(&rows, b';', "\u{FEFF}No HP;Nama;Pesan", Code::Utf8)),
        4 => ("diskominfo", "csv", csv(&rows, b'\t', "\u{FEFF}nomor\tnama\tpesan", Code::Utf16)),
        5..8 => ("diskominfo", "xlsx", xlsx(&rows)),
        8 => ("damkar", "txt", txt(&rows, "darurat", &body)),
        _ => ("damkar", "txt", txt(&rows, "penting", &body)),
    };
    let name = format!("undangan {tag}.{extension}");
    Sample { tag, unit, name, content, rows: count, invalid, duplicate, people }
}

/// A file that must be rejected; no two have the same content.
pub fn wrong(place: u64, rng: &mut Rng) -> Sample {
    let tag = format!("X{place:04}");
    let (extension, content) = match rng.u8(0..4) {
        0 => ("csv", format!("{tag}\nkelurahan;kecamatan\nSukajadi;Sukajadi\n").into_bytes()),
        1 => ("txt", format!("Halo {tag} tanpa kepala surat\n").into_bytes()),
        2 => ("csv", format!("nomor;pesan\nbelum ada;{tag}\n6.28E+11;{tag}\n12;{tag}\n").into_bytes()),
        _ => ("xlsx", format!("PK\u{3}\u{4} {tag} tidak lengkap").into_bytes()),
    };
    let name = format!("salah {tag}.{extension}");
    let none = Vec::new();
    Sample { tag, unit: "diskominfo", name, content, rows: 0, invalid: 0, duplicate: 0, people: none }
}

enum Code {
    Utf8,
    Utf16,
}

pub fn csv_text(rows: &[Row], separator: u8, head: &str) -> String {
    let quoted = |cell: &str| match cell.contains(['"', ';', ',', '\t', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    };
    let mut all = format!("{head}\r\n");
    for row in rows {
        let cells = [&row.number, row.name, &row.text].map(quoted);
        writeln!(all, "{}\r", cells.join(&char::from(separator).to_string())).unwrap();
    }
    all
}

fn csv(rows: &[Row], separator: u8, head: &str, code: Code) -> Vec<u8> {
    let all = csv_text(rows, separator, head);
    match code {
        Code::Utf8 => all.into_bytes(),
        Code::Utf16 => all.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    }
}

/// A workbook in which Excel has taken some numbers for numbers.
fn xlsx(rows: &[Row]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, head) in (0..).zip(["No", "Nama", "No. HP", "Pesan"]) {
        sheet.write_string(0, column, head).unwrap();
    }
    for (line, row) in (1..).zip(rows) {
        sheet.write_number(line, 0, f64::from(line)).unwrap();
        sheet.write_string(line, 1, row.name).unwrap();
        match row.number.parse::<u64>() {
            Ok(whole) if !row.number.starts_with('0') => sheet.write_number(line, 2, whole as f64).unwrap(),
            _ => sheet.write_string(line, 2, &row.number).unwrap(),
        };
        sheet.write_string(line, 3, &row.text).unwrap();
    }
    book.save_to_buffer().unwrap()
}

fn txt(rows: &[Row], class: &str, text: &str) -> Vec<u8> {
    let numbers: Vec<_> = rows.iter().map(|row| row.number.as_str()).collect();
    format!("Kelas: {class}\nKepada: {}\n\n{text}\n", numbers.join("; ")).into_bytes()
}
