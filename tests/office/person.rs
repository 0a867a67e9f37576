//! What people may ask about themselves, from outside: words, exit codes and files.

use std::os::unix::fs::PermissionsExt;

use crate::outside::Office;
use serde_json::Value;

impl Office {
    fn done(&self, words: &[&str]) -> String {
        let said = self.run(words);
        assert_eq!(said.code, 0, "{words:?}: {said:?}");
        said.out
    }

    fn refused(&self, words: &[&str], because: &str) {
        let said = self.run(words);
        assert!(said.code == 1 && (said.err.contains(because) || said.out.contains(because)), "{words:?}: {said:?}");
    }
}

const NUMBER: &str = "0812 3456 7890";

/// An office that has a letter of this number, whose owner heads an RW.
fn with_a_letter() -> Office {
    let office = Office::with_ledger("[[unit]]\nname = \"diskominfo\"\n");
    let paper = ["--by", "surat", "--letter", "=No. 12/2026", "--reason", "=diminta lewat surat"];
    office.done(&[&["person", "list", NUMBER, "--by", "sk", "--basis", "tugas publik"][..], &[]].concat());
    let list = "peran;kecamatan;kelurahan;rw;nama;nomor\nRW;Coblong;Dago;1;Dewi;081234567890\n";
    std::fs::write(office.path("rw.csv"), list).unwrap();
    office.done(&["roster", "import", "rw.csv", "--apply", "--source", "SK 7/2026", "--basis", "tugas publik"]);
    office.done(&[&["optout", "add", NUMBER][..], &paper].concat());
    office
}

#[test]
fn what_is_held_of_a_number_is_shown_and_handed_out_for_its_owner_alone() {
    let office = with_a_letter();
    let shown = office.json(&["person", "show", NUMBER, "--json"]);
    assert_eq!(shown["opt_out"]["scope"], "everything");
    let kinds: Vec<_> = shown["consents"].as_array().unwrap().iter().map(|line| line["kind"].clone()).collect();
    assert_eq!(kinds, ["listed", "opted_out"]);
    let paper = office.done(&["person", "show", NUMBER, "--lang", "id"]);
    assert!(paper.contains("Menolak SMS (semuanya)") && paper.contains("tugas publik"), "{paper}");
    assert!(paper.contains("=No. 12/2026"), "{paper}");
    assert!(paper.contains("RW 01, Dago, Coblong") && paper.contains("SK 7/2026"), "{paper}");
    assert_eq!((&shown["offices"][0]["name"], &shown["offices"][0]["source"]), (&"Dewi".into(), &"SK 7/2026".into()));
    assert!(office.done(&["person", "show", "081299999999"]).contains("Nothing else is held"));

    for file in ["orang.json", "orang.csv"] {
        office.done(&["person", "export", NUMBER, file, "--reason", "diminta di loket"]);
        let mode = std::fs::metadata(office.path(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
        office.refused(&["person", "export", NUMBER, file], "exists");
    }
    let json: Value = serde_json::from_str(&std::fs::read_to_string(office.path("orang.json")).unwrap()).unwrap();
    assert_eq!(json["consents"], shown["consents"]);
    let table = std::fs::read(office.path("orang.csv")).unwrap();
    let rows: Vec<_> = csv::Reader::from_reader(table.as_slice()).into_records().map(Result::unwrap).collect();
    assert!(rows.iter().any(|row| &row[0] == "office" && &row[4] == "Dewi" && row[5].contains("RW 1")), "{rows:?}");
    assert!(rows.iter().any(|row| &row[0] == "consent" && row[5].contains("letter =No. 12/2026")), "{rows:?}");
    assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{rows:?}");
    let record = office.done(&["audit", "export", "--json"]);
    assert_eq!(record.matches("person_exported").count(), 4, "also those that came to nothing: {record}");
}

#[test]
fn an_erasure_is_said_before_it_is_done_and_holds_afterwards() {
    let office = with_a_letter();
    office.refused(&["person", "erase", NUMBER], "add --yes");
    office.refused(&["person", "erase", NUMBER, "--json"], "\"consents\": 2");
    let told = office.done(&[
        "person",
        "erase",
        NUMBER,
        "--yes",
        "--by",
        "loket",
        "--reason",
        "datang sendiri",
        "--lang",
        "id",
    ]);
    assert!(told.starts_with("+6281234567890 dihapus: 0 pesan, 0 SMS masuk dan 1 jabatan"), "{told}");
    office.refused(&["person", "erase", NUMBER, "--yes"], "nothing is held");
    assert_eq!(office.json(&["optouts", "--json"]), serde_json::json!([]));
    assert_eq!(office.json(&["status", "--json"])["opt_outs"], 1);
    assert!(office.done(&["optouts"]).contains("1 more are kept"), "{}", office.done(&["optouts"]));
    assert!(office.done(&["person", "show", NUMBER]).contains("erased at its owner's request"));
    std::fs::write(office.path("daftar.csv"), "nomor;pesan\n081234567890;halo\n081234567891;halo\n").unwrap();
    let verdict = office.json(&["check", "daftar.csv", "--json"]);
    assert_eq!(verdict["excluded_rows"][0]["reason"], "opted_out");
    office.done(&["audit", "verify"]);
    assert_eq!(office.json(&["roster", "list", "--json"]), serde_json::json!([]), "the office is vacant");
    let again = office.done(&["roster", "import", "rw.csv", "--apply", "--source", "SK 7/2026", "--lang", "en"]);
    assert!(again.contains("opted out"), "{again}");
    assert_eq!(office.json(&["roster", "list", "--json"])[0]["opted_out"], true);
    let record = office.done(&["audit", "export"]);
    assert!(record.contains("person_erased") && !record.contains("81234567890"), "{record}");
}

#[test]
fn a_lost_key_is_named_and_only_a_person_makes_a_new_one() {
    let office = with_a_letter();
    office.done(&["person", "erase", NUMBER, "--yes"]);
    let key = office.path("k.db.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    office.refused(&["person", "renew-key", "--yes"], "is there and fits");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    office.refused(&["run"], "1 erased numbers cannot be recognised");
    office.refused(&["optout", "add", NUMBER], "k.db.key is missing");
    std::fs::write(office.path("daftar.csv"), "nomor;pesan\n081234567890;halo\n").unwrap();
    let checked = office.run(&["check", "daftar.csv"]);
    assert!(checked.code == 0 && checked.out.contains("1 opt-outs of erased numbers"), "{checked:?}");
    std::fs::write(&key, &kept).unwrap();
    office.done(&["optout", "add", "081234567892"]);
    std::fs::write(&key, "0".repeat(64)).unwrap();
    office.refused(&["optout", "add", "081234567893"], "belongs to another database");
    office.refused(&["person", "renew-key", "--yes"], "belongs to another database");
    std::fs::remove_file(&key).unwrap();
    office.refused(&["person", "renew-key"], "add --yes");
    assert!(!key.exists());
    let told = office.done(&["person", "renew-key", "--yes", "--reason", "kunci hilang"]);
    assert!(told.contains("1 opt-outs of erased numbers are no longer recognised"), "{told}");
    office.done(&["optout", "add", "081234567893"]);
    office.done(&["audit", "verify"]);
    assert!(office.done(&["audit", "export"]).contains("kunci hilang: 1 opt-outs"));
}
