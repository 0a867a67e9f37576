use std::io::Cursor;

use expect_test::{Expect, expect};

use super::*;
use crate::model::Lang;

fn bandung() -> Places {
    Places::parse(include_str!("../../../../config/wilayah-bandung.csv")).unwrap()
}

fn read(name: &str, octets: &[u8], places: &Places, role: Option<Role>) -> Result<RosterList, String> {
    let mut content = Cursor::new(octets.to_vec());
    read_roster(name, &mut content, &FormatSettings::default(), places, role).map_err(|error| error.to_string())
}

fn shown(list: &RosterList) -> String {
    let mut text = String::new();
    for line in &list.lines {
        let old = line.old_number.map_or(String::new(), |number| format!(" (was {number})"));
        text += &match &line.entry {
            Ok(entry) => format!("{} {} | {} | {}{old}\n", line.line, entry.seat, entry.name, entry.number),
            Err(unusable) => {
                let kept = if unusable.seat.is_some() { " [holder stays]" } else { "" };
                format!("{} ({}): {}{kept}\n", line.line, unusable.written, unusable.fault.line(Lang::English))
            }
        };
    }
    text
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&match read("rt.csv", text.as_bytes(), &bandung(), None) {
        Ok(list) => shown(&list),
        Err(error) => error,
    });
}

#[test]
fn a_list_as_a_kecamatan_keeps_it_with_its_damage() {
    check(
        "DAFTAR KETUA RT/RW;;;;;;\n\
         No;Jabatan;Nama Lengkap;Kelurahan;RT/RW;No. HP;Ket\n\
         1;Ketua RW;H. Asep  Sunandar;Kel. DAGO;-/05;0812-0000-0001;\n\
         2;Ketua RT;Dewi;dago;003/005;81200000002;\n\
         3;Ketua RT;Ujang;Dgo;4/5;081200000003;\n\
         4;Ketua RT;Réni;Dago;5/5;8.12E+11;\n\
         5;Ketua RT;Yayat;Dago;lima/5;081200000005;\n\
         6;Ketua RT;;Dago;7/5;081200000006;\n\
         7;Ketua;Cecep;Dago;8/5;081200000007;\n\
         8;Lurah;Ibu Tuti;Dago;;081200000008;\n",
        expect![[r#"
            3 RW 05, Dago, Coblong | H. Asep Sunandar | +6281200000001
            4 RT 03 RW 05, Dago, Coblong | Dewi | +6281200000002
            5 (Ketua RT, 4/5, Dgo): `Dgo` is no kelurahan; did you mean `Dago`?; mend the name, or add it to the file of areas
            6 (RT 05 RW 05, Dago, Coblong): the spreadsheet has cut the number short (like 6,28E+11); format the column as text and enter it again [holder stays]
            7 (Ketua RT, lima/5, Dago): `lima` is no rt; write a number from 1 to 999
            8 (RT 07 RW 05, Dago, Coblong): `nama` is empty; fill it in [holder stays]
            9 (Ketua, 8/5, Dago): `Ketua` is no role; write RT, RW, lurah, camat, OPD or warga; did you mean `ketua rt`?
            10 lurah, Dago, Coblong | Ibu Tuti | +6281200000008
        "#]],
    );
}

#[test]
fn every_role_has_the_area_it_needs_and_no_more() {
    check(
        "peran,instansi,jabatan,kecamatan,kelurahan,rw,rt,nama,nomor\n\
         camat,,,Coblong,Dago,1,2,Budi,081200000001\n\
         OPD,Dinas Kesehatan,Sekretaris,,,,,Ani,081200000002\n\
         OPD,,,,,,,Ani,081200000003\n\
         warga,,,,,,,,081200000004\n\
         RW,,Sekretaris,Coblong,Dago,5,9,Eti,081200000005\n\
         RW,,,Coblong,Dago,,,Eti,081200000006\n\
         RT,,,Coblong,Dago,5,,Eti,081200000007\n\
         lurah,,,Coblong,,,,Eti,081200000008\n\
         lurah,,,Andir,Dago,,,Eti,081200000009\n",
        expect![[r#"
            2 camat, Coblong | Budi | +6281200000001
            3 OPD, Sekretaris, Dinas Kesehatan | Ani | +6281200000002
            4 (OPD): `instansi` is empty; fill it in
            5 warga |  | +6281200000004
            6 RW 05, Sekretaris, Dago, Coblong | Eti | +6281200000005
            7 (RW, Dago, Coblong): `rw` is empty; fill it in
            8 (RT, RW 5, Dago, Coblong): `rt` is empty; fill it in
            9 (lurah, Coblong): `kelurahan` is empty; fill it in
            10 (lurah, Dago, Andir): `Dago` is no kelurahan; mend the name, or add it to the file of areas
        "#]],
    );
}

#[test]
fn two_lines_for_one_office_are_both_held_back_unless_they_say_the_same() {
    check(
        "peran,kelurahan,rw,nama,nomor\n\
         RW,Dago,1,Asep,081200000001\n\
         RW,Dago,1,Dewi,081200000002\n\
         RW,Dago,2,Ujang,081200000003\n\
         rw,DAGO,02,UJANG,0812 0000 0003\n",
        expect![[r#"
            2 (RW 01, Dago, Coblong): line 3 gives the same office to somebody else or another number; keep the right line [holder stays]
            3 (RW 01, Dago, Coblong): line 2 gives the same office to somebody else or another number; keep the right line [holder stays]
            4 RW 02, Dago, Coblong | Ujang | +6281200000003
            5 (RW 02, Dago, Coblong): it says the same as line 4; nothing needs to be done [holder stays]
        "#]],
    );
}

#[test]
fn the_form_for_corrections_is_read_back_with_what_was_not_filled_in_left_out() {
    let text = "peran,kecamatan,kelurahan,rw,rt,nama,nomor_lama,gagal,nomor_baru\n\
                RW,Coblong,Dago,5,,Asep,6281200000001,3,081200000011\n\
                RT,Coblong,Dago,5,1,Dewi,6281200000002,3,\n";
    let list = read("perbaikan.csv", text.as_bytes(), &bandung(), None).unwrap();
    assert!(list.correction);
    assert_eq!(list.open, 1);
    expect![[r#"
        2 RW 05, Dago, Coblong | Asep | +6281200000011 (was +6281200000001)
    "#]]
    .assert_eq(&shown(&list));
}

#[test]
fn a_workbook_with_numbers_as_amounts_is_read_like_the_table_it_shows() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0u16..).zip(["Peran", "Kelurahan", "RW", "Nama", "No. HP"]) {
        sheet.write_string(0, column, name).unwrap();
    }
    sheet.write_string(1, 0, "RW").unwrap();
    sheet.write_string(1, 1, "Dago").unwrap();
    sheet.write_number(1, 2, 5.0).unwrap();
    sheet.write_string(1, 3, "Asep").unwrap();
    sheet.write_number(1, 4, 81_200_000_001.0).unwrap();
    let list = read("rw.xlsx", &book.save_to_buffer().unwrap(), &bandung(), None).unwrap();
    expect![[r#"
        2 RW 05, Dago, Coblong | Asep | +6281200000001
    "#]]
    .assert_eq(&shown(&list));
}

#[test]
fn a_city_without_a_file_of_areas_takes_them_as_the_list_writes_them() {
    let text =
        "kecamatan;kelurahan;rw;nama;hp\nLembang;Gudangkahuripan;1;Asep;081200000001\n;Cikole;1;Dewi;081200000002\n";
    let list = read("rw.csv", text.as_bytes(), &Places::default(), Some(Role::Rw)).unwrap();
    expect![[r#"
        2 RW 01, Gudangkahuripan, Lembang | Asep | +6281200000001
        3 (RW 1, Cikole): `kecamatan` is empty; fill it in
    "#]]
    .assert_eq(&shown(&list));
}

#[test]
fn a_list_that_cannot_be_read_as_a_whole_says_why() {
    check(
        "nama;hp;rw\nAsep;0812;1\n",
        expect![[
            r#"line 1: no column says in what capacity people stand here; there are `nama`, `hp`, `rw`; name a column `peran` (RT, RW, lurah, camat, OPD, warga), or say it for all with --role"#
        ]],
    );
    check(
        "nama;rw\nAsep;1\n",
        expect![[
            r#"line 1: no column for the number is there; the first row has `nama`, `rw`; name the column with the phone numbers `nomor`"#
        ]],
    );
    let places = bandung();
    assert!(read("rw.txt", b"x", &places, None).unwrap_err().contains("is a table"));
    assert!(read("rw.csv", b"peran;hp\n", &places, None).unwrap_err().contains("no row below"));
}

#[test]
fn every_fault_has_its_sentence_in_indonesian() {
    let list = read(
        "x.csv",
        "peran,kelurahan,rw,nama,nomor\nRW,Pastuer,1,A,0812\nRW,Dago,x,A,0812\n".as_bytes(),
        &bandung(),
        None,
    );
    let lines: Vec<_> = list
        .unwrap()
        .lines
        .into_iter()
        .filter_map(|line| line.entry.err().map(|unusable| unusable.fault.line(Lang::Indonesian)))
        .collect();
    assert_eq!(
        lines,
        [
            "`Pastuer` bukan kelurahan; maksudnya `Pasteur`?; perbaiki namanya, atau tambahkan ke berkas wilayah",
            "`x` bukan nomor rw; tulis angka 1 sampai 999",
        ]
    );
}
