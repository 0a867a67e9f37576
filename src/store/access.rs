//! Accounts, who is signed in, and tokens.

use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use super::intake::parsed;
use super::{Reader, Store, StoreError, at, ms};
use crate::model::{AccountRole, Caller, PasswordHash, Right, SecretDigest, Timestamp, Units};

/// An account of the web page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AccountView {
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: String,
    /// The units it is for, with commas between; empty: all.
    pub units: String,
    /// Since when there is such an account.
    pub created_at: Timestamp,
    /// When role, units or password last changed.
    pub changed_at: Timestamp,
    /// When it was closed; `None`: it is open.
    pub closed_at: Option<Timestamp>,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenView {
    /// Its name.
    pub name: String,
    /// What it may do, with commas between.
    pub rights: String,
    /// The units it is for, with commas between; empty: all.
    pub units: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it holds; `None`: until it is revoked.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked; `None`: it was not.
    pub revoked_at: Option<Timestamp>,
}

/// An account as it is asked for at the sign-in.
#[derive(Clone, Debug)]
pub struct AccountRow {
    /// Its row.
    pub id: i64,
    /// What its password is compared with.
    pub password: PasswordHash,
}

/// What a new token is.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// Its name.
    pub name: &'a str,
    /// SHA-256 of what it shows.
    pub digest: SecretDigest,
    /// What it may do.
    pub rights: &'a [Right],
    /// For whom.
    pub units: &'a Units,
    /// Until when; `None`: until it is revoked.
    pub expires_at: Option<Timestamp>,
}

impl Store {
    /// Opens an account, or opens a closed one anew; `false` if one of this name is open.
    pub fn open_account(
        &self,
        name: &str,
        role: AccountRole,
        units: &Units,
        password: &PasswordHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.run(
            "INSERT INTO accounts (name, role, units, password, created_at_ms, changed_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5)
             ON CONFLICT (name) DO UPDATE
             SET role = ?2, units = ?3, password = ?4, changed_at_ms = ?5, closed_at_ms = NULL
             WHERE closed_at_ms IS NOT NULL",
            params![name, role.name(), units.to_string(), password.0, ms(now)],
        )
        .map(|changed| changed == 1)
    }

    /// Gives an open account another role and other units; `false` if there is none of this name.
    pub fn change_account(
        &self,
        name: &str,
        role: AccountRole,
        units: &Units,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.run(
            "UPDATE accounts SET role = ?2, units = ?3, changed_at_ms = ?4 WHERE name = ?1 AND closed_at_ms IS NULL",
            params![name, role.name(), units.to_string(), ms(now)],
        )
        .map(|changed| changed == 1)
    }

    /// Gives an open account another password; `false` if there is none of this name.
    pub fn set_password(&self, name: &str, password: &PasswordHash, now: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "UPDATE accounts SET password = ?2, changed_at_ms = ?3 WHERE name = ?1 AND closed_at_ms IS NULL",
            params![name, password.0, ms(now)],
        )
        .map(|changed| changed == 1)
    }

    /// Closes an account; `false` if there is none open of this name.
    pub fn close_account(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "UPDATE accounts SET closed_at_ms = ?2 WHERE name = ?1 AND closed_at_ms IS NULL",
            params![name, ms(now)],
        )
        .map(|changed| changed == 1)
    }

    /// Signs everybody out who is signed in with this account.
    pub fn end_sessions_of(&self, name: &str) -> Result<usize, StoreError> {
        self.run("DELETE FROM sessions WHERE account_id = (SELECT id FROM accounts WHERE name = ?1)", [name])
    }

    /// Signs somebody in, and forgets those whose time is over; `false` if there is no such open account.
    pub fn open_session(
        &self,
        account: &str,
        digest: SecretDigest,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.run("DELETE FROM sessions WHERE expires_at_ms <= ?1", [ms(now)])?;
        self.run(
            "INSERT INTO sessions (digest, account_id, opened_at_ms, expires_at_ms)
             SELECT ?1, id, ?3, ?4 FROM accounts WHERE name = ?2 AND closed_at_ms IS NULL",
            params![digest.0, account, ms(now), ms(until)],
        )
        .map(|opened| opened == 1)
    }

    /// Signs somebody out; `false` if they were not signed in.
    pub fn end_session(&self, digest: SecretDigest) -> Result<bool, StoreError> {
        self.run("DELETE FROM sessions WHERE digest = ?1", params![digest.0]).map(|ended| ended == 1)
    }

    /// Makes a token; `false` if there is, or was, one of this name.
    pub fn insert_token(&self, new: &NewToken<'_>, now: Timestamp) -> Result<bool, StoreError> {
        let rights: Vec<_> = new.rights.iter().map(|right| right.name()).collect();
        self.run(
            "INSERT INTO tokens (name, digest, rights, units, created_at_ms, expires_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (name) DO NOTHING",
            params![new.name, new.digest.0, rights.join(","), new.units.to_string(), ms(now), new.expires_at.map(ms)],
        )
        .map(|made| made == 1)
    }

    /// Revokes a token; `false` if there is none of this name that holds.
    pub fn revoke_token(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "UPDATE tokens SET revoked_at_ms = ?2 WHERE name = ?1 AND revoked_at_ms IS NULL",
            params![name, ms(now)],
        )
        .map(|revoked| revoked == 1)
    }
}

impl Reader {
    /// Every account there is or was, by name.
    pub fn accounts(&self) -> Result<Vec<AccountView>, StoreError> {
        self.all(
            "SELECT name, role, units, created_at_ms, changed_at_ms, closed_at_ms FROM accounts ORDER BY name",
            [],
            |row| {
                Ok(AccountView {
                    name: row.get(0)?,
                    role: row.get(1)?,
                    units: row.get(2)?,
                    created_at: at(row.get(3)?),
                    changed_at: at(row.get(4)?),
                    closed_at: row.get::<_, Option<i64>>(5)?.map(at),
                })
            },
        )
    }

    /// Every token there is or was, by name.
    pub fn tokens(&self) -> Result<Vec<TokenView>, StoreError> {
        self.all(
            "SELECT name, rights, units, created_at_ms, expires_at_ms, revoked_at_ms FROM tokens ORDER BY name",
            [],
            |row| {
                Ok(TokenView {
                    name: row.get(0)?,
                    rights: row.get(1)?,
                    units: row.get(2)?,
                    created_at: at(row.get(3)?),
                    expires_at: row.get::<_, Option<i64>>(4)?.map(at),
                    revoked_at: row.get::<_, Option<i64>>(5)?.map(at),
                })
            },
        )
    }

    /// The open account of this name, for the sign-in.
    pub fn account(&self, name: &str) -> Result<Option<AccountRow>, StoreError> {
        let found =
            self.all("SELECT id, password FROM accounts WHERE name = ?1 AND closed_at_ms IS NULL", [name], |row| {
                Ok(AccountRow { id: row.get(0)?, password: PasswordHash(row.get(1)?) })
            });
        found.map(|mut rows| rows.pop())
    }

    /// Who is signed in with this; `None`: nobody, or no longer.
    pub fn signed_in(&self, digest: SecretDigest, now: Timestamp) -> Result<Option<Caller>, StoreError> {
        let found = self.all(
            "SELECT name, role, units
             FROM sessions JOIN accounts ON accounts.id = sessions.account_id
             WHERE digest = ?1 AND expires_at_ms > ?2 AND closed_at_ms IS NULL",
            params![digest.0, ms(now)],
            |row| {
                let role: AccountRole = parsed(row, 1)?;
                let units = Units::stored(&row.get::<_, String>(2)?);
                Ok(Caller { name: format!("web:{}", row.get::<_, String>(0)?), rights: role.rights(), units })
            },
        );
        found.map(|mut rows| rows.pop())
    }

    /// Whose token this is; `None`: nobody's, or it holds no longer.
    pub fn token(&self, digest: SecretDigest, now: Timestamp) -> Result<Option<Caller>, StoreError> {
        let found = self.all(
            "SELECT name, rights, units
             FROM tokens
             WHERE digest = ?1 AND revoked_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > ?2)",
            params![digest.0, ms(now)],
            token_caller,
        );
        found.map(|mut rows| rows.pop())
    }
}

fn token_caller(row: &Row<'_>) -> rusqlite::Result<Caller> {
    // A right that a later version knew and this one does not is one the caller has not.
    let rights = row.get::<_, String>(1)?.split(',').filter_map(|name| name.parse::<Right>().ok()).collect();
    let units = Units::stored(&row.get::<_, String>(2)?);
    Ok(Caller { name: format!("token:{}", row.get::<_, String>(0)?), rights, units })
}
