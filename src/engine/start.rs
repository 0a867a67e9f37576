//! Taking up the ledger after a start, a crash or a power cut.

use std::collections::{BTreeMap, BTreeSet};

use super::queue::Queue;
use super::rank::Ranks;
use super::{ENGINE, Engine, Rules, text::Plans};
use crate::model::{Doubt, Outcome, State, Timestamp};
use crate::policy;
use crate::store::{EventRow, Store, StoreError};

impl Engine {
    /// Takes up the ledger as the last run left it.
    ///
    /// What was on the air then is in doubt now; what was half received is forgotten; everything else goes on.
    /// `seed` feeds the engine's random numbers, which only name things. Errors: the ledger could not be written.
    pub fn open(store: Store, rules: Rules, now: Timestamp, seed: u64) -> Result<Self, StoreError> {
        let mut engine = Self {
            store,
            rules,
            queue: Queue::default(),
            networks: BTreeMap::new(),
            stations: BTreeMap::new(),
            sims: BTreeMap::new(),
            ladders: BTreeMap::new(),
            out: BTreeMap::new(),
            bound: BTreeMap::new(),
            evidence: super::evidence::Evidence::default(),
            twins: BTreeSet::new(),
            history: super::history::History::default(),
            credits: super::credit::Credits::default(),
            tests: super::self_test::Tests::default(),
            held: BTreeSet::new(),
            intakes: BTreeMap::new(),
            completing: BTreeMap::new(),
            forgetting: Vec::new(),
            importing: None,
            import_remains: true,
            suspended: BTreeSet::new(),
            draining: BTreeMap::new(),
            touched: BTreeSet::new(),
            erased_from: BTreeSet::new(),
            hours: super::hours::Hours::default(),
            restart: super::restart::Restart::default(),
            inbox_touched: BTreeSet::new(),
            orders: Vec::new(),
            scales: super::delivery::Scales::default(),
            lookout: super::lookout::Lookout::default(),
            telling: super::telling::Telling::default(),
            outbox: super::outbox::Outbox::default(),
            canaries: BTreeMap::new(),
            plans: Plans::default(),
            blanking: super::retention::Blanking::default(),
            archiving: super::archive::Archiving::default(),
            random: fastrand::Rng::with_seed(seed),
            last_ticket: 0,
            last_mark: 0,
            turn: 0,
        };
        engine.store.begin()?;
        match engine.take_up(now) {
            Ok(()) => engine.store.commit()?,
            Err(error) => {
                engine.store.roll_back();
                return Err(error);
            }
        }
        Ok(engine)
    }

    fn take_up(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.store.seal_record(now)?;
        self.note_upgrade(now)?;
        self.take_up_outbox(now)?;
        self.take_up_telling(now)?;
        self.store.lose_all_modems(now)?;
        self.forget_modems_out(now)?;
        self.forget_credit_alarms(now)?;
        self.end_old_history(now)?;
        self.queue.pauses = self.store.pauses()?.into_iter().collect();
        self.learn_networks()?;
        self.take_up_scales(now)?;
        self.forgetting = self.store.received_jobs()?;
        self.end_old_tests(now)?;
        self.suspended = self.store.suspended()?.into_iter().collect();
        for job in self.store.open_jobs()? {
            self.queue.add(&job, &self.store)?;
            self.touched.insert(job.id);
        }
        self.last_mark = self.store.newest_mark()?;
        self.take_up_moratoria()?;
        self.judge_stop(now)?;
        self.take_up_canaries(now)?;
        for job in self.store.cancelled_with_queue()? {
            self.draining.insert(job, State::Cancelled);
        }
        for attempt in self.store.open_attempts()? {
            self.close(&attempt, &Outcome::Uncertain(Doubt::DaemonStopped), now)?;
        }
        for message in self.store.stranded()? {
            let segments = self.store.segments(message)?;
            let (mut queued, mut bound) = (false, false);
            for (state, _) in &segments {
                match state {
                    State::Queued => queued = true,
                    State::Sending | State::InDoubt => bound = true,
                    _ => {}
                }
            }
            // Between two segments when the daemon ended: the rest follows through the same SIM.
            if queued && !bound {
                let row = self.store.message(message)?.expect("it was just listed");
                self.queue_again(message, now, row.sim, None, now)?;
            }
        }
        self.settle_old_tests(now)?;
        self.settle_questions(now)?;
        self.take_up_lookout(now)?;
        self.damage_has_passed(now)?;
        self.take_up_waits(now)?;
        self.enter_facts(now)
    }

    /// A ledger that was changed for this program says so, and where it lies as it was.
    fn note_upgrade(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let Some(upgrade) = self.store.upgrade() else { return Ok(()) };
        let detail = format!(
            "schema {} to {} by kentongan {}; as it was before: {}",
            upgrade.from,
            upgrade.to,
            env!("CARGO_PKG_VERSION"),
            upgrade.copy.display()
        );
        let event = EventRow { kind: "database_upgraded", detail: &detail, ..ENGINE };
        self.store.record(&event, now).map(drop)
    }

    /// The engine's books of a SIM, read from the attempts when it is first seen.
    pub(super) fn open_book(
        &mut self,
        sim: crate::model::SimId,
        modem: &crate::model::ModemName,
    ) -> Result<(), StoreError> {
        let limits = self.rules.modem_limits.get(modem).unwrap_or(&self.rules.limits).clone();
        let network = self.network_of(sim)?;
        let carries = self.rules.modem_classes.get(modem).map_or(Ranks::ALL, |classes| Ranks::of(classes));
        if let Some(book) = self.sims.get_mut(&sim)
            && book.limits == limits
        {
            (book.modem, book.carries, book.network) = (modem.clone(), carries, network);
            return Ok(());
        }
        let sends = self.store.recent_sends(sim, limits.memory())?;
        let last_end = self.store.last_end(sim)?.map(|(at, attempt)| (at, attempt.0.unsigned_abs()));
        // In a modem with other limits it is still the same card: its troubles come along.
        let (health, (rests_until, rests_why), accepted_at, last_turn) = match self.sims.remove(&sim) {
            Some(book) => (book.health, (book.rests_until, book.rests_why), book.accepted_at, book.last_turn),
            None => {
                let (health, rest) = self.remembered(sim)?;
                (health, rest, None, 0)
            }
        };
        let recent = policy::Recent::new(sends, last_end);
        let modem = modem.clone();
        let book = super::station::SimBook {
            recent,
            limits,
            carries,
            network,
            health,
            accepted_at,
            rests_until,
            rests_why,
            last_turn,
            modem,
        };
        self.sims.insert(sim, book);
        Ok(())
    }

    /// How a SIM stood when the daemon ended, and until when it rests and why: from its attempts since the last that was accepted.
    fn remembered(&self, sim: crate::model::SimId) -> Result<(policy::SimHealth, (Timestamp, String)), StoreError> {
        let mut health = policy::SimHealth::default();
        let mut rest = (Timestamp::MIN, String::new());
        for past in self.store.unaccepted_since(sim)? {
            if let policy::SimVerdict::Rest { until, why } = health.record(&past.outcome, past.number, None, past.at) {
                rest = (until, why);
            }
        }
        if self.store.blocked(sim)? {
            rest.0 = Timestamp::MAX;
        }
        Ok((health, rest))
    }
}
