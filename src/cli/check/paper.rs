//! The preview as people read it.

use super::phrases::Phrases;
use crate::check::{CharacterRow, Example, FilteredRow, NO_NUMBER, Preview, Verdict, VerdictView};
use crate::cli::phrases::fill;
use crate::cli::phrases::words::{part, word};
use crate::cli::screen::{Table, one_line, time};
use crate::cli::{Context, Failure};
use crate::model::Lang;

/// Rows of a table on paper; JSON has all of them.
const ROWS: usize = 12;
/// Lines of sentences and texts are folded here, so that they stay within 80 columns.
const WIDTH: usize = 78;
/// Characters of a finding that are shown.
const FOUND: usize = 22;

/// When it would be through, and what is in the way: a line each.
pub(super) fn lines(context: &Context, preview: &Preview) -> Result<Vec<(&'static str, String)>, Failure> {
    let (say, zone) = (Phrases::of(context.lang), context.zone()?);
    let mut lines = Vec::new();
    let Some(expires_at) = preview.expires_at else { return Ok(lines) };
    match (preview.finish_not_before, preview.eta_s) {
        (Some(at), Some(seconds)) => {
            let sims = preview.sims.iter().filter(|sim| sim.counted).count();
            lines.push((say.finish, fill(say.not_before, &[&time(at, zone), &in_words(context.lang, seconds)])));
            lines.push(("", fill(say.through, &[&sims])));
            if preview.sims_assumed {
                lines.push(("", say.none_ready.to_owned()));
            }
            if preview.ahead_messages > 0 {
                lines.push(("", fill(say.ahead, &[&preview.ahead_messages])));
            }
        }
        _ if preview.sims.is_empty() => lines.push((say.finish, say.no_sim.to_owned())),
        _ => lines.push((say.finish, say.none_carries.to_owned())),
    }
    if let Some(scopes) = &preview.paused {
        let scopes: Vec<_> = scopes.split(',').map(|scope| part(context.lang, scope)).collect();
        lines.push(("", fill(say.paused, &[&scopes.join(", ")])));
    }
    if let Some(late) = preview.late_messages.filter(|late| *late > 0) {
        lines.push((say.attention, fill(say.late, &[&late, &time(expires_at, zone)])));
    }
    Ok(lines)
}

/// Everything that needs more than a line.
pub(super) fn sections(context: &Context, view: &VerdictView) -> String {
    let (say, verdict) = (Phrases::of(context.lang), &view.verdict);
    let parts = [
        by_operator(context, &verdict.preview),
        forcing(context, view, say),
        filters(context, &verdict.preview, say),
        quota(context, &verdict.preview, say),
        examples(context, verdict),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).fold(String::new(), |all, part| format!("{all}\n{part}"))
}

fn by_operator(context: &Context, preview: &Preview) -> String {
    let (say, own) = (context.say, Phrases::of(context.lang));
    let mut table = Table::new([say.operator, say.recipients, say.included, say.excluded, own.segments]);
    // Rows without a number of their own belong to no operator: they come last.
    let (without, with): (Vec<_>, Vec<_>) = preview.operator_rows.iter().partition(|row| row.operator == NO_NUMBER);
    for row in with.into_iter().chain(without) {
        let (name, share) = (row.operator.as_str(), row.share);
        table.row([
            if name == NO_NUMBER { own.no_number.to_owned() } else { word(context.lang, name) },
            share.recipients.to_string(),
            share.messages.to_string(),
            (share.recipients - share.messages).to_string(),
            share.segments.to_string(),
        ]);
    }
    if table.is_empty() { String::new() } else { table.to_string() }
}

fn forcing(context: &Context, view: &VerdictView, say: &Phrases) -> String {
    let preview = &view.verdict.preview;
    let mut text = String::new();
    if !preview.characters.is_empty() {
        let mut table =
            Table::new([say.code, say.times, say.texts, context.say.row, say.instead, say.character, say.around]);
        for row in preview.characters.iter().take(ROWS) {
            table.row([
                row.code_point.clone(),
                row.times.to_string(),
                row.texts.to_string(),
                row.first_row.to_string(),
                instead(row, say),
                row.character.to_string(),
                row.around.clone(),
            ]);
        }
        text += &format!("{}:\n{table}{}", say.forcing, more(preview.characters.len()));
    }
    if preview.saved_segments > 0 {
        let shown: Vec<_> = view.changes.iter().map(|(from, to)| format!("{from} → {to}")).collect();
        let sentence = if preview.transliterate { context.say.replaced } else { context.say.replaceable };
        let sentence = fill(sentence, &[&shown.join(", "), &preview.saved_segments]);
        text += &folded(&format!("{}: {sentence}", context.say.transliterated));
    }
    let rest: Vec<_> = preview.characters.iter().filter(|row| row.replacement.is_none()).collect();
    if preview.saved_segments_without_rest > 0 && !rest.is_empty() {
        let rest: Vec<_> = rest.iter().take(ROWS).map(|row| row.character.to_string()).collect();
        text += &folded(&fill(say.leave_out, &[&rest.join(" "), &preview.saved_segments_without_rest]));
        let others = preview.characters.iter().any(|row| row.replacement.is_some());
        if !preview.transliterate && preview.saved_segments == 0 && others {
            text += &folded(say.switch);
        }
    }
    text
}

fn filters(context: &Context, preview: &Preview, say: &Phrases) -> String {
    let mut table = Table::new([say.kind, say.found, say.texts, say.at_risk, context.say.row, context.say.operator]);
    for row in preview.filtered.iter().take(ROWS) {
        table.row([
            say.kind_of(&row.kind).to_owned(),
            shortened(&row.found),
            row.texts.to_string(),
            row.at_risk.to_string(),
            row.first_row.to_string(),
            operators(row, say),
        ]);
    }
    if table.is_empty() {
        return String::new();
    }
    format!("{}:\n{table}{}{}", say.filtered, more(preview.filtered.len()), folded(say.filtered_advice))
}

fn quota(context: &Context, preview: &Preview, say: &Phrases) -> String {
    let mut table = Table::new([
        context.say.modems,
        context.say.state,
        context.say.operator,
        say.counted,
        say.left_hour,
        say.left_day,
        say.reserve,
    ]);
    let count = |count: Option<u64>| count.map_or_else(|| say.unlimited.to_owned(), |count| count.to_string());
    for sim in &preview.sims {
        let kept = sim.left_day_emergency.zip(sim.left_day).map(|(all, common)| all - common);
        table.row([
            sim.modem.clone(),
            word(context.lang, &sim.state),
            sim.operator.clone().unwrap_or_else(|| "-".to_owned()),
            match (sim.carries, sim.counted) {
                (false, _) => say.other_class,
                (true, true) => say.yes,
                (true, false) => say.no,
            }
            .to_owned(),
            count(sim.left_hour),
            count(sim.left_day),
            kept.map_or_else(|| "-".to_owned(), |kept| kept.to_string()),
        ]);
    }
    if table.is_empty() { String::new() } else { format!("{}:\n{table}", say.quota) }
}

fn instead(row: &CharacterRow, say: &Phrases) -> String {
    match row.replacement.as_deref() {
        None => say.nothing_instead.to_owned(),
        Some("") => say.dropped.to_owned(),
        Some(" ") => say.blank.to_owned(),
        Some(text) => text.to_owned(),
    }
}

fn operators(row: &FilteredRow, say: &Phrases) -> String {
    match row.operators.as_deref() {
        None => "-".to_owned(),
        Some("all") => say.all.to_owned(),
        Some(names) => names.replace(',', ", "),
    }
}

fn shortened(found: &str) -> String {
    match found.chars().count() {
        0..=FOUND => found.to_owned(),
        _ => found.chars().take(FOUND - 1).chain(['…']).collect(),
    }
}

fn more(rows: usize) -> &'static str {
    if rows > ROWS { "…\n" } else { "" }
}

/// The shortest and the longest message as they would be sent; one where all are the same.
fn examples(context: &Context, verdict: &Verdict) -> String {
    let say = context.say;
    let (Some(shortest), Some(longest)) = (&verdict.shortest_example, &verdict.longest_example) else {
        return String::new();
    };
    let shown = |label: &str, example: &Example| {
        let text = fill(say.example, &[&example.segments, &example.characters, &one_line(&example.text)]);
        format!("{label}:\n{}", folded(&text))
    };
    if shortest.text == longest.text {
        return shown(Phrases::of(context.lang).example, longest);
    }
    format!("{}{}", shown(say.shortest, shortest), shown(say.longest, longest))
}

/// `2 h 05 min`, `12 min`, `< 1 min`; `2 jam 05 menit`.
fn in_words(lang: Lang, seconds: u64) -> String {
    let (hour, minute) = lang.pick(("jam", "menit"), ("h", "min"));
    match (seconds / 3600, seconds.div_ceil(60) % 60) {
        (0, _) if seconds < 60 => format!("< 1 {minute}"),
        (0, minutes) if seconds <= 3540 => format!("{minutes} {minute}"),
        (hours, minutes) => {
            let hours = if minutes == 0 { seconds.div_ceil(3600) } else { hours };
            format!("{hours} {hour} {minutes:02} {minute}")
        }
    }
}

/// A paragraph, folded between words and indented by two.
fn folded(text: &str) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + word.chars().count() + 3 > WIDTH {
            lines += &format!("  {}\n", line.trim_end());
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines + &format!("  {}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_folded_between_words_and_lose_none() {
        let text = "kata ".repeat(40);
        let shown = folded(&text);
        assert!(shown.lines().all(|line| line.starts_with("  kata") && line.chars().count() <= WIDTH), "{shown}");
        assert_eq!(shown.matches("kata").count(), 40);
        assert_eq!(shortened(&"x".repeat(40)), format!("{}…", "x".repeat(21)));
    }

    #[test]
    fn spans_are_said_as_people_say_them() {
        let spans = [5, 61, 3540, 3590, 3600, 5460, 7201].into_iter();
        let words: Vec<_> = spans.map(|seconds| in_words(Lang::English, seconds)).collect();
        assert_eq!(words, ["< 1 min", "2 min", "59 min", "1 h 00 min", "1 h 00 min", "1 h 31 min", "2 h 01 min"]);
        let words = [5, 720, 7201].map(|seconds| in_words(Lang::Indonesian, seconds));
        assert_eq!(words, ["< 1 menit", "12 menit", "2 jam 01 menit"]);
    }
}
