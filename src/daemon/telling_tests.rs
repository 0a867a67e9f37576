//! Webhooks and letters from the fact in the engine to the octets on the line, against servers on this machine.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::engine_task::{self, Inboxes, Shells};
use super::{Clock, notify_settings, rules};
use crate::config::Config;
use crate::engine::Engine;
use crate::engine::event::{Act, Action, Event, ModemEvent};
use crate::model::{ModemIdentity, ModemName, SimIdentity, Timestamp};
use crate::notify;
use crate::store::{Reader, Store};

const SECRET: &[u8] = b"kentongan bertalu-talu";

/// One call as it came in.
struct Call {
    headers: BTreeMap<String, String>,
    body: String,
}

impl Call {
    fn events(&self) -> Vec<Value> {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(body["version"], 1);
        body["events"].as_array().unwrap().clone()
    }

    fn ids(&self) -> Vec<String> {
        self.events().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// A receiver: answers each call by the next of these codes, and 200 when they are used up. It ends with its test.
fn receiver(codes: &'static [u16]) -> (u16, mpsc::UnboundedReceiver<Call>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (calls, came) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let mut codes = codes.iter();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            while let Some(call) = read_call(&stream) {
                let code = codes.next().copied().unwrap_or(200);
                let more = if code == 302 { "Location: http://127.0.0.1:1/\r\n" } else { "" };
                let answer = format!("HTTP/1.1 {code} X\r\n{more}Content-Length: 2\r\n\r\nok");
                if calls.send(call).is_err() || stream.write_all(answer.as_bytes()).is_err() {
                    return;
                }
            }
        }
    });
    (port, came)
}

fn read_call(stream: &TcpStream) -> Option<Call> {
    let mut lines = BufReader::new(stream);
    let (mut headers, mut line) = (BTreeMap::new(), String::new());
    lines.read_line(&mut line).ok().filter(|octets| *octets > 0)?;
    assert!(line.starts_with("POST /k HTTP/1.1"), "{line}");
    loop {
        line.clear();
        lines.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    lines.read_exact(&mut body).ok()?;
    Some(Call { headers, body: String::from_utf8(body).unwrap() })
}

/// The daemon, as far as it has to do with telling.
struct Daemon {
    events: mpsc::Sender<Event>,
    engine: JoinHandle<()>,
    telling: JoinHandle<()>,
    stop: CancellationToken,
}

impl Daemon {
    fn start(config: &Config, clock: Clock) -> Self {
        let store = Store::open(&config.paths.database).unwrap();
        let engine = Engine::open(store, rules(config), clock.now(), 7).unwrap();
        let (events, inbox) = mpsc::channel(64);
        let (_, intake) = mpsc::channel(1);
        let (_, modems) = mpsc::channel(1);
        let (spool, orders) = mpsc::channel(64);
        let (replies, answers) = mpsc::channel(64);
        let changes = watch::Sender::new(0);
        let (changed, stop) = (changes.subscribe(), CancellationToken::new());
        let shells = Shells { modems, spool, replies, changes };
        let engine = tokio::spawn(async move {
            let _held = (orders, answers);
            engine_task::run(engine, clock, Inboxes { events: inbox, intake }, shells).await.unwrap();
        });
        let settings = notify_settings::notify_settings(config, clock);
        let telling = tokio::spawn(notify::run(settings, events.clone(), changed, stop.clone()));
        Self { events, engine, telling, stop }
    }

    /// A modem comes and goes: two facts.
    async fn coming_and_going(&self, modem: &str) {
        let sim = SimIdentity { iccid: Some(format!("8962{modem}")), imsi: None };
        for event in [
            ModemEvent::Found { modem: ModemIdentity::default(), sim, port: format!("/dev/gsm/{modem}") },
            ModemEvent::Ready { operator: None, reports: true },
            ModemEvent::Lost { reason: "unplugged".to_owned() },
        ] {
            self.events.send(Event::Modem(ModemName::new(modem), event)).await.unwrap();
        }
    }

    async fn act(&self, action: Action) {
        let act = Act { reply_to: None, actor: "admin".to_owned(), reason: String::new(), action };
        self.events.send(Event::Act(act)).await.unwrap();
    }

    async fn stop(self) {
        self.stop.cancel();
        self.telling.await.unwrap();
        drop(self.events);
        self.engine.await.unwrap();
    }

    /// At whatever point everything is.
    async fn kill(self) {
        self.telling.abort();
        self.engine.abort();
        let _ = (self.telling.await, self.engine.await);
    }
}

fn config(folder: &Path, text: &str) -> Config {
    let secret = folder.join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    Config::read(&folder.join("k.toml"), &format!("[paths]\ndatabase = \"k.db\"\n{text}")).unwrap()
}

fn hook(folder: &Path, name: &str, port: u16) -> String {
    let secret = folder.join("secret");
    format!(
        "[[webhook]]\nname = \"{name}\"\nurl = \"http://127.0.0.1:{port}/k\"\ninsecure = true\nsecret_file = \"{}\"\n\
         events = [\"modem\"]\n",
        secret.display()
    )
}

fn clock() -> Clock {
    Clock::starting_at(Timestamp::from_second(1_795_000_000).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_webhook_is_called_with_signed_facts_and_again_after_a_failure_until_it_has_taken_them() {
    let folder = tempfile::tempdir().unwrap();
    let (port, mut calls) = receiver(&[500, 302, 200]);
    let config = config(folder.path(), &hook(folder.path(), "a", port));
    let daemon = Daemon::start(&config, clock());
    daemon.coming_and_going("m").await;
    let tries = [calls.recv().await.unwrap(), calls.recv().await.unwrap(), calls.recv().await.unwrap()];
    for call in &tries {
        let signed = call.headers["kentongan-signature"].clone();
        let (time, value) = signed.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET).unwrap();
        mac.update(format!("{time}.{}", call.body).as_bytes());
        let expected: String = mac.finalize().into_bytes().iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(value, expected);
        assert_eq!(call.headers["content-type"], "application/json");
    }
    let ids = tries[0].ids();
    // A redirection is followed nowhere; it is a failure like any other.
    assert!(tries[1].ids().starts_with(&ids) && tries[2].ids().starts_with(&ids), "in order, the same ids");
    assert_eq!(tries[0].events()[0]["what"], "modem_ready");
    assert_eq!(tries[0].events()[0]["subject"], "m");
    daemon.stop().await;
    let view = Reader::open(&config.paths.database).unwrap().webhooks().unwrap().remove(0);
    assert_eq!((view.state.as_str(), view.behind, view.tries, view.trouble), ("ok", 0, 0, None));
}

#[tokio::test(start_paused = true)]
async fn a_kill_in_the_middle_loses_no_fact_and_changes_no_order() {
    let folder = tempfile::tempdir().unwrap();
    let (port, mut calls) = receiver(&[]);
    let config = config(folder.path(), &hook(folder.path(), "a", port));
    let daemon = Daemon::start(&config, clock());
    daemon.coming_and_going("m").await;
    let mut ids = calls.recv().await.unwrap().ids();
    for n in 0..3 {
        daemon.coming_and_going(&format!("m{n}")).await;
    }
    daemon.kill().await;
    let daemon = Daemon::start(&config, clock());
    daemon.coming_and_going("last").await;
    let mut last = false;
    while !last {
        let call = calls.recv().await.unwrap();
        // What it was told before may come once more, never out of turn.
        let new: Vec<String> = call.ids().into_iter().filter(|id| !ids.contains(id)).collect();
        let number = |id: &String| id.split('-').next().unwrap().parse::<i64>().unwrap();
        assert!(new.iter().all(|id| number(id) > number(ids.last().unwrap())), "{new:?} after {ids:?}");
        ids.extend(new);
        last = call.events().iter().any(|event| event["subject"] == "last" && event["what"] == "modem_lost");
    }
    let numbers: Vec<i64> = ids.iter().map(|id| id.split('-').next().unwrap().parse().unwrap()).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "none is missing: {numbers:?}");
    daemon.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_dead_webhook_delays_no_other_and_a_test_says_what_came_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (port, mut calls) = receiver(&[]);
    // Nobody listens there any more.
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let hooks = hook(folder.path(), "dead", dead) + &hook(folder.path(), "well", port);
    let config = config(folder.path(), &hooks);
    let daemon = Daemon::start(&config, clock());
    daemon.coming_and_going("m").await;
    while calls.recv().await.unwrap().events().last().unwrap()["what"] != "modem_lost" {}
    daemon.act(Action::TestWebhook("well".to_owned())).await;
    daemon.act(Action::TestWebhook("dead".to_owned())).await;
    let test = calls.recv().await.unwrap();
    assert_eq!(test.events()[0]["event"], "test");
    assert!(test.headers["kentongan-id"].starts_with("test-"));
    let reader = Reader::open(&config.paths.database).unwrap();
    let states = || -> Vec<(String, String)> {
        let rows = reader.notices(9).unwrap();
        rows.into_iter().map(|notice| (notice.target, notice.state)).collect()
    };
    while states().len() < 2 || states().iter().any(|(_, state)| state == "waiting") {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(states(), [("dead".to_owned(), "given_up".to_owned()), ("well".to_owned(), "sent".to_owned())]);
    daemon.stop().await;
    let views = reader.webhooks().unwrap();
    assert_eq!((views[0].state.as_str(), views[1].state.as_str()), ("failing", "ok"));
    assert!(views[0].trouble.as_deref().is_some_and(|why| why.to_lowercase().contains("refused")), "{views:?}");
}

/// A mail server for one letter; gives what it was told between DATA and the point.
fn mail_server() -> (u16, JoinHandle<(Vec<String>, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // As a task of the runtime: the stopped clock then stands while it waits.
    let served = tokio::task::spawn_blocking(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap());
        let (mut commands, mut letter, mut in_letter) = (Vec::new(), String::new(), false);
        stream.write_all(b"220 mail.test ESMTP\r\n").unwrap();
        for line in lines.lines() {
            let line = line.unwrap();
            if in_letter {
                in_letter = line != ".";
                letter += &format!("{line}\n");
                if !in_letter {
                    stream.write_all(b"250 taken\r\n").unwrap();
                    break;
                }
                continue;
            }
            in_letter = line == "DATA";
            stream.write_all(if in_letter { b"354 go on\r\n" } else { b"250 ok\r\n" }).unwrap();
            commands.push(line);
        }
        (commands, letter)
    });
    (port, served)
}

#[tokio::test(start_paused = true)]
async fn a_letter_goes_to_everybody_once() {
    let folder = tempfile::tempdir().unwrap();
    let (port, served) = mail_server();
    let text = format!(
        "[office]\nname = \"Diskominfo\"\n[alarms.mail]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n\
         from = \"Kentongan <k@bandung.go.id>\"\nto = [\"a@bandung.go.id\", \"b@bandung.go.id\"]\n"
    );
    let config = config(folder.path(), &text);
    let daemon = Daemon::start(&config, clock());
    daemon.act(Action::TestAlarms).await;
    let (commands, letter) = served.await.unwrap();
    assert!(commands.iter().any(|command| command.starts_with("MAIL FROM:<k@bandung.go.id>")), "{commands:?}");
    let to: Vec<_> = commands.iter().filter(|command| command.starts_with("RCPT TO:")).collect();
    assert_eq!(to, ["RCPT TO:<a@bandung.go.id>", "RCPT TO:<b@bandung.go.id>"]);
    for part in
        ["Subject: Diskominfo: uji coba", "Message-ID: <1.17950", "@kentongan.bandung.go.id>", "Peringatan Kentongan"]
    {
        assert!(letter.contains(part), "{part}\n{letter}");
    }
    let reader = Reader::open(&config.paths.database).unwrap();
    while reader.notice(1).unwrap().unwrap().state == "waiting" {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(reader.notice(1).unwrap().unwrap().state, "sent");
    daemon.stop().await;
}
