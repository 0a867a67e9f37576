//! What lies in the modem: reading what it announces, sweeping what it forgot to, deleting what is durable here.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tracing::debug;

use super::dialect::Dialect;
use super::session::{Break, Session};
use crate::at::{Command, CpmsUse, ErrorFamily, Memory, Place, StoredHeader};
use crate::engine::event::ModemEvent;
use crate::model::Slot;

/// Most announcements kept; more are found by a sweep.
const ANNOUNCED_MAX: usize = 256;
/// Most reads and most deletes between two messages, so that neither sending nor reading starves the other.
const BATCH: usize = 32;
/// How soon to sweep when an announced message is not where it should be (Huawei fills the storage a moment later).
const SWEEP_SOON: Duration = Duration::from_secs(1);
/// Most characters of a line that is no PDU.
const GARBLED_MAX: usize = 1_024;

/// A slot that was reported and not yet deleted.
struct Held {
    pdu: String,
    /// The engine has it; it is to be deleted.
    done: bool,
}

/// The storages of one SIM in one modem.
#[derive(Default)]
pub(super) struct Storage {
    /// Where messages arrive.
    pub home: Option<Memory>,
    /// What can be listed.
    pub readable: Vec<Memory>,
    /// The memory that AT+CMGR, AT+CMGL and AT+CMGD now mean.
    pub current: Option<Memory>,
    /// What is announced and not yet read, oldest first.
    pub announced: VecDeque<Place>,
    held: BTreeMap<(Memory, u16), Held>,
    overflown: bool,
}

impl Storage {
    /// A message was announced.
    pub fn announce(&mut self, place: Place) {
        if self.announced.len() < ANNOUNCED_MAX {
            self.announced.push_back(place);
        } else {
            self.overflown = true;
        }
    }

    /// A status report was announced; the dialect may know better where it lies.
    pub fn announce_report(&mut self, place: Place, dialect: &Dialect) {
        let memory = dialect.reports_lie_in.and_then(Memory::parse).or(place.memory);
        self.announce(Place { memory, ..place });
    }

    /// Something new lies at this index: what was there before is gone, in whatever memory it was seen, since some modems show one
    /// list under every name. An order to delete it would take the new one, which nobody has read.
    pub fn refilled(&mut self, index: u16, deletes: &mut VecDeque<Slot>) {
        self.held.retain(|(_, held), _| *held != index);
        deletes.retain(|slot| slot.index != index);
    }

    /// Whether this message was found at the same index of another memory: one list under two names (AT+CPMS is taken, and ignored).
    fn is_view(&self, memory: Memory, index: u16, pdu: &str) -> bool {
        self.held.iter().any(|((other, at), held)| *other != memory && *at == index && held.pdu == pdu)
    }

    fn known(&self, memory: Option<Memory>) -> Memory {
        memory.or(self.home).or(self.current).unwrap_or(Memory::SM)
    }
}

/// The event for a line that should have been a PDU.
pub(super) fn garbled(line: String, slot: Option<Slot>) -> ModemEvent {
    ModemEvent::Garbled { line: line.chars().take(GARBLED_MAX).collect(), slot }
}

/// The octets of a line of hexadecimal digits.
pub(super) fn octets(line: &str) -> Option<Vec<u8>> {
    let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pairs = line.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<'_, S> {
    /// Reads what was announced.
    pub(super) async fn read_announced(&mut self) -> Result<(), Break> {
        for _ in 0..BATCH {
            let Some(place) = self.storage.announced.pop_front() else { break };
            self.read_one(place).await?;
        }
        if std::mem::take(&mut self.storage.overflown) {
            self.next_upkeep = Instant::now();
        }
        Ok(())
    }

    async fn read_one(&mut self, place: Place) -> Result<(), Break> {
        let memory = self.storage.known(place.memory);
        let found = if self.select(memory).await? {
            let reply = self.run(&Command::read(place.index)).await?;
            reply.entries.into_iter().next()
        } else {
            None
        };
        match found {
            Some((header, pdu)) => self.found(memory, place.index, &header, pdu).await,
            None => {
                debug!(modem = %self.settings.name, %memory, place.index, "an announced slot is empty");
                self.next_upkeep = self.next_upkeep.min(Instant::now() + SWEEP_SOON);
                Ok(())
            }
        }
    }

    /// Reports a message in a slot, once; what the engine has already is to be deleted again.
    async fn found(&mut self, memory: Memory, index: u16, header: &str, line: String) -> Result<(), Break> {
        // Written here, by us or by an operator's tool: nobody sent it to us.
        if StoredHeader::parse(header).and_then(|header| header.stat).is_some_and(|stat| !stat.is_received()) {
            return Ok(());
        }
        if self.storage.is_view(memory, index, &line) {
            return Ok(());
        }
        let slot = Slot { memory: memory.to_string(), index };
        if let Some(held) = self.storage.held.get(&(memory, index))
            && held.pdu == line
        {
            if held.done && !self.desk.deletes.contains(&slot) {
                self.desk.deletes.push_back(slot);
            }
            return Ok(());
        }
        let event = match octets(&line) {
            Some(pdu) => ModemEvent::Received { pdu, slot: Some(slot), acknowledge: false },
            None => garbled(line.clone(), Some(slot)),
        };
        self.storage.held.insert((memory, index), Held { pdu: line, done: false });
        Ok(self.desk.emit(event).await?)
    }

    /// Deletes what the engine has made durable. A slot that was not reported in this session is left alone: the card or its
    /// content may be another by now.
    pub(super) async fn delete_ordered(&mut self) -> Result<(), Break> {
        for _ in 0..BATCH {
            let Some(slot) = self.desk.deletes.pop_front() else { break };
            let Some(memory) = Memory::parse(&slot.memory) else { continue };
            let key = (memory, slot.index);
            match self.storage.held.get_mut(&key) {
                Some(held) => held.done = true,
                None => continue,
            }
            if !self.select(memory).await? {
                continue;
            }
            let reply = self.run(&Command::delete(slot.index)).await?;
            let empty = reply.result.as_ref().and_then(crate::at::Final::number) == Some((ErrorFamily::Cms, 321));
            if reply.is_ok() || empty {
                self.storage.held.remove(&key);
            }
        }
        Ok(())
    }

    /// Reports everything that lies in every memory.
    pub(super) async fn sweep(&mut self) -> Result<(), Break> {
        let mut memories = self.storage.readable.clone();
        if memories.is_empty() {
            memories.push(self.storage.known(None));
        }
        for memory in memories {
            if !self.select(memory).await? {
                continue;
            }
            let reply = self.run(&Command::list_all()).await?;
            if !reply.is_ok() && reply.entries.is_empty() {
                self.read_each(memory).await?;
            }
            for (header, pdu) in reply.entries {
                if let Some(index) = StoredHeader::parse(&header).and_then(|header| header.index) {
                    self.found(memory, index, &header, pdu).await?;
                }
            }
        }
        Ok(())
    }

    /// For firmware that refuses AT+CMGL=4 (Quectel EP06): slot after slot, until as many are found as the storage says it has.
    async fn read_each(&mut self, memory: Memory) -> Result<(), Break> {
        let usage = self.run(&Command::storage_use()).await?.find(CpmsUse::parse);
        let Some(CpmsUse { used, total, .. }) = usage else { return Ok(()) };
        let mut left = used;
        for index in 0..=total.min(255) {
            if left == 0 {
                break;
            }
            let reply = self.run(&Command::read(index)).await?;
            if let Some((header, pdu)) = reply.entries.into_iter().next() {
                left -= 1;
                self.found(memory, index, &header, pdu).await?;
            }
        }
        Ok(())
    }

    /// Makes a memory the one that is read and deleted in. Whether it can be.
    async fn select(&mut self, memory: Memory) -> Result<bool, Break> {
        if self.storage.current == Some(memory) {
            return Ok(true);
        }
        let reply = self.run(&Command::storage(&[memory])).await?;
        if reply.is_ok() {
            self.storage.current = Some(memory);
        }
        // A modem that knows no AT+CPMS at all has one memory, and that is the current one.
        Ok(reply.is_ok() || (self.storage.home.is_none() && self.storage.current.is_none()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_becomes_octets_or_nothing() {
        assert_eq!(octets("0aFF"), Some(vec![0x0A, 0xFF]));
        assert_eq!(octets("0aF"), None);
        assert_eq!(octets("0aG0"), None);
        assert_eq!(octets("é0"), None);
    }

    #[test]
    fn more_announcements_than_fit_ask_for_a_sweep() {
        let mut storage = Storage::default();
        for index in 0..1_000 {
            storage.announce(Place { memory: None, index });
        }
        assert_eq!(storage.announced.len(), ANNOUNCED_MAX);
        assert!(storage.overflown);
    }
}
