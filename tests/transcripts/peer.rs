//! A modem played from a transcript over an in-memory pipe, and the session on the other end.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{PipeReader, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kentongan::engine::event::{Event, ModemEvent, ModemOrder, Reservation};
use kentongan::model::{AttemptId, ModemName, Ticket};
use kentongan::modem::{SessionEnd, SessionSettings, run};
use rustix::event::{PollFd, PollFlags, poll};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// What the modem got that no transcript answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    /// `AT+CMGS=n` and other commands that a test answers itself.
    Command(String),
    /// Something that ended with Ctrl-Z.
    Pdu(String),
    /// ESC.
    Escape,
}

/// The answers of one modem.
#[derive(Default)]
struct Transcript {
    answers: BTreeMap<String, Vec<Vec<String>>>,
    otherwise: Vec<String>,
    ends: String,
    echo: bool,
    mute: bool,
}

impl Transcript {
    fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(format!("{name}.txt"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut transcript = Transcript { ends: "\r\n".into(), ..Self::default() };
        let mut command: Option<String> = None;
        let mut own = BTreeSet::new();
        for line in text.lines() {
            match line.split_at_checked(1) {
                None | Some(("#", _)) => {}
                Some(("!", rule)) => match rule.trim() {
                    "echo" => transcript.echo = true,
                    "ends CR CR LF" => transcript.ends = "\r\r\n".into(),
                    "ends LF" => transcript.ends = "\n".into(),
                    "mute until ATQ0V1E0" => transcript.mute = true,
                    other => {
                        let rest = other.strip_prefix("as ").unwrap_or_else(|| panic!("{other}: no such rule"));
                        transcript = Self::read(rest);
                    }
                },
                Some((" ", _)) => {
                    let answer = line[2..].to_owned();
                    match &command {
                        None => transcript.otherwise.push(answer),
                        Some(command) => {
                            let all = transcript.answers.get_mut(command).expect("begun");
                            all.last_mut().expect("begun").push(answer);
                        }
                    }
                }
                Some(("*", _)) => command = None,
                Some(_) => {
                    let answers = transcript.answers.entry(line.to_owned()).or_default();
                    // Another modem's answers do not count beside one's own.
                    if own.insert(line) {
                        answers.clear();
                    }
                    answers.push(Vec::new());
                    command = Some(line.to_owned());
                }
            }
        }
        transcript
    }

    /// The same modem with a SIM that asks for its PIN, 4711, and takes it.
    fn locked(mut self) -> Self {
        let asks = ["+CPIN: SIM PIN".to_owned(), "OK".to_owned()];
        self.answers.entry("AT+CPIN?".to_owned()).or_default().insert(0, asks.to_vec());
        self.answers.insert("AT+CPIN=\"4711\"".to_owned(), vec![vec!["OK".to_owned()]]);
        self
    }

    fn answer(&mut self, command: &str) -> String {
        self.mute &= command != "ATQ0V1E0";
        if self.mute {
            return String::new();
        }
        let lines = match self.answers.get_mut(command) {
            Some(all) if all.len() > 1 => all.remove(0),
            Some(all) => all[0].clone(),
            None => self.otherwise.clone(),
        };
        lines.iter().map(|line| format!("{0}{line}{0}", self.ends)).collect()
    }
}

/// The modem's end of the pipe.
pub struct Peer {
    got: mpsc::Receiver<Got>,
    say: Option<mpsc::Sender<Vec<u8>>>,
    log: Arc<Mutex<Vec<String>>>,
    still: CancellationToken,
    restarted: Arc<AtomicBool>,
}

impl Peer {
    /// What reaches the modem next and is not in the transcript.
    pub async fn got(&mut self) -> Got {
        timeout(Duration::from_secs(3_600), self.got.recv())
            .await
            .expect("nothing reached the modem")
            .expect("the pipe is closed")
    }

    /// Nothing may reach the modem for this long.
    pub async fn gets_nothing_for(&mut self, time: Duration) {
        if let Ok(Some(got)) = timeout(time, self.got.recv()).await {
            panic!("the modem got {got:?}");
        }
    }

    /// Says something, exactly.
    pub async fn say(&self, text: &str) {
        self.say_bytes(text.as_bytes()).await;
    }

    pub async fn say_bytes(&self, bytes: &[u8]) {
        self.say.as_ref().expect("plugged in").send(bytes.to_vec()).await.expect("the pipe is open");
    }

    /// Restarts without a word: it echoes again until it is told not to.
    pub fn restart(&self) {
        self.restarted.store(true, Ordering::Relaxed);
    }

    /// Takes no more octets, and says nothing.
    pub fn hold_still(&self) {
        self.still.cancel();
    }

    /// Pulls the plug.
    pub fn unplug(&mut self) {
        self.say = None;
    }

    /// Every command so far.
    pub fn commands(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Commands that a test answers itself.
fn is_manual(command: &str) -> bool {
    ["AT+CMGS=", "AT+CMGR=", "AT+CHUP", "AT+CUSD=1,"].iter().any(|start| command.starts_with(start))
}

async fn play(
    mut pipe: DuplexStream,
    mut transcript: Transcript,
    log: Arc<Mutex<Vec<String>>>,
    got: mpsc::Sender<Got>,
    mut say: mpsc::Receiver<Vec<u8>>,
    still: CancellationToken,
    restarted: Arc<AtomicBool>,
) {
    let mut input = Vec::new();
    loop {
        let mut octet = [0];
        tokio::select! {
            biased;
            bytes = say.recv() => match bytes {
                Some(bytes) => if pipe.write_all(&bytes).await.is_err() { return },
                None => return,
            },
            () = still.cancelled() => std::future::pending().await,
            read = pipe.read(&mut octet) => match read {
                Ok(1) => match octet[0] {
                    b'\r' => {
                        let command = String::from_utf8_lossy(&std::mem::take(&mut input)).into_owned();
                        log.lock().unwrap_or_else(PoisonError::into_inner).push(command.clone());
                        transcript.echo |= restarted.swap(false, Ordering::Relaxed);
                        let echo = if transcript.echo { format!("{command}\r") } else { String::new() };
                        transcript.echo &= command != "ATE0" && command != "ATQ0V1E0";
                        let answer = if is_manual(&command) { String::new() } else { transcript.answer(&command) };
                        if pipe.write_all((echo + &answer).as_bytes()).await.is_err() { return }
                        if is_manual(&command) && got.send(Got::Command(command)).await.is_err() { return }
                    }
                    0x1A => {
                        let pdu = String::from_utf8_lossy(&std::mem::take(&mut input)).into_owned();
                        if got.send(Got::Pdu(pdu)).await.is_err() { return }
                    }
                    // Before the first command it means nothing to a modem that is in no prompt.
                    0x1B if log.lock().unwrap_or_else(PoisonError::into_inner).is_empty() => input.clear(),
                    0x1B => {
                        input.clear();
                        if got.send(Got::Escape).await.is_err() { return }
                    }
                    other => input.push(other),
                },
                _ => return,
            },
        }
    }
}

/// A session on a played modem; the test is its engine.
pub struct Bench {
    pub peer: Peer,
    pub events: mpsc::Receiver<Event>,
    pub orders: mpsc::Sender<ModemOrder>,
    pub stop: CancellationToken,
    session: JoinHandle<SessionEnd>,
}

impl Bench {
    /// Starts a session on the modem of this transcript.
    pub fn start(name: &str) -> Self {
        Self::start_with(name, 64 * 1_024)
    }

    /// The same, with settings of its own.
    pub fn start_set(name: &str, set: fn(&mut SessionSettings)) -> Self {
        Self::start_as(Transcript::read(name), 64 * 1_024, set)
    }

    /// The same, over a pipe that holds so many octets.
    pub fn start_with(name: &str, pipe_size: usize) -> Self {
        Self::start_as(Transcript::read(name), pipe_size, |_| {})
    }

    /// Starts a session on the modem of this transcript, whose SIM asks for its PIN first.
    pub fn start_locked(name: &str, set: fn(&mut SessionSettings)) -> Self {
        Self::start_as(Transcript::read(name).locked(), 64 * 1_024, set)
    }

    fn start_as(transcript: Transcript, pipe_size: usize, set: fn(&mut SessionSettings)) -> Self {
        let (ours, theirs) = tokio::io::duplex(pipe_size);
        let (got_in, got) = mpsc::channel(64);
        let (say, say_out) = mpsc::channel(64);
        let still = CancellationToken::new();
        let log = Arc::new(Mutex::new(Vec::new()));
        let restarted = Arc::new(AtomicBool::new(false));
        tokio::spawn(play(
            theirs,
            transcript,
            Arc::clone(&log),
            got_in,
            say_out,
            still.clone(),
            Arc::clone(&restarted),
        ));
        let (events_in, events) = mpsc::channel(64);
        let (orders, mut orders_out) = mpsc::channel(64);
        let stop = CancellationToken::new();
        let session_stop = stop.clone();
        let session = tokio::spawn(async move {
            let mut settings = SessionSettings::new(ModemName::new("m1"), "/dev/gsm/m1");
            set(&mut settings);
            run(ours, &settings, &events_in, &mut orders_out, &session_stop).await
        });
        Self { peer: Peer { got, say: Some(say), log, still, restarted }, events, orders, stop, session }
    }

    /// Starts and waits until the modem is ready; gives what was reported on the way.
    pub async fn ready(name: &str) -> (Self, Vec<ModemEvent>) {
        let mut bench = Self::start(name);
        let told = bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
        (bench, told)
    }

    /// The next event, signal readings left out.
    pub async fn event(&mut self) -> ModemEvent {
        loop {
            let event = timeout(Duration::from_secs(3_600), self.events.recv()).await.expect("no event came");
            match event.expect("the session has ended") {
                Event::Modem(_, ModemEvent::Health { .. }) => {}
                Event::Modem(name, event) => {
                    assert_eq!(name.as_str(), "m1");
                    return event;
                }
                other => panic!("{other:?} from a modem"),
            }
        }
    }

    /// All events up to the one wanted.
    pub async fn until(&mut self, wanted: impl Fn(&ModemEvent) -> bool) -> Vec<ModemEvent> {
        let mut told = Vec::new();
        loop {
            let event = self.event().await;
            let found = wanted(&event);
            told.push(event);
            if found {
                return told;
            }
        }
    }

    pub async fn order(&self, order: ModemOrder) {
        self.orders.send(order).await.expect("the session runs");
    }

    pub async fn reserve(&self, ticket: u64) {
        self.order(ModemOrder::Reserve(reservation(ticket))).await;
    }

    pub async fn go(&self, ticket: u64, attempt: i64) {
        self.order(ModemOrder::Go { ticket: Ticket(ticket), attempt: AttemptId(attempt) }).await;
    }

    /// Reserves, lets the modem prompt, and hands over: the send is on the air.
    pub async fn on_air(&mut self, ticket: u64, attempt: i64) {
        self.reserve(ticket).await;
        assert_eq!(self.event().await, ModemEvent::Begun(Ticket(ticket)));
        assert_eq!(self.peer.got().await, Got::Command("AT+CMGS=24".into()));
        self.go(ticket, attempt).await;
        self.peer.say("\r\n> ").await;
        assert_eq!(self.peer.got().await, Got::Pdu(PDU.into()));
    }

    /// The end of the session, after its last event, which must be `Lost`.
    pub async fn end(mut self) -> SessionEnd {
        let end =
            timeout(Duration::from_secs(3_600), self.session).await.expect("the session goes on").expect("no panic");
        let mut last = None;
        while let Ok(Event::Modem(_, event)) = self.events.try_recv() {
            last = Some(event);
        }
        assert!(matches!(last, Some(ModemEvent::Lost { .. })), "{last:?}");
        end
    }
}

/// The PDU of every reservation here; any hexadecimal does.
pub const PDU: &str = "0011000B912618214365870000FF05E8329BFD06";

pub fn reservation(ticket: u64) -> Reservation {
    Reservation { ticket: Ticket(ticket), length: 24, pdu: PDU.to_owned(), more: false }
}

/// Answers from a transcript on a pseudo-terminal until `pulled` is at its end.
pub fn answering(mut modem: &File, pulled: &PipeReader, name: &str) {
    let mut transcript = Transcript::read(name);
    let mut input = Vec::new();
    loop {
        let mut fds = [PollFd::new(&modem, PollFlags::IN), PollFd::new(pulled, PollFlags::IN)];
        poll(&mut fds, None).expect("polled");
        if !fds[1].revents().is_empty() {
            return;
        }
        let mut octets = [0; 256];
        // Nobody has opened the other side yet, or it is between two openings.
        let Ok(count) = modem.read(&mut octets) else { continue };
        for octet in &octets[..count] {
            if *octet == b'\r' {
                let command = String::from_utf8_lossy(&std::mem::take(&mut input)).into_owned();
                modem.write_all(transcript.answer(&command).as_bytes()).expect("written");
            } else {
                input.push(*octet);
            }
        }
    }
}
