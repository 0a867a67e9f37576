//! `kentongan webhooks` and `alarms test` against the running daemon and a receiver on this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use super::Office;

/// A receiver that answers every call with 204 and ends with its test.
fn receiver() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            let (mut line, mut length) = (String::new(), 0);
            while lines.read_line(&mut line).is_ok_and(|octets| octets > 2) {
                if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let _ = lines.read_exact(&mut vec![0; length]);
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        }
    });
    port
}

#[test]
fn a_webhook_is_tried_by_hand_and_what_came_of_it_is_said() {
    let hook = |name: &str, port: u16| {
        format!(
            "[[webhook]]\nname = \"{name}\"\nurl = \"http://127.0.0.1:{port}/\"\ninsecure = true\nevents = [\"alarm\"]\n\
             secret_file = \"SECRET\"\n"
        )
    };
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let hooks = hook("well", receiver()) + &hook("dead", dead);
    let office = Office::with(&format!("[[unit]]\nname = \"diskominfo\"\n{hooks}"));
    let secret = office.path("secret");
    std::fs::write(&secret, "kentongan bertalu-talu\n").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let text = std::fs::read_to_string(office.path("k.toml")).unwrap();
    std::fs::write(office.path("k.toml"), text.replace("SECRET", secret.to_str().unwrap())).unwrap();

    let without = office.run(&["webhooks", "test", "well"]);
    assert!(without.code == 1 && without.err.contains("must be running"), "{without:?}");
    let _daemon = office.daemon();
    let well = office.run(&["webhooks", "test", "well"]);
    assert_eq!((well.code, well.out.as_str()), (0, "webhook well: taken\n"), "{well:?}");
    let dead = office.run(&["webhooks", "test", "dead"]);
    assert!(dead.code == 1 && dead.out.starts_with("webhook dead: not taken: "), "{dead:?}");
    assert!(office.run(&["webhooks", "test", "none"]).err.contains("there is no webhook none"));
    // Both are told of alarms; one of them is not reached.
    let alarms = office.run(&["--lang", "id", "alarms", "test"]);
    assert!(alarms.code == 1 && alarms.out.contains("webhook well: terkirim"), "{alarms:?}");
    let listed = office.json(&["webhooks", "--json"]);
    let names: Vec<_> = listed.as_array().unwrap().iter().map(|hook| hook["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["dead", "well"]);
}
