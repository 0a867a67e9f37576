//! What a request brings: a text with its lists, and what is said of a job that is only looked at.

use super::*;

const FORM: &str = "multipart/form-data; boundary=kentongan";

/// A form of these files.
fn form(files: &[(&str, &str)]) -> String {
    let part = |(name, content): &(&str, &str)| {
        format!(
            "--kentongan\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n"
        )
    };
    files.iter().map(part).collect::<String>() + "--kentongan--\r\n"
}

impl Door {
    fn post(&self, token: &str, path: &str, key: Option<&str>, files: &[(&str, &str)]) -> Answer {
        let mut headers = vec![("authorization", token)];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        self.tcp().ask("POST", &format!("/api/v1/{path}"), &headers, Some((FORM, form(files))))
    }
}

#[test]
fn a_key_is_for_one_text_and_its_lists_and_a_corrected_list_is_another_request() {
    let door = Door::open("");
    let token = door.token("siaga", &["--right", "submit", "--right", "view"]);
    let text = ("apel.txt", "Kepada: warga.csv\n\nApel pagi.\n");
    let bring = |key: &str, list: &str| {
        door.post(&token, "jobs?unit=diskominfo&name=apel.txt", Some(key), &[text, ("warga.csv", list)])
    };
    let first = bring("1", "nomor\n081234567890\n");
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(bring("1", "nomor\n081234567890\n").json(), first.json());
    let corrected = bring("1", "nomor\n081234567891\n");
    assert_eq!(corrected.status, 409, "{corrected:?}");
    assert!(corrected.json()["detail"].as_str().unwrap().contains("key was used"), "{corrected:?}");
    assert_eq!(door.with(&token, "GET", "/api/v1/jobs", None).json().as_array().unwrap().len(), 1);
}

#[test]
fn who_gets_nothing_is_told_to_those_who_may_see_numbers_and_to_others_only_how_many_they_are() {
    let door = Door::open("");
    let office = &door.office;
    let roster = "peran;kecamatan;kelurahan;rw;rt;nama;no hp\n\
                  RW;Coblong;Dago;1;;Asep Sunandar;081234567890\nRW;Coblong;Dago;2;;Ni Luh Putu;081234567891\n";
    office.write("rw.csv", roster);
    assert_eq!(office.run(&["roster", "import", "rw.csv", "--apply"]).code, 0);
    for number in ["081234567891", "081234567899"] {
        assert_eq!(office.run(&["optout", "add", number, "--reason", "surat"]).code, 0);
    }
    let sees = door.token("sees", &["--right", "submit", "--right", "people", "--unit", "damkar"]);
    let brings = door.token("brings", &["--right", "submit", "--unit", "damkar"]);
    let check = |token: &str, more: &str, content: &str| {
        let content = Some(("application/octet-stream", content.to_owned()));
        let path = format!("/api/v1/check?unit=damkar&name=a.txt{more}");
        let answer = door.tcp().ask("POST", &path, &[("authorization", token)], content);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    };
    let to_rw = "Kepada: peran=RW\n\nYth. “{nama}”, judi dilarang di {kelurahan}.\n";
    let seen = check(&sees, "", to_rw);
    let told = seen.json();
    assert_eq!((&told["recipients"], &told["excluded"], &told["accepted"]), (&json!(2), &json!(1), &json!(true)));
    assert!(seen.text().contains("81234567891") && seen.text().contains("Asep Sunandar"), "{seen:?}");
    let counted = check(&brings, "", to_rw);
    let told = counted.json();
    assert_eq!((&told["excluded"], &told["excluded_reasons"]), (&json!(1), &json!({"opted_out": 1})));
    assert_eq!((&told["excluded_rows"], &told["longest_example"]), (&json!([]), &Value::Null));
    assert!(!told["characters"].as_array().unwrap().is_empty(), "{told}");
    for shown in ["81234567891", "Asep", "Ni Luh", "Yth."] {
        assert!(!counted.text().contains(shown), "{shown}: {counted:?}");
    }
    // Of a list of one's own as well: which of its numbers has opted out is the ledger's to know. Its text they have written themselves.
    let own = "Kepada: 081234567891, 081234567892, 081234567899\n\nApel pagi.\n";
    let told = check(&brings, "", own).json();
    assert_eq!((&told["excluded"], &told["excluded_rows"]), (&json!(2), &json!([])));
    assert_eq!(told["longest_example"]["text"], "Apel pagi.");
    // As many as are asked for.
    let told = check(&sees, "&excluded=1", own).json();
    assert_eq!((&told["excluded"], told["excluded_rows"].as_array().unwrap().len()), (&json!(2), 1));
}

#[test]
fn a_job_that_is_looked_at_is_held_to_what_holds_for_one_that_is_brought_and_leaves_nothing() {
    let door = Door::open("");
    let token = door.token("siaga", &["--right", "submit"]);
    let text = ("a.txt", "Kepada: b.csv\n\nApel pagi.\n");
    let list = "nomor\n081234567890\n";
    for path in ["check?unit=diskominfo&name=a.txt", "jobs?unit=diskominfo&name=a.txt"] {
        let refused = |files: &[(&str, &str)]| {
            let answer = door.post(&token, path, None, files);
            assert_eq!((answer.status, answer.kind()), (422, "application/problem+json"), "{path}: {answer:?}");
            answer.json()["detail"].as_str().unwrap().to_owned()
        };
        assert_eq!(refused(&[text, ("b.txt", list)]), "`b.txt` is no list; a list is .csv or .xlsx");
        assert_eq!(refused(&[text, ("b.csv", list), ("b.csv", "x")]), "two files of the form are named b.csv");
    }
    let alike = door.post(&token, "check?unit=diskominfo&name=b.csv", None, &[("b.csv", list), ("b.csv", list)]);
    assert_eq!(alike.status, 422, "{alike:?}");
    let good = door.post(&token, "check?unit=diskominfo&name=a.txt", None, &[text, ("b.csv", list)]);
    assert_eq!((good.status, &good.json()["accepted"]), (200, &json!(true)), "{good:?}");
    let left = std::fs::read_dir(door.office.path("k.db.checks")).unwrap();
    assert_eq!(left.count(), 0, "what was looked at lay beside the database, and is gone");
}

#[test]
fn what_is_every_units_is_shown_to_nobody_who_acts_for_one_alone() {
    let door = Door::open("");
    let rights = ["--right", "manage", "--right", "modems", "--right", "consent"];
    let all = door.token("semua", &rights);
    let one = door.token("satu", &[&rights[..], &["--unit", "damkar"]].concat());
    for path in ["events", "archives", "accounts", "tokens", "self-tests/1", "notices/1", "people/081234567890"] {
        let path = format!("/api/v1/{path}");
        let refused = door.with(&one, "GET", &path, None);
        assert_eq!(refused.status, 403, "{path}: {refused:?}");
        assert!(refused.json()["detail"].as_str().unwrap().contains("acts for some only"), "{refused:?}");
        assert!([200, 404].contains(&door.with(&all, "GET", &path, None).status), "{path}");
    }
}
