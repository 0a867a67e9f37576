use std::str::FromStr;

/// Whether somebody has looked after an inbound text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InboxState {
    /// Nobody has read it yet.
    New,
    /// Somebody has.
    Read,
    /// Somebody has answered it.
    Answered,
}

impl InboxState {
    /// Every one, in the order in which they come.
    pub const ALL: [InboxState; 3] = [InboxState::New, InboxState::Read, InboxState::Answered];

    /// The name stored and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            InboxState::New => "new",
            InboxState::Read => "read",
            InboxState::Answered => "answered",
        }
    }
}

impl FromStr for InboxState {
    type Err = String;

    /// Reads `new`, `read`, `answered`, or `baru`, `dibaca`, `dijawab`, any letter case. Errors: what may be written.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.trim().to_lowercase().as_str() {
            "new" | "baru" => Ok(InboxState::New),
            "read" | "dibaca" => Ok(InboxState::Read),
            "answered" | "dijawab" => Ok(InboxState::Answered),
            _ => Err(format!("`{word}` is no state; write new (baru), read (dibaca) or answered (dijawab)")),
        }
    }
}
