use crate::model::{Class, JobHeader, SignedDuration, Timestamp};

/// `[lifetime_hours]`: how long jobs of a class live that do not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Of an emergency: a warning that is hours old misleads.
    pub emergency: SignedDuration,
    /// Of an important job.
    pub important: SignedDuration,
    /// Of a routine job.
    pub routine: SignedDuration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            emergency: SignedDuration::from_hours(6),
            important: SignedDuration::from_hours(24),
            routine: SignedDuration::from_hours(72),
        }
    }
}

impl Lifetimes {
    /// The lifetime of a class.
    pub fn of(&self, class: Class) -> SignedDuration {
        match class {
            Class::Emergency => self.emergency,
            Class::Important => self.important,
            Class::Routine => self.routine,
        }
    }

    /// From when on a job may go, and when it ends, if it is accepted `now` and its file has been there since `dropped`: a warning that
    /// lay in the folder while no daemon ran is as old as one that was accepted then.
    pub fn span(&self, header: &JobHeader, dropped: Timestamp, now: Timestamp) -> (Timestamp, Timestamp) {
        let from = |earliest: Timestamp| header.not_before.unwrap_or(earliest).max(earliest);
        let lifetime = header.lifetime.unwrap_or_else(|| self.of(header.class));
        let ends =
            header.expires_at.unwrap_or_else(|| from(dropped).saturating_add(lifetime).unwrap_or(Timestamp::MAX));
        (from(now), ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_lives_from_when_it_may_go_and_one_that_lay_in_the_folder_from_when_it_came() {
        let at = |hour| Timestamp::UNIX_EPOCH.saturating_add(SignedDuration::from_hours(hour)).unwrap();
        let header = |not_before, expires_at| JobHeader {
            not_before,
            expires_at,
            ..JobHeader::of("damkar", "banjir.txt", Class::Emergency)
        };
        let span = |not_before, expires_at, dropped, now| {
            Lifetimes::default().span(&header(not_before, expires_at), at(dropped), at(now))
        };
        assert_eq!(span(None, None, 10, 10), (at(10), at(16)));
        assert_eq!(span(None, None, 7, 10), (at(10), at(13)), "three of its six hours are over");
        assert_eq!(span(Some(at(20)), None, 7, 10), (at(20), at(26)));
        assert_eq!(span(Some(at(8)), None, 7, 10), (at(10), at(14)));
        assert_eq!(span(Some(at(20)), Some(at(21)), 7, 10), (at(20), at(21)));
    }
}
