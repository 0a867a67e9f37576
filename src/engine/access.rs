//! Accounts, sessions, tokens, and jobs that come in by a request, as people ask for them.

use super::Engine;
use super::event::{Act, NewAccount, NewJobRequest, NewToken};
use crate::model::{AccountRole, PasswordHash, SecretDigest, Timestamp, Units, plain_account};
use crate::store::{self, StoreError};

type Answer = Result<Result<String, String>, StoreError>;

impl Engine {
    pub(super) fn open_account(&mut self, new: &NewAccount, act: &Act, now: Timestamp) -> Answer {
        if let Err(why) = plain_account(&new.name) {
            return Ok(Err(why));
        }
        if !self.store.open_account(&new.name, new.role, &new.units, &new.password, now)? {
            return Ok(Err(format!("there is an account {} already", new.name)));
        }
        self.note(act, "account_opened", None, None, &account(&new.name, new.role, &new.units), now)?;
        Ok(Ok(format!("account {} is open", new.name)))
    }

    pub(super) fn change_account(
        &mut self,
        name: &str,
        role: AccountRole,
        units: &Units,
        act: &Act,
        now: Timestamp,
    ) -> Answer {
        if !self.store.change_account(name, role, units, now)? {
            return Ok(Err(no_account(name)));
        }
        self.note(act, "account_changed", None, None, &account(name, role, units), now)?;
        Ok(Ok(format!("account {name} is changed")))
    }

    pub(super) fn set_password(&mut self, name: &str, password: &PasswordHash, act: &Act, now: Timestamp) -> Answer {
        if !self.store.set_password(name, password, now)? {
            return Ok(Err(no_account(name)));
        }
        self.store.end_sessions_of(name)?;
        self.note(act, "password_set", None, None, name, now)?;
        Ok(Ok(format!("account {name} has a new password; whoever was signed in with it is signed out")))
    }

    pub(super) fn close_account(&mut self, name: &str, act: &Act, now: Timestamp) -> Answer {
        if !self.store.close_account(name, now)? {
            return Ok(Err(no_account(name)));
        }
        self.store.end_sessions_of(name)?;
        self.note(act, "account_closed", None, None, name, now)?;
        Ok(Ok(format!("account {name} is closed")))
    }

    pub(super) fn open_session(
        &mut self,
        name: &str,
        digest: SecretDigest,
        until: Timestamp,
        act: &Act,
        now: Timestamp,
    ) -> Answer {
        if !self.store.open_session(name, digest, until, now)? {
            return Ok(Err(no_account(name)));
        }
        self.note(act, "signed_in", None, None, name, now)?;
        Ok(Ok(format!("account {name} is signed in")))
    }

    pub(super) fn end_session(&mut self, digest: SecretDigest, act: &Act, now: Timestamp) -> Answer {
        if !self.store.end_session(digest)? {
            return Ok(Err("nobody is signed in with this".to_owned()));
        }
        self.note(act, "signed_out", None, None, "", now)?;
        Ok(Ok("signed out".to_owned()))
    }

    pub(super) fn note_lock(&mut self, name: &str, act: &Act, now: Timestamp) -> Answer {
        self.note(act, "sign_in_locked", None, None, name, now)?;
        Ok(Ok(format!("the lock of {name} is on record")))
    }

    pub(super) fn make_token(&mut self, new: &NewToken, act: &Act, now: Timestamp) -> Answer {
        if let Err(why) = plain_account(&new.name) {
            return Ok(Err(why));
        }
        if new.rights.is_empty() {
            return Ok(Err("a token that may do nothing is of no use; name its rights".to_owned()));
        }
        if new.expires_at.is_some_and(|until| until <= now) {
            return Ok(Err("its end is over already".to_owned()));
        }
        let row = store::NewToken {
            name: &new.name,
            digest: new.digest,
            rights: &new.rights,
            units: &new.units,
            expires_at: new.expires_at,
        };
        if !self.store.insert_token(&row, now)? {
            return Ok(Err(format!("there is, or was, a token {}; take another name", new.name)));
        }
        let rights: Vec<_> = new.rights.iter().map(|right| right.name()).collect();
        let what = format!("{}, {}{}", new.name, rights.join(" "), for_units(&new.units));
        self.note(act, "token_made", None, None, &what, now)?;
        Ok(Ok(format!("token {} is made", new.name)))
    }

    pub(super) fn revoke_token(&mut self, name: &str, act: &Act, now: Timestamp) -> Answer {
        if !self.store.revoke_token(name, now)? {
            return Ok(Err(format!("there is no token {name} that holds")));
        }
        self.note(act, "token_revoked", None, None, name, now)?;
        Ok(Ok(format!("token {name} is revoked")))
    }

    /// Notes who brings a job, before its file is written; answers with the number of the request. The same request made again has the
    /// number it had.
    pub(super) fn take_request(&mut self, new: &NewJobRequest, act: &Act, now: Timestamp) -> Answer {
        if let Some(before) = self.store.submission(&act.actor, &new.key)? {
            let same_lists = before.lists_digest.is_none_or(|lists| lists == new.lists_digest);
            let same = before.unit == new.unit && before.digest == new.digest && same_lists;
            return Ok(same.then(|| before.id.to_string()).ok_or_else(|| KEY_USED.to_owned()));
        }
        let row = store::NewSubmission {
            caller: &act.actor,
            key: &new.key,
            unit: &new.unit,
            source: &new.source,
            digest: &new.digest,
            lists_digest: &new.lists_digest,
        };
        let id = self.store.insert_submission(&row, now)?;
        Ok(Ok(id.to_string()))
    }
}

/// The answer to a request whose key was used for another one.
pub const KEY_USED: &str = "this key was used for another request; each request has its own";

fn no_account(name: &str) -> String {
    format!("there is no open account {}", name.escape_debug())
}

fn account(name: &str, role: AccountRole, units: &Units) -> String {
    format!("{name}, {}{}", role.name(), for_units(units))
}

fn for_units(units: &Units) -> String {
    match units {
        Units::All => String::new(),
        units => format!(", for {units}"),
    }
}
