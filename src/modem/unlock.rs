//! Entering the SIM's PIN, if the engine says that it may be.
//!
//! The session asks the modem how many tries are left, and then the engine, which notes the try before it answers. So a
//! crash between the note and the PIN costs a try that was not made, and never one that was made twice.

use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tracing::{info, warn};

use super::session::{Break, Session, SessionEnd, Woken};
use crate::at::{Command, Final, iccid};
use crate::engine::event::ModemEvent;
use crate::model::ModemIdentity;

/// For the engine's word.
const WORD: Duration = Duration::from_secs(30);

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<'_, S> {
    /// Enters the configured PIN where that is safe. Gives the reason why it was not, or why the card did not take it.
    pub(super) async fn unlock(&mut self, modem: &ModemIdentity) -> Result<Option<String>, Break> {
        let missing = "the SIM asks for its PIN; turn the PIN off in a phone, or write it into the modem's section of the configuration";
        let Some(pin) = self.settings.pin.clone() else { return Ok(Some(missing.to_owned())) };
        let Some(command) = Command::enter_pin(pin.digits()) else { return Ok(Some(missing.to_owned())) };
        let counter = self.dialect.pin_counter;
        let tries = counter.read(&self.run(&Command::pin_counter(counter.command)).await?.lines);
        let mut digest = Sha256::new();
        digest.update(self.locked_card(modem).await?);
        digest.update([0]);
        digest.update(pin.digits());
        let digest: [u8; 32] = digest.finalize().into();
        self.desk.pin = None;
        self.desk.emit(ModemEvent::PinAsked { digest, tries }).await?;
        if let Err(reason) = self.word().await? {
            return Ok(Some(reason));
        }
        info!(modem = %self.settings.name, "entering the SIM's PIN");
        let reply = self.run(&command).await?;
        let accepted = match &reply.result {
            Some(Final::Ok) => true,
            Some(_) => false,
            // Nobody knows; the record says so already.
            None => return Ok(Some("the modem gave no answer to the PIN; see AT+CPIN?".to_owned())),
        };
        self.desk.emit(ModemEvent::PinAnswered { digest, accepted }).await?;
        if accepted {
            return Ok(None);
        }
        let said =
            reply.result.as_ref().and_then(Final::number).map_or("an error".to_owned(), |(_, n)| format!("error {n}"));
        warn!(modem = %self.settings.name, said, "the SIM refused the PIN; it is not entered again");
        Ok(Some(format!(
            "the SIM refused the PIN in the configuration ({said}), and it is not entered again; correct it there, or turn the PIN off in a phone"
        )))
    }

    /// What the card is known by while it is locked: many tell their number even then; else the modem it is in.
    async fn locked_card(&mut self, modem: &ModemIdentity) -> Result<String, Break> {
        for text in self.dialect.card {
            if let Some(number) = iccid(&self.run(&Command::card(text)).await?.lines) {
                return Ok(number);
            }
        }
        let number = iccid(&self.run(&Command::card("AT+CCID")).await?.lines);
        Ok(number.or_else(|| modem.imei.clone()).unwrap_or_else(|| self.settings.name.to_string()))
    }

    async fn word(&mut self) -> Result<Result<(), String>, Break> {
        let until = Instant::now() + WORD;
        loop {
            if let Some(word) = self.desk.pin.take() {
                return Ok(word);
            }
            match self.wait(until, true).await? {
                Woken::Timer => return Ok(Err("nobody said whether the PIN may be entered".to_owned())),
                Woken::Stop => return Err(Break::End(SessionEnd::Stopped)),
                Woken::Order if self.desk.closed => return Err(Break::End(SessionEnd::EngineGone)),
                Woken::Order => {}
                Woken::Heard(heard) => self.hear(heard).await?,
            }
        }
    }
}
