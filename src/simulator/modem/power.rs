//! Switching on and off: what a start says and what it forgets.

use std::mem;
use std::time::Duration;

use super::memory::Settings;
use super::{Modem, Phase, PortWish, Radio, Timer};
use crate::simulator::profile::BootStep;
use crate::simulator::truth::Fact;

impl Modem {
    /// The power goes: whatever ran is cut short, settings and output are lost; memories and SIM stay.
    pub fn power_off(&mut self, now: Duration) {
        self.advance(now);
        self.fact(Fact::Unplugged);
        self.lose_power();
    }

    /// The power comes back: the modem starts as its profile says.
    pub fn power_on(&mut self, now: Duration) {
        self.advance(now);
        self.fact(Fact::Plugged);
        self.start(Duration::ZERO);
    }

    pub(super) fn lose_power(&mut self) {
        self.cut_short_send();
        self.phase = Phase::Off;
        self.timers.clear();
        self.wire.clear();
        self.typed.clear();
        self.typed_ahead.clear();
        self.kept_back.clear();
        self.caller = None;
        self.ussd_menu = None;
        self.radio = Radio { sim_ready: false, registered: false, sms_ready: false, functionality: 1 };
        self.settings = Settings::at_start(self.profile);
        // The network was not told that it arrived.
        self.waiting.extend(self.unacknowledged.take());
    }

    /// Starts after `off_for`. The last step of a profile's start is when all is ready.
    pub(super) fn start(&mut self, off_for: Duration) {
        let begin = self.now + off_for;
        if off_for.is_zero() {
            self.phase = Phase::Command;
        } else {
            self.timers.at(begin, Timer::SelfTest);
        }
        self.begin_counting();
        for (after, step) in self.profile.boot {
            self.timers.at(begin + *after, Timer::Boot(*step));
        }
    }

    /// Restarts by itself, port in place.
    pub(super) fn restart(&mut self) {
        self.fact(Fact::Rebooted);
        let said = mem::take(self.wire.ready());
        self.lose_power();
        self.wire.write(&said);
        self.start(Duration::from_millis(500));
    }

    pub(super) fn start_chatter(&mut self) {
        if self.settings.chatters && !self.profile.chatter.is_empty() {
            self.timers.at(self.now + self.profile.chatter_every, Timer::Chatter(0));
        }
    }

    pub(super) fn reset(&mut self) {
        if self.profile.reset_drops_port {
            // The answer is out before the port is gone only if the client is quick; it is not waited for.
            self.wish = Some(PortWish::Unplug(Some(Duration::from_millis(500))));
        } else {
            self.restart();
        }
    }

    pub(super) fn boot(&mut self, step: BootStep) {
        let locked = self.sim.pin.is_some() && !self.radio.sim_ready;
        match step {
            BootStep::Says(text) if !self.card_in && text.starts_with("+CPIN") => self.urc("+CPIN: NOT INSERTED"),
            BootStep::Says(text) if locked && text.starts_with("+CPIN") => self.urc("+CPIN: SIM PIN"),
            BootStep::Says(text) => self.urc(text),
            _ if locked || !self.card_in => {}
            BootStep::SimReady => {
                self.radio.sim_ready = true;
                self.start_chatter();
            }
            BootStep::Registered => self.registration_changes(true),
            BootStep::SmsReady => {
                self.radio.sms_ready = true;
                self.pump();
            }
        }
    }
}
