//! One signed call of a webhook.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use ureq::tls::{RootCerts, TlsConfig};

use super::HookSettings;
use super::secret::Secret;
use crate::model::{Timestamp, hex};

/// How long a call may take in all, and how long the way there.
const CALL_MAX: Duration = Duration::from_secs(15);
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Shorter secrets can be guessed.
const SECRET_MIN: usize = 16;
/// What of an answer is read; it means nothing.
const ANSWER_MAX: u64 = 16 * 1024;

/// Calls; the same line serves one call after the other.
#[derive(Clone)]
pub(super) struct Caller {
    agent: ureq::Agent,
    hook: HookSettings,
}

impl Caller {
    pub fn new(hook: HookSettings) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = ureq::Agent::config_builder()
            .https_only(!hook.insecure)
            // A redirection would carry numbers to a place that nobody has written down.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(CALL_MAX))
            .timeout_connect(Some(CONNECT_MAX))
            .max_response_header_size(ANSWER_MAX as usize)
            .user_agent(concat!("kentongan/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build();
        Self { agent: config.new_agent(), hook }
    }

    /// Makes one call and waits for the answer. Errors: why it was not taken, one line; nothing of the secret.
    pub async fn call(&self, id: String, body: String, at: Timestamp) -> Result<(), String> {
        let caller = self.clone();
        match tokio::task::spawn_blocking(move || caller.call_now(&id, &body, at)).await {
            Ok(result) => result,
            Err(error) => Err(format!("the call ended in a panic: {error}")),
        }
    }

    fn call_now(&self, id: &str, body: &str, at: Timestamp) -> Result<(), String> {
        let secret = Secret::read(&self.hook.secret)?;
        if secret.octets().len() < SECRET_MIN {
            return Err(format!("the secret of webhook {} is shorter than {SECRET_MIN} characters", self.hook.name));
        }
        let seconds = at.as_second();
        let signature = format!("t={seconds},v1={}", signature(secret.octets(), seconds, body));
        let call = self
            .agent
            .post(&self.hook.url)
            .header("Content-Type", "application/json")
            .header("Kentongan-Id", id)
            .header("Kentongan-Signature", &signature);
        let mut answer = call.send(body.as_bytes()).map_err(|error| format!("{error}"))?;
        let status = answer.status();
        // Read to its end, if that is near, so that the line can be used again.
        let _ = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec();
        if status.is_success() { Ok(()) } else { Err(format!("it answered {}", status.as_u16())) }
    }
}

/// HMAC-SHA256 over the time, a point and the body, lower-case hexadecimal.
fn signature(secret: &[u8], seconds: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    hex(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_signed_over_time_and_body() {
        // printf '1795000000.{"a":1}' | openssl dgst -sha256 -hmac 'kentongan bertalu-talu'
        assert_eq!(signature(b"kentongan bertalu-talu", 1_795_000_000, "{\"a\":1}"), EXPECTED);
    }

    const EXPECTED: &str = "b1d68cc7e25b7c2218e5f6ac10cb994cffca46abb6d18685a41a8a255c38babb";
}
