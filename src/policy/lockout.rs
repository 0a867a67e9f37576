//! How often somebody may try a password.

use std::collections::BTreeMap;

use crate::model::{SignedDuration, Timestamp, earlier, later};

/// Wrong passwords that are free.
const FREE: u32 = 5;
/// The wait after the first one too many; each further one doubles it.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(60);
/// The longest wait.
const WAIT_MAX: SignedDuration = SignedDuration::from_hours(1);
/// After this long without a wrong password all is forgotten.
const FORGET_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// How many who tried are kept in mind; beyond it the one who tried longest ago is forgotten.
const KEPT: usize = 10_000;

/// Who tried wrong passwords lately. Whoever is counted is named by a key: an account with an address, say.
#[derive(Debug, Default)]
pub struct Lockout {
    tries: BTreeMap<String, Tries>,
}

#[derive(Debug)]
struct Tries {
    wrong: u32,
    last: Timestamp,
    until: Timestamp,
}

impl Lockout {
    /// Until when this one is not let try; `None`: it may.
    pub fn shut_until(&self, key: &str, now: Timestamp) -> Option<Timestamp> {
        self.tries.get(key).map(|tries| tries.until).filter(|until| *until > now)
    }

    /// It tried a wrong password. Gives until when it is shut out, where it is now and was not before.
    pub fn failed(&mut self, key: &str, now: Timestamp) -> Option<Timestamp> {
        let forgotten = earlier(now, FORGET_AFTER);
        if self.tries.get(key).is_some_and(|tries| tries.last <= forgotten) {
            self.tries.remove(key);
        }
        if !self.tries.contains_key(key) && self.tries.len() >= KEPT {
            let oldest = self.tries.iter().min_by_key(|(_, tries)| tries.last).map(|(key, _)| key.clone());
            oldest.map(|oldest| self.tries.remove(&oldest));
        }
        let tries = self.tries.entry(key.to_owned()).or_insert(Tries { wrong: 0, last: now, until: now });
        (tries.wrong, tries.last) = (tries.wrong.saturating_add(1), now);
        let over = tries.wrong.checked_sub(FREE)?;
        let wait = FIRST_WAIT.saturating_mul(1 << over.min(10)).min(WAIT_MAX);
        tries.until = later(now, wait);
        Some(tries.until)
    }

    /// Its password was right.
    pub fn succeeded(&mut self, key: &str) {
        self.tries.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
    }

    #[test]
    fn the_sixth_wrong_password_does_not_come_at_once_and_each_further_one_waits_longer() {
        let mut lockout = Lockout::default();
        for _ in 0..4 {
            assert_eq!(lockout.failed("andi", at(0)), None);
        }
        assert_eq!(lockout.shut_until("andi", at(0)), None);
        assert_eq!(lockout.failed("andi", at(0)), Some(at(1)));
        assert_eq!(lockout.shut_until("andi", at(0)), Some(at(1)));
        assert_eq!(lockout.shut_until("budi", at(0)), None, "it is the one who tries, not the office");
        assert_eq!(lockout.shut_until("andi", at(1)), None);
        assert_eq!(lockout.failed("andi", at(1)), Some(at(3)));
        for _ in 0..20 {
            lockout.failed("andi", at(3));
        }
        assert_eq!(lockout.shut_until("andi", at(3)), Some(at(63)), "never longer than an hour");
        lockout.succeeded("andi");
        assert_eq!(lockout.failed("andi", at(64)), None);
    }

    #[test]
    fn a_day_without_a_wrong_password_forgets_and_strangers_do_not_fill_the_memory() {
        let mut lockout = Lockout::default();
        for _ in 0..5 {
            lockout.failed("andi", at(0));
        }
        assert_eq!(lockout.failed("andi", at(25 * 60)), None);
        for stranger in 0..KEPT + 10 {
            lockout.failed(&format!("x{stranger}"), at(25 * 60 + 1));
        }
        assert_eq!(lockout.tries.len(), KEPT);
        assert!(!lockout.tries.contains_key("andi"), "the oldest goes first");
    }
}
