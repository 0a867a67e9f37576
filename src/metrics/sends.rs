use std::collections::{BTreeMap, BTreeSet};

use super::pace::{Pace, minute};
use crate::model::{AttemptId, SignedDuration, SimId, Timestamp, earlier};
use crate::store::{HandOver, Reader, StoreError};

/// The most hand-overs read at a time. A fleet of 256 modems makes 5,000 a minute; whoever was away for longer catches up in bites.
const BITE: usize = 20_000;

/// Follows the hand-overs: reads each once when it begins and again when it has ended, and keeps the pace of every SIM.
#[derive(Debug)]
pub struct Sends {
    /// The newest one seen.
    newest: AttemptId,
    /// Those on the air when they were last looked at.
    open: BTreeSet<AttemptId>,
    sims: BTreeMap<SimId, Pace>,
}

impl Sends {
    /// Begins with what comes after now; the pace of the last 24 hours is read from the ledger.
    pub fn new(reader: &Reader, now: Timestamp) -> Result<Self, StoreError> {
        reader.at_once(|reader| {
            let (newest, open) = reader.hand_overs_now()?;
            let mut sims = BTreeMap::new();
            let day_ago = earlier(now, SignedDuration::from_hours(24));
            for (sim, _) in reader.operators()? {
                let pace: &mut Pace = sims.entry(sim).or_default();
                for (minute, count) in reader.sent_by_minute(sim, day_ago)? {
                    pace.add(minute, count);
                }
            }
            Ok(Self { newest, open: open.into_iter().collect(), sims })
        })
    }

    /// Reads what has begun or ended since, at most some thousands of them, and hands on what has ended.
    pub fn read(&mut self, reader: &Reader, mut ended: impl FnMut(&HandOver)) -> Result<(), StoreError> {
        for id in self.open.clone() {
            match reader.hand_over(id)? {
                Some(hand_over) if hand_over.outcome.is_none() => {}
                Some(hand_over) => {
                    self.open.remove(&id);
                    self.end(&hand_over);
                    ended(&hand_over);
                }
                None => {
                    self.open.remove(&id);
                }
            }
        }
        reader.hand_overs_after(self.newest, BITE, |hand_over| {
            self.newest = hand_over.id;
            self.sims.entry(hand_over.sim).or_default().add(minute(hand_over.opened_at), 1);
            if hand_over.outcome.is_none() {
                self.open.insert(hand_over.id);
            } else {
                self.end(&hand_over);
                ended(&hand_over);
            }
        })
    }

    /// The pace of a SIM in segments handed over; `None`: nothing was, as far as this remembers.
    pub fn pace(&self, sim: SimId) -> Option<&Pace> {
        self.sims.get(&sim)
    }

    fn end(&mut self, hand_over: &HandOver) {
        if hand_over.outcome.as_deref() == Some("not_sent")
            && let Some(pace) = self.sims.get_mut(&hand_over.sim)
        {
            pace.take_back(minute(hand_over.opened_at));
        }
    }
}
