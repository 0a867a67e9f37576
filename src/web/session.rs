//! Signing in and out of the page. What the cookie holds is kept nowhere, only its SHA-256 is.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderValue;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use tracing::warn;

use super::caller::{COOKIE_NAME, Proof, digest_of};
use super::{Asker, Peer, Problem, Web, new_secret, password};
use crate::engine::event::Action;
use crate::model::{Caller, PasswordHash, SecretDigest, Timestamp, Units, hex, later};
use crate::policy::Lockout;

/// Passwords that are compared at one time: each takes 19 MiB.
const AT_ONE_TIME: usize = 2;

/// Who tries passwords, and how many at a time. Cheap to clone.
#[derive(Clone)]
pub struct SignIns {
    /// Held only to look or to count.
    lockout: Arc<Mutex<Lockout>>,
    places: Arc<Semaphore>,
}

impl Default for SignIns {
    fn default() -> Self {
        Self { lockout: Arc::default(), places: Arc::new(Semaphore::new(AT_ONE_TIME)) }
    }
}

impl SignIns {
    fn shut_until(&self, keys: &[String], now: Timestamp) -> Option<Timestamp> {
        let lockout = self.lockout.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().filter_map(|key| lockout.shut_until(key, now)).max()
    }

    fn failed(&self, keys: &[String], now: Timestamp) -> bool {
        let mut lockout = self.lockout.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().filter_map(|key| lockout.failed(key, now)).count() > 0
    }

    fn succeeded(&self, keys: &[String]) {
        let mut lockout = self.lockout.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().for_each(|key| lockout.succeeded(key));
    }

    /// Compares a password; few at a time, off the threads that serve.
    async fn compare(&self, typed: String, kept: Option<PasswordHash>) -> Result<bool, Problem> {
        let _place = self.places.acquire().await.map_err(|_| Problem::unavailable())?;
        let compared = tokio::task::spawn_blocking(move || password::is_it(&typed, kept.as_ref()));
        compared.await.map_err(|_| Problem::unavailable())
    }

    /// What is kept of a password.
    pub(super) async fn keep(&self, typed: String) -> Result<PasswordHash, Problem> {
        let _place = self.places.acquire().await.map_err(|_| Problem::unavailable())?;
        let kept = tokio::task::spawn_blocking(move || password::keep(&typed)).await;
        kept.ok().and_then(Result::ok).ok_or_else(Problem::unavailable)
    }
}

/// Who tries: this account from this address. An address of IPv6 stands for its network of 64 bits.
fn key_of(account: &str, peer: Peer) -> Vec<String> {
    let from = match peer {
        Peer::Local { uid, .. } => format!("uid {uid}"),
        Peer::Remote(address) => match address.ip() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("{:x?}", &address.segments()[..4]),
        },
    };
    vec![format!("{}@{from}", account.to_lowercase())]
}

/// Signs somebody in; gives the cookie to set.
///
/// Errors: 401 where name and password do not belong together, whichever it is; 429 after too many tries.
pub async fn sign_in(web: &Web, peer: Peer, name: &str, typed: String) -> Result<HeaderValue, Problem> {
    let now = web.now();
    let keys = key_of(name, peer);
    if let Some(until) = web.sign_ins.shut_until(&keys, now) {
        let seconds = until.duration_since(now).as_secs() + 1;
        return Err(Problem::too_often(format!("too many wrong passwords; try again in {seconds} seconds")));
    }
    let asked = name.to_owned();
    let account = web.questions.ask(move |reader| reader.account(&asked)).await?;
    let right = web.sign_ins.compare(typed, account.map(|account| account.password)).await?;
    let caller = Caller { name: format!("web:{name}"), rights: Default::default(), units: Units::All };
    if !right {
        warn!(account = name.escape_debug().to_string(), ?peer, "a wrong name or password at the sign-in of the page");
        if web.sign_ins.failed(&keys, now) {
            let daemon = Caller { name: "engine".to_owned(), ..caller };
            let _ = web.acts.ask(&daemon, Action::NoteLock(name.chars().take(40).collect()), "").await;
        }
        return Err(Problem::unknown_caller());
    }
    web.sign_ins.succeeded(&keys);
    let secret = new_secret().map_err(|_| Problem::unavailable())?;
    let until = later(now, web.config.web.session);
    let action = Action::OpenSession { name: name.to_owned(), digest: digest_of(&secret), until };
    web.acts.ask(&caller, action, "").await.map_err(Problem::refused)?;
    Ok(cookie(web, &secret, web.config.web.session.as_secs()))
}

/// Signs somebody out; gives the cookie that takes theirs away.
pub async fn sign_out(web: &Web, asker: &Asker) -> HeaderValue {
    if let Proof::Session(digest) = asker.proof {
        // Whoever is signed out already has what they want.
        let _ = web.acts.ask(&asker.caller, Action::EndSession(digest), "").await;
    }
    cookie(web, "", 0)
}

/// Gives somebody who is signed in another password, and signs them out everywhere.
///
/// Errors: 403 where the present one is wrong, 422 where the new one is too easy, 429 after too many tries.
pub async fn change_password(
    web: &Web,
    peer: Peer,
    asker: &Asker,
    present: String,
    wanted: String,
) -> Result<(), Problem> {
    let name = asker.caller.name.strip_prefix("web:").filter(|_| matches!(asker.proof, Proof::Session(_)));
    let name = name.ok_or_else(|| Problem::forbidden("only an account has a password"))?.to_owned();
    let (now, keys) = (web.now(), key_of(&name, peer));
    if web.sign_ins.shut_until(&keys, now).is_some() {
        return Err(Problem::too_often("too many wrong passwords; try again later"));
    }
    password::usable(&wanted, &name).map_err(Problem::unusable)?;
    let asked = name.clone();
    let account = web.questions.ask(move |reader| reader.account(&asked)).await?;
    if !web.sign_ins.compare(present, account.map(|account| account.password)).await? {
        web.sign_ins.failed(&keys, now);
        return Err(Problem::forbidden("the present password is another one"));
    }
    let password = web.sign_ins.keep(wanted).await?;
    let done = web.acts.ask(&asker.caller, Action::SetPassword { name, password }, "").await;
    done.map(drop).map_err(Problem::refused)
}

/// What a form must bring to be one of ours: nobody who cannot read the page of this session knows it.
pub fn form_key(session: SecretDigest) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&session.0).expect("HMAC takes keys of any length");
    mac.update(b"form");
    hex(mac.finalize().into_bytes())
}

/// Whether a form brings the key of this session.
pub fn is_form_key(session: SecretDigest, brought: &str) -> bool {
    form_key(session).as_bytes().ct_eq(brought.as_bytes()).into()
}

fn cookie(web: &Web, secret: &str, seconds: i64) -> HeaderValue {
    let secure = if web.secure { "; Secure" } else { "" };
    let line = format!("{COOKIE_NAME}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    // Hexadecimal digits and the words above.
    HeaderValue::from_str(&line).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_form_is_of_one_session_alone_and_does_not_tell_what_the_cookie_holds() {
        let (one, other) = (digest_of("a"), digest_of("b"));
        assert!(is_form_key(one, &form_key(one)));
        assert!(
            !is_form_key(other, &form_key(one)) && !is_form_key(one, "") && !is_form_key(one, &form_key(one)[..63])
        );
        assert!(!form_key(one).contains('a') || form_key(one).len() == 64);
    }

    #[test]
    fn who_tries_is_an_account_from_an_address_and_a_network_of_ipv6_is_one_address() {
        let from = |address: &str| key_of("Andi", Peer::Remote(address.parse().unwrap()));
        assert_eq!(from("10.0.0.7:5000"), from("10.0.0.7:6000"));
        assert_ne!(from("10.0.0.7:5000"), from("10.0.0.8:5000"));
        assert_eq!(from("[2001:db8::1]:1"), from("[2001:db8::ffff:2]:1"));
        assert_ne!(from("[2001:db8::1]:1"), from("[2001:db8:0:1::1]:1"));
        assert_eq!(from("10.0.0.7:5000"), key_of("andi", Peer::Remote("10.0.0.7:1".parse().unwrap())));
    }
}
