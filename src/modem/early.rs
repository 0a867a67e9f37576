//! What is handed on directly, as +CMT or +CDS. The network takes such a message for delivered, and it comes no second time:
//! until the engine knows which SIM is there, it is kept here.

use tokio::io::{AsyncRead, AsyncWrite};

use super::desk::EngineGone;
use super::session::{Break, Session};
use super::storage::{garbled, octets};
use crate::at::{Command, Urc};
use crate::engine::event::ModemEvent;

/// Most messages kept; then they are handed on all the same, and the engine has to do without the SIM.
const EARLY_MAX: usize = 1_024;

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<'_, S> {
    /// A message that was handed on directly.
    pub(super) async fn came_directly(&mut self, urc: Urc) -> Result<(), EngineGone> {
        if self.sim_known {
            return self.hand_on(urc).await;
        }
        self.early.push_back(urc);
        if self.early.len() >= EARLY_MAX { self.hand_on_early().await } else { Ok(()) }
    }

    /// Hands on what was kept, oldest first: the engine knows the SIM now, or nobody can say when it will.
    pub(super) async fn hand_on_early(&mut self) -> Result<(), EngineGone> {
        while let Some(urc) = self.early.pop_front() {
            self.hand_on(urc).await?;
        }
        Ok(())
    }

    /// The session ends: what came last, and was not looked at yet, is handed on as well.
    pub(super) async fn hand_on_rest(&mut self) -> Result<(), EngineGone> {
        let direct = |urc: &Urc| matches!(urc, Urc::Message(_) | Urc::Report(_) | Urc::Garbled(_));
        let kept = std::mem::take(&mut self.link.kept);
        self.early.extend(kept.into_iter().filter(direct));
        self.hand_on_early().await
    }

    /// Nothing can be sent for now, for this reason. It may take long.
    pub(super) async fn unready(&mut self, reason: &str) -> Result<(), Break> {
        self.hand_on_early().await?;
        Ok(self.desk.emit(ModemEvent::Unready { reason: reason.to_owned() }).await?)
    }

    /// Tells the modem what the engine has made durable.
    pub(super) async fn acknowledge_ordered(&mut self) -> Result<(), Break> {
        for _ in 0..std::mem::take(&mut self.desk.acknowledgements) {
            if self.set_up.acknowledges {
                self.run(&Command::acknowledge()).await?;
            }
        }
        Ok(())
    }

    async fn hand_on(&mut self, urc: Urc) -> Result<(), EngineGone> {
        let event = match urc {
            Urc::Message(line) | Urc::Report(line) => match octets(&line) {
                Some(pdu) => ModemEvent::Received { pdu, slot: None, acknowledge: self.set_up.acknowledges },
                None => garbled(line, None),
            },
            Urc::Garbled(line) => garbled(line, None),
            _ => return Ok(()),
        };
        self.desk.emit(event).await
    }
}
