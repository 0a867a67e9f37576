//! Who asks, found out before anything is done: a token, else the user at the other end of the socket, else who is signed in.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use sha2::{Digest, Sha256};

use super::demand::{Reach, acts_for, acts_for_all, demand};
use super::{Peer, Problem, Web};
use crate::engine::event::Action;
use crate::model::{Caller, Right, SecretDigest};
use crate::store::JobRef;

/// The name of the cookie that keeps somebody signed in.
pub const COOKIE_NAME: &str = "kentongan";

/// How they showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The kernel said so.
    Socket,
    /// A token.
    Token,
    /// A cookie from the sign-in; names the session.
    Session(SecretDigest),
}

/// Whoever asks. As an argument of a handler it turns strangers away.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Who.
    pub caller: Caller,
    /// How that is known.
    pub proof: Proof,
}

/// SHA-256 of a secret, as it is kept.
pub fn digest_of(secret: &str) -> SecretDigest {
    SecretDigest(Sha256::digest(secret.as_bytes()).into())
}

impl FromRequestParts<Web> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let now = web.now();
        if let Some(value) = parts.headers.get(AUTHORIZATION) {
            let token = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
            let digest = digest_of(token.ok_or_else(Problem::unknown_caller)?.trim());
            let found = web.questions.ask(move |reader| reader.token(digest, now)).await?;
            let caller = found.ok_or_else(Problem::unknown_caller)?;
            return Ok(Self { caller, proof: Proof::Token });
        }
        if let Some(Peer::Local { uid, gid }) = parts.extensions.get::<Peer>().copied() {
            let peers = web.peers.clone();
            // It reads files of the system's.
            let found = tokio::task::spawn_blocking(move || peers.caller(uid, gid)).await;
            let caller = found.map_err(|_| Problem::unavailable())?.ok_or_else(|| {
                Problem::forbidden(
                    "you are in no group that may; become a member of the daemon's group (kentongan) or of your unit's, or use sudo",
                )
            })?;
            return Ok(Self { caller, proof: Proof::Socket });
        }
        let secret = cookie(&parts.headers, COOKIE_NAME).ok_or_else(Problem::unknown_caller)?;
        let digest = digest_of(&secret);
        let found = web.questions.ask(move |reader| reader.signed_in(digest, now)).await?;
        let caller = found.ok_or_else(Problem::unknown_caller)?;
        Ok(Self { caller, proof: Proof::Session(digest) })
    }
}

/// What a cookie of this name holds.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

impl Asker {
    /// Nothing, where the caller has the right. Errors: 403.
    pub fn must(&self, right: Right) -> Result<(), Problem> {
        match self.caller.may(right) {
            // What is managed is every unit's.
            true if right == Right::Manage => self.must_act_for_all(),
            true => Ok(()),
            false => Err(Problem::forbidden(format!(
                "{} may not do this; it needs the right `{}`",
                self.caller.name,
                right.name()
            ))),
        }
    }

    /// Nothing, where the caller has the right for this unit. Errors: 403.
    pub fn must_for(&self, right: Right, unit: &str) -> Result<(), Problem> {
        self.must(right)?;
        match self.caller.units.has(unit) {
            true => Ok(()),
            false => {
                Err(Problem::forbidden(format!("{} does not act for unit {}", self.caller.name, unit.escape_debug())))
            }
        }
    }

    /// Nothing, where the caller has the right and acts for the whole office, since what is asked for is all units'. Errors: 403.
    pub fn must_for_all(&self, right: Right) -> Result<(), Problem> {
        self.must(right)?;
        self.must_act_for_all()
    }

    fn must_act_for_all(&self) -> Result<(), Problem> {
        match acts_for_all(&self.caller) {
            true => Ok(()),
            false => {
                let name = &self.caller.name;
                Err(Problem::forbidden(format!("this touches every unit, and {name} acts for some only")))
            }
        }
    }

    /// Nothing, where the caller may ask for this. Errors: 403; 404 where what it touches is not there, or another unit's.
    pub async fn must_may(&self, web: &Web, action: &Action) -> Result<(), Problem> {
        let (right, reach) =
            demand(action).ok_or_else(|| Problem::forbidden("nobody may ask for this from outside"))?;
        self.must(right)?;
        if acts_for_all(&self.caller) {
            return Ok(());
        }
        let unit = match reach {
            Reach::Any => return Ok(()),
            Reach::Office => return self.must_for_all(right),
            Reach::Units(units) => {
                return match acts_for(&self.caller, units.iter().map(String::as_str)) {
                    true => Ok(()),
                    false => {
                        Err(Problem::forbidden(format!("{} does not act for {}", self.caller.name, units.join(", "))))
                    }
                };
            }
            Reach::Job(job) => {
                web.questions.ask(move |reader| Ok(reader.job(&JobRef::Id(job))?.map(|job| job.unit))).await?
            }
            Reach::Message(message) => web.questions.ask(move |reader| reader.unit_of_message(message)).await?,
            Reach::Inbox(inbox) => match web.questions.ask(move |reader| reader.unit_of_inbox(inbox)).await? {
                // What is nobody's is read by whoever is there.
                Some(None) => return Ok(()),
                found => found.flatten(),
            },
        };
        match unit.is_some_and(|unit| self.caller.units.has(&unit)) {
            true => Ok(()),
            false => Err(Problem::absent("there is no such thing here, or it is another unit's")),
        }
    }
}
