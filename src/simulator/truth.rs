//! The ground truth: what really went on the air and what became of what came from there.
//!
//! Kept apart from anything a client says or stores, so that its ledger can be judged by it. One JSON object a line in
//! the file, written at once: it survives whatever happens to the client.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// One fact with its time and its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Unix milliseconds, by the simulation's clock.
    pub at_ms: i64,
    /// The modem's name.
    pub modem: String,
    /// The card in it.
    pub iccid: String,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// Something that happened, tagged by `what` in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Fact {
    /// A PDU was handed over with 0x1A and is on its way; whether the service centre gets it is another matter.
    HandedOver {
        /// The digits of TP-DA, with a plus if it was international.
        to: String,
        /// The reference of a concatenated message.
        reference: Option<u16>,
        /// Its number of segments; 1 for a single one.
        total: u8,
        /// This one's place, from 1.
        seq: u8,
        /// The segment's text, or hexadecimal after `0x` for 8-bit data.
        text: String,
    },
    /// The modem has written `+CMGS`, in time or late.
    Answered {
        /// TP-MR.
        tp_mr: u8,
    },
    /// The service centre has taken a segment: it is on the air and its recipient will read it.
    Submitted {
        /// TP-MR.
        tp_mr: u8,
        /// The digits of TP-DA, with a plus if it was international.
        to: String,
        /// The reference of a concatenated message.
        reference: Option<u16>,
        /// Its number of segments; 1 for a single one.
        total: u8,
        /// This one's place, from 1.
        seq: u8,
        /// The segment's text, or hexadecimal after `0x` for 8-bit data.
        text: String,
        /// Whether the modem is going to say anything but `+CMGS` about it.
        answer_suppressed: bool,
    },
    /// A `+CMGS` that was on its way did not come out: cut short by a byte, a restart or an unplug.
    AnswerGone {
        /// TP-MR of the segment that is on the air all the same.
        tp_mr: u8,
    },
    /// A hand-over was refused; nothing went on the air unless `Submitted` says so.
    Refused {
        /// The digits of TP-DA; empty where the PDU could not be read.
        to: String,
        /// The number after `+CMS ERROR: `.
        cms: u16,
    },
    /// The client begins a hand-over: AT+CMGS has come.
    Begun {
        /// Microseconds since the `+CMGS` of the hand-over before was on the line, whether or not work was waiting; `None`
        /// where that brought none.
        idle_us: Option<u64>,
    },
    /// The prompt was left by ESC.
    Escaped,
    /// The network sends a status report.
    Reported {
        /// The inbound number it has in `Handed` and `Deleted`.
        id: u32,
        /// TP-MR.
        tp_mr: u8,
        /// TP-RA in the form that is sent.
        to: String,
        /// TP-ST.
        status: u8,
    },
    /// A phone has sent a segment to this SIM.
    Inbound {
        /// Names it in `Handed` and `Deleted`.
        id: u32,
        /// TP-OA.
        from: String,
        /// The reference of a concatenated message.
        reference: Option<u16>,
        /// Its number of segments.
        total: u8,
        /// This one's place, from 1.
        seq: u8,
        /// Its text.
        text: String,
    },
    /// No room for it in the modem; the network keeps it and tries again.
    Held {
        /// Which.
        id: u32,
    },
    /// The modem has written it to its port.
    Handed {
        /// Which.
        id: u32,
        /// `cmgl`, `cmgr` or `direct`.
        how: Handing,
    },
    /// The client has deleted it from a memory.
    Deleted {
        /// Which.
        id: u32,
    },
    /// The client has acknowledged it by AT+CNMA.
    Acknowledged {
        /// Which.
        id: u32,
    },
    /// The modem took it from the network and dropped it, as its settings said or its firmware does.
    Dropped {
        /// Which.
        id: u32,
    },
    /// The port is gone.
    Unplugged,
    /// The port is back.
    Plugged,
    /// The modem has restarted.
    Rebooted,
    /// The modem no longer hears or says anything.
    Hung,
    /// It hears again.
    Recovered,
}

/// How an inbound message came to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handing {
    /// In a listing.
    Cmgl,
    /// Read by index.
    Cmgr,
    /// As `+CMT` or `+CDS`.
    Direct,
}

/// How often each fact has been recorded; for waiting until enough has happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Segments the service centre took.
    pub submitted: u64,
    /// Of these, how many without a `+CMGS`.
    pub unanswered: u64,
    /// Refused hand-overs.
    pub refused: u64,
    /// Status reports on their way to a modem.
    pub reported: u64,
    /// Segments that phones sent.
    pub inbound: u64,
    /// Times that there was no room.
    pub held: u64,
    /// Times that a message or report was written to a port.
    pub handed: u64,
    /// Deleted or acknowledged.
    pub done: u64,
}

impl Counts {
    fn add(&mut self, fact: &Fact) {
        match fact {
            Fact::Submitted { answer_suppressed, .. } => {
                self.submitted += 1;
                self.unanswered += u64::from(*answer_suppressed);
            }
            Fact::AnswerGone { .. } => self.unanswered += 1,
            Fact::Refused { .. } => self.refused += 1,
            Fact::Reported { .. } => self.reported += 1,
            Fact::Inbound { .. } => self.inbound += 1,
            Fact::Held { .. } => self.held += 1,
            Fact::Handed { .. } => self.handed += 1,
            Fact::Deleted { .. } | Fact::Acknowledged { .. } => self.done += 1,
            _ => {}
        }
    }
}

/// The book that all modems of a fleet write into. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Truth {
    book: Arc<Mutex<Book>>,
    counts: watch::Sender<Counts>,
}

#[derive(Debug)]
struct Book {
    kept: Option<Vec<Record>>,
    file: Option<File>,
    line: Vec<u8>,
}

/// Where the truth is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// In memory, for [`Truth::records`].
    InMemory,
    /// Only in the file.
    InFile,
}

impl Truth {
    /// A new book; the file, if one is named, is begun anew.
    pub fn open(file: Option<&Path>, keep: Keep) -> io::Result<Self> {
        let file = file.map(File::create).transpose()?;
        let kept = (keep == Keep::InMemory).then(Vec::new);
        let book = Book { kept, file, line: Vec::with_capacity(512) };
        Ok(Self { book: Arc::new(Mutex::new(book)), counts: watch::Sender::new(Counts::default()) })
    }

    /// Everything so far, in order; empty if it is kept only in the file.
    pub fn records(&self) -> Vec<Record> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.kept.clone().unwrap_or_default()
    }

    /// What came after the first `place` records, in order; for whoever follows along.
    pub fn since(&self, place: usize) -> Vec<Record> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.kept.as_ref().and_then(|kept| kept.get(place..)).unwrap_or_default().to_vec()
    }

    /// The counts so far, and a way to wait for more.
    pub fn counts(&self) -> watch::Receiver<Counts> {
        self.counts.subscribe()
    }

    /// Writes one fact down. Errors: those of writing the file; the fact is kept in memory all the same.
    pub(super) fn record(&self, record: Record) -> io::Result<()> {
        self.counts.send_modify(|counts| counts.add(&record.fact));
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let book = &mut *book;
        let mut written = Ok(());
        if let Some(file) = &mut book.file {
            book.line.clear();
            written = serde_json::to_writer(&mut book.line, &record).map_err(io::Error::from);
            book.line.push(b'\n');
            // One write a line, no buffer: a line is whole or not there.
            written = written.and_then(|()| file.write_all(&book.line));
        }
        if let Some(kept) = &mut book.kept {
            kept.push(record);
        }
        written
    }
}

/// Reads a truth file back. Errors: those of reading, or a line that is no record.
pub fn read(path: &Path) -> io::Result<Vec<Record>> {
    let text = std::fs::read_to_string(path)?;
    text.lines().map(|line| serde_json::from_str(line).map_err(io::Error::from)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_in_the_file_as_soon_as_it_is_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("truth.jsonl");
        let truth = Truth::open(Some(&path), Keep::InMemory).unwrap();
        let fact = Fact::Submitted {
            tp_mr: 7,
            to: "+6281234567890".into(),
            reference: None,
            total: 1,
            seq: 1,
            text: "Banjir".into(),
            answer_suppressed: false,
        };
        let record = Record { at_ms: 5, modem: "modem-1".into(), iccid: "8962".into(), fact };
        truth.record(record.clone()).unwrap();
        let line = std::fs::read_to_string(&path).unwrap();
        assert!(
            line.starts_with(r#"{"at_ms":5,"modem":"modem-1","iccid":"8962","what":"submitted","tp_mr":7,"#),
            "{line}"
        );
        assert_eq!(read(&path).unwrap(), std::slice::from_ref(&record));
        assert_eq!(truth.records(), std::slice::from_ref(&record));
        assert_eq!((truth.since(0).len(), truth.since(1).len(), truth.since(2).len()), (1, 0, 0));
        assert_eq!(truth.counts().borrow().submitted, 1);
    }
}
