//! What is the whole office's and no unit's: the roster, the record, and how everything stands.

use super::{Answer, Door, TWO, Value, json};

const HEAD: &str = "peran;kecamatan;kelurahan;rw;nama;nomor";

impl Door {
    /// Brings a list.
    fn list(&self, token: &str, path: &str, content: &str) -> Answer {
        let content = Some(("application/octet-stream", content.to_owned()));
        self.tcp().ask("POST", &format!("/api/v1/roster/{path}"), &[("authorization", token)], content)
    }

    fn get(&self, token: &str, path: &str) -> Answer {
        self.with(token, "GET", &format!("/api/v1/{path}"), None)
    }
}

fn detail(answer: &Answer) -> String {
    answer.json()["detail"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_list_is_imported_by_who_may_change_the_roster_of_the_whole_office_and_see_its_numbers() {
    let door = Door::open("[intake]\nfile_mb_max = 1\n");
    let list = format!("{HEAD}\nRW;Coblong;Dago;1;Dewi;081200000001\nRW;Coblong;Dago;2;Eti;081200000002\n");
    let all = ["--right", "people", "--right", "roster"];
    let importer = door.token("impor", &all);
    for (name, words) in [
        ("satu-unit", &["--right", "people", "--right", "roster", "--unit", "damkar"][..]),
        ("tanpa-nomor", &["--right", "roster"]),
        ("hanya-lihat", &["--right", "view", "--right", "people"]),
    ] {
        let token = door.token(name, words);
        for path in ["comparison?name=rw.csv", "imports?name=rw.csv"] {
            assert_eq!(door.list(&token, path, &list).status, 403, "{name} {path}");
        }
    }
    assert_eq!(door.get(&importer, "roster").status, 409, "there is none yet");

    let told = door.list(&importer, "comparison?name=rw.csv&brief=true", &list);
    assert_eq!(told.status, 200, "{told:?}");
    assert_eq!((&told.json()["new"], &told.json()["changes"]), (&json!(2), &json!([])), "nothing to look at");
    let told = door.list(&importer, "comparison?name=rw.csv", &list).json();
    assert_eq!(
        (&told["changes"][0]["name"], &told["changes"][1]["number"]),
        (&json!("Dewi"), &json!("+6281200000002"))
    );
    let digest = told["digest"].as_str().unwrap();
    let other = door.list(&importer, "imports?name=rw.csv&digest=0123456789", &list);
    assert!(other.status == 409 && detail(&other).contains("not the one that was agreed to"), "{other:?}");
    let short = door.list(&importer, &format!("imports?name=rw.csv&digest={}", &digest[..4]), &list);
    assert_eq!(short.status, 409, "four characters name no difference: {short:?}");
    let path = format!("imports?name=rw.csv&digest={}&source=SK%201&basis=tugas%20publik", &digest[..8]);
    let done = door.list(&importer, &path, &list);
    assert!(done.status == 200 && done.text().contains("roster import 1 is applied"), "{done:?}");
    let again = door.list(&importer, "imports?name=rw.csv", &list);
    assert!(again.status == 409 && detail(&again).contains("nothing to change"), "{again:?}");
    let viewer = door.token("lihat", &["--right", "view"]);
    let imports = door.get(&viewer, "roster/imports").json();
    assert_eq!((&imports[0]["actor"], &imports[0]["source"]), (&json!("token:impor"), &json!("SK 1")));

    for (path, status) in [
        ("comparison?name=rw.csv&reach=semua", 422),
        ("comparison?name=rw.csv&role=raja", 422),
        ("comparison?name=rw.txt", 422),
        ("comparison?name=a%0Ab.csv", 422),
        ("comparison?name=rw.csv&lang=xx", 422),
        ("comparison?name=rw.csv&brief=mungkin", 400),
        ("comparison", 400),
        ("imports?name=rw.csv&apply=ya", 400),
    ] {
        let answer = door.list(&importer, path, &list);
        assert_eq!((answer.status, answer.kind()), (status, "application/problem+json"), "{path}: {answer:?}");
    }
    let large = door.list(&importer, "comparison?name=rw.csv", &"x".repeat(1_200_000));
    assert_eq!(large.status, 413, "{large:?}");
    let wrong = format!("{HEAD}\nRW;Coblong;Dago;3;A;0\nRW;Coblong;Dago;4;B;0\n");
    let told = door.list(&importer, "comparison?name=salah.csv&lang=en", &wrong).json();
    assert!(told["refusal"].as_str().unwrap().starts_with("2 of 2 lines cannot be used"), "{told}");
    assert_eq!(door.list(&importer, "imports?name=salah.csv", &wrong).status, 409);
}

#[test]
fn the_roster_is_read_by_who_may_see_the_numbers_of_the_whole_office_and_counted_by_anybody() {
    let door = Door::open("");
    let importer = door.token("impor", &["--right", "people", "--right", "roster"]);
    let list = format!("{HEAD}\nRW;Coblong;Dago;1;Dewi;081200000001\nRW;Sukajadi;Pasteur;2;Eti;081200000002\n");
    assert_eq!(door.list(&importer, "imports?name=rw.csv", &list).status, 200);
    let (own, viewer) = (
        door.token("damkar", &["--right", "view", "--right", "people", "--unit", "damkar"]),
        door.token("lihat", &["--right", "view"]),
    );
    for path in ["roster", "roster.csv", "roster/entries/1", "roster/corrections"] {
        for token in [&own, &viewer] {
            assert_eq!(door.get(token, path).status, 403, "{path}");
        }
        assert_eq!(door.get(&importer, path).status, 200, "{path}");
    }
    for token in [&own, &viewer] {
        let counts = door.get(token, "audiences/count?expression=peran%3DRW").json();
        assert_eq!(counts[1], json!({"kecamatan": "Sukajadi", "people": 1, "numbers": 1}));
    }
    let wrong = door.get(&viewer, "audiences/count?expression=peran%3DXX&lang=en");
    assert!(wrong.status == 422 && detail(&wrong).contains("`XX`"), "{wrong:?}");

    let page = |query: &str| door.get(&importer, &format!("roster?{query}")).json();
    let names = |page: &Value| page.as_array().unwrap().iter().map(|row| row["name"].clone()).collect::<Vec<_>>();
    let first = page("limit=1");
    assert_eq!(names(&first), ["Dewi"]);
    assert_eq!(names(&page(&format!("limit=1&after={}", first[0]["id"]))), ["Eti"]);
    // Another import comes between two pages: both show the roster as it was.
    let list = list.replace("Eti", "Ima");
    assert_eq!(door.list(&importer, "imports?name=rw-2.csv", &list).status, 200);
    assert_eq!(names(&page(&format!("import=1&after={}", first[0]["id"]))), ["Eti"]);
    assert_eq!(names(&page("expression=kecamatan%3DSukajadi")), ["Ima"]);
    assert_eq!(names(&page("import=99")), ["Dewi", "Ima"], "of what is to come nobody knows");
    assert_eq!(names(&door.get(&importer, "roster/entries/0812-0000-0002").json()), ["Eti", "Ima"]);
    let none = door.get(&importer, "roster/entries/99");
    assert_eq!((none.status, none.kind()), (404, "application/problem+json"), "{none:?}");
    let table = door.get(&importer, "roster.csv?expression=kelurahan%3DDago");
    assert_eq!((table.kind(), table.text().lines().count()), ("text/csv; charset=utf-8", 2), "{table:?}");
}

#[test]
fn the_record_goes_whole_to_who_manages_the_whole_office_and_in_counts_to_each_unit_its_own() {
    let door = Door::open("");
    let whole = door.token("auditor", &["--right", "manage"]);
    let part = door.token("damkar", &["--right", "manage", "--right", "view", "--right", "submit", "--unit", "damkar"]);
    let other = door.token("diskominfo", &["--right", "view", "--right", "submit", "--unit", "diskominfo"]);
    assert_eq!(door.bring(&part, "unit=damkar&name=siaga.txt", "1", TWO).status, 201);
    assert_eq!(door.bring(&other, "unit=diskominfo&name=apel.txt", "1", &TWO.replace("pagi", "sore")).status, 201);
    for path in ["record.csv", "record.ndjson"] {
        for token in [&part, &other] {
            assert_eq!(door.get(token, path).status, 403, "{path}");
        }
    }
    let table = door.get(&whole, "record.csv");
    assert!(table.status == 200 && table.text().contains("token:damkar"), "{table:?}");
    let lines = door.get(&whole, "record.ndjson");
    let events: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.kind(), "application/x-ndjson");
    assert!(events.len() >= table.text().lines().count() - 1, "{events:?}");
    assert!(events.iter().zip(1..).all(|(event, id)| event["id"] == id), "{events:?}");
    assert_eq!(door.get(&whole, "record.ndjson?until=2020-01-01T00:00:00Z").text(), "");
    assert_eq!(door.get(&whole, "record.csv?from=kemarin").status, 400);

    let summary = |token: &str| door.get(token, "record/summary?from=2020-01-01T00:00:00Z&until=2099-01-01T00:00:00Z");
    let units = |token: &str| {
        let summary = summary(token).json();
        summary["units"].as_array().unwrap().iter().map(|line| line["unit"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((units(&part), units(&other)), (vec![json!("damkar")], vec![json!("diskominfo")]));
    let all = door.token("humas", &["--right", "view"]);
    assert_eq!(units(&all), ["damkar", "diskominfo"]);
    assert_eq!(summary(&all).json()["units"][0]["recipients"], 2);
}

#[test]
fn a_glance_shows_a_unit_its_own_and_what_citizens_write_only_to_who_may_see_it() {
    let door = Door::open("");
    let rights = ["--right", "view", "--right", "submit", "--right", "people"];
    let [own, other] =
        ["damkar", "diskominfo"].map(|unit| door.token(unit, &[&rights[..], &["--unit", unit]].concat()));
    assert_eq!(door.bring(&own, "unit=damkar&name=siaga.txt", "1", TWO).status, 201);
    let hand = rusqlite::Connection::open(door.office.path("k.db")).unwrap();
    hand.execute_batch(
        "INSERT INTO sims (id, key, first_seen_ms, last_seen_ms) VALUES (1, 'iccid:1', 0, 0);
         INSERT INTO inbox (sim_id, sender, number, text, kind, complete, received_at_ms, unit, state)
         VALUES (1, '6281200000001', 6281200000001, 'Banjir', 'review', 1, 0, 'damkar', 'new'),
                (1, 'TELKOMSEL', NULL, 'Promo', 'operator', 1, 0, NULL, NULL)",
    )
    .unwrap();
    drop(hand);
    let glance = |token: &str| {
        let told = door.get(token, "glance");
        assert_eq!(told.status, 200, "{told:?}");
        told.json()
    };
    let texts = |glance: &Value| {
        glance["inbound"].as_array().unwrap().iter().map(|text| text["text"].clone()).collect::<Vec<_>>()
    };
    let shown = glance(&own);
    assert_eq!((&shown["running"], &shown["jobs"][0]["unit"]), (&json!(true), &json!("damkar")));
    assert_eq!((&shown["jobs"][0]["all"], &shown["jobs"][0]["gone"]), (&json!(2), &json!(0)));
    assert_eq!(texts(&shown), ["Promo", "Banjir"]);
    let shown = glance(&other);
    assert_eq!((&shown["jobs"], &shown["queue"]["queued"]), (&json!([]), &json!(2)), "the queue is the office's");
    assert_eq!(texts(&shown), ["Promo"]);
    let viewer = door.token("layar", &["--right", "view"]);
    let shown = glance(&viewer);
    assert_eq!((shown["jobs"].as_array().unwrap().len(), texts(&shown)), (1, Vec::new()));
}
