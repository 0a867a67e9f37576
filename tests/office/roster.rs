//! The roster from outside: lists go in, differences are looked at, jobs name people by role and area.

use std::collections::BTreeMap;

use crate::bandung::{self, Changed, Maker, Person, csv, kecamatan_of};
use crate::outside::Office;
use serde_json::Value;

impl Office {
    /// An office with the areas of the city and a ledger, and no daemon.
    fn with_areas() -> Self {
        let areas = concat!(env!("CARGO_MANIFEST_DIR"), "/config/wilayah-bandung.csv");
        Self::with_ledger(&format!("[roster]\nareas = \"{areas}\"\n[[unit]]\nname = \"diskominfo\"\n"))
    }

    /// What of an import's difference concerns which office.
    fn changes(&self, difference: &Value) -> Changed {
        let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let rows = difference["changes"].as_array().unwrap();
        rows.iter()
            .map(|row| {
                let role = match row["role"].as_str().unwrap() {
                    "rt" => "RT",
                    "rw" => "RW",
                    other => other,
                };
                let number = |key: &str| row[key].as_u64().unwrap_or(0);
                let (kecamatan, kelurahan) = (text(row, "kecamatan"), text(row, "kelurahan"));
                let office = format!("{role} {kecamatan} {kelurahan} {} {}", number("rw"), number("rt"));
                let kinds = ["new", "number", "holder", "details", "gone"];
                (office, *kinds.iter().find(|kind| **kind == row["change"]).unwrap())
            })
            .collect()
    }
}

fn count_of(changed: &Changed) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for kind in changed.values() {
        *counts.entry(*kind).or_default() += 1;
    }
    counts
}

#[test]
fn the_whole_city_is_imported_and_a_later_list_shows_its_500_changes_and_no_other() {
    let office = Office::with_areas();
    let mut maker = Maker::new(7);
    let city = maker.city();
    assert_eq!(city.iter().filter(|person| person.role == "RW").count(), bandung::RW);
    assert_eq!(city.iter().filter(|person| person.role == "RT").count(), bandung::RT);
    let (later, changed) = maker.a_year_later(&city, 500);
    office.write("rt-rw.csv", &csv(&city));
    office.write("rt-rw-2027.csv", &csv(&later));
    let words = ["roster", "import", "rt-rw.csv", "--source", "SK 12/2026", "--basis", "tugas publik"];
    let first = office.json(&[&words[..], &["--apply", "--json"]].concat());
    assert_eq!((&first["new"], &first["applied"]), (&city.len().into(), &true.into()));
    assert!(!first["shared"].as_array().unwrap().is_empty(), "an RW that is its RT as well is shown");
    assert!(first["shared"].as_array().unwrap().iter().all(|shared| shared["one_person"] == true));
    let again = office.json(&["roster", "import", "rt-rw.csv", "--json"]);
    assert_eq!((&again["unchanged"], again["changes"].as_array().unwrap().len()), (&city.len().into(), 0));

    let difference = office.json(&["roster", "import", "rt-rw-2027.csv", "--json"]);
    assert_eq!(changed.len(), 500);
    assert_eq!(office.changes(&difference), changed, "{:?}", count_of(&changed));
    assert_eq!(difference["applied"], false);
    let digest = difference["digest"].as_str().unwrap();

    // Somebody else was faster: the difference is another one, and whoever agreed to the first must look again.
    office.write("satu.csv", &csv(&[Person { number: "081299990000".to_owned(), ..city[1].clone() }]));
    assert_eq!(office.run(&["roster", "import", "satu.csv", "--add-only", "--apply"]).code, 0);
    let stale = office.run(&["roster", "import", "rt-rw-2027.csv", &format!("--apply={digest}")]);
    assert!(stale.code == 1 && stale.err.contains("is not the one that was agreed to"), "{stale:?}");
    office.write("satu.csv", &csv(&[city[1].clone()]));
    assert_eq!(office.run(&["roster", "import", "satu.csv", "--add-only", "--apply"]).code, 0);

    let difference = office.json(&["roster", "import", "rt-rw-2027.csv", "--json"]);
    let digest = difference["digest"].as_str().unwrap();
    let _daemon = office.daemon();
    let words = ["roster", "import", "rt-rw-2027.csv", &format!("--apply={}", &digest[..12])];
    let applied = office.run(&words);
    assert!(applied.code == 0 && applied.out.contains("roster import 4 is applied"), "{applied:?}");
    let again = office.json(&["roster", "import", "rt-rw-2027.csv", "--json"]);
    assert_eq!((&again["unchanged"], again["changes"].as_array().unwrap().len()), (&later.len().into(), 0));
    let imports = office.json(&["roster", "imports", "--json"]);
    let sources: Vec<_> = imports.as_array().unwrap().iter().map(|import| import["source"].clone()).collect();
    assert_eq!(sources, ["", "", "", "SK 12/2026"]);
}

#[test]
fn a_job_to_a_role_in_a_part_of_the_city_is_counted_by_kecamatan_before_it_is_sent() {
    let office = Office::with_areas();
    let city = Maker::new(3).city();
    office.write("kota.csv", &csv(&city));
    assert_eq!(office.run(&["roster", "import", "kota.csv", "--apply"]).code, 0);
    let north = kecamatan_of("utara");
    let meant: Vec<&Person> =
        city.iter().filter(|person| person.role == "RW" && north.contains(&person.kecamatan.as_str())).collect();
    let left = meant[5];
    assert_eq!(office.run(&["optout", "add", &left.number]).code, 0);
    let save = ["audience", "save", "rw-utara", "peran=RW dan wilayah=utara"];
    assert_eq!(office.run(&save).code, 0);
    let wrong = office.run(&["audience", "save", "x", "peran=RW dan wilayah=utra", "--lang", "id"]);
    assert!(
        wrong.code == 1 && wrong.err.contains("huruf ke-22: `utra` bukan wilayah; maksudnya `utara`?"),
        "{wrong:?}"
    );
    let counts = office.json(&["audience", "count", "@rw-utara", "--json"]);
    let counts: BTreeMap<String, u64> = counts
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["kecamatan"].as_str().unwrap().to_owned(), row["people"].as_u64().unwrap()))
        .collect();
    let mut naive: BTreeMap<String, u64> = BTreeMap::new();
    for person in &meant {
        *naive.entry(person.kecamatan.clone()).or_default() += 1;
    }
    assert_eq!(counts, naive);

    office.write(
        "siaga.txt",
        "Kepada: @rw-utara\n\nYth. {peran} {rw} {nama}, Kel. {kelurahan}: siaga longsor malam ini.",
    );
    let verdict = office.json(&["check", "siaga.txt", "--json"]);
    assert_eq!(verdict["recipients"], meant.len());
    assert_eq!(verdict["messages"], meant.len() - 1);
    assert_eq!(verdict["excluded_reasons"], serde_json::json!({"opted_out": 1}));
    assert_eq!((&verdict["audience"], &verdict["roster_import"]), (&"@rw-utara".into(), &1.into()));
    let rows = verdict["kecamatan"].as_array().unwrap();
    let by_kecamatan: BTreeMap<String, u64> = rows
        .iter()
        .map(|row| (row["kecamatan"].as_str().unwrap().to_owned(), row["recipients"].as_u64().unwrap()))
        .collect();
    assert_eq!(by_kecamatan, naive);
    let lengths = |key: &str| verdict[key]["characters"].as_u64().unwrap();
    assert!(lengths("shortest_example") < lengths("longest_example"));
    assert!(verdict["longest_example"]["text"].as_str().unwrap().starts_with("Yth. Ketua RW "));
    let paper = office.run(&["check", "siaga.txt"]);
    assert!(paper.out.contains("Longest example") && paper.out.contains("Cidadap"), "{paper:?}");
}

#[test]
fn a_difference_is_shown_to_people_and_changes_nothing_by_itself() {
    let office = Office::with_areas();
    let list = "peran,kelurahan,rw,nama,nomor\nRW,Dago,1,Asep,081200000001\nRW,Dago,2,Dewi,081200000002\n";
    office.write("rw.csv", list);
    assert_eq!(office.run(&["roster", "import", "rw.csv", "--apply"]).code, 0);
    assert_eq!(office.run(&["optout", "add", "081200000002"]).code, 0);
    office.write("rw2.csv", "peran,kelurahan,rw,nama,nomor\nRW,Dago,1,Asep,081200000003\nRW,Dago,3,Ujang,0812\n");
    office.write("rw3.csv", "peran,kelurahan,rw,nama,nomor\nRW,Dago,4,Eti,081200000001\nRW,Dago,5,Ima,081200000002\n");
    let said = office.run(&["roster", "import", "rw2.csv"]);
    for words in ["Changed number", "Asep +6281200000001", "this is a short code", "gone", "--apply="] {
        assert!(said.code == 0 && said.out.contains(words), "{words}: {said:?}");
    }
    let said = office.run(&["roster", "import", "rw2.csv", "--lang", "id"]);
    assert!(said.out.contains("Nomor berubah") && said.out.contains("ini kode pendek"), "{said:?}");
    assert_eq!(office.json(&["roster", "list", "--json"]).as_array().unwrap().len(), 2, "nothing has changed");
    assert_eq!(office.run(&["roster", "import", "rw2.csv", "--apply"]).code, 0);
    // What was Asep's comes back under Eti, and a number that opted out comes in again.
    let said = office.run(&["roster", "import", "rw3.csv", "--add-only"]);
    assert!(said.out.contains("was the number of Asep (RW 01, Dago, Coblong) until"), "{said:?}");
    assert!(said.out.contains("opted out"), "{said:?}");
    let difference = office.json(&["roster", "import", "rw3.csv", "--add-only", "--apply", "--json"]);
    assert_eq!(difference["changes"][0]["former_holder"], "Asep");
    assert_eq!(difference["changes"][1]["opted_out"], true);
    assert_eq!(office.json(&["optouts", "--json"]).as_array().unwrap().len(), 1, "an import clears no opt-out");
    let history = office.json(&["roster", "show", "0812-0000-0001", "--json"]);
    let told: Vec<_> = history.as_array().unwrap().iter().map(|row| (&row["name"], &row["ended"])).collect();
    assert_eq!(told, [(&"Asep".into(), &"number".into()), (&"Eti".into(), &Value::Null)]);
    assert_eq!(office.run(&["roster", "show", "99"]).code, 1);
}

#[test]
fn what_is_exported_is_imported_again_without_a_change() {
    let office = Office::with_areas();
    let list = "peran,instansi,jabatan,kecamatan,kelurahan,rw,rt,nama,nip,nomor\n\
                camat,,,Coblong,,,,Budi,,081200000001\n\
                OPD,Dinas Kesehatan,Kepala,,,,,\"Ani, dr.\",1970,081200000002\n\
                RW,,Sekretaris,,Dago,5,,=Eti,,081200000003\n\
                warga,,,,,,,,,6281200000004\n";
    office.write("a.csv", list);
    assert_eq!(office.run(&["roster", "import", "a.csv", "--apply"]).code, 0);
    let exported = office.run(&["roster", "export"]).out;
    assert!(exported.contains("0812-0000-0001") && exported.contains("'=Eti"), "{exported}");
    office.write("b.csv", &exported);
    let again = office.json(&["roster", "import", "b.csv", "--complete", "--json"]);
    assert_eq!((&again["unchanged"], again["changes"].as_array().unwrap().len()), (&4.into(), 0), "{again}");
    let some = office.run(&["roster", "export", "--audience", "peran=camat"]).out;
    assert_eq!(some.lines().count(), 2);
}

#[test]
fn dead_numbers_go_to_the_lurah_and_come_back_as_corrections() {
    let office = Office::with_areas();
    let list = "peran,kelurahan,rw,nama,nomor\nRW,Dago,1,Asep,081200000001\nRW,Sekeloa,2,Dewi,081200000002\n";
    office.write("rw.csv", list);
    assert_eq!(office.run(&["roster", "import", "rw.csv", "--apply"]).code, 0);
    let hand = rusqlite::Connection::open(office.path("k.db")).unwrap();
    hand.execute_batch("INSERT INTO suspended VALUES (6281200000001, 1, 3, 0), (6281200000002, 1, 4, 0)").unwrap();
    drop(hand);
    let listed = office.json(&["roster", "corrections", "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let form = office.run(&["roster", "corrections", "--kelurahan", "kel. dago", "--csv"]).out;
    let lines: Vec<_> = form.lines().collect();
    assert_eq!(lines.len(), 2, "{form}");
    assert!(lines[1].starts_with("RW,,,Coblong,Dago,1,,Asep,0812-0000-0001,3,") && lines[1].ends_with(','), "{form}");
    office.write("kosong.csv", &form);
    let open = office.json(&["roster", "import", "kosong.csv", "--json"]);
    assert_eq!((&open["not_filled_in"], &open["correction"]), (&1.into(), &true.into()));
    office.write("isi.csv", &form.replace("1970-01-01,", "1970-01-01,081200000011"));
    let difference = office.json(&["roster", "import", "isi.csv", "--apply", "--json"]);
    assert_eq!((&difference["number"], &difference["gone"]), (&1.into(), &0.into()), "{difference}");
    // The same form once more says nothing new; another number for the one that is gone comes too late.
    let again = office.json(&["roster", "import", "isi.csv", "--json"]);
    assert_eq!((&again["unchanged"], again["changes"].as_array().unwrap().len()), (&1.into(), 0));
    office.write("isi.csv", &form.replace("1970-01-01,", "1970-01-01,081200000012"));
    let late = office.json(&["roster", "import", "isi.csv", "--json"]);
    assert_eq!((&late["invalid"][0]["fault"], late["changes"].as_array().unwrap().len()), (&"outdated".into(), 0));
    let listed = office.json(&["roster", "corrections", "--json"]);
    let offices: Vec<_> = listed.as_array().unwrap().iter().map(|row| (&row["number"], &row["kelurahan"])).collect();
    assert_eq!(
        offices,
        [(&"+6281200000002".into(), &"Sekeloa".into()), (&"+6281200000001".into(), &Value::Null)],
        "the old number stands for no office now"
    );
    assert_eq!(office.run(&["roster", "restore", "081200000002", "--reason", "ditelepon"]).code, 0);
    assert_eq!(office.run(&["roster", "restore", "081200000002"]).code, 1);
}

#[test]
fn a_list_that_is_mostly_wrong_is_not_applied_even_by_a_script() {
    let office = Office::with_areas();
    office
        .write("rw.csv", "peran,kelurahan,rw,nama,nomor\nRW,Dago,1,Asep,081200000001\nRW,Dgo,2,B,08\nRW,Dgo,3,C,08\n");
    let said = office.run(&["roster", "import", "rw.csv", "--apply"]);
    assert!(said.code == 1 && said.err.contains("2 of 3 lines cannot be used"), "{said:?}");
    assert_eq!(office.run(&["roster", "list"]).code, 1, "there is no roster");
    let said = office.run(&["roster", "import", "rw.csv", "--role", "raja"]);
    assert_eq!(said.code, 2);
}
