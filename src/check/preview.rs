//! What an author should see before the job goes out, as rows.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::eta::{Eta, SimRow};
use crate::config::Config;
use crate::model::Timestamp;
use crate::pdu::transliterate;
use crate::policy::preview::{Finding, Forcing, Share};
use crate::store::{Reader, StoreError};

/// All of it; stands beside the account.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Preview {
    /// How many messages have how many segments.
    pub segment_rows: Vec<SegmentRow>,
    /// Recipients by operator, the largest first.
    pub operator_rows: Vec<OperatorRow>,
    /// What forces UCS-2, what weighs most first.
    pub characters: Vec<CharacterRow>,
    /// Whether the settings have characters replaced.
    pub transliterate: bool,
    /// Segments that replacing characters saves, or would.
    pub saved_segments: u64,
    /// Segments that leaving out what cannot be replaced would save on top of that.
    pub saved_segments_without_rest: u64,
    /// What operators are known to filter.
    pub filtered: Vec<FilteredRow>,
    /// The SIMs and what is left of their limits.
    pub sims: Vec<SimRow>,
    /// No SIM is ready: those that are known are counted as if they were.
    pub sims_assumed: bool,
    /// Messages that go out before this job's.
    pub ahead_messages: u64,
    /// Pauses that hold the job, with commas between.
    pub paused: Option<String>,
    /// Seconds from when it may begin until it is through at the earliest; none where no SIM carries it.
    pub eta_s: Option<u64>,
    /// When it is through at the earliest.
    pub finish_not_before: Option<Timestamp>,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// Messages that would not have left by then, even if all goes well.
    pub late_messages: Option<u64>,
}

/// Messages of one length.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SegmentRow {
    /// Their segments.
    pub segments: usize,
    /// How many they are.
    pub messages: u64,
}

/// Recipients of one operator.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OperatorRow {
    /// `unknown` where no prefix fits, `none` where the row has no number of its own.
    pub operator: String,
    /// How many they are.
    #[serde(flatten)]
    pub share: Share,
}

/// A character that forces UCS-2.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CharacterRow {
    /// It.
    pub character: char,
    /// `U+2019`.
    pub code_point: String,
    /// How often it stands in all texts.
    pub times: u64,
    /// In how many texts.
    pub texts: u64,
    /// The first row with it.
    pub first_row: u32,
    /// Where in that row's text, in characters; 1 is the first.
    pub first_at: usize,
    /// What stands around it there.
    pub around: String,
    /// What would take its place; empty where it is dropped, none where nothing can.
    pub replacement: Option<String>,
}

/// Something that is known to be filtered, or a link.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FilteredRow {
    /// `word`, `link`, `shortener`, `amount`, `date` or `digits`.
    pub kind: Cow<'static, str>,
    /// As it stands in the text.
    pub found: String,
    /// Who is known to filter it, with commas between; `all`; none where nobody is.
    pub operators: Option<String>,
    /// In how many texts.
    pub texts: u64,
    /// Texts of these that go to such an operator.
    pub at_risk: u64,
    /// The first row with it.
    pub first_row: u32,
}

impl Preview {
    /// `opens`: where the file would become a job, before which time nothing of it goes out; `None`: it would not.
    pub(super) fn of(
        config: &Config,
        account: &Account,
        reader: Option<&Reader>,
        opens: Option<Option<Timestamp>>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let eta = match &account.header {
            Some(header) => Some(Eta::of(config, account, header, opens.flatten(), reader, now)?),
            None => None,
        };
        let has_end = opens.is_some() && eta.is_some();
        let Eta { sims, assumed, ahead, paused, begins, ends, forecast } = eta.unwrap_or_default();
        let forecast = forecast.filter(|_| opens.is_some());
        Ok(Self {
            segment_rows: account
                .by_segments
                .iter()
                .map(|(&segments, &messages)| SegmentRow { segments, messages })
                .collect(),
            operator_rows: account
                .by_operator
                .by_size()
                .into_iter()
                .map(|(operator, share)| OperatorRow { operator: operator.to_owned(), share })
                .collect(),
            characters: account.characters.by_weight().into_iter().map(character).collect(),
            transliterate: config.messages.transliterate,
            saved_segments: account.segments_as_written.saturating_sub(account.transliterated),
            saved_segments_without_rest: account.transliterated.saturating_sub(account.stripped),
            filtered: account.findings.by_kind().into_iter().map(filtered).collect(),
            sims,
            sims_assumed: assumed,
            ahead_messages: ahead,
            paused: (!paused.is_empty()).then(|| paused.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")),
            eta_s: forecast.map(|told| told.finish_at.duration_since(begins).as_secs().max(0).unsigned_abs()),
            finish_not_before: forecast.map(|told| told.finish_at),
            expires_at: has_end.then_some(ends),
            late_messages: forecast.map(|told| told.late),
        })
    }
}

fn character(forcing: &Forcing) -> CharacterRow {
    let replaced = transliterate(&forcing.character.to_string());
    CharacterRow {
        character: forcing.character,
        code_point: format!("U+{:04X}", u32::from(forcing.character)),
        times: forcing.times,
        texts: forcing.texts,
        first_row: forcing.first_row,
        first_at: forcing.first_at,
        around: forcing.around.clone(),
        replacement: (!replaced.changes.is_empty()).then_some(replaced.text),
    }
}

fn filtered(finding: &Finding) -> FilteredRow {
    let operators = finding.operators.as_ref();
    FilteredRow {
        kind: finding.kind.name().into(),
        found: finding.found.clone(),
        operators: operators.map(|names| if names.is_empty() { "all".to_owned() } else { names.join(",") }),
        texts: finding.texts,
        at_risk: finding.at_risk,
        first_row: finding.first_row,
    }
}
