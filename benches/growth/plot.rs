//! Curves as SVG: both axes by powers of ten, so that what grows in proportion is a line at 45 degrees and what does not grow lies flat.

use std::fmt::Write as _;

pub struct Plot<'a> {
    pub title: &'a str,
    pub across: &'a str,
    pub up: &'a str,
    /// Each with its name; points by growing x, both above 0.
    pub curves: Vec<(String, Vec<(f64, f64)>)>,
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 52.0;
const COLOURS: [&str; 6] = ["#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#d68910", "#5d6d7e"];

impl Plot<'_> {
    pub fn svg(&self) -> String {
        let points = || self.curves.iter().flat_map(|(_, points)| points.iter());
        let (left, right) = decades(points().map(|(x, _)| *x));
        let (low, high) = decades(points().map(|(_, y)| *y));
        let x = |value: f64| LEFT + (value.log10() - left) / (right - left) * (WIDTH - LEFT - RIGHT);
        let y = |value: f64| HEIGHT - BOTTOM - (value.log10() - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
             <text x=\"{LEFT}\" y=\"22\" font-size=\"15\">{}</text>\n\
             <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n\
             <text transform=\"translate(16 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
            self.title,
            (LEFT + WIDTH - RIGHT) / 2.0,
            HEIGHT - 12.0,
            self.across,
            (TOP + HEIGHT - BOTTOM) / 2.0,
            self.up
        );
        for decade in left as i32..=right as i32 {
            let (at, bottom) = (x(10f64.powi(decade)), HEIGHT - BOTTOM);
            let _ = writeln!(svg, "<path d=\"M{at:.1} {TOP}V{bottom}\" stroke=\"#ddd\"/>");
            let _ = writeln!(
                svg,
                "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                bottom + 16.0,
                power(decade)
            );
        }
        for decade in low as i32..=high as i32 {
            let at = y(10f64.powi(decade));
            let _ = writeln!(svg, "<path d=\"M{LEFT} {at:.1}H{}\" stroke=\"#ddd\"/>", WIDTH - RIGHT);
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                at + 4.0,
                power(decade)
            );
        }
        for (place, (name, points)) in self.curves.iter().enumerate() {
            let colour = COLOURS[place % COLOURS.len()];
            let line: Vec<String> = points.iter().map(|(a, b)| format!("{:.1} {:.1}", x(*a), y(*b))).collect();
            let _ =
                writeln!(svg, "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>", line.join("L"));
            for (a, b) in points {
                let _ = writeln!(svg, "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/>", x(*a), y(*b));
            }
            let at = TOP + 14.0 + 16.0 * place as f64;
            let _ = writeln!(svg, "<text x=\"{}\" y=\"{at}\" fill=\"{colour}\">{name}</text>", LEFT + 10.0);
        }
        svg.push_str("</svg>\n");
        svg
    }
}

/// The powers of ten that hold all of these; always at least one decade.
fn decades(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (least, most) = values.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)));
    let (low, high) = (least.log10().floor(), most.log10().ceil());
    (low, if high > low { high } else { low + 1.0 })
}

fn power(decade: i32) -> String {
    match decade {
        0..=6 => 10i64.pow(decade as u32).to_string(),
        -3..0 => format!("{:.*}", decade.unsigned_abs() as usize, 10f64.powi(decade)),
        _ => format!("1e{decade}"),
    }
}
