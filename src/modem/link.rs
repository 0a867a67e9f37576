//! The line to a modem: bytes in and out, one command at a time.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::last_words::LastWords;
use crate::at::{Command, Dialogue, Final, Framer, Heard, Urc, UssdReply};

/// Ctrl-Z, which hands a PDU over (27.005 §3.5.1).
pub(super) const CTRL_Z: u8 = 0x1A;
/// Leaves a prompt without sending (27.005 §3.5.1).
const ESC: u8 = 0x1B;
/// Most lines and entries kept of one answer.
const REPLY_MAX: usize = 4_096;
/// Most URCs kept while a command runs; older ones go first.
const KEPT_MAX: usize = 1_024;
/// How long to wait for a final result that may never come, after the information line.
const OPTIONAL_FINAL: Duration = Duration::from_secs(1);

/// Silence after a prompt that nobody asked for was left, and how long to wait for it.
const AFTER_PROMPT: Duration = Duration::from_millis(100);
const AFTER_PROMPT_MAX: Duration = Duration::from_secs(1);

/// Why nothing more can be had from the line.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    /// End of file or an error on read or write: unplugged, or the port was closed below us.
    #[error("the port is gone ({0})")]
    Gone(String),
    /// The modem takes no more octets.
    #[error("the modem took {accepted} of {length} octets and then no more")]
    Deaf {
        /// Octets taken.
        accepted: usize,
        /// Octets to be written.
        length: usize,
    },
}

/// The answer to a command.
#[derive(Debug, Default)]
pub(super) struct Reply {
    /// Information lines.
    pub lines: Vec<String>,
    /// Headers of a listing with their PDU lines.
    pub entries: Vec<(String, String)>,
    /// The final result; `None` when the time was over without one.
    pub result: Option<Final>,
    /// The command came back before its answer.
    pub echoed: bool,
}

impl Reply {
    /// Whether the modem did it.
    pub fn is_ok(&self) -> bool {
        self.result.as_ref().is_some_and(Final::is_ok)
    }

    /// The first information line that `parse` understands.
    pub fn find<T>(&self, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.lines.iter().find_map(|line| parse(line))
    }
}

/// A stream with its framer and its dialogue.
pub(super) struct Link<S> {
    stream: S,
    framer: Framer,
    dialogue: Dialogue,
    buffer: Box<[u8; 1_024]>,
    unread: std::ops::Range<usize>,
    /// URCs that came while a command ran, oldest first.
    pub kept: VecDeque<Urc>,
    /// Whether a prompt came that nobody asked for.
    pub stray_prompt: bool,
    /// What came since the last hand-over, while that is of interest.
    pub last_words: LastWords,
    /// The line is left alone after a final result for this long.
    pub gap: Duration,
    quiet_until: Instant,
    write_timeout: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link<S> {
    /// A link over an open port; writes that take longer than `write_timeout` fail.
    pub fn new(stream: S, write_timeout: Duration) -> Self {
        Self {
            stream,
            framer: Framer::new(),
            dialogue: Dialogue::new(),
            buffer: Box::new([0; 1_024]),
            unread: 0..0,
            kept: VecDeque::new(),
            stray_prompt: false,
            last_words: LastWords::default(),
            gap: Duration::ZERO,
            quiet_until: Instant::now(),
            write_timeout,
        }
    }

    /// The next thing the modem says. Loses nothing when dropped.
    pub async fn next(&mut self) -> Result<Heard, LinkError> {
        loop {
            let mut input = &self.buffer[self.unread.clone()];
            let frame = self.framer.next(&mut input);
            self.unread.start = self.unread.end - input.len();
            if let Some(frame) = frame {
                let heard = self.dialogue.hear(frame);
                if matches!(heard, Heard::Final(_)) {
                    self.quiet_until = Instant::now() + self.gap;
                }
                return Ok(heard);
            }
            match self.stream.read(&mut self.buffer[..]).await {
                Ok(0) => return Err(LinkError::Gone("end of file".to_owned())),
                Ok(count) => {
                    self.last_words.hear(&self.buffer[..count]);
                    self.unread = 0..count;
                }
                Err(error) if passing(&error) => {}
                Err(error) => return Err(LinkError::Gone(error.to_string())),
            }
        }
    }

    /// Writes all octets or says how many were taken. Not to be dropped half-way.
    pub async fn write(&mut self, octets: &[u8]) -> Result<(), LinkError> {
        let by = Instant::now() + self.write_timeout;
        let mut accepted = 0;
        while accepted < octets.len() {
            match timeout_at(by, self.stream.write(&octets[accepted..])).await {
                Ok(Ok(0)) => return Err(LinkError::Gone("end of file".to_owned())),
                Ok(Ok(count)) => accepted += count,
                Ok(Err(error)) if passing(&error) => {}
                Ok(Err(error)) => return Err(LinkError::Gone(error.to_string())),
                Err(_) => return Err(LinkError::Deaf { accepted, length: octets.len() }),
            }
        }
        Ok(())
    }

    /// Writes a command and its CR; what comes next is taken for its answer.
    pub async fn begin(&mut self, command: Command) -> Result<(), LinkError> {
        while Instant::now() < self.quiet_until {
            match timeout_at(self.quiet_until, self.next()).await {
                Ok(heard) => self.keep(heard?),
                Err(_) => break,
            }
        }
        let mut octets = Vec::with_capacity(command.text.len() + 1);
        octets.extend_from_slice(command.text.as_bytes());
        octets.push(b'\r');
        self.dialogue.begin(command);
        self.write(&octets).await
    }

    /// Goes on with a command whose end was taken from an earlier one's leftover.
    pub fn resume(&mut self, command: Command) {
        self.dialogue.begin(command);
    }

    /// What is there of a USSD answer that was cut short.
    pub fn unfinished_ussd(&mut self) -> Option<UssdReply> {
        self.dialogue.unfinished_ussd()
    }

    /// The running command is given up.
    pub fn abandon(&mut self) {
        self.dialogue.end();
    }

    /// Leaves a prompt.
    pub async fn escape(&mut self) -> Result<(), LinkError> {
        self.write(&[ESC]).await
    }

    /// Runs a command to its final result or the end of its time, which nothing the modem says can move but a prompt, once.
    pub async fn run(&mut self, command: &Command) -> Result<Reply, LinkError> {
        self.begin(command.clone()).await?;
        let mut by = Instant::now() + command.limit;
        let mut reply = Reply::default();
        let mut escaped = false;
        // Under a flood of lines the timer alone would never get its turn.
        while Instant::now() < by {
            let Ok(heard) = timeout_at(by, self.next()).await else { break };
            match heard? {
                Heard::Information(line) if reply.lines.len() < REPLY_MAX => {
                    reply.lines.push(line);
                    if command.final_optional {
                        by = by.min(Instant::now() + OPTIONAL_FINAL);
                    }
                }
                Heard::Entry { header, pdu } if reply.entries.len() < REPLY_MAX => reply.entries.push((header, pdu)),
                Heard::Echo => reply.echoed = true,
                // With noise before it.
                Heard::Urc(Urc::Other(line)) if line.to_uppercase().ends_with(&*command.text) => reply.echoed = true,
                Heard::Final(result) => {
                    reply.result = Some(result);
                    return Ok(reply);
                }
                // It sits in a prompt and has taken the command for a text: its answer would be waited for in vain.
                Heard::Prompt if !escaped => {
                    escaped = true;
                    self.escape().await?;
                    self.settle(AFTER_PROMPT, AFTER_PROMPT_MAX).await?;
                    reply = Reply::default();
                    self.begin(command.clone()).await?;
                    by = Instant::now() + command.limit;
                }
                other => self.keep(other),
            }
        }
        self.abandon();
        if command.final_optional && !reply.lines.is_empty() {
            reply.result = Some(Final::Ok);
        }
        Ok(reply)
    }

    /// Reads until the modem has been silent for `silence`, at most for `limit`: what comes belongs to nothing that is still of interest.
    pub async fn settle(&mut self, silence: Duration, limit: Duration) -> Result<(), LinkError> {
        self.abandon();
        let by = Instant::now() + limit;
        while Instant::now() < by {
            match timeout_at(by.min(Instant::now() + silence), self.next()).await {
                Ok(heard) => self.keep(heard?),
                Err(_) => break,
            }
        }
        Ok(())
    }

    /// Keeps a URC for the session.
    pub fn keep(&mut self, heard: Heard) {
        match heard {
            Heard::Urc(urc) => {
                if self.kept.len() == KEPT_MAX {
                    self.kept.pop_front();
                }
                self.kept.push_back(urc);
            }
            Heard::Prompt => self.stray_prompt = true,
            _ => {}
        }
    }
}

fn passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock)
}
