//! Values over time as a line, for people who would rather look than read. Whole numbers in the units of the picture, so that nothing
//! depends on how a machine writes fractions.

use crate::model::Timestamp;

/// The picture's size in its own units.
const WIDTH: u32 = 600;
const HEIGHT: u32 = 100;
/// Points of one line at most: more than a screen has columns.
const POINTS_MAX: usize = 600;

/// A line drawn.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chart {
    pub width: u32,
    pub height: u32,
    /// Stretches with values, each a line and the area below it.
    pub runs: Vec<Run>,
    /// Stretches without.
    pub gaps: Vec<Gap>,
    /// What it shows, in words.
    pub label: String,
    /// The lowest, highest and last value; `None`: there is none.
    pub range: Option<(u64, u64, u64)>,
}

/// A stretch with values, as SVG's `points`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub line: String,
    pub area: String,
}

/// A stretch without.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub x: u32,
    pub width: u32,
}

/// A value from then on; `None`: there was none from then on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub at: Timestamp,
    pub value: Option<u64>,
}

/// Draws steps between two times, the lowest line at 0 and the highest at `top`. The steps are in order; the first may lie before.
pub(super) fn draw(steps: &[Step], from: Timestamp, until: Timestamp, top: u64) -> Chart {
    let span = (until.as_millisecond() - from.as_millisecond()).max(1);
    let x = |at: Timestamp| {
        let there = (at.as_millisecond() - from.as_millisecond()).clamp(0, span);
        u32::try_from(there.saturating_mul(i64::from(WIDTH)) / span).unwrap_or(WIDTH)
    };
    let y = |value: u64| HEIGHT - u32::try_from(value.min(top) * u64::from(HEIGHT) / top.max(1)).unwrap_or(HEIGHT);
    let mut chart =
        Chart { width: WIDTH, height: HEIGHT, runs: Vec::new(), gaps: Vec::new(), label: String::new(), range: None };
    let mut points: Vec<(u32, u32)> = Vec::new();
    let every = steps.len() / POINTS_MAX + 1;
    for (place, step) in steps.iter().enumerate() {
        let end = steps.get(place + 1).map_or(until, |next| next.at);
        if end <= from {
            continue;
        }
        let (begin, end) = (x(step.at), x(end));
        match step.value {
            Some(value) => {
                chart.range = Some(match chart.range {
                    Some((low, high, _)) => (low.min(value), high.max(value), value),
                    None => (value, value, value),
                });
                if place % every == 0 || points.is_empty() {
                    points.extend([(begin, y(value)), (end, y(value))]);
                }
            }
            None => {
                chart.runs.extend(run(&std::mem::take(&mut points)));
                if end > begin {
                    chart.gaps.push(Gap { x: begin, width: end - begin });
                }
            }
        }
    }
    chart.runs.extend(run(&points));
    chart
}

fn run(points: &[(u32, u32)]) -> Option<Run> {
    let (first, last) = (points.first()?, points.last()?);
    let line = points.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
    let area = format!("{},{HEIGHT} {line} {},{HEIGHT}", first.0, last.0);
    Some(Run { line, area })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_holds_until_the_next_and_silence_is_a_gap() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let steps = [(0, Some(31)), (60, None), (90, Some(0))].map(|(second, value)| Step { at: at(second), value });
        let chart = draw(&steps, at(30), at(130), 31);
        let lines: Vec<_> = chart.runs.iter().map(|run| run.line.as_str()).collect();
        assert_eq!(lines, ["0,0 180,0", "360,100 600,100"]);
        assert_eq!(chart.gaps, [Gap { x: 180, width: 180 }]);
        assert_eq!(chart.range, Some((0, 31, 0)));
        assert_eq!(draw(&[], at(0), at(1), 31).runs, []);
    }
}
