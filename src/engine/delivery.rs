//! Whether what service centres accept also arrives. Each SIM is weighed about once a minute while there is something new to weigh, from
//! the ledger alone, so that a restart changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::rank::Rank;
use super::{ENGINE, Engine};
use crate::model::{AlarmKind, JobId, JobKind, JobState, SignedDuration, SimId, Timestamp, earlier, later};
use crate::pdu::{StatusMeaning, TpStatus};
use crate::policy::{Counts, Ending, Fall, Operators, Scale, Subject};
use crate::store::{EventRow, FateRow, StoreError};

/// How many messages of a SIM count at most, the newest.
pub const WEIGHED: usize = 200;
/// A SIM is weighed at most so often.
const PACE: SignedDuration = SignedDuration::from_secs(60);
/// And so often where nothing is new while an alarm stands: what it rests on grows old.
const SLOW_PACE: SignedDuration = SignedDuration::from_mins(10);

/// What is kept in mind of the rates of delivery; all of it is made anew from the ledger.
#[derive(Debug, Default)]
pub(super) struct Scales {
    scale: Scale,
    /// What people call each SIM.
    labels: BTreeMap<SimId, String>,
    /// SIMs that have not been weighed since the start: nothing is judged before all are.
    unweighed: BTreeSet<SimId>,
    /// When each SIM is weighed next.
    due: BTreeMap<SimId, Timestamp>,
    /// When a message was last accepted through each SIM.
    accepted: BTreeMap<SimId, Timestamp>,
    /// Whether an alarm stands.
    alarmed: bool,
}

impl Scales {
    fn weigh_by(&mut self, sim: SimId, at: Timestamp) {
        self.due.entry(sim).and_modify(|due| *due = at.min(*due)).or_insert(at);
    }

    /// What people call a subject; the name under which its alarm stands.
    fn named(&self, subject: &Subject) -> String {
        let label = |sim: &SimId| self.labels.get(sim).cloned().unwrap_or_else(|| sim.to_string());
        match subject {
            Subject::All => "all SIMs".to_owned(),
            Subject::Operator(to) => to.clone(),
            Subject::Sim(sim) => label(sim),
            Subject::Pair(sim, to) => format!("{} to {to}", label(sim)),
        }
    }

    /// Everything that messages speak for or against, by name.
    fn subjects(&self) -> BTreeMap<String, Subject> {
        let of = |(sim, to): &(SimId, String)| {
            [Subject::All, Subject::Operator(to.clone()), Subject::Sim(*sim), Subject::Pair(*sim, to.clone())]
        };
        self.scale.keys().flat_map(of).map(|subject| (self.named(&subject), subject)).collect()
    }
}

/// How messages ended, by the operator they went to.
pub fn count(fates: &[FateRow], operators: &Operators) -> BTreeMap<String, Counts> {
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    for fate in fates {
        let ending = match fate.status.map(|status| TpStatus(status).meaning()) {
            Some(StatusMeaning::Delivered | StatusMeaning::Unconfirmed) => Ending::Delivered,
            Some(StatusMeaning::Failed(_)) => Ending::Failed,
            Some(StatusMeaning::StillTrying) | None => Ending::Silent,
        };
        counts.entry(operators.name_of(fate.number).to_owned()).or_default().add(ending);
    }
    counts
}

impl Engine {
    /// After a start: everybody who sent something lately is weighed.
    pub(super) fn take_up_scales(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if self.rules.delivery.rate_min <= 0.0 {
            for subject in self.store.standing(AlarmKind::DeliveryFalls)? {
                self.clear(AlarmKind::DeliveryFalls, &subject, now)?;
            }
            return Ok(());
        }
        let after = earlier(now, self.rules.delivery.window);
        self.scales.accepted = self.store.sims_used(after)?.into_iter().collect();
        self.scales.unweighed = self.scales.accepted.keys().copied().collect();
        self.scales.due = self.scales.unweighed.iter().map(|sim| (*sim, now)).collect();
        Ok(())
    }

    /// A message was accepted through a SIM: once its report should have come, it counts.
    pub(super) fn note_accepted(&mut self, sim: SimId, now: Timestamp) {
        self.scales.accepted.insert(sim, now);
        self.scales.weigh_by(sim, later(now, self.rules.delivery.report_wait));
    }

    /// A report came in.
    pub(super) fn note_reported(&mut self, sim: SimId, now: Timestamp) {
        self.scales.weigh_by(sim, later(now, PACE));
    }

    /// Whether it stands that what this SIM sends does not arrive, to all or to one operator.
    pub(super) fn delivery_falls(&self, sim: SimId) -> Result<bool, StoreError> {
        let label = self.store.sim_label(sim)?;
        let standing = self.store.standing(AlarmKind::DeliveryFalls)?;
        Ok(standing.iter().any(|subject| *subject == label || subject.starts_with(&format!("{label} to "))))
    }

    /// What a SIM did so far is not held against it: a person has seen to it.
    pub(super) fn forgive(&mut self, sim: SimId, now: Timestamp) -> Result<(), StoreError> {
        self.store.judge_from(sim, now)?;
        self.scales.weigh_by(sim, now);
        Ok(())
    }

    /// Weighs one SIM that is due, so that nobody waits for all of them. Gives the time of the next call that is needed.
    pub(super) fn weigh(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let rule = &self.rules.delivery;
        if rule.rate_min <= 0.0 {
            return Ok(None);
        }
        let due = self.scales.due.iter().find(|(_, at)| **at <= now).map(|(sim, _)| *sim);
        let Some(sim) = due else { return Ok(self.scales.due.values().min().copied()) };
        let after = earlier(now, rule.window);
        let until = earlier(now, rule.report_wait);
        let fates = self.store.fates(sim, after, until, WEIGHED)?;
        let waits = self.scales.accepted.get(&sim).is_some_and(|at| *at > until);
        let counts = count(&fates, &self.rules.operators);
        let label = self.store.sim_label(sim)?;
        let scales = &mut self.scales;
        scales.labels.insert(sim, label);
        scales.scale.retain(|(of, _), _| *of != sim);
        scales.scale.extend(counts.into_iter().map(|(to, counts)| ((sim, to), counts)));
        scales.unweighed.remove(&sim);
        if scales.unweighed.is_empty() {
            self.judge_delivery(now)?;
        }
        if waits {
            self.scales.due.insert(sim, later(now, PACE));
        } else if self.scales.alarmed && !fates.is_empty() {
            self.scales.due.insert(sim, later(now, SLOW_PACE));
        } else {
            self.scales.due.remove(&sim);
        }
        Ok(self.scales.due.values().min().map(|at| *at.max(&now)))
    }

    fn judge_delivery(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let falls = self.rules.delivery.falls(&self.scales.scale);
        for fall in &falls {
            // The modem is named: people go to it, and know no ICCIDs by heart.
            let (subject, detail) = (self.scales.named(&fall.subject), self.told(fall));
            let new = self.raise(AlarmKind::DeliveryFalls, &subject, &detail, now)?;
            if new && self.rules.delivery.pause_job {
                self.pause_jobs_of(&fall.subject, &format!("{subject}: {detail}"), now)?;
            }
            if let Subject::Sim(sim) = fall.subject
                && self.rules.delivery.rest_sim
                && fall.others_well
                && let Some(book) = self.sims.get(&sim)
                && book.rests_until != Timestamp::MAX
            {
                let modem = book.modem.clone();
                let judged = fall.counts.judged();
                let why =
                    format!("{} of {judged} accepted messages arrived, others fare better", fall.counts.delivered);
                self.take_out_sim(&modem, sim, &why, now)?;
            }
        }
        let standing = self.store.standing(AlarmKind::DeliveryFalls)?;
        self.scales.alarmed = !standing.is_empty();
        let subjects = if standing.is_empty() { BTreeMap::new() } else { self.scales.subjects() };
        for text in standing {
            // One of which no message is left that speaks for or against it has passed as well; the record keeps it.
            let passed = subjects.get(&text).is_none_or(|subject| {
                self.rules.delivery.recovered(subject.counts(&self.scales.scale))
                    && !falls.iter().any(|fall| fall.subject == *subject)
            });
            if passed {
                self.clear(AlarmKind::DeliveryFalls, &text, now)?;
            }
        }
        Ok(())
    }

    fn told(&self, fall: &Fall) -> String {
        let Counts { delivered, failed, silent } = fall.counts;
        let judged = fall.counts.judged();
        let modem = match &fall.subject {
            Subject::Sim(sim) | Subject::Pair(sim, _) => self.sims.get(sim).map(|book| &book.modem),
            Subject::All | Subject::Operator(_) => None,
        };
        let place = modem.map(|modem| format!("in modem {modem}: ")).unwrap_or_default();
        format!("{place}of {judged} accepted messages {delivered} arrived, {failed} failed, {silent} brought no report")
    }

    /// Pauses the jobs whose messages do not arrive, but for emergencies.
    fn pause_jobs_of(&mut self, subject: &Subject, why: &str, now: Timestamp) -> Result<(), StoreError> {
        let rule = &self.rules.delivery;
        let after = earlier(now, rule.window);
        let until = earlier(now, rule.report_wait);
        let mut jobs: Vec<JobId> = Vec::new();
        let sims: BTreeSet<SimId> = self.scales.scale.keys().map(|(sim, _)| *sim).collect();
        for sim in sims {
            for (job, number) in self.store.jobs_sent(sim, after, until, WEIGHED)? {
                let to = self.rules.operators.name_of(number);
                let concerned = match subject {
                    Subject::All => true,
                    Subject::Operator(operator) => operator == to,
                    Subject::Sim(of) => *of == sim,
                    Subject::Pair(of, operator) => *of == sim && operator == to,
                };
                if concerned && !jobs.contains(&job) {
                    jobs.push(job);
                }
            }
        }
        for job in jobs {
            self.pause_for_cause(job, why, now)?;
        }
        Ok(())
    }

    /// Pauses a job of its own accord, until a person resumes it. Emergencies and answers go on.
    pub(super) fn pause_for_cause(&mut self, job: JobId, why: &str, now: Timestamp) -> Result<(), StoreError> {
        let pausable = |lane: &super::lane::Lane| lane.rank != Rank::Emergency && lane.kind == JobKind::File;
        if !self.queue.lane(job).is_some_and(pausable)
            || !self.store.move_job(job, JobState::Active, JobState::Paused, now)?
        {
            return Ok(());
        }
        self.release_where(|held| held.job == job);
        self.queue.pause_job(job, true);
        self.touched.insert(job);
        self.record(EventRow { kind: "job_paused", job: Some(job), detail: why, ..ENGINE }, now)
    }
}
