//! Enough of HTTP/1.1 to ask one thing and read the answer to its end.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use serde_json::Value;

/// How the daemon is reached.
pub enum Way {
    Socket(PathBuf),
    Tcp(u16),
}

pub struct Answer {
    pub status: u16,
    head: String,
    body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n\n{}", self.head, String::from_utf8_lossy(&self.body))
    }
}

impl Answer {
    pub fn kind(&self) -> &str {
        let header = |line: &str| line.to_lowercase().starts_with("content-type:");
        self.head.lines().find(|line| header(line)).map_or("", |line| line[13..].trim())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Way {
    /// One request, on a connection of its own. `content`: its kind, and what it is.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], content: Option<(&str, String)>) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let body = content.map(|(kind, body)| {
            head.push_str(&format!("content-type: {kind}\r\ncontent-length: {}\r\n", body.len()));
            body
        });
        let request = format!("{head}\r\n{}", body.unwrap_or_default());
        let mut answer = Vec::new();
        match self {
            Way::Socket(path) => {
                let mut stream = UnixStream::connect(path).unwrap();
                stream.write_all(request.as_bytes()).unwrap();
                stream.read_to_end(&mut answer).unwrap();
            }
            Way::Tcp(port) => {
                let mut stream = TcpStream::connect(("127.0.0.1", *port)).unwrap();
                stream.write_all(request.as_bytes()).unwrap();
                stream.read_to_end(&mut answer).unwrap();
            }
        }
        read(&answer)
    }
}

fn read(answer: &[u8]) -> Answer {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let body = &answer[end + 4..];
    let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
    Answer { status, head, body: if chunked { joined(body) } else { body.to_vec() } }
}

/// The pieces of a chunked body, put together.
fn joined(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let line = body.windows(2).position(|window| window == b"\r\n").expect("the length of a piece");
        let length = usize::from_str_radix(std::str::from_utf8(&body[..line]).unwrap(), 16).unwrap();
        if length == 0 {
            return whole;
        }
        whole.extend_from_slice(&body[line + 2..line + 2 + length]);
        body = &body[line + 2 + length + 2..];
    }
}
