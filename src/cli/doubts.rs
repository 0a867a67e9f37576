//! `kentongan doubts`: messages of which nobody knows whether they left, with all that helps to decide.

mod phrases;

use jiff::tz::TimeZone;

use self::phrases::Phrases;
use super::answers::Answers;
use super::args::Listing;
use super::phrases::fill;
use super::phrases::words::{reason, word};
use super::screen::{pairs, print, print_json, time};
use super::{Context, Failure};
use crate::model::{Lang, Timestamp};
use crate::store::DoubtView;

pub(super) fn run(context: &Context, how: &Listing) -> Result<(), Failure> {
    let rows = Answers::of(context)?.doubts()?;
    if how.json {
        return Ok(print_json(&rows)?);
    }
    if rows.is_empty() {
        return Ok(print(&format!("{}\n", context.say.nothing))?);
    }
    let (zone, now) = (context.zone()?, context.clock.now());
    for doubt in &rows {
        print(&format!("{}\n", shown(doubt, context.lang, zone, now)))?;
    }
    Ok(print(&format!("{}\n", context.say.settle_hint))?)
}

/// One doubt: what was sent to whom and how, why nobody knows, what may still tell, and what happens if nothing does.
fn shown(doubt: &DoubtView, lang: Lang, zone: &TimeZone, now: Timestamp) -> String {
    let (say, common) = (Phrases::of(lang), super::phrases::Phrases::of(lang));
    let mut lines = vec![
        (common.message, fill(say.segment, &[&doubt.message, &doubt.segment, &doubt.segments])),
        (common.job, format!("{} ({}, {})", doubt.job, word(lang, &doubt.class), doubt.source)),
        (common.number, doubt.number.clone()),
        (common.handed_over, fill(say.through, &[&time(doubt.handed_over_at, zone), &doubt.modem, &doubt.sim])),
        (common.reason, reason(lang, &doubt.why)),
    ];
    lines.push((
        say.said,
        match doubt.said.as_deref() {
            None => say.not_heard.to_owned(),
            Some("") => say.nothing_said.to_owned(),
            Some(said) => said.to_owned(),
        },
    ));
    if let Some(tp_mr) = doubt.tp_mr {
        lines.push(("TP-MR", fill(say.submitted, &[&tp_mr])));
    }
    lines.push((say.evidence, evidence(doubt, say, zone, now)));
    lines.push((
        common.policy,
        match doubt.policy_at {
            Some(at) => fill(say.resent, &[&time(at, zone)]),
            None => say.person.to_owned(),
        },
    ));
    pairs(&lines)
}

/// What may still settle it.
fn evidence(doubt: &DoubtView, say: &Phrases, zone: &TimeZone, now: Timestamp) -> String {
    let report = doubt.report_until.filter(|until| *until > now).map(|until| fill(say.report, &[&time(until, zone)]));
    let number = doubt.next_number_may_tell.then(|| say.next_number.to_owned());
    let card = doubt.card_may_tell.then(|| say.card.to_owned());
    let possible: Vec<String> = [report, number, card].into_iter().flatten().collect();
    if possible.is_empty() { say.no_evidence.to_owned() } else { possible.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubt() -> DoubtView {
        let at = Timestamp::from_second(1_795_000_000).unwrap();
        DoubtView {
            message: 700,
            segment: 1,
            segments: 2,
            job: 12,
            class: "important".to_owned(),
            source: "undangan.csv".to_owned(),
            number: "+6281200000001".to_owned(),
            modem: "telkomsel-1".to_owned(),
            sim: "8962100000000000001".to_owned(),
            handed_over_at: at,
            why: "silence".to_owned(),
            tp_mr: None,
            said: Some("\\r\\n^RSSI:18\\r\\n".to_owned()),
            report_until: Some(at + crate::model::SignedDuration::from_hours(25)),
            next_number_may_tell: true,
            card_may_tell: false,
            policy: "hold".to_owned(),
            policy_at: None,
        }
    }

    #[test]
    fn everything_that_helps_to_decide_is_told_in_both_languages() {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        let at = doubt().handed_over_at;
        expect_test::expect![[r#"
            Message:             700, segment 1 of 2
            Job:                 12 (important, undangan.csv)
            Number:              +6281200000001
            Handed over:         2026-11-18 18:06:40 through telkomsel-1, SIM 8962100000000000001
            Reason:              no answer
            Last on the line:    \r\n^RSSI:18\r\n
            What may still tell: a status report until 2026-11-19 19:06:40; the number of the next message through this SIM
            Policy:              a person decides
        "#]]
        .assert_eq(&shown(&doubt(), Lang::English, &zone, at));
        let later = at + crate::model::SignedDuration::from_hours(26);
        let known = DoubtView {
            tp_mr: Some(41),
            said: None,
            next_number_may_tell: false,
            policy: "resend".to_owned(),
            policy_at: Some(at),
            ..doubt()
        };
        expect_test::expect![[r#"
            Pesan:                    700, bagian 1 dari 2
            Pekerjaan:                12 (penting, undangan.csv)
            Nomor:                    +6281200000001
            Diserahkan:               2026-11-18 18:06:40 lewat telkomsel-1, kartu SIM 8962100000000000001
            Alasan:                   tidak ada jawaban
            Kata modem terakhir:      tidak ada yang mendengarnya
            TP-MR:                    41: sudah dikirim modem ke jaringan; apakah diterima, hanya laporan status yang tahu
            Bukti yang masih mungkin: tidak ada lagi
            Kebijakan:                dikirim lagi pada 2026-11-18 18:06:40; bisa diterima dua kali
        "#]]
        .assert_eq(&shown(&known, Lang::Indonesian, &zone, later));
    }
}
