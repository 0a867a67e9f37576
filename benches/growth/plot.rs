//! Curves as SVG: both axes by powers of ten, so that what grows in proportion is a line at 45 degrees and what does not grow lies flat.

use std::fmt::Write as _;

pub struct Plot<'a> {
    pub title: &'a str,
    pub across: &'a str,
    pub up: &'a str,
    /// Each with its name; points by growing x, both above 0.
    pub curves: Vec<(String, Vec<(f64, f64)>)>,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 70.0;
/// Room for the names of the curves.
const RIGHT: f64 = 190.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 52.0;
const COLOURS: [&str; 6] = ["#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#d68910", "#5d6d7e"];

impl Plot<'_> {
    pub fn svg(&self) -> String {
        let points = || self.curves.iter().flat_map(|(_, points)| points.iter());
        let (across, up) = (Axis::of(points().map(|(x, _)| *x)), Axis::of(points().map(|(_, y)| *y)));
        let x = |value: f64| LEFT + across.share(value) * (WIDTH - LEFT - RIGHT);
        let y = |value: f64| HEIGHT - BOTTOM - up.share(value) * (HEIGHT - TOP - BOTTOM);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
             <text x=\"{LEFT}\" y=\"22\" font-size=\"13\">{}</text>\n\
             <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n\
             <text transform=\"translate(16 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
            self.title.replace('`', ""),
            (LEFT + WIDTH - RIGHT) / 2.0,
            HEIGHT - 12.0,
            self.across,
            (TOP + HEIGHT - BOTTOM) / 2.0,
            self.up
        );
        for mark in across.marks() {
            let (at, bottom) = (x(mark), HEIGHT - BOTTOM);
            let _ = writeln!(svg, "<path d=\"M{at:.1} {TOP}V{bottom}\" stroke=\"#ddd\"/>");
            let _ = writeln!(svg, "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{mark}</text>", bottom + 16.0);
        }
        for mark in up.marks() {
            let (at, beside) = (y(mark), LEFT - 6.0);
            let _ = writeln!(svg, "<path d=\"M{LEFT} {at:.1}H{}\" stroke=\"#ddd\"/>", WIDTH - RIGHT);
            let _ = writeln!(svg, "<text x=\"{beside}\" y=\"{:.1}\" text-anchor=\"end\">{mark}</text>", at + 4.0);
        }
        for (place, (name, points)) in self.curves.iter().enumerate() {
            let colour = COLOURS[place % COLOURS.len()];
            let line: Vec<String> = points.iter().map(|(a, b)| format!("{:.1} {:.1}", x(*a), y(*b))).collect();
            let _ =
                writeln!(svg, "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>", line.join("L"));
            for (a, b) in points {
                let _ = writeln!(svg, "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/>", x(*a), y(*b));
            }
            let (beside, at) = (WIDTH - RIGHT + 14.0, TOP + 14.0 + 18.0 * place as f64);
            let _ = writeln!(svg, "<text x=\"{beside}\" y=\"{at}\" fill=\"{colour}\">{name}</text>");
        }
        svg.push_str("</svg>\n");
        svg
    }
}

/// A logarithmic axis from one of 1, 2, 5, 10, 20, … to another.
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// One that holds all of these.
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let (least, most) =
            values.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)));
        let low = steps(least).filter(|step| *step <= least).last().unwrap_or(least);
        let high = steps(most).find(|step| *step >= most).unwrap_or(most);
        Self { low, high: if high > low { high } else { low * 10.0 } }
    }

    /// How far along the axis, from 0 to 1.
    fn share(&self, value: f64) -> f64 {
        (value / self.low).log10() / (self.high / self.low).log10()
    }

    /// Powers of ten; on a short axis all its steps.
    fn marks(&self) -> Vec<f64> {
        let all: Vec<f64> = steps(self.low).filter(|step| (self.low..=self.high).contains(step)).collect();
        let is_ten = |step: &f64| (step.log10() - step.log10().round()).abs() < 1e-9;
        if all.len() <= 7 { all } else { all.into_iter().filter(is_ten).collect() }
    }
}

/// 1, 2, 5 times the powers of ten, from the power below this value.
fn steps(value: f64) -> impl Iterator<Item = f64> {
    let first = value.log10().floor() as i32;
    (first..first + 12)
        .flat_map(move |power| ["1", "2", "5"].map(|digit| format!("{digit}e{power}").parse().unwrap_or(value)))
}
