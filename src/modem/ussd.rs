//! USSD: a code, the keys of its menu, and the end of the session with the network, whatever happens in between.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tracing::{debug, info};

use super::session::{Break, Session, Woken};
use crate::at::{CharacterSet, Command, ErrorFamily, Final, Heard, Urc, UssdReply, UssdStage};
use crate::engine::event::{ModemEvent, UssdKey};
use crate::model::{Ticket, UssdAnswer, UssdEnd, UssdForm};

/// For the final result of AT+CUSD once the answer is there or nobody wants it any more.
const FINAL_AFTER_ANSWER: Duration = Duration::from_secs(5);

/// How one code ended.
enum Dialled {
    /// With a text, or with the empty text some networks give.
    Text {
        answer: UssdAnswer,
        /// The network waits for a key.
        open: bool,
    },
    Not(UssdEnd),
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<'_, S> {
    /// Dials what was ordered, tells the engine, and leaves no session with the network open.
    pub(super) async fn dial_ordered(&mut self) -> Result<(), Break> {
        let Some((ticket, keys)) = self.desk.ussd.take() else { return Ok(()) };
        let form = self.ussd_form().await?;
        let mut answers = Vec::with_capacity(keys.len());
        // A modem that is gone or has restarted has forgotten it by itself.
        let end = self.dial_all(ticket, &keys, form, &mut answers).await?;
        self.close_ussd(form).await?;
        info!(modem = %self.settings.name, code = ?keys.first(), answers = answers.len(), ?end, "USSD");
        Ok(self.desk.emit(ModemEvent::UssdEnded { ticket, answers, end }).await?)
    }

    /// How this modem writes strings of GSM-7 just now. A family that writes text is told to write ASCII; one that will not
    /// is asked what it writes, so that nothing need be guessed from an answer.
    async fn ussd_form(&mut self) -> Result<UssdForm, Break> {
        match self.dialect.ussd {
            UssdForm::PackedHex => Ok(UssdForm::PackedHex),
            UssdForm::Ucs2Hex => {
                let set = self.run(&Command::character_set(CharacterSet::Ucs2)).await?.is_ok();
                Ok(if set { UssdForm::Ucs2Hex } else { UssdForm::Plain })
            }
            UssdForm::Plain => {
                if self.run(&Command::character_set(CharacterSet::Ira)).await?.is_ok() {
                    return Ok(UssdForm::Plain);
                }
                let told = self.run(&Command::which_character_set()).await?.lines;
                let hexadecimal = told.iter().any(|line| line.contains("UCS2"));
                Ok(if hexadecimal { UssdForm::Ucs2Hex } else { UssdForm::Plain })
            }
        }
    }

    async fn dial_all(
        &mut self,
        ticket: Ticket,
        keys: &[UssdKey],
        form: UssdForm,
        answers: &mut Vec<UssdAnswer>,
    ) -> Result<UssdEnd, Break> {
        let mut open = true;
        for key in keys {
            if !open {
                return Ok(UssdEnd::Early);
            }
            match self.dial(ticket, key, form).await? {
                Dialled::Text { answer, open: wants } => {
                    answers.push(answer);
                    open = wants;
                }
                Dialled::Not(end) => return Ok(end),
            }
        }
        Ok(UssdEnd::Answered { open })
    }

    /// One code, to its answer and its final result, in whichever order they come. Nothing else is written meanwhile.
    async fn dial(&mut self, ticket: Ticket, key: &UssdKey, form: UssdForm) -> Result<Dialled, Break> {
        if let Some(end) = self.unwanted(ticket) {
            return Ok(Dialled::Not(end));
        }
        let command = Command::ussd(&written(key, form)).expect("a code and its hexadecimal writing can be dialled");
        self.link.begin(command).await?;
        let mut until = Instant::now() + self.settings.ussd_timeout;
        let (mut reply, mut result): (Option<UssdReply>, Option<Final>) = (None, None);
        let mut given_up = None;
        loop {
            // Whatever is decided, the command is not left running: the next would be taken for a part of it.
            let done = reply.is_some() || given_up.is_some() || result.as_ref().is_some_and(|result| !result.is_ok());
            if done && result.is_some() {
                break;
            }
            let heed_stop = !self.stop.is_cancelled();
            let woken = self.wait(until, heed_stop).await?;
            let before = (reply.is_some(), given_up.is_some());
            match woken {
                Woken::Stop | Woken::Order => given_up = given_up.or_else(|| self.unwanted(ticket)),
                Woken::Heard(Heard::Information(line)) => {
                    // One that ended without a word before our own code was even taken is the end of an earlier session.
                    reply = reply.or_else(|| UssdReply::parse(&line).filter(|said| !is_leftover(said)));
                }
                Woken::Heard(Heard::Urc(Urc::Ussd(said))) => reply = reply.or(Some(said)),
                Woken::Heard(Heard::Urc(urc)) => self.notice(urc).await?,
                Woken::Heard(Heard::Final(last)) => result = Some(last),
                Woken::Heard(_) => {}
                Woken::Timer => {
                    self.link.abandon();
                    reply = reply.or_else(|| self.link.unfinished_ussd());
                    break;
                }
            }
            // One of the two is there: the other is not waited for as long.
            if (reply.is_some(), given_up.is_some()) != before {
                until = until.min(Instant::now() + FINAL_AFTER_ANSWER);
            }
        }
        debug!(modem = %self.settings.name, stage = ?reply.as_ref().map(|reply| reply.stage), ?result, "USSD code");
        Ok(ended(reply, result, given_up, form))
    }

    /// Why the exchange is to end at once, if it is.
    fn unwanted(&mut self, ticket: Ticket) -> Option<UssdEnd> {
        if self.stop.is_cancelled() || self.desk.closed {
            return Some(UssdEnd::Stopped);
        }
        self.desk.end_ussd.take_if(|ended| *ended == ticket).map(|_| UssdEnd::Withdrawn)
    }

    /// AT+CUSD=2, and the usual character set; whether the modem finds something to end does not matter.
    async fn close_ussd(&mut self, form: UssdForm) -> Result<(), Break> {
        let reply = self.link.run(&Command::end_ussd()).await?;
        if reply.result.is_none() && !self.stop.is_cancelled() {
            self.probe(3).await?;
        }
        if form == UssdForm::Ucs2Hex && !self.stop.is_cancelled() {
            self.run(&Command::character_set(CharacterSet::Ira)).await?;
        }
        Ok(())
    }
}

/// The code as the modem wants it. All its characters are the same in ASCII and GSM-7.
fn written(key: &UssdKey, form: UssdForm) -> String {
    match form {
        UssdForm::Plain => key.code.as_str().to_owned(),
        UssdForm::PackedHex => key.packed.clone(),
        UssdForm::Ucs2Hex => key.code.as_str().bytes().map(|octet| format!("{octet:04X}")).collect(),
    }
}

fn words(result: &Final) -> String {
    match (result, result.number()) {
        (_, Some((family, number))) => {
            format!("+{} ERROR: {number}", if family == ErrorFamily::Cms { "CMS" } else { "CME" })
        }
        (Final::NotSupported, _) => "COMMAND NOT SUPPORT".to_owned(),
        _ => "ERROR".to_owned(),
    }
}

fn is_leftover(said: &UssdReply) -> bool {
    said.stage == UssdStage::Ended && said.string.is_none()
}

fn ended(reply: Option<UssdReply>, result: Option<Final>, given_up: Option<UssdEnd>, form: UssdForm) -> Dialled {
    let end = match (reply, given_up, result) {
        (Some(UssdReply { stage: UssdStage::Elsewhere, .. }), _, _) => UssdEnd::Elsewhere,
        (Some(UssdReply { stage: UssdStage::Unsupported, .. }), _, _) => UssdEnd::NotSupported,
        (Some(UssdReply { stage: UssdStage::TimedOut, .. }), _, _) => UssdEnd::NetworkTimeout,
        (Some(UssdReply { stage: UssdStage::Ended, string: None, .. }), _, _) => UssdEnd::Terminated,
        (Some(UssdReply { stage, string, dcs }), _, _) => {
            let answer = UssdAnswer { string: string.unwrap_or_default(), dcs, form };
            return Dialled::Text { answer, open: stage == UssdStage::Wants };
        }
        (None, Some(end), _) => end,
        (None, None, Some(result)) if !result.is_ok() => UssdEnd::Refused(words(&result)),
        (None, None, _) => UssdEnd::Silence,
    };
    Dialled::Not(end)
}
