//! Prints a made-up roster of Bandung as CSV, to try `kentongan roster import` with: `--seed N`, and `--later` for the list of the year
//! after, of which 500 lines differ.

#[expect(dead_code, reason = "tests use more of it")]
#[path = "mod.rs"]
mod bandung;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let seed = words.iter().position(|word| word == "--seed").and_then(|place| words.get(place + 1)?.parse().ok());
    let mut maker = bandung::Maker::new(seed.unwrap_or(1));
    let city = maker.city();
    let list = match words.iter().any(|word| word == "--later") {
        true => maker.a_year_later(&city, 500).0,
        false => city,
    };
    print!("{}", bandung::csv(&list));
}
