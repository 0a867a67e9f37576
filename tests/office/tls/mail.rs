//! A mail server, as much of RFC 5321 as one letter needs, that writes down what it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use super::lines::{listen, served};

/// How its lines are.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// TLS from the first octet on.
    Tls,
    /// TLS from the command STARTTLS on.
    StartTls,
    /// It has no TLS to offer.
    Open,
}

/// One on this machine.
pub struct Server {
    pub port: u16,
    /// Each line that it was told, before TLS and under it.
    told: Arc<Mutex<Told>>,
}

#[derive(Default)]
pub struct Told {
    pub open: Vec<String>,
    pub sealed: Vec<String>,
}

impl Server {
    pub fn start(kind: Kind) -> Self {
        let told = Arc::new(Mutex::new(Told::default()));
        let writer = told.clone();
        // Whoever does not trust it hangs up in the middle.
        let port = listen(move |stream| drop(serve(stream, kind, &writer)));
        Self { port, told }
    }

    pub fn told(&self) -> Told {
        std::mem::take(&mut *self.told.lock().unwrap())
    }
}

fn serve(mut stream: TcpStream, kind: Kind, told: &Mutex<Told>) -> std::io::Result<()> {
    let sealed = |line: &str| told.lock().unwrap().sealed.push(line.to_owned());
    if kind == Kind::Tls {
        let mut stream = served(stream);
        stream.write_all(b"220 uji\r\n")?;
        return speak(&mut BufReader::new(stream), "", sealed);
    }
    stream.write_all(b"220 uji\r\n")?;
    let mut lines = BufReader::new(stream);
    let offer = if kind == Kind::StartTls { "250-STARTTLS\r\n" } else { "" };
    speak(&mut lines, offer, |line| told.lock().unwrap().open.push(line.to_owned()))?;
    // Only STARTTLS ends it with the line still open; after QUIT nothing more comes.
    speak(&mut BufReader::new(served(lines.into_inner())), "", sealed)
}

/// Answers until QUIT, STARTTLS or the end of the line.
fn speak<S: Read + Write>(lines: &mut BufReader<S>, offer: &str, note: impl Fn(&str)) -> std::io::Result<()> {
    let (mut letter, mut line) = (false, String::new());
    while lines.read_line(&mut line)? > 0 {
        let said = line.trim_end().to_owned();
        line.clear();
        note(&said);
        let answer = match said.split(' ').next().unwrap_or_default() {
            "." if letter => {
                letter = false;
                "250 kept\r\n".to_owned()
            }
            _ if letter => continue,
            "EHLO" => format!("250-uji\r\n{offer}250 AUTH PLAIN\r\n"),
            "AUTH" => "235 welcome\r\n".to_owned(),
            "DATA" => {
                letter = true;
                "354 go on\r\n".to_owned()
            }
            "STARTTLS" => "220 now\r\n".to_owned(),
            "QUIT" => "221 until next time\r\n".to_owned(),
            _ => "250 yes\r\n".to_owned(),
        };
        lines.get_mut().write_all(answer.as_bytes())?;
        if said == "STARTTLS" || said == "QUIT" {
            return Ok(());
        }
    }
    Ok(())
}
