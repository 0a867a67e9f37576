//! `kentongan modems test NAME`: begins a self-test through the daemon and follows it in the ledger.

use std::time::Duration;

use super::phrases::Phrases;
use crate::cli::act::number;
use crate::cli::answers::Answers;
use crate::cli::args::TestModem;
use crate::cli::door::ask_daemon;
use crate::cli::phrases::fill;
use crate::cli::phrases::words::sentence;
use crate::cli::screen::{pause, print, print_json};
use crate::cli::{Context, Failure};
use crate::engine::event::Action;
use crate::model::{ModemName, StepState};
use crate::store::TestStepView;

/// Between two looks at the ledger.
const LOOK: Duration = Duration::from_millis(300);

pub(super) fn run(context: &Context, how: &TestModem) -> Result<(), Failure> {
    let say = Phrases::of(context.lang);
    let test = begin(context, how, say)?;
    let steps = follow(context, how, say, test)?;
    if how.json {
        print_json(&steps)?;
    }
    let passed = steps.iter().all(|step| step.state == StepState::Ok.name());
    match (passed, how.json) {
        (true, true) => Ok(()),
        (true, false) => Ok(print(&format!("{}\n", say.passed))?),
        (false, true) => Err(Failure::Said),
        (false, false) => Err(Failure::refused(fill(say.failed, &[&how.name]))),
    }
}

/// Gives the number of the test.
fn begin(context: &Context, how: &TestModem, say: &Phrases) -> Result<i64, Failure> {
    let number = how.number.as_ref().map(|written| number(context, written)).transpose()?;
    let action = Action::TestModem { modem: ModemName::new(&how.name), number };
    // Only the daemon has the modem.
    ask_daemon(context, &action, say.needs_daemon)?.parse().map_err(Failure::refused)
}

/// Tells each step when it has ended; gives all of them when the last has.
fn follow(context: &Context, how: &TestModem, say: &Phrases, test: i64) -> Result<Vec<TestStepView>, Failure> {
    let mut told = 0;
    loop {
        let answers = Answers::of(context)?;
        let steps = answers.self_test(test)?;
        if !how.json {
            if told == 0
                && let Some(first) = steps.first()
            {
                print(&format!("{}\n", fill(say.begins, &[&test, &how.name, &first.number])))?;
                told = 1;
            }
            while let Some(step) = steps.get(told - 1).filter(|step| step.state != StepState::Waiting.name()) {
                print(&line(context, say, step))?;
                told += 1;
            }
        }
        if steps.iter().all(|step| step.state != StepState::Waiting.name()) {
            return Ok(steps);
        }
        if !answers.daemon_runs() {
            return Err(Failure::refused(say.cut_off));
        }
        pause(LOOK)?;
    }
}

fn line(context: &Context, say: &Phrases, step: &TestStepView) -> String {
    let took = step.took_ms.map_or(String::new(), |ms| format!("  ({:.1} s)", ms as f64 / 1000.0));
    let why = match step.detail.as_str() {
        "" => String::new(),
        detail => format!(": {}", sentence(context.lang, detail)),
    };
    format!("  {:9} {}{took}{why}\n", say.state(&step.state), say.step(&step.step))
}
