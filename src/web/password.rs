//! Passwords: how they are kept and compared. Slow on purpose: call it where blocking is allowed.

use argon2::password_hash::phc;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};

use crate::model::PasswordHash;

/// The shortest password that is taken, in characters.
pub const LENGTH_MIN: usize = 10;
/// The longest, in octets.
const LENGTH_MAX: usize = 1024;

/// Whether a password may be one. Errors: a sentence that says why not.
pub fn usable(password: &str, account: &str) -> Result<(), String> {
    if password.chars().count() < LENGTH_MIN {
        return Err(format!("a password has at least {LENGTH_MIN} characters; a few words are easy to keep in mind"));
    }
    if password.len() > LENGTH_MAX {
        return Err(format!("a password has at most {LENGTH_MAX} octets"));
    }
    let plain = password.to_lowercase();
    let same = plain.chars().collect::<std::collections::BTreeSet<_>>().len() < 4;
    if same || plain.contains(&account.to_lowercase()) || plain.contains("kentongan") {
        return Err(
            "this is too easy to guess; take a few words that have nothing to do with you or the office".to_owned()
        );
    }
    Ok(())
}

/// What is kept of a password: Argon2id with a salt of its own. 19 MiB and some 30 ms. Errors: the system has no random numbers.
pub fn keep(password: &str) -> Result<PasswordHash, String> {
    let kept = Argon2::default().hash_password(password.as_bytes()).map_err(|error| error.to_string())?;
    Ok(PasswordHash(kept.to_string()))
}

/// Whether this is the password. Takes as long where there is none to compare with, so that nobody learns which accounts there are.
pub fn is_it(password: &str, kept: Option<&PasswordHash>) -> bool {
    // Of nothing that anybody knows.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keQ$cEWRlxJVLtCcwA5vDCsJ3pXm3w7QYc3vXUSMrQrrBgA";
    let compared = kept.map_or(NOBODY, |kept| kept.0.as_str());
    let right = phc::PasswordHash::new(compared)
        .is_ok_and(|compared| Argon2::default().verify_password(password.as_bytes(), &compared).is_ok());
    right && kept.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_is_the_password_and_nothing_of_it_is_kept() {
        let kept = keep("hujan di bulan Juni").unwrap();
        assert!(kept.0.starts_with("$argon2id$v=19$m=19456,") && !kept.0.contains("hujan"), "{}", kept.0);
        assert_ne!(kept, keep("hujan di bulan Juni").unwrap(), "two who chose the same are not seen to");
        assert!(is_it("hujan di bulan Juni", Some(&kept)));
        assert!(!is_it("hujan di bulan juni", Some(&kept)) && !is_it("", Some(&kept)));
        assert!(!is_it("hujan di bulan Juni", None) && !is_it("", None));
        assert!(!is_it("x", Some(&PasswordHash("garbled".to_owned()))));
    }

    #[test]
    fn a_password_that_is_guessed_at_once_is_not_taken() {
        assert_eq!(usable("hujan di bulan Juni", "andi"), Ok(()));
        for bad in ["pendek", "andiandiandi", "Kentongan2026", "aaaaaaaaaaaa", &"x".repeat(2000)] {
            assert!(usable(bad, "andi").is_err(), "{bad}");
        }
    }
}
