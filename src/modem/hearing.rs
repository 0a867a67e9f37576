//! What a modem says and shows of itself outside answers: URCs, restarts, late answers, signal and registration.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tracing::{debug, info, trace};

use super::boot::Boot;
use super::session::{Break, Session};
use crate::at::{Command, Final, Heard, Urc, signal};
use crate::engine::event::ModemEvent;
use crate::model::Registration;

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<'_, S> {
    /// Deals with something heard while nothing ran.
    pub(super) async fn hear(&mut self, heard: Heard) -> Result<(), Break> {
        match heard {
            Heard::Urc(urc) => self.notice(urc).await,
            // Sitting in a prompt, the modem would take the next command for a PDU.
            Heard::Prompt => Ok(self.link.escape().await?),
            _ => Ok(()),
        }
    }

    /// Deals with something unasked.
    pub(super) async fn notice(&mut self, urc: Urc) -> Result<(), Break> {
        match urc {
            Urc::Stored(place) => {
                self.storage.refilled(place.index, &mut self.desk.deletes);
                self.storage.announce(place);
            }
            Urc::ReportStored(place) => {
                self.storage.refilled(place.index, &mut self.desk.deletes);
                self.storage.announce_report(place, self.dialect);
            }
            Urc::Message(_) | Urc::Report(_) | Urc::Garbled(_) => self.came_directly(urc).await?,
            Urc::Ring => self.ringing = true,
            Urc::Registration(_) => self.next_health = Instant::now(),
            Urc::LateSubmit(tp_mr) => self.late_answer(tp_mr).await?,
            // The end of a session that we closed, or something the network says by itself.
            Urc::Ussd(reply) => debug!(modem = %self.settings.name, stage = ?reply.stage, "USSD that nobody waits for"),
            Urc::Other(line) => return self.notice_other(&line).await,
        }
        Ok(())
    }

    async fn notice_other(&mut self, line: &str) -> Result<(), Break> {
        trace!(modem = %self.settings.name, kind = line.split([':', ' ']).next(), "unasked line");
        if self.dialect.is_ready(line) {
            self.sms_ready = true;
        }
        if self.dialect.is_full(line) {
            self.next_upkeep = Instant::now();
            self.desk.emit(ModemEvent::Noted { text: "the modem says that its storage is full".to_owned() }).await?;
        }
        if self.dialect.is_restart(line) {
            if self.boot.goes_on(line, self.starting) {
                return Ok(());
            }
            self.boot = Boot::begun_by(line);
            if self.starting {
                self.restarted = true;
                return Ok(());
            }
            // A SIM that was loaded again is no lesson about what the modem does when it is restarted.
            self.fresh |= !line.starts_with("+CPIN");
            let sign: String = line.chars().take(32).collect();
            return Err(Break::Restart(format!("the modem restarted by itself ({sign})")));
        }
        Ok(())
    }

    /// A `+CMGS` for the attempt that was given up.
    pub(super) async fn late_answer(&mut self, tp_mr: u8) -> Result<(), Break> {
        match self.in_doubt.take() {
            Some(attempt) => self.desk.emit(ModemEvent::LateAnswer { attempt, tp_mr }).await?,
            None => debug!(modem = %self.settings.name, tp_mr, "an answer to a send that nobody waits for"),
        }
        Ok(())
    }

    /// An error number that says that registration wants a look.
    pub(super) fn look_at_registration(&mut self, result: &Final) {
        if matches!(result.number(), Some((_, 30 | 331))) {
            self.next_health = Instant::now();
        }
    }

    /// The modem knows none of the questions for registration. Told once in a set-up.
    async fn unsaid_registration(&mut self) -> Result<Registration, Break> {
        if self.told.is_none() {
            let text = "the modem does not say whether it is registered with a network; it is used as if it were";
            self.desk.emit(ModemEvent::Noted { text: text.to_owned() }).await?;
        }
        Ok(Registration::Home)
    }

    /// Reads signal and registration, and opens or closes the modem for segments accordingly.
    pub(super) async fn health(&mut self) -> Result<(), Break> {
        let signal = self.run(&Command::signal()).await?.find(signal);
        let registration = match self.registration().await? {
            Some(registration) => registration,
            // Nobody has said that it is not: the network decides when something is sent.
            None => self.unsaid_registration().await?,
        };
        if self.told != Some((registration, signal)) {
            self.told = Some((registration, signal));
            self.desk.emit(ModemEvent::Health { registration, signal }).await?;
        }
        let first = self.unready_checks == 0;
        match (registration.serves(), self.desk.open) {
            (true, false) => {
                let operator = self.operator().await?;
                self.unready_checks = 0;
                self.desk.open = true;
                info!(modem = %self.settings.name, family = self.dialect.family, operator, "ready");
                self.desk.emit(ModemEvent::Ready { operator, reports: self.set_up.reports() }).await?;
            }
            (false, was_open) => {
                self.unready_checks += 1;
                if was_open || first {
                    self.desk.close();
                    self.desk.emit(ModemEvent::Unready { reason: unserved(registration).to_owned() }).await?;
                }
            }
            (true, true) => {}
        }
        let pause = match self.unready_checks {
            0 => self.settings.health_every,
            1..=12 => Duration::from_secs(5),
            _ => Duration::from_secs(30),
        };
        self.next_health = Instant::now() + pause;
        Ok(())
    }
}

fn unserved(registration: Registration) -> &'static str {
    match registration {
        Registration::Searching => "the modem is searching for a network",
        Registration::Denied => "the network refuses this SIM or this modem",
        _ => "the modem is not registered with a network",
    }
}
