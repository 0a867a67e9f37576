//! How `kentongan top` looks.

use jiff::tz::TimeZone;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell, Paragraph, Row, Table};

use super::phrases::Phrases;
use crate::cli::phrases::fill;
use crate::cli::phrases::words::{part, reason, sentence, word};
use crate::cli::screen::{one_line, rupiah, time};
use crate::metrics::{Glance, JobLine, LINE_MINUTES, ModemLine};
use crate::model::{Lang, SignedDuration, Timestamp};

/// The rows around the lists at most: three at the head, one at the foot.
pub(super) const FRAME_ROWS: u16 = 4;
/// From this width on there is room for more columns.
const WIDE: u16 = 110;

/// What is shown one below the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum List {
    #[default]
    Jobs,
    Modems,
    Alarms,
    Inbound,
}

impl List {
    pub const ALL: [List; 4] = [List::Jobs, List::Modems, List::Alarms, List::Inbound];

    pub fn next(self) -> List {
        List::ALL[(self as usize + 1) % List::ALL.len()]
    }

    /// How many rows it has.
    pub fn rows(self, glance: &Glance) -> usize {
        match self {
            List::Jobs => glance.jobs.len(),
            List::Modems => glance.modems.len(),
            List::Alarms => glance.alarms.len(),
            List::Inbound => glance.inbound.len(),
        }
    }

    /// How many of them are printed where there is no end of paper.
    pub fn most_on_paper(self) -> usize {
        match self {
            List::Jobs | List::Modems => 300,
            List::Alarms => 20,
            List::Inbound => 5,
        }
    }

    /// How many of them are shown before the others have what they need.
    fn least(self) -> usize {
        match self {
            List::Jobs | List::Modems => 4,
            List::Alarms => 2,
            List::Inbound => 1,
        }
    }
}

/// Where the reader is in the lists.
#[derive(Clone, Debug, Default)]
pub(super) struct Scroll {
    /// The list that the arrows move.
    pub list: List,
    /// The first row shown of each list.
    pub first: [usize; 4],
    /// Nothing is looked at anew.
    pub frozen: bool,
    /// Nobody is there to press keys.
    pub on_paper: bool,
}

impl Scroll {
    /// Moves the chosen list; how far it goes is seen when it is drawn.
    pub fn by(&mut self, rows: isize) {
        let first = &mut self.first[self.list as usize];
        *first = first.saturating_add_signed(rows);
    }
}

/// What stays the same from one look to the next.
pub(super) struct Scene<'a> {
    pub say: &'static Phrases,
    pub lang: Lang,
    pub zone: &'a TimeZone,
    pub office: &'a str,
}

impl Scene<'_> {
    pub fn draw(&self, frame: &mut Frame<'_>, glance: &Glance, scroll: &mut Scroll) {
        let told = self.sums(glance, frame.area().width);
        let rows = if frame.area().width < WIDE { 2 } else { told.len().clamp(1, 2) as u16 };
        let [head, sums, middle, foot] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(rows),
            Constraint::Min(0),
            Constraint::Length(1),
        ])
        .areas(frame.area());
        frame.render_widget(self.head(glance), head);
        frame.render_widget(Paragraph::new(told.join("\n")), sums);
        let heights = heights(glance, middle.height);
        let areas: [Rect; 4] = Layout::vertical(heights.map(Constraint::Length)).areas(middle);
        for (list, area) in List::ALL.into_iter().zip(areas) {
            let room = usize::from(area.height.saturating_sub(1));
            let first = &mut scroll.first[list as usize];
            *first = (*first).min(list.rows(glance).saturating_sub(room));
            let table = self.table(list, glance, *first, room, area.width);
            let chosen = list == scroll.list && !scroll.on_paper;
            let style = Style::new().add_modifier(if chosen { Modifier::REVERSED } else { Modifier::BOLD });
            frame.render_widget(table.header(Row::new(self.headings(list, area.width)).style(style)), area);
            if list.rows(glance) == 0 {
                // Over all columns: the first is too narrow for a sentence.
                frame.render_widget(self.nothing(list), Rect { y: area.y + 1, height: 1, ..area }.intersection(area));
            }
        }
        if !scroll.on_paper {
            let words = if scroll.frozen { self.say.frozen } else { self.say.keys };
            frame.render_widget(Line::styled(words, Style::new().fg(Color::DarkGray)), foot);
        }
    }

    fn head(&self, glance: &Glance) -> Line<'static> {
        let running = match glance.running {
            true => Span::styled(self.say.runs, Style::new().fg(Color::Green)),
            false => Span::styled(self.say.stopped, Style::new().fg(Color::Red).add_modifier(Modifier::BOLD)),
        };
        Line::from(vec![
            Span::styled("kentongan", Style::new().add_modifier(Modifier::BOLD)),
            Span::raw(format!("  {}  {}  ", one_line(self.office), time(glance.at, self.zone))),
            running,
        ])
    }

    /// The queue and the pace, and what holds it, in lines of at most this width: what belongs together stays so.
    fn sums(&self, glance: &Glance, width: u16) -> Vec<String> {
        let mut parts = Vec::new();
        for (place, state) in ["queued", "sending", "submitted", "in_doubt"].into_iter().enumerate() {
            let count = glance.queue.get(state).copied().unwrap_or(0);
            if place < 2 || count > 0 {
                parts.push(format!(
                    "{} {}",
                    crate::cli::phrases::Phrases::of(self.lang).state_word(state),
                    rupiah(count)
                ));
            }
        }
        let last_minute = glance.by_minute.iter().rev().nth(1).copied().unwrap_or(0);
        let hour: u64 = glance.by_minute.iter().copied().map(u64::from).sum();
        parts.push(fill(self.say.pace, &[&rupiah(last_minute.into()), &rupiah(hour)]));
        if let Some(oldest) = glance.oldest_queued_at {
            parts.push(fill(self.say.oldest, &[&self.span(glance.at.duration_since(oldest))]));
        }
        if glance.pauses > 0 {
            parts.push(fill(self.say.paused, &[&glance.pauses]));
        }
        if glance.approvals > 0 {
            parts.push(fill(self.say.approvals, &[&glance.approvals]));
        }
        if glance.opt_outs > 0 {
            parts.push(fill(self.say.opt_outs, &[&glance.opt_outs]));
        }
        let mut lines: Vec<String> = Vec::new();
        for part in parts {
            match lines.last_mut() {
                Some(line) if line.chars().count() + part.chars().count() + 3 <= usize::from(width) => {
                    *line = format!("{line} · {part}");
                }
                _ => lines.push(part),
            }
        }
        lines
    }

    fn headings(&self, list: List, width: u16) -> Vec<String> {
        let say = self.say;
        let headings: &[&str] = match list {
            List::Jobs if width < WIDE => &[say.job, say.class, say.state, say.progress, "", say.left, say.file],
            List::Jobs => &[say.job, say.class, say.state, say.progress, "", say.left, say.unit, say.file],
            List::Modems => {
                let sent = if width < WIDE { say.sent_short } else { say.sent };
                &[say.modem, say.state, say.operator, say.signal, say.minute, say.quota, sent]
            }
            List::Alarms => &[say.alarm, say.about, say.since, say.detail],
            List::Inbound => &[say.inbound, say.from, say.kind, say.text],
        };
        headings.iter().map(|heading| (*heading).to_owned()).collect()
    }

    /// What stands in place of a list without rows.
    fn nothing(&self, list: List) -> Line<'static> {
        Line::from(match list {
            List::Jobs => self.say.no_job,
            List::Modems => self.say.no_modem,
            List::Alarms => self.say.no_alarm,
            List::Inbound => self.say.no_inbound,
        })
    }

    /// The rows of a list that there is room for.
    fn table(&self, list: List, glance: &Glance, first: usize, room: usize, width: u16) -> Table<'static> {
        let rows: Vec<Row<'static>> = match list {
            List::Jobs => {
                glance.jobs.iter().skip(first).take(room).map(|job| self.job(job, glance.at, width)).collect()
            }
            List::Modems => glance.modems.iter().skip(first).take(room).map(|modem| self.modem(modem, width)).collect(),
            List::Alarms => glance.alarms.iter().skip(first).take(room).map(|alarm| self.alarm(alarm)).collect(),
            List::Inbound => glance.inbound.iter().skip(first).take(room).map(|text| self.inbound(text)).collect(),
        };
        Table::new(rows, self.widths(list, width)).column_spacing(1)
    }

    fn widths(&self, list: List, width: u16) -> Vec<Constraint> {
        use Constraint::{Fill, Length};
        match list {
            List::Jobs if width < WIDE => {
                vec![Length(9), Length(9), Length(12), Length(bar_width(width)), Length(11), Length(10), Fill(1)]
            }
            List::Jobs => vec![
                Length(9),
                Length(9),
                Length(24),
                Length(bar_width(width)),
                Length(15),
                Length(10),
                Length(12),
                Fill(1),
            ],
            List::Modems if width < WIDE => {
                vec![Length(14), Length(11), Length(10), Length(7), Length(6), Length(14), Fill(1)]
            }
            List::Modems => vec![Length(18), Length(26), Length(16), Length(7), Length(6), Length(14), Fill(1)],
            List::Alarms if width < WIDE => vec![Length(20), Length(14), Length(11), Fill(1)],
            List::Alarms => vec![Length(24), Length(20), Length(12), Fill(1)],
            List::Inbound => vec![Length(12), Length(16), Length(12), Fill(1)],
        }
    }

    fn job(&self, line: &JobLine, at: Timestamp, width: u16) -> Row<'static> {
        let job = &line.job;
        let waits = job.waits_for.as_deref();
        let mut state = word(self.lang, waits.unwrap_or(&job.state));
        if let Some(until) = job.waits_until.filter(|_| width >= WIDE) {
            state = format!("{state} {}", time(until, self.zone).get(5..16).unwrap_or_default());
        }
        let colour = match (waits, job.state.as_str()) {
            (None, "active") => Color::Green,
            (_, "done") => Color::DarkGray,
            (_, "cancelled") => Color::Red,
            _ => Color::Yellow,
        };
        let left = match (line.left_s, job.finished_at) {
            (Some(left), _) => format!("~{}", self.span(SignedDuration::from_secs(left))),
            (None, Some(finished)) => self.ago(at.duration_since(finished)),
            (None, None) => String::new(),
        };
        let sum = if width >= WIDE {
            format!("{}/{}", rupiah(line.gone), rupiah(line.all))
        } else {
            format!("{}/{}", line.gone, line.all)
        };
        let mut cells = vec![
            Cell::from(job.id.to_string()),
            Cell::from(word(self.lang, &job.class)),
            Cell::from(Span::styled(state, Style::new().fg(colour))),
            Cell::from(bar(line.gone, line.all, bar_width(width))),
            Cell::from(sum),
            Cell::from(left),
        ];
        if width >= WIDE {
            cells.push(Cell::from(one_line(&job.unit)));
        }
        cells.push(Cell::from(one_line(&job.source)));
        Row::new(cells)
    }

    fn modem(&self, line: &ModemLine, width: u16) -> Row<'static> {
        let modem = &line.modem;
        let colour = match modem.state.as_str() {
            "ready" => Color::Green,
            "lost" | "blocked" => Color::Red,
            _ => Color::Yellow,
        };
        let mut state = word(self.lang, &modem.state);
        if let Some(why) = modem.reason.as_deref().filter(|_| width >= WIDE && modem.state != "ready") {
            state = format!("{state}: {}", one_line(&sentence(self.lang, why)));
        }
        let last_minute = line.by_minute.iter().rev().nth(1).copied().unwrap_or(0);
        let part = |left: Option<u64>| left.map_or_else(|| "-".to_owned(), |left| left.to_string());
        let minutes = if width < WIDE { 12 } else { LINE_MINUTES };
        Row::new(vec![
            Cell::from(one_line(&modem.name)),
            Cell::from(Span::styled(state, Style::new().fg(colour))),
            Cell::from(one_line(modem.operator.as_deref().unwrap_or("-"))),
            Cell::from(signal(modem.signal)),
            Cell::from(last_minute.to_string()),
            Cell::from(format!("{}/{}", part(line.left_hour), part(line.left_day))),
            Cell::from(sparkline(&line.by_minute[line.by_minute.len().saturating_sub(minutes)..])),
        ])
    }

    fn alarm(&self, alarm: &crate::store::AlarmView) -> Row<'static> {
        let colour = if alarm.level == "critical" { Color::Red } else { Color::Yellow };
        Row::new(vec![
            Cell::from(Span::styled(word(self.lang, &alarm.kind), Style::new().fg(colour))),
            Cell::from(one_line(&part(self.lang, &alarm.subject))),
            Cell::from(self.moment(alarm.raised_at)),
            Cell::from(one_line(&reason(self.lang, &alarm.detail))),
        ])
    }

    fn inbound(&self, text: &crate::store::InboxView) -> Row<'static> {
        Row::new(vec![
            Cell::from(self.moment(text.received_at)),
            Cell::from(masked(&text.from)),
            Cell::from(word(self.lang, &text.kind)),
            Cell::from(one_line(&text.text)),
        ])
    }

    /// Day and time without the year.
    fn moment(&self, at: Timestamp) -> String {
        time(at, self.zone).get(5..16).unwrap_or_default().to_owned()
    }

    /// A stretch of time by its two largest units.
    fn span(&self, span: SignedDuration) -> String {
        let [day, hour, minute, second] = self.say.units;
        let seconds = span.as_secs().max(0);
        match seconds {
            0..60 => format!("{seconds}{second}"),
            60..3600 => format!("{}{minute} {}{second}", seconds / 60, seconds % 60),
            3600..86_400 => format!("{}{hour} {}{minute}", seconds / 3600, seconds / 60 % 60),
            _ => format!("{}{day} {}{hour}", seconds / 86_400, seconds / 3600 % 24),
        }
    }

    /// How long ago something ended, by its largest unit: there is no room for a second one.
    fn ago(&self, span: SignedDuration) -> String {
        let span = self.span(span);
        fill(self.say.ago, &[&span.split(' ').next().unwrap_or(&span)])
    }
}

/// How high each list is, with its headings. First each gets the little it cannot do without, then jobs and modems share what is left,
/// then the others.
fn heights(glance: &Glance, room: u16) -> [u16; 4] {
    let wanted = List::ALL.map(|list| list.rows(glance).max(1));
    let mut rows = [0; 4];
    let mut left = usize::from(room).saturating_sub(List::ALL.len());
    for list in [List::Alarms, List::Jobs, List::Modems, List::Inbound] {
        rows[list as usize] = wanted[list as usize].min(list.least()).min(left);
        left -= rows[list as usize];
    }
    for lists in [[List::Jobs, List::Modems], [List::Alarms, List::Inbound]] {
        while left > 0 && lists.iter().any(|list| rows[*list as usize] < wanted[*list as usize]) {
            for list in lists {
                let more = usize::from(left > 0 && rows[list as usize] < wanted[list as usize]);
                rows[list as usize] += more;
                left -= more;
            }
        }
    }
    rows.map(|rows| u16::try_from(rows + 1).unwrap_or(u16::MAX))
}

fn bar_width(width: u16) -> u16 {
    (width / 8).clamp(10, 40)
}

/// How far something is: `███▌──────`.
fn bar(done: u64, all: u64, width: u16) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let width = u64::from(width);
    let eighths = if all == 0 { 0 } else { (u128::from(done) * u128::from(width) * 8 / u128::from(all)) as u64 };
    let (full, rest) = (eighths / 8, (eighths % 8) as usize);
    let blank = width - full - u64::from(rest > 0);
    format!("{}{}{}", "█".repeat(full as usize), EIGHTHS[rest], "─".repeat(blank as usize))
}

/// `+CSQ` as four bars and its number.
fn signal(signal: Option<u8>) -> String {
    let Some(signal) = signal else { return "-".to_owned() };
    // From here on a modem is known to send well, fairly, hardly: -93, -103 and -109 dBm.
    let bars = [2, 5, 10, 15].into_iter().filter(|least| signal >= *least).count();
    let shown: String =
        ['▂', '▄', '▆', '█'].into_iter().enumerate().map(|(n, bar)| if n < bars { bar } else { '·' }).collect();
    format!("{shown} {signal}")
}

/// Counts as heights; nothing at all is a point on the ground.
fn sparkline(counts: &[u32]) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = u64::from(counts.iter().copied().max().unwrap_or(0).max(1));
    counts
        .iter()
        .map(|count| match *count {
            0 => '·',
            count => LEVELS[((u64::from(count) * 8).div_ceil(most) as usize).clamp(1, 8) - 1],
        })
        .collect()
}

/// A number of which a screen on a wall tells enough: `+62812•••789`.
fn masked(from: &str) -> String {
    let digits = from.strip_prefix('+').is_some_and(|rest| rest.len() > 8 && rest.chars().all(|c| c.is_ascii_digit()));
    if !digits {
        return one_line(from);
    }
    format!("{}•••{}", &from[..6], &from[from.len() - 3..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_full_when_all_is_done_and_never_before() {
        assert_eq!(bar(0, 10, 4), "────");
        assert_eq!(bar(5, 10, 4), "██──");
        assert_eq!(bar(1, 32, 4), "▏───");
        assert_eq!(bar(999_999, 1_000_000, 4), "███▉");
        assert_eq!(bar(10, 10, 4), "████");
        assert_eq!(bar(0, 0, 4), "────");
    }

    #[test]
    fn a_line_shows_the_most_as_the_highest_and_nothing_as_a_point() {
        assert_eq!(sparkline(&[0, 1, 4, 8]), "·▁▄█");
        assert_eq!(sparkline(&[0, 0]), "··");
        assert_eq!(sparkline(&[100_000]), "█");
    }

    #[test]
    fn a_citizens_number_is_not_shown_whole_and_an_operators_name_is() {
        assert_eq!(masked("+6281234567890"), "+62812•••890");
        assert_eq!(masked("TELKOMSEL"), "TELKOMSEL");
        assert_eq!(masked("3636"), "3636");
    }

    #[test]
    fn signal_is_told_in_bars_and_as_its_number() {
        assert_eq!(
            [signal(None), signal(Some(1)), signal(Some(12)), signal(Some(31))].join(","),
            "-,···· 1,▂▄▆· 12,▂▄▆█ 31"
        );
    }
}
