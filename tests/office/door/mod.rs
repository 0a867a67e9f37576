//! The one door from outside: who may ask for what, over the socket and over TCP, and what a request may not do.

mod bring;
mod document;
mod http;
mod whole_office;

use std::net::TcpListener;

use crate::outside::{Daemon, Office};
use http::{Answer, Way};
use serde_json::{Value, json};

const UNITS: &str = "[limits]\nper_minute = 0\n[approval]\nabove_recipients = 1\n[[unit]]\nname = \"diskominfo\"\n\
                     [[unit]]\nname = \"damkar\"\nclasses = [\"darurat\", \"penting\"]\n";

/// A daemon that listens on its socket and on a port of its own.
struct Door {
    office: Office,
    port: u16,
    _daemon: Daemon,
}

impl Door {
    fn open(more: &str) -> Self {
        // Nobody else gets it between here and there, as long as the system hands them out in turn.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let office = Office::with(&format!("[web]\nlisten = [\"127.0.0.1:{port}\"]\n{more}{UNITS}"));
        let daemon = office.daemon();
        Self { office, port, _daemon: daemon }
    }

    fn socket(&self) -> Way {
        Way::Socket(self.office.path("k.sock"))
    }

    fn tcp(&self) -> Way {
        Way::Tcp(self.port)
    }

    /// What a token of these rights is let do over TCP.
    fn token(&self, name: &str, words: &[&str]) -> String {
        let said = self.office.run(&[&["token", "add", name], words].concat());
        assert_eq!(said.code, 0, "{said:?}");
        format!("Bearer {}", said.out.trim())
    }

    fn with(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let content = body.map(|body| ("application/json", body.to_string()));
        self.tcp().ask(method, path, &[("authorization", token)], content)
    }

    fn bring(&self, token: &str, place: &str, key: &str, content: &str) -> Answer {
        let headers = [("authorization", token), ("idempotency-key", key)];
        let content = Some(("application/octet-stream", content.to_owned()));
        self.tcp().ask("POST", &format!("/api/v1/jobs?{place}"), &headers, content)
    }
}

const TWO: &str = "Kepada: 081234567890, 085712345678\n\nApel pagi.\n";

#[test]
fn over_the_socket_the_kernel_says_who_asks_and_over_tcp_a_token_does() {
    let door = Door::open("");
    let whoami = door.socket().ask("GET", "/api/v1/whoami", &[], None);
    assert_eq!(whoami.status, 200, "{whoami:?}");
    assert_eq!(whoami.json()["rights"].as_array().unwrap().len(), 10, "who started the daemon may do everything");
    let stranger = door.tcp().ask("GET", "/api/v1/status", &[], None);
    assert_eq!((stranger.status, stranger.kind()), (401, "application/problem+json"), "{stranger:?}");
    for wrong in ["Bearer ", "Bearer 00", "Basic YTpi", "bearer"] {
        assert_eq!(door.with(wrong, "GET", "/api/v1/status", None).status, 401, "{wrong}");
    }
    let looks = door.token("layar", &["--right", "view"]);
    assert_eq!(door.with(&looks, "GET", "/api/v1/status", None).json()["recipients"], 0);
    let whoami = door.with(&looks, "GET", "/api/v1/whoami", None).json();
    assert_eq!((&whoami["name"], &whoami["rights"]), (&json!("token:layar"), &json!(["view"])));
    assert_eq!(door.office.run(&["token", "revoke", "layar"]).code, 0);
    assert_eq!(door.with(&looks, "GET", "/api/v1/status", None).status, 401);
    let kept = std::fs::read(door.office.path("k.db")).unwrap();
    let wal = std::fs::read(door.office.path("k.db-wal")).unwrap_or_default();
    let shown = looks.strip_prefix("Bearer ").unwrap().as_bytes();
    for file in [&kept, &wal] {
        assert!(!file.windows(shown.len()).any(|window| window == shown), "a token lies in the ledger");
    }
}

#[test]
fn prometheus_reads_the_numbers_with_a_token_that_may_do_nothing_else() {
    let door = Door::open("");
    let token = door.token("prometheus", &["--right", "view"]);
    assert_eq!(door.tcp().ask("GET", "/metrics", &[], None).status, 401);
    let told = door.with(&token, "GET", "/metrics", None);
    assert_eq!(told.status, 200, "{told:?}");
    assert!(told.kind().starts_with("text/plain; version=0.0.4"), "{told:?}");
    assert!(told.text().contains("\nkentongan_up 1\n"), "{told:?}");
    for path in ["/api/v1/inbox", "/api/v1/optouts", "/api/v1/events", "/api/v1/accounts"] {
        assert_eq!(door.with(&token, "GET", path, None).status, 403, "{path}");
    }
}

#[test]
fn every_path_is_refused_without_the_right_for_it() {
    let door = Door::open("");
    let none = door.token("kosong", &["--right", "hours", "--unit", "damkar"]);
    let document = door.with(&none, "GET", "/api/v1/openapi.json", None).json();
    let body = |path: &str| match path {
        "/api/v1/acts" => json!({"action": {"resume_held": null}}),
        "/api/v1/messages" => json!({"unit": "damkar", "to": ["081234567890"], "text": "x"}),
        path if path.starts_with("/api/v1/optouts/") => json!({"number": "081234567890"}),
        path if path.ends_with("/reply") => json!({"text": "x"}),
        path if path.ends_with("/settle") => json!({"sent": true}),
        "/api/v1/moratoria" => json!({"from": "2099-01-01T00:00:00Z", "until": "2099-01-02T00:00:00Z", "reason": "x"}),
        _ => json!({}),
    };
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        if path == "/api/v1/whoami" {
            continue;
        }
        let at = path
            .replace("{id}", "1")
            .replace("{message}", "1")
            .replace("{name}", "modem-1")
            .replace("{uid}", "abcd")
            .replace("{number}", "081234567890")
            .replace("{what}", "1");
        let query = match path.as_str() {
            "/api/v1/audiences/count" => "?expression=peran%3DRW",
            "/api/v1/record/summary" => "?from=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z",
            "/api/v1/roster/comparison" | "/api/v1/roster/imports" => "?name=rw.csv",
            _ => "",
        };
        for method in methods.as_object().unwrap().keys() {
            let answer = match (method.as_str(), path.as_str()) {
                ("post", "/api/v1/jobs") => door.bring(&none, "unit=damkar&name=a.txt", "k", TWO),
                ("post", "/api/v1/check") => door.with(&none, "POST", "/api/v1/check?unit=damkar&name=a.txt", None),
                ("post", _) => door.with(&none, "POST", &format!("{at}{query}"), Some(body(path))),
                (_, "/api/v1/roster/imports") => door.with(&none, "GET", &at, None),
                _ => door.with(&none, "GET", &format!("{at}{query}"), None),
            };
            assert_eq!(answer.status, 403, "{method} {path}: {answer:?}");
            tried += 1;
        }
    }
    assert!(tried > 25, "{tried}");
}

#[test]
fn a_unit_sees_and_touches_its_own_jobs_alone() {
    let door = Door::open("");
    let [own, other] = ["damkar", "diskominfo"].map(|unit| {
        let rights = ["--right", "view", "--right", "submit", "--right", "control", "--right", "people"];
        door.token(unit, &[&rights[..], &["--unit", unit]].concat())
    });
    let job = door.bring(&own, "unit=damkar&name=siaga.txt", "1", TWO);
    assert_eq!(job.status, 201, "{job:?}");
    let job = job.json()["job"].as_i64().unwrap();
    let path = |what: &str| format!("/api/v1/jobs/{job}{what}");
    assert_eq!(door.with(&own, "GET", &path(""), None).json()["owner"], "token:damkar");
    for (method, what) in [("GET", ""), ("GET", "/report.csv"), ("POST", "/pause"), ("POST", "/cancel")] {
        let body = (method == "POST").then(|| json!({}));
        assert_eq!(door.with(&other, method, &path(what), body).status, 404, "{method} {what}");
    }
    assert_eq!(door.with(&other, "GET", "/api/v1/jobs", None).json(), json!([]));
    assert_eq!(door.with(&own, "GET", "/api/v1/jobs", None).json()[0]["id"], job);
    assert_eq!(door.bring(&other, "unit=damkar&name=siaga.txt", "1", TWO).status, 403);
    assert_eq!(door.with(&own, "POST", "/api/v1/pause", Some(json!({}))).status, 403, "everything is not its own");
    assert_eq!(door.with(&own, "POST", "/api/v1/pause", Some(json!({"unit": "damkar"}))).status, 200);
    let report = door.with(&own, "GET", &path("/report.csv"), None);
    assert_eq!((report.status, report.kind()), (200, "text/csv; charset=utf-8"));
    assert!(report.text().contains("6281234567890"), "{report:?}");
}

#[test]
fn a_request_made_again_brings_nothing_twice_and_a_key_is_for_one_request() {
    let door = Door::open("");
    let token = door.token("siaga", &["--right", "submit", "--right", "view", "--right", "approve"]);
    let place = "unit=diskominfo&name=apel%20pagi.txt";
    let first = door.bring(&token, place, "apel-1", TWO);
    assert_eq!(first.status, 201, "{first:?}");
    let again = door.bring(&token, place, "apel-1", TWO);
    assert_eq!((again.status, again.json()), (201, first.json()));
    let other = door.bring(&token, place, "apel-1", &TWO.replace("pagi", "sore"));
    assert_eq!(other.status, 409, "{other:?}");
    assert!(other.json()["detail"].as_str().unwrap().contains("key was used"), "{other:?}");
    let same = door.bring(&token, place, "apel-2", TWO);
    assert_eq!(same.status, 409, "the content was sent before: {same:?}");
    assert!(same.json()["refusal"].as_str().unwrap().contains("job 1"), "{same:?}");
    assert_eq!(door.with(&token, "GET", "/api/v1/jobs", None).json().as_array().unwrap().len(), 1);
    // It waits for a second person, and whoever brought it is not one.
    let approved = door.with(&token, "POST", "/api/v1/jobs/1/approve", Some(json!({"reason": "ya"})));
    assert_eq!(approved.status, 409, "{approved:?}");
    let second = door.token("kepala", &["--right", "approve"]);
    let approved = door.with(&second, "POST", "/api/v1/jobs/1/approve", Some(json!({"reason": "ya"})));
    assert_eq!(approved.status, 200, "{approved:?}");
    let source = first.json()["source"].as_str().unwrap().to_owned();
    let accepted = door.office.path("queue/diskominfo/accepted").join(source);
    assert_eq!(std::fs::read_to_string(accepted).unwrap(), TWO);
}

#[test]
fn who_brought_a_job_is_its_owner_also_where_it_names_a_list_and_is_not_the_second_person() {
    let door = Door::open("");
    let token = door.token("siaga", &["--right", "submit", "--right", "view", "--right", "approve"]);
    let list = "nomor,nama\n081234567890,Ani\n085712345678,Budi\n";
    door.office.write("queue/diskominfo/warga.csv", list);
    let job = door.bring(&token, "unit=diskominfo&name=apel.txt", "1", "Kepada: warga.csv\n\nApel pagi, {nama}.\n");
    assert_eq!(job.status, 201, "{job:?}");
    let job = job.json()["job"].as_i64().unwrap();
    let path = |what: &str| format!("/api/v1/jobs/{job}{what}");
    assert_eq!(door.with(&token, "GET", &path(""), None).json()["owner"], "token:siaga");
    let approved = door.with(&token, "POST", &path("/approve"), Some(json!({"reason": "ya"})));
    assert_eq!(approved.status, 409, "{approved:?}");
    assert!(approved.json()["detail"].as_str().unwrap().contains("somebody else"), "{approved:?}");
}

#[test]
fn what_a_request_may_not_be_is_refused_in_words() {
    let door = Door::open("[intake]\nfile_mb_max = 1\n");
    let token = door.token("siaga", &["--right", "submit", "--right", "view", "--right", "control"]);
    for name in ["..%2F..%2Fk.toml", "%2Fetc%2Fpasswd.txt", ".tersembunyi.txt", "a.exe", "tanpa-akhiran", "a%0Ab.txt"] {
        let answer = door.bring(&token, &format!("unit=diskominfo&name={name}"), "k", TWO);
        assert_eq!((answer.status, answer.kind()), (422, "application/problem+json"), "{name}: {answer:?}");
    }
    assert_eq!(door.bring(&token, "unit=..&name=a.txt", "k", TWO).status, 404);
    let large = door.bring(&token, "unit=diskominfo&name=a.txt", "k", &"x".repeat(1_200_000));
    assert_eq!(large.status, 413, "{large:?}");
    let rejected = door.bring(&token, "unit=diskominfo&name=a.txt", "k", "Kepada: tidak ada\n\nHalo\n");
    assert_eq!(rejected.status, 409, "{rejected:?}");
    assert!(rejected.json()["refusal"].as_str().is_some(), "{rejected:?}");
    // What was too large is thrown away beside the answer.
    let left = || {
        let lying = std::fs::read_dir(door.office.path("queue/diskominfo")).unwrap();
        lying.map(|entry| entry.unwrap().path()).filter(|path| !path.is_dir()).collect::<Vec<_>>()
    };
    let clean = (0..1_000).any(|_| left().is_empty() || door.with(&token, "GET", "/api/v1/whoami", None).status != 200);
    assert!(clean && left().is_empty(), "{:?}", left());
    assert_eq!(door.with(&token, "GET", "/api/v1/tidak-ada", None).status, 404);
    assert_eq!(door.with(&token, "DELETE", "/api/v1/jobs", None).status, 405);
    assert_eq!(door.with(&token, "GET", "/api/v1/jobs?limit=0", None).status, 422);
    assert_eq!(door.with(&token, "GET", "/api/v1/jobs/satu", None).status, 400);
    let unknown = door.with(&token, "POST", "/api/v1/acts", Some(json!({"action": {"explode": 1}})));
    assert_eq!(unknown.status, 422, "{unknown:?}");
    let inner = json!({"action": {"open_session": {"name": "a"}}});
    assert_eq!(door.with(&token, "POST", "/api/v1/acts", Some(inner)).status, 422, "only the page signs people in");
    let array = door.with(&token, "POST", "/api/v1/pause", Some(json!([null, null])));
    assert_eq!(array.status, 422, "everything is paused by who says so: {array:?}");
    // A page of somebody else's, open in the same browser.
    let headers = [("authorization", token.as_str()), ("sec-fetch-site", "cross-site")];
    let body = Some(("application/json", "{}".to_owned()));
    assert_eq!(door.tcp().ask("POST", "/api/v1/jobs/1/cancel", &headers, body).status, 403);
}

#[test]
fn an_account_is_opened_from_the_command_line_and_its_password_is_kept_nowhere() {
    let door = Door::open("");
    let add = |name: &str, password: &str| {
        door.office.run_with(&["account", "add", name, "--role", "operator"], &format!("{password}\n"))
    };
    let easy = add("andi", "rahasia");
    assert_eq!(easy.code, 1, "{easy:?}");
    assert!(easy.err.contains("at least 10 characters"), "{easy:?}");
    assert_eq!(add("andi", "hujan di bulan Juni").code, 0);
    assert_eq!(add("andi", "hujan di bulan Juli").code, 1, "there is one already");
    let rows = door.office.json(&["account", "list", "--json"]);
    assert_eq!((&rows[0]["name"], &rows[0]["role"]), (&json!("andi"), &json!("operator")));
    assert_eq!(door.office.run(&["account", "close", "andi"]).code, 0);
    assert!(!door.office.json(&["account", "list", "--json"])[0]["closed_at"].is_null());
    let kept = std::fs::read(door.office.path("k.db-wal")).unwrap();
    assert!(!kept.windows(11).any(|window| window == b"bulan Juni\n" || window == b"bulan Juni "));
    let events = door.socket().ask("GET", "/api/v1/events?limit=10", &[], None);
    assert!(events.text().contains("account_opened") && !events.text().contains("argon2"), "{events:?}");
}
