//! What a text would become, for whoever writes it: the account of `kentongan check` as a part of a page.

use super::breakdown::AreaRow;
use super::page::{Counted, Fact, Page};
use crate::check::{AreaRow as CheckedArea, CharacterRow, NO_NUMBER, Verdict, VerdictView};
use crate::cli::phrases::words;
use crate::model::SignedDuration;

/// Rows of each table.
const ROWS: usize = 12;

/// A character that forces UCS-2.
pub(super) struct Forcing {
    pub character: char,
    pub code: String,
    pub times: u64,
    pub instead: String,
}

/// Something that operators are known to filter.
pub(super) struct Filtered {
    pub found: String,
    pub kind: String,
    pub at_risk: u64,
}

/// What is shown.
#[derive(Default)]
pub(super) struct Preview {
    pub summary: String,
    /// Characters, encoding and segments of the text.
    pub counter: String,
    pub refusal: Option<String>,
    pub attention: Vec<String>,
    pub facts: Vec<Fact>,
    pub example: Option<String>,
    pub characters: Vec<Forcing>,
    pub filtered: Vec<Filtered>,
    pub reasons: Vec<Counted>,
    pub areas: Vec<AreaRow>,
}

impl Preview {
    /// Of a form that is not even a job file.
    pub(super) fn refused(wrong: String) -> Self {
        Self { refusal: Some(wrong), ..Self::default() }
    }

    pub(super) fn of(page: &Page, view: &VerdictView) -> Self {
        let (w, verdict) = (page.w, &view.verdict);
        let summary = page.say(
            w.preview_summary,
            &[&page.number(verdict.messages), &page.number(verdict.excluded), &page.number(verdict.segments)],
        );
        let counter = verdict.longest_example.as_ref().map(|example| {
            let encoding = if verdict.ucs2_messages > 0 { "UCS-2" } else { "GSM 7 bit" };
            page.say(w.counter, &[&example.characters, &encoding, &example.segments])
        });
        let reasons = verdict.excluded_reasons.iter();
        Self {
            summary,
            counter: counter.unwrap_or_default(),
            refusal: verdict.refusal.clone(),
            attention: attention(page, view),
            facts: facts(page, verdict),
            example: verdict.longest_example.as_ref().map(|example| example.text.clone()),
            characters: verdict.preview.characters.iter().take(ROWS).map(|row| forcing(page, row)).collect(),
            filtered: verdict
                .preview
                .filtered
                .iter()
                .take(ROWS)
                .map(|row| Filtered {
                    found: row.found.clone(),
                    kind: w.kind_of(&row.kind).to_owned(),
                    at_risk: row.at_risk,
                })
                .collect(),
            reasons: reasons.map(|(why, value)| Counted { label: page.word(why), value: *value }).collect(),
            areas: verdict.kecamatan.iter().map(|row| area(page, row)).collect(),
        }
    }
}

fn area(page: &Page, row: &CheckedArea) -> AreaRow {
    let name = if row.kecamatan.is_empty() { page.w.kecamatan_unknown.to_owned() } else { row.kecamatan.clone() };
    AreaRow {
        name,
        recipients: row.share.recipients,
        excluded: row.share.recipients - row.share.messages,
        messages: row.share.messages,
        delivered: 0,
        share: String::new(),
    }
}

fn forcing(page: &Page, row: &CharacterRow) -> Forcing {
    let instead = match row.replacement.as_deref() {
        None | Some("") => page.w.leave_out.to_owned(),
        Some(" ") => page.w.blank.to_owned(),
        Some(text) => text.to_owned(),
    };
    Forcing { character: row.character, code: row.code_point.clone(), times: row.times, instead }
}

/// What an author should not overlook.
fn attention(page: &Page, view: &VerdictView) -> Vec<String> {
    let (w, verdict, preview) = (page.w, &view.verdict, &view.verdict.preview);
    let mut told = Vec::new();
    if let Some(scopes) = &preview.paused {
        let scopes: Vec<_> = scopes.split(',').map(|scope| words::part(page.lang, scope)).collect();
        told.push(page.say(w.paused_now, &[&scopes.join(", ")]));
    }
    if let Some(why) = &view.waits_reason {
        let why = page.sentence(why);
        told.push(match verdict.sent_from {
            Some(from) => page.say(w.sent_from, &[&page.time(from), &why]),
            None => page.say(w.waits_first, &[&why]),
        });
    }
    if let Some(why) = &view.approval_reason {
        told.push(page.say(w.needs_second, &[&page.sentence(why)]));
    }
    if let (Some(late), Some(until)) = (preview.late_messages.filter(|late| *late > 0), preview.expires_at) {
        told.push(page.say(w.late, &[&page.number(late), &page.time(until)]));
    }
    if let Some(left) = verdict.quota_left.filter(|left| *left < verdict.segments) {
        told.push(page.say(w.quota_left, &[&page.number(left)]));
    }
    if verdict.unseen_opt_outs > 0 {
        told.push(page.say(w.unseen_opt_outs, &[&page.number(verdict.unseen_opt_outs)]));
    }
    told
}

fn facts(page: &Page, verdict: &Verdict) -> Vec<Fact> {
    let (w, preview) = (page.w, &verdict.preview);
    let mut facts = vec![
        Fact { label: w.recipients, value: page.number(verdict.recipients) },
        Fact { label: w.included, value: page.number(verdict.messages) },
        Fact { label: w.excluded, value: page.number(verdict.excluded) },
    ];
    if let (Some(expression), Some(import)) = (&verdict.audience, &verdict.roster_import) {
        facts.push(Fact { label: w.audience, value: page.say(w.as_of_import, &[expression, import]) });
    }
    if verdict.messages > 0 {
        let plain = verdict.messages - verdict.ucs2_messages;
        let mut encodings = Vec::new();
        encodings.extend((plain > 0).then(|| format!("GSM 7 bit: {}", page.number(plain))));
        encodings.extend((verdict.ucs2_messages > 0).then(|| format!("UCS-2: {}", page.number(verdict.ucs2_messages))));
        facts.push(Fact { label: w.encoding, value: encodings.join(", ") });
        let segments = page.say(w.segments_of, &[&page.number(verdict.segments), &verdict.segments_longest]);
        facts.push(Fact { label: w.segments, value: segments });
    }
    let operators = preview.operator_rows.iter().filter(|row| row.operator != NO_NUMBER && row.share.messages > 0);
    let operators: Vec<_> =
        operators.map(|row| format!("{} {}", page.word(&row.operator), page.number(row.share.messages))).collect();
    if !operators.is_empty() {
        facts.push(Fact { label: w.by_operator, value: operators.join(", ") });
    }
    if preview.expires_at.is_some() {
        facts.push(Fact { label: w.finish, value: finish(page, verdict) });
    }
    facts
}

fn finish(page: &Page, verdict: &Verdict) -> String {
    let (w, preview) = (page.w, &verdict.preview);
    let (Some(at), Some(seconds)) = (preview.finish_not_before, preview.eta_s) else {
        return if preview.sims.is_empty() { w.finish_unknown } else { w.finish_never }.to_owned();
    };
    let span = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    let mut told = page.say(w.finish_at, &[&page.time(at), &page.span(span)]);
    if preview.sims_assumed {
        told += &format!("; {}", w.none_ready);
    }
    if preview.ahead_messages > 0 {
        told += &format!("; {}", page.say(w.ahead, &[&page.number(preview.ahead_messages)]));
    }
    told
}
