//! `kentongan modems test NAME`: begins a self-test through the daemon and follows it in the ledger.

use std::time::Duration;

use super::super::client::{AskError, ask};
use super::phrases::Phrases;
use crate::cli::args::TestModem;
use crate::cli::phrases::fill;
use crate::cli::phrases::words::sentence;
use crate::cli::questions::reader;
use crate::cli::screen::{print, print_json};
use crate::cli::{Context, Failure};
use crate::daemon::Lock;
use crate::engine::event::Action;
use crate::model::{ModemName, Msisdn, StepState};
use crate::store::TestStepView;

/// Between two looks at the ledger.
const LOOK: Duration = Duration::from_millis(300);

pub(super) fn run(context: &Context, how: &TestModem) -> Result<(), Failure> {
    let say = Phrases::of(context.lang);
    let test = begin(context, how, say)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let steps = runtime.block_on(follow(context, how, say, test))?;
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
    let config = context.config()?;
    let parse = |number: &String| {
        let parsed = Msisdn::parse(number, config.office.country);
        parsed.map_err(|why| {
            Failure::refused(format!("{}: {}", number.escape_debug(), sentence(context.lang, &why.to_string())))
        })
    };
    let number = how.number.as_ref().map(parse).transpose()?;
    let action = Action::TestModem { modem: ModemName::new(&how.name), number };
    match ask(&config.paths.control, &action, "") {
        Ok(Ok(test)) => test.parse().map_err(Failure::refused),
        Ok(Err(reason)) => Err(Failure::refused(sentence(context.lang, &reason))),
        // Only the daemon has the modem.
        Err(AskError::NotRunning { .. }) => Err(Failure::refused(say.needs_daemon)),
        Err(error) => Err(Failure::refused(error)),
    }
}

/// Tells each step when it has ended; gives all of them when the last has.
async fn follow(context: &Context, how: &TestModem, say: &Phrases, test: i64) -> Result<Vec<TestStepView>, Failure> {
    let reader = reader(context)?;
    let mut told = 0;
    loop {
        // Looked at before the steps: what a daemon that has ended wrote last is there by then.
        let runs = Lock::is_held(&context.config()?.paths.database);
        let steps = reader.self_test(test).map_err(Failure::refused)?;
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
        if !runs {
            return Err(Failure::refused(say.cut_off));
        }
        tokio::time::sleep(LOOK).await;
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
