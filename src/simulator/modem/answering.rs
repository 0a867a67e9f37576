//! From a command line to its answer: information lines, final result, latency; and lines that nobody asked for.

use std::fmt::{self, Write};
use std::mem;
use std::time::Duration;

use super::answer::{self, Final};
use super::line::{self, Call};
use super::{LINE_MAX, Modem, Phase, Timer};

impl Modem {
    pub(super) fn run(&mut self, line: &str) {
        let Some(calls) = line::parse(line) else { return };
        self.answer.clear();
        if line.len() > LINE_MAX {
            return self.conclude(Final::Error, Duration::ZERO);
        }
        let storm = self.faults.urc_storm > 0.0 && self.dice.wire.f64() < self.faults.urc_storm;
        let mut latency = self.profile.latency;
        let mut result = Final::Ok;
        for call in &calls {
            if matches!(call.name.as_str(), "+CMGL" | "+CMGR" | "+CMGD" | "+CPMS") {
                latency = latency.max(self.profile.memory_latency);
            }
            result = self.execute(call);
            if result != Final::Ok {
                break;
            }
        }
        if storm {
            self.storm();
        }
        self.conclude(result, latency);
    }

    pub(super) fn execute(&mut self, call: &Call<'_>) -> Final {
        let done = self.general(call).or_else(|| self.radio_command(call)).or_else(|| self.message_command(call));
        done.unwrap_or(Final::Unknown)
    }

    /// Lines that nobody asked for, in the middle of an answer.
    pub(super) fn storm(&mut self) {
        for line in 0..self.dice.wire.usize(20..60) {
            let text = match self.profile.chatter.get(line % (self.profile.chatter.len() + 1)) {
                Some(chatter) => chatter,
                None => "+CREG: 1,\"2F3C\",\"0AE1\"",
            };
            let _ = write!(AnswerText(&mut self.answer), "\r\n{text}\r\n");
        }
    }

    /// Ends the answer and sees to it that it comes out, now or after the modem's latency.
    pub(super) fn conclude(&mut self, result: Final, latency: Duration) {
        if let Final::Prompt = result {
            return;
        }
        self.write_final(result);
        let answer = mem::take(&mut self.answer);
        if latency.is_zero() {
            self.say(&answer);
        } else {
            self.phase = Phase::Busy;
            self.timers.at(self.now + latency, Timer::Reply(answer.clone()));
        }
        self.answer = answer;
        if result == Final::Restart {
            self.reset();
        }
    }

    pub(super) fn write_final(&mut self, result: Final) {
        if self.settings.quiet {
            return;
        }
        let verbose = self.settings.verbose;
        let out = &mut AnswerText(&mut self.answer);
        let _ = match result {
            Final::Ok | Final::Restart if verbose => out.write_str("\r\nOK\r\n"),
            Final::Ok | Final::Restart => out.write_str("0\r"),
            Final::NoCarrier if verbose => out.write_str("\r\nNO CARRIER\r\n"),
            Final::NoCarrier => out.write_str("3\r"),
            Final::Unknown if self.profile.says_not_supported => out.write_str("\r\nCOMMAND NOT SUPPORT\r\n"),
            Final::Cms(number) => match self.settings.cmee {
                2 => write!(out, "\r\n+CMS ERROR: {}\r\n", answer::cms_name(number)),
                _ => write!(out, "\r\n+CMS ERROR: {number}\r\n"),
            },
            Final::Cme(number) => match self.settings.cmee {
                0 => out.write_str("\r\nERROR\r\n"),
                2 => write!(out, "\r\n+CME ERROR: {}\r\n", answer::cme_name(number)),
                _ => write!(out, "\r\n+CME ERROR: {number}\r\n"),
            },
            Final::Prompt => Ok(()),
            Final::Error | Final::Unknown if verbose => out.write_str("\r\nERROR\r\n"),
            Final::Error | Final::Unknown => out.write_str("4\r"),
        };
    }

    /// An information line of the answer in hand.
    pub(super) fn info(&mut self, text: &str) {
        if self.answer.is_empty() {
            self.answer.extend_from_slice(b"\r\n");
        }
        self.answer.extend_from_slice(text.as_bytes());
        self.answer.extend_from_slice(self.profile.line_end.as_bytes());
    }

    pub(super) fn say(&mut self, bytes: &[u8]) {
        self.wire.write_lines(self.now, bytes, &self.faults, &mut self.dice.wire);
    }

    /// A line that nobody asked for.
    pub(super) fn urc(&mut self, text: &str) {
        if self.speaks() {
            self.say(format!("\r\n{text}\r\n").as_bytes());
        }
    }

    /// A final result outside a command line: the end of `+CMGS`.
    pub(super) fn finish(&mut self, result: Final) {
        self.phase = Phase::Command;
        self.write_final(result);
        let answer = mem::take(&mut self.answer);
        self.say(&answer);
        self.answer = answer;
        self.answer.clear();
    }
}

/// Writes text behind bytes.
struct AnswerText<'a>(&'a mut Vec<u8>);

impl fmt::Write for AnswerText<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
