use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A job's row in this database; its name in the world is the UUID beside it.
    JobId
);
id!(
    /// A message's row. It equals the row of the recipient it is for.
    MessageId
);
id!(
    /// One hand-over of one segment to one modem.
    AttemptId
);
id!(
    /// A SIM's row; what hangs on it (limits, reports, quota) follows the card into another modem.
    SimId
);
id!(
    /// A stretch of time in which one SIM lay in one modem that stayed on: its TP-MRs may be compared with each other.
    RunId
);

id!(
    /// A group of operators whose networks belong together.
    NetworkId
);

impl NetworkId {
    /// Of a number whose prefix is in no table, and of a SIM that nobody can place.
    pub const UNKNOWN: NetworkId = NetworkId(0);
}

id!(
    /// An entry of the roster: who held an office with which number, from one import until another.
    EntryId
);
id!(
    /// An import of the roster; the newest one names the roster as it is.
    ImportId
);

/// One SMS-SUBMIT of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentId {
    /// The message it is part of.
    pub message: MessageId,
    /// Its place, 1 to 255.
    pub number: u8,
}

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.message, self.number)
    }
}

/// Names one reservation: the segment a session holds ready. Never reused while the daemon runs, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What people call a modem: the name in the configuration, or one made from its port. Cheap to copy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ModemName(Arc<str>);

impl ModemName {
    /// A modem of this name.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ModemName {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl From<ModemName> for String {
    fn from(name: ModemName) -> Self {
        name.0.as_ref().to_owned()
    }
}

impl fmt::Display for ModemName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
