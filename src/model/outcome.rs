use std::fmt;
use std::str::FromStr;

/// How one hand-over of a segment to a modem ended. Decides the next step; it is data, not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// The service centre has it: `+CMGS` was answered.
    Submitted {
        /// TP-MR from `+CMGS: <mr>`; `None` when the network said that it has the segment already (+CMS ERROR 197).
        tp_mr: Option<u8>,
    },
    /// A final error result came; it did not leave.
    Refused {
        /// What to do next.
        cause: Cause,
        /// What the modem or the network said.
        code: ErrorCode,
    },
    /// It certainly never left: 0x1A was not written, or the modem gave up before it.
    NotSent(NotSent),
    /// The PDU was handed over and no answer came. It may or may not be on the air.
    Uncertain(Doubt),
}

/// What an error asks of us; the raw number is kept beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The number or the PDU is at fault: give this message up.
    Message,
    /// Temporary: later, on another SIM if there is one.
    Temporary,
    /// The SIM or modem is busy for seconds: soon again.
    Busy,
    /// The recipient is out of reach: much later.
    Absent,
    /// This SIM or modem cannot send now: the message goes elsewhere and is not charged.
    Sim,
    /// The SIM's storage is full: drain it, then again; the message is not charged.
    StorageFull,
    /// Number, credit or filter, nobody can tell: once more on another SIM; three recipients in a row blame the SIM.
    Ambiguous,
    /// Our own command or dialect is at fault: the modem is to be set up anew; the message is not charged.
    Command,
}

impl Cause {
    /// Every one.
    pub const ALL: [Cause; 8] = [
        Cause::Message,
        Cause::Temporary,
        Cause::Busy,
        Cause::Absent,
        Cause::Sim,
        Cause::StorageFull,
        Cause::Ambiguous,
        Cause::Command,
    ];

    /// The name stored beside an attempt.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Message => "message",
            Cause::Temporary => "temporary",
            Cause::Busy => "busy",
            Cause::Absent => "absent",
            Cause::Sim => "sim",
            Cause::StorageFull => "storage_full",
            Cause::Ambiguous => "ambiguous",
            Cause::Command => "command",
        }
    }
}

/// Which family of final result carried the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// `+CMS ERROR: n` (27.005 §3.2.5).
    Cms,
    /// `+CME ERROR: n` (27.007 §9.2).
    Cme,
    /// A final result without a number: `ERROR`, `COMMAND NOT SUPPORT`, `NO CARRIER`.
    Plain,
}

/// The error as the modem gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ErrorCode {
    /// The family.
    pub kind: ErrorKind,
    /// The number; 0 where there is none.
    pub number: u16,
}

impl ErrorCode {
    /// Whether it names the recipient's number as what is wrong: 1, unassigned; 195 and 196, which the service centre does not know or
    /// must not send to (3GPP TS 24.011 annex E-2, TS 23.040 §9.2.3.22). The other codes that blame a message find fault with the PDU.
    pub fn names_number(self) -> bool {
        self.kind == ErrorKind::Cms && matches!(self.number, 1 | 195 | 196)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ErrorKind::Cms => write!(f, "+CMS ERROR: {}", self.number),
            ErrorKind::Cme => write!(f, "+CME ERROR: {}", self.number),
            ErrorKind::Plain => f.write_str("ERROR"),
        }
    }
}

impl FromStr for ErrorCode {
    type Err = String;

    /// Reads what was stored. Errors: the text, where it is none.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, number) = match text.split_once(" ERROR: ") {
            Some(("+CMS", number)) => (ErrorKind::Cms, number),
            Some(("+CME", number)) => (ErrorKind::Cme, number),
            _ if text == "ERROR" => (ErrorKind::Plain, "0"),
            _ => return Err(text.to_owned()),
        };
        Ok(Self { kind, number: number.parse().map_err(|_| text.to_owned())? })
    }
}

/// Why a segment certainly never left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotSent {
    /// The modem never gave the prompt.
    NoPrompt,
    /// The port went away before 0x1A was written.
    PortGone,
    /// The engine took it back, or the daemon is stopping.
    Withdrawn,
}

impl NotSent {
    /// Every one.
    pub const ALL: [NotSent; 3] = [NotSent::NoPrompt, NotSent::PortGone, NotSent::Withdrawn];

    /// The name stored beside an attempt.
    pub fn name(self) -> &'static str {
        match self {
            NotSent::NoPrompt => "no_prompt",
            NotSent::PortGone => "port_gone",
            NotSent::Withdrawn => "withdrawn",
        }
    }
}

/// Why nobody can say whether a segment left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// No final result within the time allowed.
    Silence,
    /// The port went away after the PDU was handed over.
    PortGone,
    /// The modem restarted by itself meanwhile.
    Rebooted,
    /// The network timed out (+CMS ERROR 332 and vendor codes of that meaning).
    NetworkTimeout,
    /// The daemon ended between hand-over and answer.
    DaemonStopped,
}

impl Doubt {
    /// Every one.
    pub const ALL: [Doubt; 5] =
        [Doubt::Silence, Doubt::PortGone, Doubt::Rebooted, Doubt::NetworkTimeout, Doubt::DaemonStopped];

    /// The name stored beside an attempt.
    pub fn name(self) -> &'static str {
        match self {
            Doubt::Silence => "silence",
            Doubt::PortGone => "port_gone",
            Doubt::Rebooted => "rebooted",
            Doubt::NetworkTimeout => "network_timeout",
            Doubt::DaemonStopped => "daemon_stopped",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_as_it_was_stored() {
        for (kind, number) in [(ErrorKind::Cms, 196), (ErrorKind::Cme, 10), (ErrorKind::Plain, 0)] {
            let code = ErrorCode { kind, number };
            assert_eq!(code.to_string().parse(), Ok(code));
        }
        for other in ["", "+CMS ERROR: ", "+CMS ERROR: 65536", "+CMS 1", "accepted"] {
            assert_eq!(other.parse::<ErrorCode>(), Err(other.to_owned()));
        }
    }
}
