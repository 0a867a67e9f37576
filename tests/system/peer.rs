//! A modem played by a script on a pseudo-terminal: every octet that it gets is kept, and it says what a test wants.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

/// What a script answers to a command; `None`: what a quiet modem would.
pub type Script = fn(&str) -> Option<String>;

pub struct Peer {
    master: File,
    got: Arc<Mutex<Vec<u8>>>,
    /// Held open, so that the other end may come and go.
    _slave: OwnedFd,
}

impl Peer {
    /// A modem whose port is this link.
    pub fn at(link: &Path, script: Script) -> Self {
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        rustix::pty::grantpt(&master).unwrap();
        rustix::pty::unlockpt(&master).unwrap();
        let mut termios = tcgetattr(&master).unwrap();
        termios.make_raw();
        tcsetattr(&master, OptionalActions::Now, &termios).unwrap();
        let slave = rustix::pty::ptsname(&master, Vec::new()).unwrap();
        let slave = Path::new(slave.to_str().unwrap());
        let held = rustix::fs::open(slave, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        std::os::unix::fs::symlink(slave, link).unwrap();
        let master = File::from(master);
        let (heard, got) = (master.try_clone().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let book = got.clone();
        std::thread::spawn(move || listen(heard, &book, script));
        Self { master, got, _slave: held }
    }

    /// Says something unasked. Blocks while nobody reads.
    pub fn say(&self, octets: &[u8]) {
        (&self.master).write_all(octets).unwrap();
    }

    /// All that it has got, as text.
    pub fn got(&self) -> String {
        String::from_utf8_lossy(&self.got.lock().unwrap()).into_owned()
    }
}

/// Ends when both ends of the port are closed, or with the test.
fn listen(mut port: File, book: &Mutex<Vec<u8>>, script: Script) {
    let (mut line, mut sent, mut prompted) = (Vec::new(), 0u8, false);
    let mut chunk = [0; 1024];
    while let Ok(count @ 1..) = port.read(&mut chunk) {
        book.lock().unwrap().extend_from_slice(&chunk[..count]);
        for byte in &chunk[..count] {
            let answer = match (prompted, *byte) {
                (true, 0x1A) => {
                    (prompted, sent) = (false, sent.wrapping_add(1));
                    format!("\r\n+CMGS: {sent}\r\n\r\nOK\r\n")
                }
                (_, 0x1B) => {
                    prompted = false;
                    "\r\nOK\r\n".to_owned()
                }
                (false, b'\r') => {
                    let command = String::from_utf8_lossy(&line).trim().to_owned();
                    prompted = command.starts_with("AT+CMGS=");
                    script(&command).unwrap_or_else(|| quiet(&command))
                }
                (_, byte) => {
                    line.push(byte);
                    continue;
                }
            };
            line.clear();
            if port.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

/// A plain 3G modem with nothing in its memory.
fn quiet(command: &str) -> String {
    let line = match command {
        _ if command.starts_with("AT+CMGS=") => return "\r\n> ".to_owned(),
        "AT+CGMI" => "ACME",
        "AT+CGMM" => "Model 1",
        "AT+CGMR" => "1.0",
        "AT+CGSN" => "356938035643809",
        "AT+CPIN?" => "+CPIN: READY",
        "AT+CFUN?" => "+CFUN: 1",
        "AT+CPMS=?" => "+CPMS: (\"SM\"),(\"SM\"),(\"SM\")",
        "AT+CPMS?" => "+CPMS: \"SM\",0,10,\"SM\",0,10,\"SM\",0,10",
        _ if command.starts_with("AT+CPMS=") => "+CPMS: 0,10,0,10,0,10",
        "AT+CNMI=?" => "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)",
        "AT+CIMI" => "510101234567890",
        "AT+CCID" => "+CCID: 8962100000000000999",
        "AT+CREG?" => "+CREG: 0,1",
        "AT+CSQ" => "+CSQ: 20,99",
        "AT+COPS?" => "+COPS: 0,0,\"UJI\"",
        "AT+CSCA?" => "+CSCA: \"+6281100000\",145",
        "AT+CSMS?" => "+CSMS: 0,1,1,1",
        _ => return "\r\nOK\r\n".to_owned(),
    };
    format!("\r\n{line}\r\n\r\nOK\r\n")
}
