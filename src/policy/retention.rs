use crate::model::{SignedDuration, Timestamp, earlier};

/// How long what may be told of people is kept; `None`: for ever. Counts, states and times are always kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// What was sent, from the end of its job.
    pub texts: Option<SignedDuration>,
    /// What came in, and from whom, from its arrival.
    pub inbound: Option<SignedDuration>,
    /// To whom, and the name beside it, from the end of the job; with it numbers in the record of events.
    pub numbers: Option<SignedDuration>,
}

impl Retention {
    /// Whether anything is ever blanked.
    pub fn is_on(&self) -> bool {
        self.texts.or(self.inbound).or(self.numbers).is_some()
    }

    /// What ended or came before this time has been kept for `span` now.
    pub fn before(span: SignedDuration, now: Timestamp) -> Timestamp {
        earlier(now, span)
    }
}
