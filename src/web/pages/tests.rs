//! The pages' own rules, without a browser; `tests/browser` has the rest.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Extension;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::metrics::Allowances;
use crate::model::{AccountRole, PasswordHash, SignedDuration, Timestamp, Units, later};
use crate::store::Store;
use crate::web::{Checks, Metrics, Peer, Peers, Questions, SignIns, Turns, Web, act_desk, digest_of, form_key, router};

const PAGES: [&str; 13] = [
    "/",
    "/jobs",
    "/compose",
    "/approvals",
    "/inbox",
    "/inbox?state=new&from=0812",
    "/optouts",
    "/optouts?number=0812",
    "/moratoria",
    "/modems",
    "/audit?job=7&actor=web:andi",
    "/accounts",
    "/password",
];

struct Office {
    /// Goes when the office does.
    _folder: tempfile::TempDir,
    web: Web,
}

/// An answer, taken in.
struct Told {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: String,
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

impl Office {
    /// Every role has an account of its name, signed in with its name; so has an administrator for damkar alone.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = "[paths]\ndatabase = \"k.db\"\nqueue = \"queue\"\n[[unit]]\nname = \"damkar\"\n";
        let config = Arc::new(Config::read(&folder.path().join("k.toml"), text).unwrap());
        let store = Store::open(&config.paths.database).unwrap();
        store.begin().unwrap();
        for role in AccountRole::ALL {
            let nobody = PasswordHash("!".to_owned());
            assert!(store.open_account(role.name(), role, &Units::All, &nobody, now()).unwrap());
            let until = later(now(), SignedDuration::from_hours(1));
            assert!(store.open_session(role.name(), digest_of(role.name()), until, now()).unwrap());
        }
        let (administrator, damkar) = (AccountRole::Administrator, Units::stored("damkar"));
        assert!(store.open_account("damkar", administrator, &damkar, &PasswordHash("!".to_owned()), now()).unwrap());
        let until = later(now(), SignedDuration::from_hours(1));
        assert!(store.open_session("damkar", digest_of("damkar"), until, now()).unwrap());
        store.commit().unwrap();
        let (acts, _desk) = act_desk();
        let peers = Peers {
            uid: 1,
            gid: 1,
            units: Vec::new(),
            user_name: |uid| uid.to_string(),
            groups_of: |_| BTreeSet::new(),
        };
        let web = Web {
            questions: Questions::new(config.paths.database.clone()),
            whole_record: Questions::of_several(config.paths.database.clone(), 1),
            checks: Checks::new(&config.paths.database),
            turns: Turns::of(["damkar".to_owned()]),
            metrics: Metrics::new(Allowances::new(config.limits.clone(), [])),
            config,
            acts,
            changes: watch::channel(0).1,
            peers: Arc::new(peers),
            sign_ins: SignIns::default(),
            secure: false,
            stop: CancellationToken::new(),
            clock: Arc::new(now),
        };
        Self { _folder: folder, web }
    }

    async fn ask(&self, request: Request<Body>) -> Told {
        let peer = Peer::Remote("127.0.0.1:5000".parse().unwrap());
        let service = TowerToHyperService::new(router(self.web.clone()).layer(Extension(peer)));
        let answer = service.call(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Told { status: parts.status, headers: parts.headers, body }
    }

    async fn get(&self, path: &str, cookies: &str) -> Told {
        let request = Request::get(path).header(header::COOKIE, cookies).body(Body::empty()).unwrap();
        self.ask(request).await
    }

    async fn post(&self, path: &str, who: &str, form: &str) -> Told {
        let request = Request::post(path)
            .header(header::COOKIE, format!("kentongan={who}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        self.ask(request).await
    }
}

#[tokio::test]
async fn every_page_holds_the_strictest_policy_in_both_languages_and_is_kept_by_no_cache() {
    let office = Office::new();
    for language in ["id", "en"] {
        for path in PAGES {
            let told = office.get(path, &format!("kentongan=administrator; kentongan_lang={language}")).await;
            assert_eq!(told.status, StatusCode::OK, "{path}: {}", told.body);
            let policy = told.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
            assert_eq!(told.headers[header::CACHE_CONTROL], "no-store");
            assert!(told.body.contains(&format!("<html lang=\"{language}\">")), "{path}");
            for inline in
                [" style=", "<style", "<script>", " onclick=", " onload=", "javascript:", "http://", "https://"]
            {
                assert!(!told.body.replace("http://www.w3.org/", "").contains(inline), "{path}: {inline}");
            }
        }
    }
}

#[tokio::test]
async fn where_there_is_nothing_a_browser_gets_a_page_and_a_program_the_problem() {
    let office = Office::new();
    let at = |path: &str| Request::get(path).header(header::ACCEPT, "text/html,application/xhtml+xml");
    let page = office.ask(at("/xyz").body(Body::empty()).unwrap()).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.body.contains("<html lang=\"id\">") && page.body.contains("tidak ada di sini"), "{}", page.body);
    for told in [office.get("/xyz", "").await, office.ask(at("/api/v1/xyz").body(Body::empty()).unwrap()).await] {
        assert_eq!(told.headers[header::CONTENT_TYPE], "application/problem+json");
        assert!(told.body.contains("there is nothing at this path"), "{}", told.body);
    }
}

#[tokio::test]
async fn whoever_may_not_is_told_so_in_their_language() {
    let office = Office::new();
    let told = office.get("/accounts", "kentongan=viewer").await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    assert!(told.body.contains("web:viewer tidak berhak melakukan ini; perlu hak `manage`"), "{}", told.body);
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_sent_to_the_sign_in_and_back() {
    let office = Office::new();
    for path in PAGES {
        let told = office.get(path, "kentongan=stranger").await;
        assert_eq!(told.status, StatusCode::SEE_OTHER, "{path}");
        let to = told.headers[header::LOCATION].to_str().unwrap();
        assert!(to.starts_with("/sign-in?back=%2F"), "{to}");
    }
    let page = office.get("/sign-in?back=//example.org", "").await;
    assert_eq!((page.status, page.body.contains("example.org")), (StatusCode::OK, false));
}

#[tokio::test]
async fn a_page_shows_itself_only_to_whom_it_is_for() {
    let office = Office::new();
    let seen = async |role: AccountRole| {
        let mut seen = Vec::new();
        for path in PAGES {
            let told = office.get(path, &format!("kentongan={}", role.name())).await;
            match told.status {
                StatusCode::OK => seen.push(path),
                status => assert_eq!(status, StatusCode::FORBIDDEN, "{path}"),
            }
        }
        seen
    };
    assert_eq!(seen(AccountRole::Viewer).await, ["/", "/jobs", "/approvals", "/moratoria", "/modems", "/password"]);
    let operator = seen(AccountRole::Operator).await;
    assert!(operator.contains(&"/compose") && operator.contains(&"/inbox") && !operator.contains(&"/accounts"));
    assert!(!seen(AccountRole::Approver).await.contains(&"/compose"));
    assert_eq!(seen(AccountRole::Administrator).await, PAGES);
}

#[tokio::test]
async fn an_administrator_of_one_unit_sees_neither_the_record_of_all_nor_their_accounts() {
    let office = Office::new();
    for path in ["/audit", "/accounts"] {
        let told = office.get(path, "kentongan=damkar").await;
        assert_eq!(told.status, StatusCode::FORBIDDEN, "{path}");
        assert!(told.body.contains("ini menyangkut semua unit"), "{}", told.body);
    }
    let form = format!("csrf={}", form_key(digest_of("damkar")));
    assert_eq!(office.post("/audit/verify", "damkar", &form).await.status, StatusCode::FORBIDDEN);
    let (own, all) = (office.get("/", "kentongan=damkar").await, office.get("/", "kentongan=administrator").await);
    assert!(own.status == StatusCode::OK && !own.body.contains("href=\"/audit\""), "{}", own.body);
    assert!(all.body.contains("href=\"/audit\""), "{}", all.body);
}

#[tokio::test]
async fn whoever_follows_the_whole_record_keeps_nobody_else_waiting() {
    let office = Arc::new(Office::new());
    // A long record: somebody follows it already, and does not come to its end.
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let record = office.web.whole_record.clone();
    let first = tokio::spawn(async move { record.ask(move |_| Ok(ended.blocking_recv().is_ok())).await });
    tokio::task::yield_now().await;
    let mut more = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let office = office.clone();
        let form = format!("csrf={}", form_key(digest_of("administrator")));
        more.spawn(async move { office.post("/audit/verify", "administrator", &form).await });
    }
    let patience = std::time::Duration::from_secs(30);
    for _ in 0..8 {
        let page = tokio::time::timeout(patience, office.get("/audit", "kentongan=administrator")).await;
        assert_eq!(page.expect("nobody waits behind them").status, StatusCode::OK);
    }
    assert!(more.try_join_next().is_none(), "one after the other");
    end.send(()).unwrap();
    assert_eq!(first.await.unwrap(), Ok(true));
    while let Some(told) = more.join_next().await {
        let told = told.unwrap();
        assert!(told.status == StatusCode::OK && told.body.contains("note good"), "{}", told.body);
    }
}

#[tokio::test]
async fn a_form_is_heard_only_with_the_key_of_its_own_session() {
    let office = Office::new();
    let key = |who: &str| form_key(digest_of(who));
    let refused = async |form: String| {
        let told = office.post("/jobs/1/cancel", "administrator", &form).await;
        assert_eq!(told.status, StatusCode::FORBIDDEN, "{form}");
        assert!(told.body.contains("tidak berlaku"), "{}", told.body);
    };
    refused(String::new()).await;
    refused(format!("csrf={}", key("operator"))).await;
    refused(format!("csrf={}", &key("administrator")[..63])).await;
    // With its key it is heard: the job is not there.
    let told = office.post("/jobs/1/cancel", "administrator", &format!("csrf={}&reason=x", key("administrator"))).await;
    assert_ne!(told.status, StatusCode::FORBIDDEN);
    let told = office.post("/jobs/1/cancel", "viewer", &format!("csrf={}&reason=x", key("viewer"))).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    assert!(told.body.contains("tidak berhak"), "{}", told.body);
}

#[tokio::test]
async fn what_stands_beside_a_page_is_kept_for_ever_under_the_name_of_its_content() {
    let office = Office::new();
    let (style, script, mark) = super::page::Page::assets();
    for path in [style, script, mark] {
        let told = office.get(path, "").await;
        assert_eq!(told.status, StatusCode::OK);
        assert!(told.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        let tag = told.headers[header::ETAG].clone();
        let again = Request::get(path).header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap();
        assert_eq!(office.ask(again).await.status, StatusCode::NOT_MODIFIED);
    }
    assert_eq!(office.get("/assets/kentongan-0.css", "").await.status, StatusCode::NOT_FOUND);
}

#[test]
fn times_are_read_as_a_form_brings_them() {
    let zone = jiff::tz::TimeZone::get("Asia/Jakarta").unwrap();
    let at = super::moment("2026-11-27T08:00", &zone).unwrap();
    assert_eq!(at.to_string(), "2026-11-27T01:00:00Z");
    assert!(super::moment("besok", &zone).is_none() && super::moment("", &zone).is_none());
    assert_eq!(super::query(&[("unit", "a&b"), ("from", "")]), "unit=a%26b&");
    assert!(Path::new(super::page::Page::assets().0).extension().is_some());
}
