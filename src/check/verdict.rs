//! The answer: what is written to `--json`, and what people need besides.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::account::{Account, Example, ExcludedRow};
use super::gates::Gates;
use super::preview::Preview;
use crate::model::{Class, ImportId, JobHeader, Lang, Timestamp};
use crate::policy::preview::Share;

/// What would become of a job.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Verdict {
    /// The file.
    pub file: String,
    /// Whose job it would be.
    pub unit: String,
    /// Whether it would become a job.
    pub accepted: bool,
    /// Why not, in the language asked for.
    pub refusal: Option<String>,
    /// Its class; none where not even that could be read.
    pub class: Option<Cow<'static, str>>,
    /// What is not done as the file says, in English as the record would have it.
    pub remarks: Vec<String>,
    /// Recipients named.
    pub recipients: u64,
    /// Of these, who get a text.
    pub messages: u64,
    /// And who get none.
    pub excluded: u64,
    /// Segments of all messages.
    pub segments: u64,
    /// Segments of the longest.
    pub segments_longest: usize,
    /// Messages that would be sent as UCS-2.
    pub ucs2_messages: u64,
    /// The characters that force it, one after another.
    pub forcing: String,
    /// Segments of all messages if characters were replaced.
    pub transliterated_segments: u64,
    /// Messages by operator.
    pub operators: BTreeMap<String, u64>,
    /// What an author should see beforehand.
    #[serde(flatten)]
    pub preview: Preview,
    /// What it would wait for at first.
    pub waits_for: Option<Cow<'static, str>>,
    /// Until when, where that is known.
    pub sent_from: Option<Timestamp>,
    /// Whether it would wait for a second person.
    pub needs_approval: bool,
    /// Segments that are left of its unit's day, where that is limited.
    pub quota_left: Option<u64>,
    /// Kept of erased numbers, and recognised by the daemon only.
    pub unseen_opt_outs: u64,
    /// The expression that names its recipients, where one does.
    pub audience: Option<String>,
    /// The version of the roster they come from.
    #[schema(value_type = Option<i64>)]
    pub roster_import: Option<ImportId>,
    /// The message with the fewest segments, and of those the fewest characters.
    pub shortest_example: Option<Example>,
    /// The message with the most.
    pub longest_example: Option<Example>,
    /// Recipients by kecamatan; none where no row says its kecamatan.
    pub kecamatan: Vec<AreaRow>,
    /// How many get none, by the reason's short name.
    pub excluded_reasons: BTreeMap<Cow<'static, str>, u64>,
    /// Who they are, in the order of the file: the first of them, as many as were asked for.
    pub excluded_rows: Vec<ExcludedRow>,
}

/// What stands before the recipients.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Header {
    /// Whose job it would be.
    pub unit: String,
    /// Its class.
    #[schema(value_type = String)]
    pub class: Class,
    /// Nothing goes out before.
    pub not_before: Option<Timestamp>,
    /// Nothing goes out after.
    pub expires_at: Option<Timestamp>,
}

impl Header {
    fn of(header: &JobHeader) -> Self {
        let JobHeader { unit, class, not_before, expires_at, .. } = header;
        Self { unit: unit.clone(), class: *class, not_before: *not_before, expires_at: *expires_at }
    }
}

/// A verdict on its way to people: what `--json` has, and what only they need.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VerdictView {
    /// What `--json` has.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What stands before the recipients.
    pub header: Option<Header>,
    /// Why it would wait at first, in English as the record has it.
    pub waits_reason: Option<String>,
    /// Why it would wait for a second person, in English as the record has it.
    pub approval_reason: Option<String>,
    /// What is, or could be, replaced by what; a few.
    pub changes: Vec<(String, String)>,
}

/// The recipients in a kecamatan.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AreaRow {
    /// Its name; empty for those of whom it is not known.
    pub kecamatan: String,
    /// How many they are.
    #[serde(flatten)]
    pub share: Share,
}

/// What a verdict is made of beside the account.
pub(super) struct Parts<'a> {
    pub file: String,
    pub unit: &'a str,
    pub refusal: Option<String>,
    pub gates: Gates,
    pub preview: Preview,
    pub unseen_opt_outs: u64,
}

impl VerdictView {
    pub(super) fn of(parts: Parts<'_>, account: Account) -> Self {
        let Parts { file, unit, refusal, gates, preview, unseen_opt_outs } = parts;
        let (waits_for, waits_reason, sent_from) = match gates.waits {
            Some((kind, reason, opens)) => (Some(kind.name().into()), Some(reason), opens),
            None => (None, None, None),
        };
        let audience = account.audience();
        let verdict = Verdict {
            file,
            unit: unit.to_owned(),
            accepted: refusal.is_none(),
            refusal,
            class: account.header.as_ref().map(|header| header.class.name().into()),
            remarks: account.remarks.iter().map(|remark| remark.sentence(Lang::English)).collect(),
            recipients: account.named,
            messages: account.messages,
            excluded: account.by_reason.values().sum(),
            segments: account.segments,
            segments_longest: account.longest,
            ucs2_messages: account.ucs2,
            forcing: account.forcing.iter().collect(),
            transliterated_segments: account.transliterated,
            operators: by_operator(&account),
            preview,
            waits_for,
            sent_from,
            needs_approval: gates.approval.is_some(),
            quota_left: gates.quota_left,
            unseen_opt_outs,
            audience: audience.map(|audience| audience.expression.clone()),
            roster_import: audience.map(|audience| audience.import),
            kecamatan: areas(&account),
            shortest_example: account.shortest_example,
            longest_example: account.longest_example,
            excluded_reasons: account.by_reason.into_iter().map(|(why, count)| (why.into(), count)).collect(),
            excluded_rows: account.excluded_rows,
        };
        Self {
            verdict,
            header: account.header.as_ref().map(Header::of),
            waits_reason,
            approval_reason: gates.approval,
            changes: account.changes.into_iter().collect(),
        }
    }

    /// The same for whoever may see no whole number and no recipient: every count stays. Who gets nothing is left out, for it says of a
    /// number what the ledger knows; and so is what the roster has put into the texts. What their own file says, they know.
    pub fn without_people(mut self) -> Self {
        let verdict = &mut self.verdict;
        verdict.excluded_rows.clear();
        if verdict.audience.is_some() {
            (verdict.shortest_example, verdict.longest_example) = (None, None);
            verdict.preview.characters.iter_mut().for_each(|row| row.around.clear());
            verdict.preview.filtered.iter_mut().for_each(|row| row.found.clear());
        }
        self
    }
}

/// Messages by operator; those to whom none goes are left out.
fn by_operator(account: &Account) -> BTreeMap<String, u64> {
    let shares = account.by_operator.by_name().filter(|(_, share)| share.messages > 0);
    shares.map(|(name, share)| (name.to_owned(), share.messages)).collect()
}

fn areas(account: &Account) -> Vec<AreaRow> {
    let known = account.by_kecamatan.by_name().any(|(name, _)| !name.is_empty());
    let rows = account.by_kecamatan.by_name().filter(|_| known);
    rows.map(|(kecamatan, share)| AreaRow { kecamatan: kecamatan.to_owned(), share }).collect()
}
