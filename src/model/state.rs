use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a segment stands, and, folded over its segments, a message.
///
/// `submitted` means that the service centre has it; nothing is ever shown in a better state than the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its turn.
    Queued,
    /// Handed to a modem, no answer yet. A message: some segments are gone, others to come.
    Sending,
    /// The service centre has it.
    Submitted,
    /// A report says that the recipient has it.
    Delivered,
    /// Refused for good, or a final report says so.
    Failed,
    /// No report came by validity plus grace.
    Unreported,
    /// Handed over, and no answer came.
    InDoubt,
    /// Its time passed in the queue.
    Expired,
    /// The number opted out before its turn.
    Suppressed,
    /// Taken back by a person, or a sibling segment failed.
    Cancelled,
}

impl State {
    /// Every state, in the order in which accounts list them.
    pub const ALL: [State; 10] = [
        State::Queued,
        State::Sending,
        State::Submitted,
        State::Delivered,
        State::Failed,
        State::Unreported,
        State::InDoubt,
        State::Expired,
        State::Suppressed,
        State::Cancelled,
    ];

    /// The name in the database, JSON and reports.
    pub fn name(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Sending => "sending",
            State::Submitted => "submitted",
            State::Delivered => "delivered",
            State::Failed => "failed",
            State::Unreported => "unreported",
            State::InDoubt => "in_doubt",
            State::Expired => "expired",
            State::Suppressed => "suppressed",
            State::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more is expected to happen by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, State::Queued | State::Sending | State::Submitted | State::InDoubt)
    }

    /// A message's state from those of its segments.
    ///
    /// Delivered when all are, failed when any is; what needs a person's eye wins over what only waits.
    /// Panics on an empty slice: a message has at least one segment.
    pub fn fold(segments: &[State]) -> State {
        assert!(!segments.is_empty(), "a message has at least one segment");
        let any = |state| segments.contains(&state);
        let all = |state| segments.iter().all(|segment| *segment == state);
        for state in [State::Failed, State::InDoubt] {
            if any(state) {
                return state;
            }
        }
        for state in [State::Suppressed, State::Cancelled, State::Expired] {
            // One half gone and the other taken back is not "sent"; yet while the half that is
            // with a modem has no answer, the message is not at rest either.
            if any(state) && !any(State::Sending) {
                return state;
            }
        }
        if all(State::Queued) {
            return State::Queued;
        }
        if any(State::Queued) || any(State::Sending) {
            return State::Sending;
        }
        if any(State::Submitted) {
            return State::Submitted;
        }
        if any(State::Unreported) { State::Unreported } else { State::Delivered }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        State::ALL.into_iter().find(|state| state.name() == word).ok_or_else(|| format!("`{word}` is no state"))
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Its rows are still coming in; nothing of it is sent, and a restart forgets it.
    Receiving,
    /// Its messages go out when their turn comes.
    Active,
    /// Held by a person.
    Paused,
    /// Taken back by a person; what had left stays accounted for.
    Cancelled,
    /// Every message has its final state.
    Done,
}

impl JobState {
    /// The name in the database and JSON.
    pub fn name(self) -> &'static str {
        match self {
            JobState::Receiving => "receiving",
            JobState::Active => "active",
            JobState::Paused => "paused",
            JobState::Cancelled => "cancelled",
            JobState::Done => "done",
        }
    }
}

impl FromStr for JobState {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [JobState::Receiving, JobState::Active, JobState::Paused, JobState::Cancelled, JobState::Done]
            .into_iter()
            .find(|state| state.name() == word)
            .ok_or_else(|| format!("`{word}` is no state of a job"))
    }
}

#[cfg(test)]
mod tests {
    use super::State::{self, *};

    #[test]
    fn a_message_is_delivered_when_all_are_and_failed_when_any_is() {
        let check = |segments: &[State], message: State| assert_eq!(State::fold(segments), message, "{segments:?}");
        check(&[Delivered, Delivered], Delivered);
        check(&[Delivered, Submitted], Submitted);
        check(&[Delivered, Failed], Failed);
        check(&[InDoubt, Queued], InDoubt);
        check(&[Submitted, Queued], Sending);
        check(&[Queued, Queued], Queued);
        check(&[Sending, Queued], Sending);
        check(&[Submitted, Suppressed], Suppressed);
        check(&[Sending, Cancelled], Sending);
        check(&[Delivered, Unreported], Unreported);
        check(&[Submitted, Unreported], Submitted);
        check(&[Expired], Expired);
    }
}
