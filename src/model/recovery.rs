use super::SignedDuration;

/// How a modem came to be without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fall {
    /// It was open and stopped answering.
    Silent,
    /// It answers AT, and one send after the other stays without an answer.
    Unanswered,
    /// Its port went away: unplugged, or restarted by itself.
    PortGone,
    /// None of its device's ports takes AT commands, as far as they could be asked. It never answered, so none is reset for it.
    NoPort,
    /// Its port could not be opened. No modem is at fault then, and none is reset for it.
    OpenRefused,
}

/// What is done for a modem before its next session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryStep {
    /// Open the port again after this pause; a session begins with ESC and AT.
    Reopen(SignedDuration),
    /// Tell the modem to restart, in its family's words.
    SoftReset,
    /// Take the USB device away from its driver and give it back, where the host can.
    Rebind,
    /// Leave it alone for this long, then open it again.
    Rest(SignedDuration),
}

impl RecoveryStep {
    /// Whether it interrupts the modem, so that it counts towards the limits of resets.
    pub fn is_reset(self) -> bool {
        matches!(self, RecoveryStep::SoftReset | RecoveryStep::Rebind)
    }
}

impl std::fmt::Display for RecoveryStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RecoveryStep::Reopen(pause) => write!(f, "opened again after {} s", pause.as_secs()),
            RecoveryStep::SoftReset => f.write_str("told to restart"),
            RecoveryStep::Rebind => f.write_str("its USB device is taken off and put back"),
            RecoveryStep::Rest(span) => write!(f, "left alone for {} min", span.as_mins()),
        }
    }
}
