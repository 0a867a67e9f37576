//! What befalls a town on a made-up day, and what is to be done about it later.

use std::time::Duration;

use kentongan::engine::event::{Action, Scope};
use kentongan::simulator::{Card, InboundForm};
use tokio::time::Instant;

use super::day::Story;
use super::papers::PEOPLE;
use super::town::audit::ledger::fill_disk;
use super::town::number;

/// Something that is done later.
#[derive(Debug)]
pub enum Deed {
    Replug(usize),
    Unplug(usize),
    PutCard(usize, Box<Card>),
    QuickDisk,
    FreeDisk,
    Resume(Scope),
}

/// What is to be done when, in order.
#[derive(Default)]
pub struct Agenda(Vec<(Instant, Deed)>);

impl Agenda {
    pub fn put(&mut self, after: Duration, deed: Deed) {
        let at = Instant::now() + after;
        let place = self.0.partition_point(|(other, _)| *other <= at);
        self.0.insert(place, (at, deed));
    }

    pub fn next(&self) -> Option<Instant> {
        self.0.first().map(|(at, _)| *at)
    }

    pub fn due(&mut self) -> Option<Deed> {
        self.next().is_some_and(|at| at <= Instant::now()).then(|| self.0.remove(0).1)
    }

    /// All that is left.
    pub fn rest(&mut self) -> Vec<Deed> {
        self.0.drain(..).map(|(_, deed)| deed).collect()
    }
}

impl Story {
    pub async fn carry_out(&mut self, deed: Deed) {
        self.say(&deed);
        match deed {
            Deed::Replug(modem) => self.town.fleet.replug(modem).await.unwrap(),
            Deed::Unplug(modem) => self.town.fleet.unplug(modem).await.unwrap(),
            Deed::PutCard(modem, mut card) => {
                // Where somebody has put another in meanwhile, into the next tray that is empty.
                for turn in 0..self.modems {
                    let modem = (modem + turn) % self.modems;
                    match self.town.fleet.put_card(modem, card).await.unwrap() {
                        Some(back) => card = back,
                        None => return self.town.fleet.brown_out(modem).await.unwrap(),
                    }
                }
                panic!("there are as many trays as cards");
            }
            Deed::QuickDisk => self.town.watch.fate.lock().unwrap().slow_disk = Duration::ZERO,
            Deed::FreeDisk => {
                fill_disk(&self.town.folder.path().join("k.db"), false);
                self.full = false;
            }
            Deed::Resume(scope) => {
                if !self.town.is_dead() {
                    self.town.ask(Action::Resume(scope)).await;
                }
            }
        }
    }

    fn span(&mut self, seconds: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.chance.u64(seconds.start * 1_000..seconds.end * 1_000))
    }

    /// Something befalls a modem, a card, the disk, or a citizen writes.
    pub async fn befall(&mut self) {
        let modem = self.chance.usize(0..self.modems);
        let fleet = self.town.fleet.clone();
        let what = self.chance.u32(0..30);
        self.say(&("befalls", what, modem));
        match what {
            0..3 => {
                fleet.unplug(modem).await.unwrap();
                self.day.unplugged += 1;
                let span = self.span(0..30);
                self.agenda.put(span, Deed::Replug(modem));
            }
            3..5 => {
                // Into another socket, under another name.
                fleet.unplug(modem).await.unwrap();
                self.day.unplugged += 1;
                let socket = self.chance.usize(0..self.town.sockets.count());
                self.town.sockets.move_modem(modem, socket);
                let span = self.span(0..30);
                self.agenda.put(span, Deed::Replug(modem));
            }
            5..9 => self.swap_cards(modem).await,
            9..11 => {
                if let Some(card) = fleet.take_card(modem).await.unwrap() {
                    self.day.cards_moved += 1;
                    let span = self.span(1..120);
                    self.agenda.put(span, Deed::PutCard(modem, card));
                }
            }
            11..13 => {
                let span = if self.chance.bool() { Some(self.span(1..300)) } else { None };
                fleet.hang(modem, span).await.unwrap();
            }
            13 => fleet.brown_out(modem).await.unwrap(),
            14 => {
                for modem in 0..self.modems {
                    fleet.brown_out(modem).await.unwrap();
                }
            }
            15 => {
                let span = self.span(1..90);
                fleet.busy_sim(modem, span).await.unwrap();
            }
            16 => {
                let span = self.span(1..120);
                fleet.lose_network(modem, span).await.unwrap();
            }
            17 => {
                // A plug with a bad contact.
                let mut at = Duration::ZERO;
                for _ in 0..self.chance.u32(2..9) {
                    at += self.span(0..6);
                    self.agenda.put(at, Deed::Unplug(modem));
                    at += self.span(0..4);
                    self.agenda.put(at, Deed::Replug(modem));
                }
            }
            18 => {
                let caller = number(self.chance.u32(0..PEOPLE)).to_string();
                fleet.ring(modem, &caller).await.unwrap();
            }
            19..21 => {
                let slow = self.chance.u64(1..4_000);
                self.town.watch.fate.lock().unwrap().slow_disk = Duration::from_millis(slow);
                let span = self.span(1..60);
                self.agenda.put(span, Deed::QuickDisk);
            }
            21 | 22 if !self.full => {
                fill_disk(&self.town.folder.path().join("k.db"), true);
                self.full = true;
                let span = self.span(1..60);
                self.agenda.put(span, Deed::FreeDisk);
            }
            23 => {
                for turn in 0..self.chance.u32(5..30) {
                    let from = number(PEOPLE + self.chance.u32(0..50)).to_string();
                    self.write(modem, &from, &format!("Siap {turn}")).await;
                }
            }
            _ => {
                let from = number(self.chance.u32(0..PEOPLE)).to_string();
                let texts = ["STOP", "stop", "Berhenti", "UNREG", "MULAI", "INFO", "banjir belum berhenti"];
                let text = match self.chance.usize(0..9) {
                    8 => "Air sudah setinggi lutut di RT 03 RW 05, banjir belum berhenti. ".repeat(4),
                    7 => "STOP".to_owned(),
                    text => texts[text].to_owned(),
                };
                self.write(modem, &from, &text).await;
            }
        }
    }

    async fn write(&mut self, modem: usize, from: &str, text: &str) {
        let form =
            InboundForm { shuffled: self.chance.bool(), doubled: self.chance.u8(0..4) == 0, ..Default::default() };
        self.town.fleet.inbound(modem, from, text, form).await.unwrap();
    }

    /// Two modems are pulled, and go on with each other's card.
    async fn swap_cards(&mut self, one: usize) {
        let other = self.chance.usize(0..self.modems);
        let fleet = self.town.fleet.clone();
        for modem in [one, other] {
            fleet.unplug(modem).await.unwrap();
        }
        if one != other {
            let (mine, theirs) = (fleet.take_card(one).await.unwrap(), fleet.take_card(other).await.unwrap());
            for (modem, card) in [(other, mine), (one, theirs)] {
                if let Some(card) = card {
                    self.day.cards_moved += 1;
                    assert!(fleet.put_card(modem, card).await.unwrap().is_none(), "the tray was empty");
                }
            }
        }
        for modem in [one, other] {
            let span = self.span(0..30);
            self.agenda.put(span, Deed::Replug(modem));
        }
    }
}
