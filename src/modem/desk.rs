//! Where orders lie until the line is free, and from where events go out.

use std::collections::VecDeque;

use tokio::sync::mpsc;

use crate::engine::event::{Event, ModemEvent, ModemOrder, Reservation, UssdKey};
use crate::model::{AttemptId, ModemName, NotSent, Outcome, RecoveryStep, Slot, Ticket, UssdEnd};

/// The reservation for which AT+CMGS has been written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Current {
    pub ticket: Ticket,
    /// The attempt, once `Go` has come.
    pub go: Option<AttemptId>,
    /// The engine took it back.
    pub withdrawn: bool,
}

/// Nobody takes events any more.
#[derive(Debug)]
pub(super) struct EngineGone;

/// Takes orders at any time, also while an event waits for room, so that session and engine can never wait for each other.
pub(super) struct Desk<'a> {
    name: ModemName,
    events: &'a mpsc::Sender<Event>,
    pub orders: &'a mut mpsc::Receiver<ModemOrder>,
    /// Whether segments are taken; otherwise reservations are declined.
    pub open: bool,
    /// The next segment.
    pub reserved: Option<Reservation>,
    pub current: Option<Current>,
    pub deletes: VecDeque<Slot>,
    pub acknowledgements: u32,
    pub bring_up: bool,
    /// The engine wants to know the number last used.
    pub read_last_used: bool,
    /// The engine wants the modem reset.
    pub reset: Option<RecoveryStep>,
    /// Whether the PIN may be entered, or why not.
    pub pin: Option<Result<(), String>>,
    /// The USSD codes to be dialled when no message is in hand.
    pub ussd: Option<(Ticket, Vec<UssdKey>)>,
    /// The exchange that is to end at once.
    pub end_ussd: Option<Ticket>,
    /// Nobody gives orders any more.
    pub closed: bool,
    /// The last event given was `Lost`.
    pub lost_last: bool,
    last_declined: Option<(Ticket, Outcome)>,
    outbox: VecDeque<ModemEvent>,
}

impl<'a> Desk<'a> {
    pub fn new(name: ModemName, events: &'a mpsc::Sender<Event>, orders: &'a mut mpsc::Receiver<ModemOrder>) -> Self {
        Self {
            name,
            events,
            orders,
            open: false,
            reserved: None,
            current: None,
            deletes: VecDeque::new(),
            acknowledgements: 0,
            bring_up: false,
            read_last_used: false,
            reset: None,
            pin: None,
            ussd: None,
            end_ussd: None,
            closed: false,
            lost_last: false,
            last_declined: None,
            outbox: VecDeque::new(),
        }
    }

    /// Takes what has come from the channel; `None` is its end.
    pub fn take(&mut self, order: Option<ModemOrder>) {
        match order {
            None => self.closed = true,
            Some(ModemOrder::Reserve(reservation)) if self.open => self.reserved = Some(reservation),
            Some(ModemOrder::Reserve(reservation)) => self.declined(reservation.ticket, NotSent::Withdrawn.into()),
            Some(ModemOrder::Go { ticket, attempt }) => self.go(ticket, attempt),
            Some(ModemOrder::Withdraw(ticket)) => self.withdraw(ticket),
            Some(ModemOrder::Delete(slot)) => self.deletes.push_back(slot),
            Some(ModemOrder::Acknowledge) => self.acknowledgements += 1,
            Some(ModemOrder::ReadLastUsed) => self.read_last_used = true,
            Some(ModemOrder::BringUp) => self.bring_up = true,
            Some(ModemOrder::EnterPin) => self.pin = Some(Ok(())),
            Some(ModemOrder::HoldPin { reason }) => self.pin = Some(Err(reason)),
            Some(ModemOrder::Ussd { ticket, keys }) => self.ussd = Some((ticket, keys)),
            Some(ModemOrder::EndUssd(ticket)) => self.end_ussd(ticket),
            Some(ModemOrder::Recover(step)) => self.reset = Some(step).filter(|step| step.is_reset()),
        }
    }

    /// Takes all that has come so far.
    pub fn absorb(&mut self) {
        loop {
            match self.orders.try_recv() {
                Ok(order) => self.take(Some(order)),
                Err(mpsc::error::TryRecvError::Empty) => return,
                Err(mpsc::error::TryRecvError::Disconnected) => return self.take(None),
            }
        }
    }

    fn go(&mut self, ticket: Ticket, attempt: AttemptId) {
        match &mut self.current {
            Some(current) if current.ticket == ticket => current.go = Some(attempt),
            // It came to nothing while the order was on its way: the attempt gets the outcome that the reservation had.
            _ => {
                let declined = self.last_declined.clone().filter(|(last, _)| *last == ticket);
                let outcome = declined.map_or(NotSent::PortGone.into(), |(_, outcome)| outcome);
                self.outbox.push_back(ModemEvent::Answered { attempt, outcome, next: None });
            }
        }
    }

    fn withdraw(&mut self, ticket: Ticket) {
        match &mut self.current {
            Some(current) if current.ticket == ticket => current.withdrawn = true,
            _ if self.reserved.as_ref().is_some_and(|reserved| reserved.ticket == ticket) => {
                self.reserved = None;
                self.declined(ticket, NotSent::Withdrawn.into());
            }
            _ => {}
        }
    }

    fn end_ussd(&mut self, ticket: Ticket) {
        if self.ussd.take_if(|(waiting, _)| *waiting == ticket).is_some() {
            let end = UssdEnd::Withdrawn;
            self.outbox.push_back(ModemEvent::UssdEnded { ticket, answers: Vec::new(), end });
        } else {
            self.end_ussd = Some(ticket);
        }
    }

    fn declined(&mut self, ticket: Ticket, outcome: Outcome) {
        self.last_declined = Some((ticket, outcome.clone()));
        self.outbox.push_back(ModemEvent::Declined { ticket, outcome });
    }

    /// The current reservation ended before its PDU was handed over.
    pub async fn unsent(&mut self, outcome: Outcome) -> Result<(), EngineGone> {
        match self.current.take() {
            Some(Current { go: Some(attempt), .. }) => {
                self.outbox.push_back(ModemEvent::Answered { attempt, outcome, next: None });
            }
            Some(Current { ticket, go: None, .. }) => self.declined(ticket, outcome),
            None => {}
        }
        self.send_out().await
    }

    /// Takes no more segments until further notice; what is reserved is declined.
    pub fn close(&mut self) {
        self.open = false;
        if let Some(reservation) = self.reserved.take() {
            self.declined(reservation.ticket, NotSent::Withdrawn.into());
        }
    }

    /// Every reservation is void, and so is every slot: for `Lost`.
    pub fn forget(&mut self) {
        self.open = false;
        self.reserved = None;
        self.deletes.clear();
        self.acknowledgements = 0;
        self.bring_up = false;
        self.read_last_used = false;
        self.pin = None;
        self.ussd = None;
        self.end_ussd = None;
    }

    /// Gives an event out, after those that orders caused.
    pub async fn emit(&mut self, event: ModemEvent) -> Result<(), EngineGone> {
        self.outbox.push_back(event);
        self.send_out().await
    }

    /// Whether orders have caused events that are not given out yet.
    pub fn has_mail(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// Gives out what lies ready, in order.
    pub async fn send_out(&mut self) -> Result<(), EngineGone> {
        while let Some(event) = self.outbox.pop_front() {
            self.lost_last = matches!(event, ModemEvent::Lost { .. });
            let event = Event::Modem(self.name.clone(), event);
            let permit = match self.events.try_reserve() {
                Ok(permit) => permit,
                Err(mpsc::error::TrySendError::Closed(())) => return Err(EngineGone),
                Err(mpsc::error::TrySendError::Full(())) => loop {
                    tokio::select! {
                        biased;
                        permit = self.events.reserve() => break permit.map_err(|_| EngineGone)?,
                        order = self.orders.recv(), if !self.closed => self.take(order),
                    }
                },
            };
            permit.send(event);
        }
        Ok(())
    }
}
