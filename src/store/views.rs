//! Answers to people's questions, as flat objects: the JSON of `--json` is these.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{JobId, Timestamp, Units};

/// How a person names a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobRef {
    /// By its number here.
    Id(JobId),
    /// By its UUID or the beginning of it, at least 4 characters.
    Uid(String),
}

impl std::str::FromStr for JobRef {
    type Err = String;

    /// A number, or hexadecimal digits and dashes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(id) = text.parse() {
            return Ok(JobRef::Id(JobId(id)));
        }
        let usable = text.len() >= 4 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        usable.then(|| JobRef::Uid(text.to_lowercase())).ok_or_else(|| format!("`{text}` names no job; use its number"))
    }
}

/// Which jobs are wanted.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Only those with a smaller number.
    pub before: Option<i64>,
    /// Only those of these units.
    pub units: Units,
    /// Answers, tests and questions of the daemon's own, too.
    pub replies: bool,
    /// At most so many.
    pub limit: usize,
}

/// A job and its account.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JobView {
    /// Its number here.
    pub id: i64,
    /// Its UUID.
    pub uid: String,
    /// `file`, `reply`, `test` or `query`.
    pub kind: String,
    /// Whose.
    pub unit: String,
    /// The file's name as dropped.
    pub source: String,
    /// Its name in `accepted/`.
    pub filed_as: Option<String>,
    /// Who owned the file.
    pub owner: String,
    /// Class.
    pub class: String,
    /// State.
    pub state: String,
    /// In-doubt policy; `in_doubt` alone is how many of its messages are in doubt.
    #[serde(rename = "in_doubt_policy")]
    pub in_doubt: String,
    /// Why it sends nothing although it has something to send, in one word: `paused`, `held` (for a person, after a long stop of the
    /// daemon), `approval`, `not_before` (its own time has not come), `moratorium`, `quiet_hours` or `quota`; `None`: nothing holds it.
    pub waits_for: Option<String>,
    /// The same in a sentence, where there is one.
    pub waits_reason: Option<String>,
    /// Since when it waits.
    pub waits_since: Option<Timestamp>,
    /// When it goes on by itself, where that is known.
    pub waits_until: Option<Timestamp>,
    /// Messages of other jobs that go out before its own; `None`: not asked, as in a list, or it waits for something else, or nothing of
    /// it is left.
    pub goes_first: Option<u64>,
    /// Where a few of its messages go ahead: `out`, `passed`, `failed` or `overruled`.
    pub canary: Option<String>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When the last message came to rest.
    pub finished_at: Option<Timestamp>,
    /// Nothing goes out before.
    pub not_before: Timestamp,
    /// Nothing goes out after.
    pub expires_at: Timestamp,
    /// Recipients named.
    pub recipients: u64,
    /// Of these, who get nothing.
    pub excluded: u64,
    /// Whom it is for, as its file says, where its recipients come from the roster.
    pub audience: Option<String>,
    /// As of which import of the roster.
    pub roster_import: Option<i64>,
    /// The archive in which its details lie: who it named, and what became of each. `None`: they are here.
    pub details_in: Option<String>,
    /// Since when.
    pub details_since: Option<Timestamp>,
    /// Messages by state; every state is there.
    #[serde(flatten)]
    pub messages: BTreeMap<String, u64>,
}

impl JobView {
    /// Whether recipients named = excluded + messages.
    pub fn adds_up(&self) -> bool {
        self.recipients == self.excluded + self.messages.values().sum::<u64>()
    }
}

/// One named recipient, as in a job's report.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecipientView {
    /// The row in the file.
    pub row: u32,
    /// The number, digits without plus; or as written where it is no number.
    pub number: String,
    /// The name beside it.
    pub name: Option<String>,
    /// The message's state, or `excluded`.
    pub state: String,
    /// Why excluded, or the last refusal.
    pub reason: Option<String>,
    /// Segments of the text; 0 when excluded.
    pub segments: u8,
    /// Hand-overs so far, over all segments.
    pub attempts: u32,
    /// When its last segment was handed over.
    pub sent_at: Option<Timestamp>,
    /// When the last report of delivery was made by the service centre, else received.
    pub delivered_at: Option<Timestamp>,
    /// The modem of the last hand-over.
    pub modem: Option<String>,
}

/// The whole at a glance.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StatusView {
    /// Messages of jobs by state; every state is there.
    pub messages: BTreeMap<String, u64>,
    /// Recipients named in all jobs.
    pub recipients: u64,
    /// Of these, who got nothing.
    pub excluded: u64,
    /// Jobs by state.
    pub jobs: BTreeMap<String, u64>,
    /// Modems by state.
    pub modems: BTreeMap<String, u64>,
    /// Scopes that are held.
    pub paused: Vec<String>,
    /// Jobs that wait for a person after a long stop of the daemon.
    pub held_jobs: u64,
    /// Jobs that wait for a second person.
    pub approvals: u64,
    /// Numbers that opted out.
    pub opt_outs: u64,
    /// Inbound texts.
    pub inbox: u64,
    /// Alarms that stand.
    pub alarms: u64,
    /// When the oldest job with queued messages was accepted; one whose own time has not come does not count.
    pub oldest_queued_at: Option<Timestamp>,
    /// When the daemon last made a backup by itself.
    pub last_backup_at: Option<Timestamp>,
}

/// A modem and its SIM.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ModemView {
    /// Its name.
    pub name: String,
    /// `found`, `ready`, `unready` or `lost`; `blocked` where its SIM is taken out.
    pub state: String,
    /// Why, when it is not ready.
    pub reason: Option<String>,
    /// The port.
    pub port: String,
    /// IMEI.
    pub imei: Option<String>,
    /// Manufacturer.
    pub manufacturer: String,
    /// Model.
    pub model: String,
    /// The SIM's ICCID.
    pub iccid: Option<String>,
    /// The SIM's operator.
    pub operator: Option<String>,
    /// Registration.
    pub registration: Option<String>,
    /// `+CSQ` 0 to 31.
    pub signal: Option<u8>,
    /// Segments handed over in the last 60 minutes.
    pub sent_hour: u64,
    /// Segments handed over in the last 24 hours.
    pub sent_day: u64,
    /// When the service centre last took a segment from its SIM.
    pub accepted_at: Option<Timestamp>,
    /// When a hand-over of the last 24 hours last ended, however.
    pub answered_at: Option<Timestamp>,
    /// When a text last came in through its SIM.
    pub inbound_at: Option<Timestamp>,
    /// When the state last changed.
    pub changed_at: Timestamp,
    /// The SIM's own number, `+62…`, where it is known.
    pub number: Option<String>,
    /// The SIM's credit as last known, in whole rupiah.
    pub credit: Option<u64>,
    /// As of when.
    pub credit_at: Option<Timestamp>,
    /// Why the last question did not tell it: what the operator said instead, or why it said nothing. `None`: it told it.
    pub credit_trouble: Option<String>,
    /// The last day of its active period as last known, `2026-12-24`.
    pub active_until: Option<String>,
    /// When its last self-test ended.
    pub self_test_at: Option<Timestamp>,
    /// Whether it passed.
    pub self_test_passed: Option<bool>,
}

/// A number that is not written to.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OptOutView {
    /// The number, `+62…`.
    pub number: String,
    /// `everything`, or `ordinary`: all but what the settings call life-safety.
    pub scope: String,
    /// Since when.
    pub since: Timestamp,
    /// `sms` or `operator`.
    pub source: String,
    /// The text that asked for it.
    pub text: Option<String>,
    /// The rule that recognised it.
    pub rule: Option<String>,
    /// Who entered it.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// A segment whose fate is unknown.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DoubtView {
    /// Its message.
    pub message: i64,
    /// Its place in the message.
    pub segment: u8,
    /// How many segments the message has.
    pub segments: u8,
    /// The job.
    pub job: i64,
    /// The job's class.
    pub class: String,
    /// The job's file, as dropped.
    pub source: String,
    /// To whom, `+62…`.
    pub number: String,
    /// Through which modem.
    pub modem: String,
    /// Which SIM.
    pub sim: String,
    /// When it was handed over.
    pub handed_over_at: Timestamp,
    /// Why nobody knows.
    pub why: String,
    /// Its TP-MR, where the numbers around it show that it was submitted and as which; only a report can say more.
    pub tp_mr: Option<u8>,
    /// What the modem said after the hand-over, control characters escaped; `None`: nobody was there to hear it.
    pub said: Option<String>,
    /// Until when a status report may settle it; `None`: none is expected.
    pub report_until: Option<Timestamp>,
    /// The number of the next message accepted through this SIM may tell whether it was submitted.
    pub next_number_may_tell: bool,
    /// So may EF_SMSS, until that next message.
    pub card_may_tell: bool,
    /// What the job wants: `hold` or `resend`.
    pub policy: String,
    /// When the policy acts, if it does; else a person decides.
    pub policy_at: Option<Timestamp>,
}

/// A line of the record.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EventView {
    /// Its row.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub kind: String,
    /// The job concerned.
    pub job: Option<i64>,
    /// The message concerned.
    pub message: Option<i64>,
    /// The reason, and what else is to be known.
    pub detail: String,
}
