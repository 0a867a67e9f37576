//! One send and, without a pause, the next: AT+CMGS, prompt and `Go`, PDU, answer.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Duration, Instant};

use super::cause::{after_hand_over, before_hand_over};
use super::desk::Current;
use super::echo::Echo;
use super::link::CTRL_Z;
use super::session::{Break, Session, SessionEnd, Woken};
use crate::at::{Command, Final, Heard, ends_there, tp_mr};
use crate::engine::event::{ModemEvent, Reservation};
use crate::model::{AttemptId, Doubt, NotSent, Outcome};

/// After `+CMGS: <mr>` the outcome is known; its OK is waited for only this long.
const FINAL_AFTER_ANSWER: Duration = Duration::from_secs(5);
/// After a sign of a restart in the middle of a send: where it was none, the answer may still come, and AT would cut it off.
const AFTER_SIGN: Duration = Duration::from_secs(5);
/// For the final result after ESC; many modems give none.
const AFTER_ESCAPE: Duration = Duration::from_secs(2);

/// Where the wait for prompt and `Go` led to.
enum Gate {
    /// Both are there.
    Open(AttemptId),
    /// Nothing was handed over; then go on, or break off.
    Shut(Outcome, Result<(), Break>),
    /// The prompt had not come when the engine asked for the segment back. Nothing is handed over any more, and the line is still to be
    /// put in order; then go on, or break off.
    AskedBack(Result<(), Break>),
}

/// How a send ended after its PDU was handed over; then go on, or break off.
struct Answer {
    outcome: Outcome,
    then: Result<(), Break>,
    /// No answer came: the line must be listened to before anything is written.
    hung: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<'_, S> {
    /// Sends this segment, and whatever is reserved when its answer comes, and so on.
    pub async fn send_from(&mut self, first: Reservation) -> Result<(), Break> {
        if self.wants_open_link(&first) {
            self.keep_link_open().await?;
        }
        let mut reservation = first;
        let begun = self.begin(&reservation).await;
        if begun.is_err() {
            self.desk.unsent(NotSent::PortGone.into()).await?;
            return begun;
        }
        self.desk.emit(ModemEvent::Begun(reservation.ticket)).await?;
        while let Some(next) = self.send(&reservation).await? {
            reservation = next;
        }
        Ok(())
    }

    /// Writes AT+CMGS.
    async fn begin(&mut self, reservation: &Reservation) -> Result<(), Break> {
        assert!(reservation.pdu.bytes().all(|octet| octet.is_ascii_hexdigit()), "a PDU is hexadecimal");
        self.desk.current = Some(Current { ticket: reservation.ticket, go: None, withdrawn: false });
        self.link.begin(Command::submit(reservation.length, self.settings.send_timeout)).await?;
        // Only what came while a dialect's gap was kept.
        while let Some(urc) = self.link.kept.pop_front() {
            self.notice(urc).await?;
        }
        Ok(())
    }

    /// From AT+CMGS, which is written, to the answer. Gives the next segment if its AT+CMGS has been written already.
    async fn send(&mut self, reservation: &Reservation) -> Result<Option<Reservation>, Break> {
        let attempt = match self.gate(reservation).await {
            Gate::Open(attempt) => attempt,
            Gate::Shut(outcome, then) => {
                self.mid_message = false;
                self.desk.unsent(outcome).await?;
                return then.map(|()| None);
            }
            Gate::AskedBack(then) => {
                self.mid_message = false;
                // It is certain now, and another modem waits for it: a modem that gives no prompt may take long to come back to commands.
                self.desk.unsent(NotSent::NoPrompt.into()).await?;
                return self.leave_prompt().await.and(then).map(|()| None);
            }
        };
        let mut octets = Vec::with_capacity(reservation.pdu.len() + 1);
        octets.extend_from_slice(reservation.pdu.as_bytes());
        octets.push(CTRL_Z);
        if let Err(error) = self.link.write(&octets).await {
            // Ctrl-Z is the last octet, so it was not taken: without it the modem sends nothing.
            self.desk.unsent(NotSent::PortGone.into()).await?;
            return Err(error.into());
        }
        self.in_doubt = None;
        self.link.last_words.listen();
        let answer = self.answer(reservation).await;
        self.conclude(reservation, attempt, answer).await
    }

    /// Waits until both the prompt and `Go` are there, or one of them turns out never to come.
    async fn gate(&mut self, reservation: &Reservation) -> Gate {
        let go_by = Instant::now() + self.settings.go_timeout;
        let mut until = Instant::now() + self.settings.prompt_timeout;
        let (mut prompted, mut again, mut restarted) = (false, false, false);
        loop {
            let Some(Current { go, withdrawn, .. }) = self.desk.current else {
                unreachable!("a begun reservation is current until it is concluded")
            };
            let leaving = go.is_none() && (self.stop.is_cancelled() || self.desk.closed);
            if prompted && restarted {
                let left = self.leave_prompt().await;
                return Gate::Shut(NotSent::NoPrompt.into(), left.and(Err(Echo::restarted())));
            }
            if prompted && (withdrawn || leaving) {
                return Gate::Shut(NotSent::Withdrawn.into(), self.leave_prompt().await);
            }
            if let (true, Some(attempt)) = (prompted, go) {
                return Gate::Open(attempt);
            }
            if withdrawn && go.is_some() {
                return Gate::AskedBack(if restarted { Err(Echo::restarted()) } else { Ok(()) });
            }
            let woken = match self.wait(until, go.is_none() && !self.stop.is_cancelled()).await {
                Ok(woken) => woken,
                Err(broken) => return Gate::Shut(NotSent::PortGone.into(), Err(broken)),
            };
            match woken {
                Woken::Order | Woken::Stop => {}
                Woken::Heard(Heard::Prompt) => {
                    prompted = true;
                    until = go_by.max(until);
                }
                // A leftover of something earlier: AT+CMGS never answers OK before its PDU.
                Woken::Heard(Heard::Final(Final::Ok)) if self.take_owed_final() || !prompted => {
                    self.link.resume(Command::submit(reservation.length, self.settings.send_timeout));
                }
                Woken::Heard(Heard::Final(_)) if restarted => {
                    return Gate::Shut(NotSent::NoPrompt.into(), Err(Echo::restarted()));
                }
                Woken::Heard(Heard::Final(_)) if prompted => return Gate::Shut(NotSent::NoPrompt.into(), Ok(())),
                Woken::Heard(Heard::Final(result)) => {
                    self.look_at_registration(&result);
                    return Gate::Shut(before_hand_over(&result, self.dialect), Ok(()));
                }
                Woken::Heard(Heard::Information(line)) => {
                    // Nothing is handed over yet, so this belongs to the attempt before.
                    if let Some(tp_mr) = tp_mr(&line)
                        && let Err(broken) = self.late_answer(tp_mr).await
                    {
                        return Gate::Shut(NotSent::PortGone.into(), Err(broken));
                    }
                }
                Woken::Heard(Heard::Urc(urc)) => {
                    if let Err(broken) = self.notice(urc).await {
                        return Gate::Shut(NotSent::NoPrompt.into(), Err(broken));
                    }
                }
                // It has forgotten that it was told to be quiet, and PDU mode with it: the prompt that comes is not to be used.
                Woken::Heard(Heard::Echo) => restarted |= self.echo.hear(true),
                Woken::Heard(_) => {}
                // The engine did not decide in time.
                Woken::Timer if prompted => return Gate::Shut(NotSent::Withdrawn.into(), self.leave_prompt().await),
                Woken::Timer => {
                    let left = self.leave_prompt().await;
                    if restarted {
                        return Gate::Shut(NotSent::NoPrompt.into(), left.and(Err(Echo::restarted())));
                    }
                    if again || withdrawn || leaving || left.is_err() {
                        return Gate::Shut(NotSent::NoPrompt.into(), left);
                    }
                    again = true;
                    let command = Command::submit(reservation.length, self.settings.send_timeout);
                    if let Err(error) = self.link.begin(command).await {
                        return Gate::Shut(NotSent::PortGone.into(), Err(error.into()));
                    }
                    until = Instant::now() + self.settings.prompt_timeout;
                }
            }
        }
    }

    /// Whether an OK now is that of a send which ended without it; it is waited for no longer.
    fn take_owed_final(&mut self) -> bool {
        self.final_owed_until.take().is_some_and(|until| Instant::now() < until)
    }

    /// ESC, and then until the modem has come back to commands. Only before the hand-over.
    async fn leave_prompt(&mut self) -> Result<(), Break> {
        self.link.escape().await?;
        let until = Instant::now() + AFTER_ESCAPE;
        loop {
            match self.wait(until, false).await? {
                Woken::Heard(Heard::Final(_)) => break,
                Woken::Heard(Heard::Urc(urc)) => self.notice(urc).await?,
                // It comes only now: the modem may not have heeded what it got before it.
                Woken::Heard(Heard::Prompt) => self.link.escape().await?,
                Woken::Timer => {
                    self.link.abandon();
                    self.probe_unheeding_stop().await?;
                    break;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Like `probe`, also when the daemon is stopping: the modem is not left in a prompt.
    async fn probe_unheeding_stop(&mut self) -> Result<(), Break> {
        match self.probe(3).await {
            Err(Break::End(SessionEnd::Stopped)) => Ok(()),
            other => other,
        }
    }

    /// Waits for `+CMGS` and the final result. Nothing is written and nothing is cancelled, whatever else happens.
    async fn answer(&mut self, reservation: &Reservation) -> Answer {
        let mut until = Instant::now() + self.settings.send_timeout;
        let mut answered = None;
        let mut sign: Option<Break> = None;
        let mut told_to_stop = false;
        let ended = |outcome: Outcome, then: Result<(), Break>| Answer { outcome, then, hung: false };
        let known = |answered: Option<u8>, doubt: Doubt| match answered {
            Some(tp_mr) => Outcome::Submitted { tp_mr: Some(tp_mr) },
            None => Outcome::Uncertain(doubt),
        };
        loop {
            match self.wait(until, !told_to_stop).await {
                Ok(Woken::Stop) => {
                    told_to_stop = true;
                    let seconds = (until - Instant::now()).as_secs();
                    tracing::info!(modem = %self.settings.name, seconds, "stopping when this send is answered, or after so long");
                }
                Ok(Woken::Heard(Heard::Information(line))) => {
                    if let Some(tp_mr) = tp_mr(&line) {
                        if ends_there(&line) {
                            self.link.abandon();
                            return ended(Outcome::Submitted { tp_mr: Some(tp_mr) }, sign.map_or(Ok(()), Err));
                        }
                        answered = Some(tp_mr);
                        until = until.min(Instant::now() + FINAL_AFTER_ANSWER);
                    }
                }
                // The late OK of the send before: this one's number has not come.
                Ok(Woken::Heard(Heard::Final(Final::Ok))) if answered.is_none() && self.take_owed_final() => {
                    self.link.resume(Command::submit(reservation.length, self.settings.send_timeout));
                }
                // A modem that starts says more than one thing, and no number: that is the answer to nothing.
                Ok(Woken::Heard(Heard::Final(result)))
                    if sign.is_some() && answered.is_none() && result.number().is_none() =>
                {
                    self.link.resume(Command::submit(reservation.length, self.settings.send_timeout));
                }
                Ok(Woken::Heard(Heard::Final(result))) => {
                    let outcome = match answered {
                        Some(tp_mr) => Outcome::Submitted { tp_mr: Some(tp_mr) },
                        None => after_hand_over(&result, self.dialect),
                    };
                    self.look_at_registration(&result);
                    return ended(outcome, sign.map_or(Ok(()), Err));
                }
                Ok(Woken::Heard(Heard::Urc(urc))) => match self.notice(urc).await {
                    Ok(()) => {}
                    Err(broken @ Break::Restart(_)) => {
                        until = until.min(Instant::now() + AFTER_SIGN);
                        sign = sign.or(Some(broken));
                    }
                    Err(broken) => return ended(known(answered, Doubt::DaemonStopped), Err(broken)),
                },
                Ok(Woken::Timer) if sign.is_some() => {
                    self.link.abandon();
                    return ended(known(answered, Doubt::Rebooted), sign.map_or(Ok(()), Err));
                }
                Ok(Woken::Timer) => {
                    self.link.abandon();
                    let hung = answered.is_none();
                    if !hung {
                        self.final_owed_until = Some(Instant::now() + self.settings.send_timeout);
                    }
                    return Answer { outcome: known(answered, Doubt::Silence), then: Ok(()), hung };
                }
                Ok(_) => {}
                Err(broken) => return ended(known(answered, Doubt::PortGone), Err(broken)),
            }
        }
    }

    /// Writes the next AT+CMGS if there is one, and only then reports the outcome.
    async fn conclude(
        &mut self,
        reservation: &Reservation,
        attempt: AttemptId,
        answer: Answer,
    ) -> Result<Option<Reservation>, Break> {
        self.mid_message = reservation.more && matches!(answer.outcome, Outcome::Submitted { .. });
        self.desk.current = None;
        if matches!(answer.outcome, Outcome::Uncertain(_)) {
            self.in_doubt = Some(attempt);
        }
        let mut then = answer.then;
        let mut next = None;
        if then.is_ok() && !answer.hung {
            self.desk.absorb();
            if let Some(following) = self.take_following() {
                then = self.begin(&following).await;
                next = Some(following);
            }
        }
        let begun = next.as_ref().filter(|_| then.is_ok()).map(|following| following.ticket);
        let in_doubt = matches!(answer.outcome, Outcome::Uncertain(_));
        self.desk.emit(ModemEvent::Answered { attempt, outcome: answer.outcome, next: begun }).await?;
        if in_doubt {
            self.tell_last_words(attempt).await?;
        }
        if !answer.hung {
            self.link.last_words.stop();
        }
        if next.is_some() && begun.is_none() {
            self.desk.unsent(NotSent::PortGone.into()).await?;
        }
        then?;
        if answer.hung {
            self.desk.current = None;
            return Err(self.listen_and_wake(attempt).await);
        }
        Ok(next)
    }

    /// The reserved segment, if it may begin at once.
    fn take_following(&mut self) -> Option<Reservation> {
        let following = self.desk.reserved.as_ref()?;
        let free = self.desk.open
            && !self.stop.is_cancelled()
            && !self.desk.closed
            && !self.desk.bring_up
            && self.desk.reset.is_none()
            && (self.mid_message || !self.has_errands())
            && !self.wants_open_link(following);
        if free { self.desk.reserved.take() } else { None }
    }

    fn wants_open_link(&self, reservation: &Reservation) -> bool {
        reservation.more && !self.mid_message && self.set_up.more_messages
    }

    /// AT+CMMS=1, for the segments that follow this one. A modem that refuses it is not asked again.
    async fn keep_link_open(&mut self) -> Result<(), Break> {
        let reply = self.run(&Command::more_messages()).await?;
        self.set_up.more_messages = reply.is_ok();
        Ok(())
    }

    /// After a send fell silent: first listen, since the answer may be under way and any octet could cut it off; then ESC and AT.
    async fn listen_and_wake(&mut self, attempt: AttemptId) -> Break {
        let listened = self.listening(attempt).await;
        self.link.last_words.stop();
        match listened {
            Ok(()) => Break::Restart("a send was not answered in time".to_owned()),
            Err(broken) => broken,
        }
    }

    async fn tell_last_words(&mut self, attempt: AttemptId) -> Result<(), Break> {
        let said = self.link.last_words.told();
        Ok(self.desk.emit(ModemEvent::LastWords { attempt, said }).await?)
    }

    async fn listening(&mut self, attempt: AttemptId) -> Result<(), Break> {
        self.lost("a send was not answered in time; the modem is being set up again").await?;
        let told = self.link.last_words.told();
        let until = Instant::now() + self.settings.barrier;
        loop {
            match self.wait(until, true).await? {
                Woken::Timer => break,
                Woken::Stop => return Err(Break::End(SessionEnd::Stopped)),
                Woken::Heard(Heard::Urc(urc)) => {
                    self.notice(urc).await?;
                    if self.in_doubt.is_none() {
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        tracing::warn!(modem = %self.settings.name, %attempt, "no answer to a send, also not late");
        if self.link.last_words.told() != told {
            self.tell_last_words(attempt).await?;
        }
        self.link.escape().await?;
        self.link.settle(Duration::from_millis(300), Duration::from_secs(3)).await?;
        self.probe(3).await
    }
}
