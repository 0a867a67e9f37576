//! TLS, really spoken: the page and the API in, webhooks and letters out.

mod lines;
mod mail;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;

use crate::outside::{Daemon, Office};
use lines::{call, file, listen, served};
use mail::{Kind, Server};

const UNIT: &str = "[[unit]]\nname = \"diskominfo\"\n";

/// A daemon of which the system trusts who signed the certificate of these tests.
fn trusting(office: &Office) -> Daemon {
    office.daemon_with(&[("SSL_CERT_FILE", file("ca.pem").to_str().unwrap()), ("SSL_CERT_DIR", "/nonexistent")])
}

/// One of which the system trusts somebody else.
fn doubting(office: &Office) -> Daemon {
    office.daemon_with(&[("SSL_CERT_FILE", file("other.pem").to_str().unwrap()), ("SSL_CERT_DIR", "/nonexistent")])
}

fn secret(office: &Office, text: &str) {
    office.write("secret", text);
    std::fs::set_permissions(office.path("secret"), std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// What is answered to this request on this line, to its end.
fn asked(mut line: impl Read + Write, request: &str) -> std::io::Result<String> {
    line.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    match line.read_to_end(&mut answer) {
        // Some servers hang up without a word when all is said.
        Err(error) if answer.is_empty() || error.kind() != std::io::ErrorKind::UnexpectedEof => return Err(error),
        _ => {}
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[test]
fn the_page_and_the_api_are_served_over_tls_and_to_nobody_without_it() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let web = format!(
        "[web]\nlisten = [\"127.0.0.1:{port}\"]\ncertificate = \"{}\"\nkey = \"{}\"\n",
        file("server.pem").display(),
        file("server.key").display()
    );
    let office = Office::with(&(web + UNIT));
    let _daemon = office.daemon();
    let added = office.run_with(&["account", "add", "dewi", "--role", "administrator"], "bambu berbaris rapi\n");
    assert_eq!(added.code, 0, "{added:?}");

    let get = "GET /sign-in HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let page = asked(call(port, &["ca.pem"]), get).unwrap();
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.contains("name=\"password\""), "{page}");
    let form = "name=dewi&password=bambu+berbaris+rapi";
    let post = format!(
        "POST /sign-in HTTP/1.1\r\nhost: localhost\r\norigin: https://localhost\r\nsec-fetch-site: same-origin\r\n\
         connection: close\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    let signed_in = asked(call(port, &["ca.pem"]), &post).unwrap();
    let cookie = signed_in.lines().find(|line| line.to_lowercase().starts_with("set-cookie:"));
    assert!(signed_in.starts_with("HTTP/1.1 303"), "{signed_in}");
    assert!(cookie.is_some_and(|line| line.contains("; Secure") && line.contains("HttpOnly")), "{signed_in}");

    let distrust = asked(call(port, &[]), get).unwrap_err();
    assert!(distrust.to_string().contains("UnknownIssuer"), "{distrust}");
    let open = asked(TcpStream::connect(("127.0.0.1", port)).unwrap(), get);
    assert!(open.as_ref().is_ok_and(|answer| !answer.contains("HTTP/1.1")) || open.is_err(), "{open:?}");
}

/// A receiver over TLS that takes every call.
fn receiver() -> u16 {
    listen(|stream| {
        let mut lines = BufReader::new(served(stream));
        let (mut line, mut length) = (String::new(), 0);
        while lines.read_line(&mut line).is_ok_and(|octets| octets > 2) {
            if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let _ = lines.read_exact(&mut vec![0; length]);
        let _ = lines.get_mut().write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    })
}

#[test]
fn a_webhook_is_called_over_tls_and_not_taken_where_its_certificate_is_not_trusted() {
    let office = Office::with(UNIT);
    secret(&office, "kentongan bertalu-talu\n");
    let hook = format!(
        "[[webhook]]\nname = \"pusat\"\nurl = \"https://localhost:{}/\"\nevents = [\"alarm\"]\nsecret_file = \"{}\"\n",
        receiver(),
        office.path("secret").display()
    );
    office.add(&hook);
    let daemon = trusting(&office);
    let taken = office.run(&["webhooks", "test", "pusat"]);
    assert_eq!((taken.code, taken.out.as_str()), (0, "webhook pusat: taken\n"), "{taken:?}");
    drop(daemon);
    let _daemon = doubting(&office);
    let refused = office.run(&["webhooks", "test", "pusat"]);
    assert!(refused.code == 1 && refused.out.contains("not taken: "), "{refused:?}");
    assert!(refused.out.to_lowercase().contains("certificate"), "{refused:?}");
}

/// The settings of a mail server on this machine.
fn mail(office: &Office, tls: &str, port: u16) {
    office.add(&format!(
        "[alarms.mail]\nhost = \"localhost\"\nport = {port}\ntls = \"{tls}\"\nuser = \"kentongan\"\npassword_file = \"{}\"\n\
         from = \"kentongan@bandung.go.id\"\nto = [\"dewi@bandung.go.id\"]\n",
        office.path("secret").display()
    ));
}

#[test]
fn letters_and_the_password_of_the_mail_server_go_over_tls_alone() {
    for (kind, tls) in [(Kind::Tls, "tls"), (Kind::StartTls, "starttls")] {
        let (office, server) = (Office::with(UNIT), Server::start(kind));
        secret(&office, "talu bertalu\n");
        mail(&office, tls, server.port);
        let daemon = trusting(&office);
        let sent = office.run(&["alarms", "test"]);
        assert!(sent.code == 0 && sent.out.contains("mail"), "{tls}: {sent:?}");
        let told = server.told();
        assert!(told.open.iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS"), "{tls}: {:?}", told.open);
        let under = told.sealed.join("\n");
        for part in ["AUTH PLAIN", "MAIL FROM:<kentongan@bandung.go.id>", "RCPT TO:<dewi@bandung.go.id>", "Subject: "] {
            assert!(under.contains(part), "{tls}: {part}: {under}");
        }
        drop(daemon);
        let _daemon = doubting(&office);
        let refused = office.run(&["alarms", "test"]);
        let told = server.told();
        let all = [told.open.clone(), told.sealed].concat().join("\n");
        assert!(refused.code == 1 && !all.contains("AUTH"), "{tls}: {refused:?}: {all}");
        assert_eq!(told.open.last().map(String::as_str), (kind == Kind::StartTls).then_some("STARTTLS"), "{tls}");
    }
    // A server, or somebody on the way, that has no TLS to offer.
    let (office, server) = (Office::with(UNIT), Server::start(Kind::Open));
    secret(&office, "talu bertalu\n");
    mail(&office, "starttls", server.port);
    let _daemon = trusting(&office);
    let refused = office.run(&["alarms", "test"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    let told = server.told().open;
    assert!(told.iter().any(|line| line.starts_with("EHLO")) && !told.join("\n").contains("AUTH"), "{told:?}");
}
