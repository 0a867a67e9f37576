use std::str::FromStr;

use super::State;

/// What a webhook may want to be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactKind {
    /// A service centre has all of a message.
    Sent,
    /// A message is reported as delivered.
    Delivered,
    /// A message ends without having been delivered: refused for good, reported as failed, expired, cancelled, opted out.
    Failed,
    /// No report came in its time; whether it arrived is not known.
    Unreported,
    /// Nobody knows whether a message left.
    InDoubt,
    /// A text came in.
    Inbound,
    /// Somebody has opted out, or in again.
    OptOut,
    /// A modem or its SIM came to work, or left it.
    Modem,
    /// A job was accepted, held, let go, taken back, or is done.
    Job,
    /// An alarm was raised, or has passed.
    Alarm,
}

impl FactKind {
    /// Every kind.
    pub const ALL: [FactKind; 10] = [
        FactKind::Sent,
        FactKind::Delivered,
        FactKind::Failed,
        FactKind::Unreported,
        FactKind::InDoubt,
        FactKind::Inbound,
        FactKind::OptOut,
        FactKind::Modem,
        FactKind::Job,
        FactKind::Alarm,
    ];

    /// The name in the settings, in JSON and as stored.
    pub fn name(self) -> &'static str {
        match self {
            FactKind::Sent => "sent",
            FactKind::Delivered => "delivered",
            FactKind::Failed => "failed",
            FactKind::Unreported => "unreported",
            FactKind::InDoubt => "in_doubt",
            FactKind::Inbound => "inbound",
            FactKind::OptOut => "opt_out",
            FactKind::Modem => "modem",
            FactKind::Job => "job",
            FactKind::Alarm => "alarm",
        }
    }

    /// What it is that a message has come to this state; `None`: nothing that is told.
    pub fn of_message(state: State) -> Option<FactKind> {
        match state {
            State::Queued | State::Sending => None,
            State::Submitted => Some(FactKind::Sent),
            State::Delivered => Some(FactKind::Delivered),
            State::Unreported => Some(FactKind::Unreported),
            State::InDoubt => Some(FactKind::InDoubt),
            State::Failed | State::Expired | State::Suppressed | State::Cancelled => Some(FactKind::Failed),
        }
    }

    /// What an event of the record is; `None`: nothing that is told.
    pub fn of_event(kind: &str) -> Option<FactKind> {
        match kind {
            "opted_out" | "opt_out_widened" | "opted_in" => Some(FactKind::OptOut),
            "modem_ready" | "modem_unready" | "modem_lost" | "sim_blocked" | "sim_resumed" => Some(FactKind::Modem),
            "job_accepted" | "job_paused" | "job_resumed" | "job_held" | "job_cancelled" | "job_expired"
            | "job_done" | "approval_asked" | "job_approved" | "job_refused" => Some(FactKind::Job),
            _ => None,
        }
    }
}

impl FromStr for FactKind {
    type Err = String;

    /// Reads a name. Errors: those that there are.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = || FactKind::ALL.map(FactKind::name).join(", ");
        FactKind::ALL
            .into_iter()
            .find(|kind| kind.name() == word)
            .ok_or_else(|| format!("`{}` is no event; write some of {}", word.escape_debug(), known()))
    }
}
