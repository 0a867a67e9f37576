use std::collections::BTreeMap;
use std::io::Cursor;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::model::audience::{ExpressionError, Why};
use crate::model::{Excluded, Lang, Msisdn, NumberError, Places, Role, Seat};

const NOW: &str = "2026-11-24T05:00:00Z";

/// A folder of files in memory.
#[derive(Default)]
struct Desk {
    lists: BTreeMap<String, Vec<u8>>,
    settings: FormatSettings,
    roster: Vec<Entry>,
}

impl Roster for &Vec<Entry> {
    fn known(&mut self) -> Result<Option<(ImportId, Known)>, ReadError> {
        let places = Places::parse(include_str!("../../../config/wilayah-bandung.csv")).unwrap();
        let saved = [("rw-dago".to_owned(), "peran=RW dan kelurahan=Dago".to_owned())].into();
        Ok((!self.is_empty()).then(|| (ImportId(3), Known { places, saved, ..Known::default() })))
    }

    fn each(
        &mut self,
        version: ImportId,
        each: &mut dyn FnMut(EntryId, Entry) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        assert_eq!(version, ImportId(3));
        for (entry, id) in self.iter().zip(1..) {
            if each(EntryId(id), entry.clone()).is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl Desk {
    fn with(mut self, name: &str, octets: impl Into<Vec<u8>>) -> Self {
        self.lists.insert(name.to_owned(), octets.into());
        self
    }

    fn parts(&self, name: &str, octets: &[u8]) -> Result<(JobHeader, Vec<RecipientRow>, Count), String> {
        let (mut header, mut rows) = (None, Vec::new());
        let job = JobFile {
            name,
            unit: "damkar",
            classes: &[Class::Emergency, Class::Important],
            in_doubt: None,
            owner: "andi",
        };
        let mut sink = |part| {
            match part {
                Part::Header(found) => assert!(header.replace(*found).is_none() && rows.is_empty()),
                Part::Remarks(_) => assert!(header.is_some() && rows.is_empty()),
                Part::Rows(more) => {
                    assert!(header.is_some() && (1..=256).contains(&more.len()));
                    rows.extend(more);
                }
            }
            ControlFlow::Continue(())
        };
        let mut open = |name: &str| -> Result<Box<dyn Octets>, ReadError> {
            let octets = self.lists.get(name).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
            Ok(Box::new(Cursor::new(octets.clone())))
        };
        let mut content = Cursor::new(octets.to_vec());
        let mut roster = &self.roster;
        let beside = Beside { open_list: &mut open, roster: &mut roster };
        let count = read_job(&job, &mut content, beside, &self.settings, NOW.parse().unwrap(), &mut sink)
            .map_err(|error| error.to_string())?;
        assert_eq!(count.named, rows.len() as u64);
        assert_eq!(count.excluded, rows.iter().filter(|row| row.number.is_err()).count() as u64);
        Ok((header.unwrap(), rows, count))
    }

    fn shown(&self, name: &str, octets: &[u8]) -> String {
        let (header, rows, _) = match self.parts(name, octets) {
            Ok(parts) => parts,
            Err(error) => return error,
        };
        let mut shown = format!("{} {:?}\n", header.class, header.text);
        for row in rows {
            let number = match &row.number {
                Ok(number) => number.digits(),
                Err(why) => format!("{}: {}", why.name(), why.detail()),
            };
            let name = row.name.map_or(String::new(), |name| format!(" | {name}"));
            let text = row.text.map_or(String::new(), |text| format!(" | {text:?}"));
            shown += &format!("{} {number}{name}{text}\n", row.row);
        }
        shown
    }
}

fn check(name: &str, octets: &[u8], expected: Expect) {
    expected.assert_eq(&Desk::default().shown(name, octets));
}

#[test]
fn a_list_as_excel_saves_it_with_its_damage() {
    let octets = "\u{FEFF}No;Nama Lengkap;No. HP;RT;Pesan;\r\n\
                  1;Ibu Réni;081234567890;01;\"Yth. {nama lengkap}, RT {RT}:\r\nair naik; siaga!\";\r\n\
                  2;\"Pak \"\"Asep\"\"\";81298765432;02;Siaga {nama lengkap}.;\r\n\
                  3;Dewi;8.12E+11;03;Siaga.;\r\n\
                  4;Ujang;+62 812-3456-7890;04;Siaga.;\r\n\
                  5;;0857 7788 8999;;Yth. {nama lengkap};\r\n\
                  6;Kosong;;06;Siaga.;\r\n\
                  7;Budi;085777888999;07;;\r\n\
                  ;;;;;\r\n\
                  ;;;;;\r\n";
    check(
        "siaga.csv",
        octets.as_bytes(),
        expect![[r#"
            important None
            2 6281234567890 | Ibu Réni | "Yth. Ibu Réni, RT 01:\nair naik; siaga!"
            4 6281298765432 | Pak "Asep" | "Siaga Pak \"Asep\"."
            5 invalid: the spreadsheet has cut the number short (like 6,28E+11); format the column as text and enter it again | Dewi
            6 duplicate: the same number as in row 2 | Ujang
            7 no_text: the text needs {nama lengkap} and the row has nothing there
            8 invalid: the number is empty | Kosong
            9 6285777888999 | Budi
        "#]],
    );
}

#[test]
fn separators_title_rows_blank_lines_and_line_ends_do_not_matter() {
    for octets in [
        "nomor;pesan\n081234567890;Halo, semua\n",
        "nomor\tpesan\r\n081234567890\tHalo, semua\r\n",
        "\"nomor\",\"pesan\"\n\"081234567890\",\"Halo, semua\"",
        "sep=;\r\nnomor;pesan\r\n081234567890;Halo, semua\r\n",
        "sep=,\nnomor,pesan\n081234567890,\"Halo, semua\"\n",
        "Daftar RT;;\n;;\nnomor;pesan;\n081234567890;Halo, semua;\n",
        "NOMOR;Pesan\r081234567890;Halo, semua\r",
    ] {
        let (_, rows, _) = Desk::default().parts("a.csv", octets.as_bytes()).unwrap();
        assert_eq!(rows.len(), 1, "{octets:?}");
        assert_eq!(rows[0].text.as_deref(), Some("Halo, semua"), "{octets:?}");
    }
}

#[test]
fn a_row_is_counted_as_an_editor_counts_lines() {
    for end in ["\n", "\r\n"] {
        let octets =
            ["sep=;", "", "nomor;pesan", "081234567890;a", "", "", "081234567891;\"b", "c\"", "081234567892;d", ""]
                .join(end);
        let (_, rows, _) = Desk::default().parts("a.csv", octets.as_bytes()).unwrap();
        assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [4, 7, 9], "{end:?}");
    }
}

#[test]
fn every_encoding_gives_the_same_rows() {
    let text = "nomor;nama;pesan\r\n081234567890;Réni;Siaga {nama}\r\n";
    let expected = Desk::default().shown("a.csv", text.as_bytes());
    assert!(expected.contains("Siaga Réni"), "{expected}");
    let wide = |order: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        format!("{mark}{text}").encode_utf16().flat_map(order).collect()
    };
    for octets in [
        format!("\u{FEFF}{text}").into_bytes(),
        wide(u16::to_le_bytes, "\u{FEFF}"),
        wide(u16::to_be_bytes, "\u{FEFF}"),
        wide(u16::to_le_bytes, ""),
        wide(u16::to_be_bytes, ""),
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(),
    ] {
        assert_eq!(Desk::default().shown("a.csv", &octets), expected);
    }
}

#[test]
fn a_text_job_sends_its_text_to_numbers_and_lists() {
    let desk = Desk::default()
        .with("rt.csv", "nama;hp;rt\nIbu Réni;081234567890;01\nPak Asep;081298765432;\n")
        .with("piket.txt", "nomor\n0811222333444, 081234567890\n");
    let text = "Kepada: 085777888999, rt.csv, piket.txt\nKelas: darurat\n\nAir naik, siaga. {{nama}}";
    expect![[r#"
        emergency Some("Air naik, siaga. {nama}")
        1 6285777888999
        2 6281234567890 | Ibu Réni
        3 6281298765432 | Pak Asep
        2 62811222333444
        2 duplicate: the same number as in row 2
    "#]]
    .assert_eq(&desk.shown("a.txt", text.as_bytes()));
    let text = "Kepada: 085777888999, rt.csv\n\nRT {rt}: siaga, {nama}.";
    expect![[r#"
        important None
        1 no_text: the text needs {rt} and the row has nothing there
        2 6281234567890 | Ibu Réni | "RT 01: siaga, Ibu Réni."
        3 no_text: the text needs {rt} and the row has nothing there | Pak Asep
    "#]]
    .assert_eq(&desk.shown("a.txt", text.as_bytes()));
}

#[test]
fn the_digest_of_a_job_covers_its_lists() {
    let text = b"Kepada: rt.csv\n\nSiaga";
    let digest = |list: &str| Desk::default().with("rt.csv", list).parts("a.txt", text).unwrap().0.digest;
    assert_eq!(digest("hp\n081234567890\n"), digest("hp\n081234567890\n"));
    assert_ne!(digest("hp\n081234567890\n"), digest("hp\n081234567891\n"));
    let (header, ..) = Desk::default().parts("a.txt", b"To: 081234567890\n\nx").unwrap();
    assert_eq!(header.digest, hex(Sha256::digest(b"To: 081234567890\n\nx")));
}

#[test]
fn every_rejection_names_place_and_remedy() {
    let check = |name: &str, octets: &[u8], expected: &str| {
        let desk = Desk::default().with("tanpa.csv", "hp\n");
        let error = desk.parts(name, octets).map(|_| ()).unwrap_err();
        assert!(error.contains(expected), "{name} {octets:?}: {error}");
    };
    check("a.csv", b"", "the file is empty");
    check("a.csv", b"\x7fELF\x01\x00\x00", "this is no text");
    check("a.csv", b"PK\x03\x04", "Excel workbook");
    check("a.pdf", b"%PDF-1.4", "`.pdf` are not known");
    check("a", b"x", "the name of this file has no ending");
    check("a.xls", b"x", "old Excel format");
    check("a.xlsx", b"nomor;pesan\n", "no zip archive");
    check("a.xlsx", b"PK\x03\x04broken", "the workbook cannot be read");
    check("a.xlsx", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "with a password");
    check(
        "a.csv",
        b"nama;alamat\nBudi;Dago\n",
        "line 1: no column for the number is there; the first row has `nama`, `alamat`",
    );
    check("a.csv", b"081234567890;Budi\n081234567891;Ani\n", "line 1: the first row has numbers");
    check("a.csv", b"nomor;nama\n081234567890;Budi\n", "drop `a.txt` beside it with the line `Kepada: a.csv`");
    check("a.csv", b"nomor;pesan\n", "no row below");
    check("a.csv", b"nomor;pesan\n081234567890;Yth {nma}\n", "line 2, column B (pesan): the text has {nma}");
    check("a.csv", b"nomor;pesan\n081234567890;\"Siaga\n081234567891;Awas\n", "line 2: a quotation mark");
    check(
        "a.csv",
        b"nomor;pesan\nx;a\ny;a\n081234567890;a\n",
        "2 of 3 numbers cannot be used (rows 2, 3: there is a letter",
    );
    check("a.txt", b"Kepada: 081234567890\n\nYth {nama}", "the recipients are numbers only");
    check("a.txt", b"Kepada: rw.csv\n\nSiaga", "line 1: the list file `rw.csv` is not in this folder");
    check("a.txt", b"Kepada: tanpa.csv\n\nSiaga", "no row below");
    check(
        "a.txt",
        b"Kepada: 081234567890\nKelas: umum\n\nx",
        "line 2: the unit damkar may not send as routine; use emergency, important",
    );
    let many = format!("nomor;pesan\n{}", "081234567890;x\n".repeat(11));
    let settings = FormatSettings { rows_max: 10, file_bytes_max: 1_000_000, ..FormatSettings::default() };
    let desk = Desk { settings, ..Desk::default() };
    assert!(desk.parts("a.csv", many.as_bytes()).unwrap_err().contains("line 12: there are more than 10 rows"));
    assert!(desk.parts("a.csv", &vec![b'x'; 100_000_000]).unwrap_err().contains("100 MB and at most 1 MB"));
}

#[test]
fn a_separator_inside_a_text_never_sends_the_wrong_column() {
    let check = |octets: &str, expected: &str| {
        let desk = Desk::default().with("rt.csv", octets);
        let error = desk.parts("a.csv", octets.as_bytes()).map(|_| ()).unwrap_err();
        assert!(error.starts_with(expected), "{octets:?}: {error}");
        let error = desk.parts("a.txt", b"Kepada: rt.csv\n\nSiaga").map(|_| ()).unwrap_err();
        assert!(error.starts_with(&format!("file rt.csv, {expected}")), "{octets:?}: {error}");
    };
    let heading = "nomor;nama;rt;pesan\n081234567890;Ani;03;Halo {nama}\n";
    check(
        &format!("{heading}081299990071;Budi, S.Sos; M.Si;03;Halo {{nama}}\n"),
        "line 3: this row has 5 cells, but the row with the columns' names has only 4; put a text that contains the separator",
    );
    check("nomor,pesan\n081234567890,Halo, semua\n", "line 2: this row has 3 cells");
    // Excel ends every row of a sheet with as many separators; a column without a name is none.
    check("nomor;nama;pesan;;\n081234567890;Ani; S.Sos;Halo;\n", "line 2: this row has 4 cells, but");
    let quoted = format!("{heading}081299990071;\"Budi, S.Sos; M.Si\";03;Halo {{nama}};; ;\n");
    let (_, rows, _) = Desk::default().parts("a.csv", quoted.as_bytes()).unwrap();
    assert_eq!(rows[1].text.as_deref(), Some("Halo Budi, S.Sos; M.Si"));
    let sheet = workbook(&[
        &[Cell::Text("nomor"), Cell::Text("pesan"), Cell::Blank],
        &[Cell::Number(81234567890.0), Cell::Text("Halo"), Cell::Text("semua")],
    ]);
    assert!(Desk::default().parts("a.xlsx", &sheet).unwrap_err().starts_with("line 2: this row has 3 cells"));
    let rejection = Rejection::from(Fault::ExtraCells { cells: 5, columns: 4 }).at_line(3);
    assert!(rejection.line(crate::model::Lang::Indonesian).starts_with("baris 3: baris ini berisi 5 sel, padahal"));
}

#[test]
fn a_command_in_a_number_is_refused_and_stays_data() {
    let octets = b"nomor;pesan\n\"0812345\r\nAT+CMGD=1,4\";x\n081234567890;y\x1A\n";
    let (_, rows, _) = Desk::default().parts("a.csv", octets).unwrap();
    assert!(matches!(rows[0].number, Err(Excluded::Invalid(_))));
    assert_eq!(rows[0].raw, "0812345\u{FFFD}AT+CMGD=1,4");
    assert_eq!(rows[1].text.as_deref(), Some("y\x1A"));
}

fn workbook(rows: &[&[Cell<'_>]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let bold = rust_xlsxwriter::Format::new().set_num_format("dd/mm/yyyy");
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            match cell {
                Cell::Text(text) => drop(sheet.write_string(row, column, *text).unwrap()),
                Cell::Number(number) => drop(sheet.write_number(row, column, *number).unwrap()),
                Cell::Date(day) => drop(sheet.write_number_with_format(row, column, *day, &bold).unwrap()),
                Cell::Formula(formula) => drop(sheet.write_formula(row, column, *formula).unwrap()),
                Cell::Blank => {}
            }
        }
    }
    book.save_to_buffer().unwrap()
}

enum Cell<'a> {
    Text(&'a str),
    Number(f64),
    Date(f64),
    Formula(&'a str),
    Blank,
}

#[test]
fn a_workbook_with_numbers_as_numbers_is_read() {
    use Cell::*;
    let octets = workbook(&[
        &[Text("DAFTAR RT KELURAHAN DAGO")],
        &[],
        &[Text("No"), Text("Nama"), Text("Nomor HP"), Text("Tanggal"), Text("Pesan")],
        &[Number(1.0), Text(" Ibu Réni "), Number(81234567890.0), Date(46350.0), Text("Yth. {nama}, hadir {tanggal}")],
        &[Number(2.0), Text("Asep"), Text("0812-9876-5432"), Blank, Text("Yth. {nama}, hadir {tanggal}")],
        &[Number(3.0), Text("Dewi"), Text("8.12E+11"), Blank, Text("Siaga")],
        &[Number(4.0), Text("Ujang"), Number(6285777888999.0), Blank, Text("Siaga 😀")],
        &[Text(" "), Text(""), Blank, Blank, Blank],
        &[Text("Jumlah"), Blank, Formula("=COUNTA(C4:C7)"), Blank, Blank],
    ]);
    check(
        "rt.xlsx",
        &octets,
        expect![[r#"
            important None
            4 6281234567890 | Ibu Réni | "Yth. Ibu Réni, hadir 24/11/2026"
            5 no_text: the text needs {tanggal} and the row has nothing there | Asep
            6 invalid: the spreadsheet has cut the number short (like 6,28E+11); format the column as text and enter it again | Dewi
            7 6285777888999 | Ujang | "Siaga 😀"
            9 invalid: this is a short code, not a mobile number
        "#]],
    );
}

#[test]
fn a_workbook_with_a_wrong_sheet_says_which_row() {
    let octets = workbook(&[&[Cell::Text("nama"), Cell::Text("alamat")], &[Cell::Text("x"), Cell::Text("y")]]);
    check(
        "a.xlsx",
        &octets,
        expect![
            "line 1: no column for the number is there; the first row has `nama`, `alamat`; name the column with the phone numbers `nomor`"
        ],
    );
    let empty = workbook(&[]);
    check("a.xlsx", &empty, expect!["line 1: the file is empty; put the recipients and the text in and drop it again"]);
}

#[test]
fn a_workbook_that_unpacks_to_gigabytes_is_refused() {
    use std::io::Write;
    let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    bomb.start_file("xl/sharedStrings.xml", options).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..130 {
        bomb.write_all(&zeros).unwrap();
    }
    let octets = bomb.finish().unwrap().into_inner();
    assert!(octets.len() < 1_000_000);
    check(
        "a.xlsx",
        &octets,
        expect!["the workbook unpacks to more than 135 MB; keep the sheet with the recipients only, without pictures"],
    );
}

#[test]
fn an_unusable_number_is_said_as_it_stands_in_the_file() {
    let examples =
        vec![(2, NumberError::Character(0x3D)), (3, NumberError::Character(0x7)), (4, NumberError::Exponent)];
    let rejection = Rejection::from(Fault::MostlyUnusable { unusable: 3, named: 3, examples });
    let notice = rejection.notice("a.csv");
    for expected in [
        "baris 2: karakter `=` (U+003D) tidak boleh",
        "baris 3: karakter U+0007 tidak boleh",
        "(seperti 6,28E+11)",
        "row 2: the character `=` (U+003D) does not belong",
        "(like 6,28E+11)",
    ] {
        assert!(notice.contains(expected), "{expected}: {notice}");
    }
}

#[test]
fn what_several_rows_have_in_common_is_said_once_and_a_question_ends_itself() {
    let exponent = |row| (row, NumberError::Exponent);
    let examples = vec![exponent(2), (3, NumberError::Empty), exponent(4)];
    let notice = Rejection::from(Fault::MostlyUnusable { unusable: 3, named: 3, examples }).notice("sci.csv");
    assert_eq!(notice.matches("6,28E+11").count(), 2, "once a language: {notice}");
    assert!(notice.contains("baris 2, 4: nomor terpotong") && notice.contains("; baris 3: nomor kosong"), "{notice}");
    assert!(notice.contains("rows 2, 4: ") && notice.contains("row 3: "), "{notice}");
    let why = Why::Role { word: "RWW".to_owned(), near: Some("RW".to_owned()) };
    let asked = Rejection::from(Fault::Audience(ExpressionError { at: 7, why }));
    let notice = asked.notice("a.txt");
    assert!(!notice.contains("?.") && notice.matches("`RW`?\n").count() == 2, "{notice}");
    assert!(asked.line(Lang::Indonesian).ends_with("maksudnya `RW`? Tulis RT, RW, lurah, camat, OPD, atau warga"));
    let unnamed = Rejection::from(Fault::Kind { extension: String::new() });
    assert!(unnamed.line(Lang::Indonesian).starts_with("berkas ini tanpa akhiran; beri nama yang berakhiran .txt"));
}

#[test]
fn the_reason_for_staff_is_indonesian_first() {
    let rejection = Rejection::from(Fault::NoNumberColumn { found: vec!["nama".to_owned()] }).at_line(1);
    expect![[r#"
        Berkas ditolak: rt.csv
        Alasan: baris 1: tidak ada kolom nomor; baris pertama berisi `nama`.
        Yang dapat dilakukan: beri nama `nomor` pada kolom nomor telepon.
        Tidak ada SMS yang dikirim dari berkas ini.

        File rejected: rt.csv
        Reason: line 1: no column for the number is there; the first row has `nama`.
        What to do: name the column with the phone numbers `nomor`.
        No SMS was sent from this file.
    "#]]
    .assert_eq(&rejection.notice("rt.csv"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_octets_make_it_panic(octets: Vec<u8>, name in "a\\.(txt|csv|xlsx)") {
        let _ = Desk::default().parts(&name, &octets);
    }

    #[test]
    fn no_text_makes_it_panic(
        text in "(Kepada|nomor|pesan|To|[;:,\\t\"\n\r{} a-c0-9+]|Kirim: |sep=|\\PC){0,60}",
        name in "a\\.(txt|csv)",
    ) {
        let _ = Desk::default().with("c", "x").parts(&name, text.as_bytes());
    }

}

proptest! {
    // Each one is a workbook made and read.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_damaged_workbook_does_not_make_it_panic(place in 0usize..4000, octet: u8, cut in 0usize..8000) {
        let mut octets = workbook(&[&[Cell::Text("nomor"), Cell::Text("pesan")], &[Cell::Number(81234567890.0), Cell::Text("x")]]);
        let length = octets.len();
        octets[place % length] = octet;
        octets.truncate(cut.max(1).min(length));
        let _ = Desk::default().parts("a.xlsx", &octets);
    }
}

/// A roster of a few, in the order in which they were entered.
fn office(text: &str) -> Desk {
    let entry = |line: &str| {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let [role, kelurahan, rw, rt, name, person, number] = cells[..] else { panic!("{line}") };
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let seat = Seat {
            kecamatan: some(if kelurahan == "Derwati" { "Rancasari" } else { "Coblong" }),
            kelurahan: some(kelurahan),
            rw: rw.parse().ok(),
            rt: rt.parse().ok(),
            ..Seat::of(role.parse::<Role>().unwrap())
        };
        let number = Msisdn::parse(number, Country::indonesia()).unwrap();
        Entry { seat, name: name.to_owned(), person: some(person), number }
    };
    Desk { roster: text.lines().map(entry).collect(), ..Desk::default() }
}

const OFFICE: &str = "camat,,,,Budi,9,081200000001\n\
                      RW,Dago,1,,Asep,,081200000002\n\
                      RT,Dago,1,2,Asep,,081200000002\n\
                      RT,Dago,1,3,Dewi,7,081200000003\n\
                      RW,Derwati,4,,Dewi,7,081200000004\n\
                      warga,Derwati,,,,,081200000005";

#[test]
fn a_double_of_a_line_with_several_numbers_says_which_of_them_it_is() {
    let text =
        "Kepada: 081234567890, 085777888999, 0812-3456-7890\n 081111222333\n 085777888999, 081111222333\n\nRapat.";
    expect![[r#"
        important Some("Rapat.")
        1 6281234567890
        1 6285777888999
        1 duplicate: the same number as number 1 in row 1
        2 6281111222333
        3 duplicate: the same number as number 2 in row 1
        3 duplicate: the same number as in row 2
    "#]]
    .assert_eq(&Desk::default().shown("a.txt", text.as_bytes()));
}

#[test]
fn an_audience_becomes_rows_each_person_and_each_number_once_with_what_the_roster_knows() {
    let text = "Kepada: semua kecuali peran=camat\n @rw-dago\n\nYth. {peran} {nama}, Kel. {KELURAHAN}, Kec. {kecamatan}: siaga.";
    let (header, rows, _) = office(OFFICE).parts("siaga.txt", text.as_bytes()).unwrap();
    let note = header.audience.unwrap();
    assert_eq!((note.expression.as_str(), note.import), ("semua kecuali peran=camat\n@rw-dago", ImportId(3)));
    assert_eq!(note.meaning, "semua dan bukan peran=camat\nperan=RW dan kelurahan=Dago");
    assert_eq!(rows[0].origin.entry, Some(EntryId(2)));
    assert_eq!(rows[3].origin.kecamatan.as_deref(), Some("Rancasari"));
    expect![[r#"
        important None
        1 6281200000002 | Asep | "Yth. Ketua RW Asep, Kel. Dago, Kec. Coblong: siaga."
        2 duplicate: the same number as in row 1 | Asep
        3 6281200000003 | Dewi | "Yth. Ketua RT Dewi, Kel. Dago, Kec. Coblong: siaga."
        4 duplicate: the same person as in row 3 | Dewi
        5 no_text: the text needs {nama} and the row has nothing there
    "#]]
    .assert_eq(&office(OFFICE).shown("siaga.txt", text.as_bytes()));
}

#[test]
fn an_audience_a_list_and_numbers_go_together_and_nobody_gets_it_twice() {
    let desk = office(OFFICE).with("tamu.csv", "hp;nama\n081200000004;Tamu\n081200000009;Eti\n");
    let text = "Kepada: 081200000002, tamu.csv\n peran=RW\n\nRapat.";
    expect![[r#"
        important Some("Rapat.")
        1 6281200000002
        2 6281200000004 | Tamu
        3 6281200000009 | Eti
        1 duplicate: the same number as in row 1 | Asep
        2 duplicate: the same number as in row 2 | Dewi
    "#]]
    .assert_eq(&desk.shown("rapat.txt", text.as_bytes()));
}

#[test]
fn an_audience_that_cannot_be_used_rejects_the_file_with_line_and_place() {
    let check = |text: &str, expected: &str| {
        let error = office(OFFICE).shown("a.txt", text.as_bytes());
        assert!(error.starts_with(expected), "{text:?}: {error}");
    };
    check(
        "Kelas: penting\nKepada: peran=RW dan kelurahan=Dgo\n\nx",
        "line 2: the expression, character 24: `Dgo` is no kelurahan; did you mean `Dago`? Mend the name",
    );
    check("Kepada: peran=RT dan rw=9\n\nx", "line 1: nobody in the roster is meant by this expression");
    check(
        "Kepada: peran=RW\n\n{alamat}",
        "the text has {alamat}, but no column of that name is there; there are `nama`",
    );
    check("Kepada: 0812, peran=RW\n\nx", "line 1: the expression, character 1: expected a condition");
    let error = Desk::default().shown("a.txt", b"Kepada: peran=RW\n\nx");
    assert!(error.starts_with("line 1: the recipients are named by role or area, but no list"), "{error}");
}
