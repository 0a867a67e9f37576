//! What the guide for staff, `docs/panduan.md`, shows of a report, of STOP and of a moratorium is what the program says, times left out.

use kentongan::simulator::Phone;

use super::office::{Office, modems, until};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/panduan.md");

/// The block of the page that begins like this, without its first line.
fn block(start: &str) -> String {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let found = page.split("```").skip(1).step_by(2).find(|block| block.starts_with(start));
    found.unwrap_or_else(|| panic!("no block begins with {start}")).split_once('\n').unwrap().1.to_owned()
}

/// The words of a line that are neither a date nor a time.
fn words(line: &str) -> String {
    let is_time = |word: &&str| word.chars().filter(char::is_ascii_digit).count() < 6 || !word.contains([':', '-']);
    line.split([' ', ',']).filter(|word| !word.is_empty()).filter(is_time).collect::<Vec<_>>().join(" ")
}

/// Whether all of this is said, in this order.
fn says(said: &str, shown: &str) {
    let mut lines = said.lines().map(words);
    for line in shown.lines().map(words) {
        assert!(lines.any(|said| said.starts_with(&line)), "this is not said, or not there:\n{line}\n\n{said}");
    }
}

fn asks(office: &Office, command: &str) {
    let shown = block(&format!("console\n$ kentongan {command}"));
    let (typed, shown) = shown.split_once('\n').unwrap();
    let typed = shlex(typed.strip_prefix("$ kentongan ").unwrap());
    let typed: Vec<&str> = typed.iter().map(String::as_str).chain(["--lang", "id"]).collect();
    let said = office.run(&typed);
    assert_eq!(said.code, 0, "{typed:?}: {said:?}");
    says(&said.out, shown);
}

/// Words as a shell takes them, with double quotes.
fn shlex(line: &str) -> Vec<String> {
    let pieces = line.split('"').enumerate();
    let inside = |(place, piece): (usize, &str)| match place % 2 {
        0 => piece.split_whitespace().map(str::to_owned).collect(),
        _ => vec![piece.to_owned()],
    };
    pieces.flat_map(inside).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_the_guide_shows_of_the_report_of_stop_and_of_a_moratorium_is_so() {
    let office = Office::new();
    let fleet = office.fleet(modems(1));
    fleet.set_phone("+6285712345678", &Phone::Replies("STOP".to_owned())).await.unwrap();
    let daemon = office.daemon().await;
    office.drop_whole("diskominfo", "undangan.csv", block("csv undangan.csv").as_bytes());
    let report = || office.read("queue/diskominfo/accepted/undangan.report.csv");
    until("the report's last word", || report().contains("delivered 2")).await;
    says(&report(), &block("csv\nrow,number"));
    until("the opt-out", || office.status("/opt_outs") == 1).await;
    for command in ["jobs", "inbox", "moratorium add", "moratorium list"] {
        asks(&office, command);
    }
    assert_eq!(daemon.stop().await, 0);
}
