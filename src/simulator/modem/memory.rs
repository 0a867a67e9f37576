//! Places for messages, and what a restart makes a modem forget.

use super::super::profile::Profile;

/// A message or a report in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) id: u32,
    /// 27.005 `<stat>` 0, until it is read or listed.
    pub(super) unread: bool,
    /// With the service centre's address.
    pub(super) pdu: Vec<u8>,
}

/// A memory of a fixed number of slots.
#[derive(Debug)]
pub(super) struct Memory {
    slots: Vec<Option<Stored>>,
}

impl Memory {
    pub(super) fn new(slots: u16) -> Self {
        Self { slots: vec![None; usize::from(slots)] }
    }

    /// Puts it into the first free slot; gives it back where there is none.
    pub(super) fn store(&mut self, stored: Stored) -> Result<usize, Stored> {
        match self.slots.iter().position(Option::is_none) {
            Some(slot) => {
                self.slots[slot] = Some(stored);
                Ok(slot)
            }
            None => Err(stored),
        }
    }

    pub(super) fn slot(&mut self, slot: usize) -> Option<&mut Option<Stored>> {
        self.slots.get_mut(slot)
    }

    pub(super) fn used(&self) -> usize {
        self.slots.iter().flatten().count()
    }

    pub(super) fn total(&self) -> usize {
        self.slots.len()
    }
}

/// What AT commands set, lost at a restart (the modem does not save any of it).
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) echo: bool,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
    pub(super) end_of_line: u8,
    pub(super) line_feed: u8,
    pub(super) cmee: u8,
    pub(super) cmgf: u8,
    pub(super) cscs: String,
    pub(super) csms: u8,
    pub(super) cmms: u8,
    pub(super) cnmi: [u8; 5],
    /// Memories for reading and deleting, for writing, for receiving.
    pub(super) cpms: [String; 3],
    /// `+CREG`, `+CGREG`, `+CEREG` `<n>`.
    pub(super) registration_urcs: [u8; 3],
    pub(super) clip: bool,
    pub(super) cusd: u8,
    pub(super) chatters: bool,
}

impl Settings {
    pub(super) fn at_start(profile: &Profile) -> Self {
        Self {
            echo: true,
            quiet: false,
            verbose: true,
            end_of_line: b'\r',
            line_feed: b'\n',
            cmee: profile.cmee_at_start,
            cmgf: 0,
            cscs: "IRA".to_owned(),
            csms: 0,
            cmms: 0,
            cnmi: profile.cnmi_at_start,
            cpms: [profile.memory_at_start; 3].map(str::to_owned),
            registration_urcs: [0; 3],
            clip: false,
            cusd: 0,
            chatters: !profile.chatter_every.is_zero(),
        }
    }
}
