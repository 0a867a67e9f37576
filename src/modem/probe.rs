//! Asks a port whether a modem answers there, and which: for `kentongan doctor`, and for the daemon where the rules cannot say which
//! port of a device it is. Never on a port that is in use.
//!
//! Bounded in time and in octets, since a port may be no AT port at all: some swallow what they get, some never stop talking. Only
//! questions are asked; the settings that are touched are how the operator is named and, where AT gets no answer, that results are
//! given as words. Left out on purpose: PINs, sending.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::bring_up::{is_missing, registered};
use super::dialect::{Dialect, GENERIC_CARD};
use super::link::{Link, LinkError, Reply};
use crate::at::{
    CnmiOffer, Command, PinState, iccid, iccid_from_crsm, imei, imsi, operator, registration_stat, signal, text,
};
use crate::model::{ModemIdentity, Registration, SimIdentity};

/// A modem that answers some questions and not others is left after this.
pub const PROBE_MAX: Duration = Duration::from_secs(60);
/// How often AT is said before a port counts as silent; each is given 3 s.
const TRIES: u32 = 3;
/// Octets that are read for one answer at most.
const OCTETS_MAX: usize = 4_096;

/// What a port answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    Silence,
    /// So many octets, and no answer to AT among them: a port for diagnosis, positions or data.
    Babble(usize),
    /// A modem.
    Modem(Box<Findings>),
    /// It failed while it was asked.
    Failed(String),
}

/// What a modem said about itself. What it did not say is empty, `None` or unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The device.
    pub modem: ModemIdentity,
    /// Its card.
    pub sim: SimIdentity,
    /// Whether the card can be used.
    pub card: Card,
    /// The best of what it said of circuits, packets and LTE.
    pub registration: Registration,
    /// The operator's name.
    pub operator: Option<String>,
    /// `+CSQ`, 0 to 31.
    pub signal: Option<u8>,
    /// Whether this port offers to say by itself that a message came (AT+CNMI).
    pub announces: bool,
}

/// Whether a SIM can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Card {
    /// It asks for nothing.
    Ready,
    /// It asks for its PIN.
    Pin,
    /// It asks for its PUK.
    Puk,
    /// The modem or the card is locked in another way.
    Locked,
    /// There is none, or its contacts are dirty.
    Missing,
    /// The modem did not say.
    #[default]
    Unknown,
}

/// Asks the modem behind an open port who it is and how it stands. Takes at most about 10 s where nothing answers, and some
/// seconds where a modem does.
pub async fn probe<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> Answer {
    let heard = Arc::new(AtomicUsize::new(0));
    let link = Link::new(Bounded { stream, heard: Arc::clone(&heard) }, Duration::from_secs(3));
    let mut asking = Asking { link, heard };
    match asking.everything().await {
        Ok(answer) => answer,
        // The bound itself shows as the port's failure.
        Err(_) if asking.heard() > OCTETS_MAX => Answer::Babble(asking.heard()),
        Err(error) => Answer::Failed(error.to_string()),
    }
}

struct Asking<S> {
    link: Link<Bounded<S>>,
    heard: Arc<AtomicUsize>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Asking<S> {
    fn heard(&self) -> usize {
        self.heard.load(Ordering::Relaxed)
    }

    async fn everything(&mut self) -> Result<Answer, LinkError> {
        if !self.answers().await? {
            let heard = self.heard();
            return Ok(if heard == 0 { Answer::Silence } else { Answer::Babble(heard) });
        }
        let modem = ModemIdentity {
            manufacturer: text(&self.ask(&Command::manufacturer()).await?.lines, "+CGMI"),
            model: text(&self.ask(&Command::model()).await?.lines, "+CGMM"),
            revision: text(&self.ask(&Command::revision()).await?.lines, "+CGMR"),
            imei: imei(&self.ask(&Command::serial_number()).await?.lines),
        };
        let announces = self.ask(&Command::indication_offer()).await?.find(CnmiOffer::parse).is_some();
        let mut found = Findings { modem, announces, ..Findings::default() };
        found.card = card_state(&self.ask(&Command::pin_state()).await?);
        if found.card == Card::Ready || found.card == Card::Unknown {
            found.sim = self.card(&found.modem).await?;
        }
        found.registration = self.registration().await?;
        if found.registration.serves() {
            self.ask(&Command::operator_format()).await?;
            found.operator = self.ask(&Command::operator()).await?.find(operator);
        }
        found.signal = self.ask(&Command::signal()).await?.find(signal);
        Ok(Answer::Modem(Box::new(found)))
    }

    /// Whether anything answers AT; a modem that somebody left in its prompt leaves it first.
    async fn answers(&mut self) -> Result<bool, LinkError> {
        for attempt in 0..TRIES {
            if attempt > 0 {
                self.link.escape().await?;
            }
            // Octets are counted over all the tries here: nothing but a few answers is due.
            let command = if attempt == 1 { Command::plain_results() } else { Command::attention() };
            if self.link.run(&command).await?.result.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn ask(&mut self, command: &Command) -> Result<Reply, LinkError> {
        self.heard.store(0, Ordering::Relaxed);
        self.link.run(command).await
    }

    async fn card(&mut self, modem: &ModemIdentity) -> Result<SimIdentity, LinkError> {
        let mut found = SimIdentity { iccid: None, imsi: imsi(&self.ask(&Command::subscriber()).await?.lines) };
        for text in Dialect::of(&modem.manufacturer, &modem.model).card.iter().chain(GENERIC_CARD) {
            let lines = self.ask(&Command::card(text)).await?.lines;
            found.iccid = if text.starts_with("AT+CRSM") { iccid_from_crsm(&lines) } else { iccid(&lines) };
            if found.iccid.is_some() {
                break;
            }
        }
        Ok(found)
    }

    async fn registration(&mut self) -> Result<Registration, LinkError> {
        let mut best = Registration::None;
        for name in Command::REGISTRATIONS {
            let stat = self.ask(&Command::registration(name)).await?.find(|line| registration_stat(line, name));
            let found = stat.map_or(Registration::None, registered);
            if found.serves() {
                return Ok(found);
            }
            if best == Registration::None {
                best = found;
            }
        }
        Ok(best)
    }
}

fn card_state(reply: &Reply) -> Card {
    match (reply.find(PinState::parse), &reply.result) {
        (Some(PinState::Ready), _) => Card::Ready,
        (Some(PinState::Pin), _) => Card::Pin,
        (Some(PinState::Puk), _) => Card::Puk,
        (Some(PinState::Other(_)), _) => Card::Locked,
        (Some(PinState::Missing), _) => Card::Missing,
        (Some(PinState::Busy), _) => Card::Unknown,
        (None, Some(result)) if is_missing(result) => Card::Missing,
        (None, _) => Card::Unknown,
    }
}

/// A stream that fails once more has been read than an answer can have.
struct Bounded<S> {
    stream: S,
    heard: Arc<AtomicUsize>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let read = buf.filled().len() - before;
        if self.heard.fetch_add(read, Ordering::Relaxed) + read > OCTETS_MAX {
            return Poll::Ready(Err(io::Error::other(format!("more than {OCTETS_MAX} octets without an answer"))));
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
    use tokio::time::Instant;

    /// What is found behind a port whose other end `modem` is.
    async fn asked<F: Future<Output = ()>>(modem: impl FnOnce(DuplexStream) -> F) -> Answer {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        tokio::select! {
            biased;
            answer = probe(ours) => answer,
            () = modem(theirs) => unreachable!("a port that stays open"),
        }
    }

    /// Answers each command by a table; what is not in it gets ERROR.
    async fn speak(mut port: DuplexStream, table: &[(&str, &str)]) {
        let mut line = Vec::new();
        while let Ok(octet) = port.read_u8().await {
            if octet != b'\r' {
                line.push(octet);
                continue;
            }
            let said = String::from_utf8_lossy(&line).into_owned();
            line.clear();
            let answer = table.iter().find(|(command, _)| *command == said).map_or("ERROR", |(_, answer)| answer);
            // With the echo that most have on.
            let octets = format!("{said}\r\r\n{}\r\n", answer.replace('\n', "\r\n"));
            if port.write_all(octets.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_modem_says_who_it_is_and_how_it_stands() {
        let table = [
            ("AT", "OK"),
            ("AT+CGMI", "huawei\n\nOK"),
            ("AT+CGMM", "E1752\n\nOK"),
            ("AT+CGMR", "11.126.15.00.00\n\nOK"),
            ("AT+CGSN", "356938035643809\n\nOK"),
            ("AT+CNMI=?", "+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)\n\nOK"),
            ("AT+CPIN?", "+CPIN: READY\n\nOK"),
            ("AT+CIMI", "510101234567890\n\nOK"),
            ("AT^ICCID?", "^ICCID: 98260100214365870921\n\nOK"),
            ("AT+CREG?", "+CREG: 0,1\n\nOK"),
            ("AT+COPS=3,0", "OK"),
            ("AT+COPS?", "+COPS: 0,0,\"TELKOMSEL\",2\n\nOK"),
            ("AT+CSQ", "+CSQ: 19,99\n\nOK"),
        ];
        let Answer::Modem(found) = asked(|port| speak(port, &table)).await else { panic!("no modem") };
        assert_eq!((found.modem.model.as_str(), found.modem.imei.as_deref()), ("E1752", Some("356938035643809")));
        assert_eq!(found.sim.imsi.as_deref(), Some("510101234567890"));
        assert_eq!((found.card, found.registration, found.announces), (Card::Ready, Registration::Home, true));
        assert_eq!((found.operator.as_deref(), found.signal), (Some("TELKOMSEL"), Some(19)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_modem_without_a_card_is_a_modem() {
        let table = [("AT", "OK"), ("AT+CPIN?", "+CME ERROR: 10")];
        let Answer::Modem(found) = asked(|port| speak(port, &table)).await else { panic!("no modem") };
        assert_eq!((found.card, found.announces), (Card::Missing, false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_modem_that_answers_in_digits_or_not_at_all_is_told_to_answer_in_words() {
        for digits in [true, false] {
            let answer = asked(async |mut port| {
                let (mut line, mut octet) = (Vec::new(), [0]);
                while !line.ends_with(b"ATQ0V1E0\r") {
                    port.read_exact(&mut octet).await.expect("it asks");
                    line.push(octet[0]);
                    if octet[0] == b'\r' && digits {
                        port.write_all(b"0\r").await.expect("it listens");
                    }
                }
                port.write_all(b"\r\nOK\r\n").await.expect("it listens");
                speak(port, &[("AT", "OK"), ("AT+CGMM", "EMU1\n\nOK")]).await;
            });
            let Answer::Modem(found) = answer.await else { panic!("no modem") };
            assert_eq!(found.modem.model, "EMU1");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_port_is_given_up_within_ten_seconds() {
        let began = Instant::now();
        let answer = asked(async |_port| std::future::pending().await).await;
        assert_eq!(answer, Answer::Silence);
        assert!(began.elapsed() <= Duration::from_secs(10), "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_port_that_never_stops_talking_is_left_after_some_thousand_octets() {
        let flood =
            asked(async |mut port| while port.write_all(b"$GPGGA,104530.00,0654.0,S,10736.0\r\n").await.is_ok() {});
        let Answer::Babble(octets) = flood.await else { panic!("no babble") };
        assert!((OCTETS_MAX..OCTETS_MAX * 2).contains(&octets), "{octets}");
        // Binary, as of a port for diagnosis.
        let diagnosis = asked(async |mut port| {
            let _ = port.write_all(b"\x7e\x13\x02\x00\xff\x7e").await;
            std::future::pending().await
        });
        assert_eq!(diagnosis.await, Answer::Babble(6));
    }

    #[tokio::test(start_paused = true)]
    async fn a_modem_that_was_left_in_its_prompt_answers_the_second_time() {
        let answer = asked(async |mut port| {
            // Takes everything for a message until ESC.
            while port.read_u8().await.is_ok_and(|octet| octet != 0x1B) {}
            speak(port, &[("AT", "OK")]).await;
        });
        assert!(matches!(answer.await, Answer::Modem(_)));
    }
}
