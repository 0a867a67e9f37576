use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::Instant;

use crate::cli::phrases::Phrases;
use crate::cli::screen::print;

/// How far the job is: a bar on a terminal, a line now and then elsewhere.
pub(super) enum Progress {
    Bar(ProgressBar),
    Lines { say: &'static Phrases, total: u64, next: Instant, last: u64 },
}

/// Between two lines.
const LINE_EVERY: Duration = Duration::from_secs(1);

impl Progress {
    pub(super) fn new(say: &'static Phrases, total: u64) -> Self {
        if !std::io::stderr().is_terminal() {
            return Progress::Lines { say, total, next: Instant::now(), last: u64::MAX };
        }
        let bar = ProgressBar::new(total);
        let template = format!("{{bar:40}} {{pos}}/{{len}} {} {{per_sec}} {{elapsed}}", say.demo_sent);
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Progress::Bar(bar)
    }

    pub(super) fn show(&mut self, sent: u64) {
        match self {
            Progress::Bar(bar) => bar.set_position(sent),
            Progress::Lines { say, total, next, last } => {
                let due = Instant::now() >= *next || sent == *total;
                if due && sent != *last {
                    *next = Instant::now() + LINE_EVERY;
                    *last = sent;
                    // Where nobody reads on, the demonstration goes on all the same.
                    let _ = print(&format!("{sent}/{total} {}\n", say.demo_sent));
                }
            }
        }
    }

    pub(super) fn done(self) {
        if let Progress::Bar(bar) = self {
            bar.finish();
        }
    }
}
