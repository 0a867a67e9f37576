use std::str::FromStr;

/// Why a job sends nothing although it has something to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitKind {
    /// A person paused it, its class, its unit or everything; or the daemon did, for a person to look at it.
    Paused,
    /// A long stop of the daemon has left it for a person.
    Held,
    /// A second person must approve it.
    Approval,
    /// Its own time, which its file names, has not come.
    NotBefore,
    /// A moratorium holds.
    Moratorium,
    /// The hour or the day is a quiet one for its class.
    QuietHours,
    /// Its unit has sent what it may in a day.
    Quota,
}

impl WaitKind {
    /// The name stored and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            WaitKind::Paused => "paused",
            WaitKind::Held => "held",
            WaitKind::Approval => "approval",
            WaitKind::NotBefore => "not_before",
            WaitKind::Moratorium => "moratorium",
            WaitKind::QuietHours => "quiet_hours",
            WaitKind::Quota => "quota",
        }
    }
}

impl FromStr for WaitKind {
    type Err = String;

    /// Reads a stored name. Errors: the word, where it is none of them.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        use WaitKind::{Approval, Held, Moratorium, NotBefore, Paused, QuietHours, Quota};
        [Paused, Held, Approval, NotBefore, Moratorium, QuietHours, Quota]
            .into_iter()
            .find(|kind| kind.name() == word)
            .ok_or_else(|| word.to_owned())
    }
}
