//! `kentongan ussd`: a code through the running daemon, and what the network says to it.

use serde::Serialize;

use super::args::Ussd;
use super::door::ask_daemon;
use super::screen::{one_line, print, print_json};
use super::{Context, Failure};
use crate::engine::event::Action;
use crate::model::{ModemName, UssdView};

/// What `--json` prints.
#[derive(Serialize)]
struct Told<'a> {
    modem: &'a str,
    /// Secrets hidden.
    code: String,
    #[serde(flatten)]
    view: &'a UssdView,
}

pub(super) fn run(context: &Context, how: &Ussd) -> Result<(), Failure> {
    let codes = std::iter::once(&how.code).chain(&how.keys).cloned().collect();
    let action = Action::Ussd { modem: ModemName::new(&how.modem), codes };
    // Only the daemon has the modem.
    let told = ask_daemon(context, &action, context.say.ussd_needs_daemon)?;
    let view: UssdView = serde_json::from_str(&told).map_err(Failure::refused)?;
    if how.json {
        print_json(&Told { modem: &how.modem, code: how.code.shown(), view: &view })?;
    } else {
        for (place, answer) in view.answers.iter().enumerate() {
            let break_before = if place > 0 { "\n" } else { "" };
            let lines: Vec<String> = answer.lines().map(one_line).collect();
            print(&format!("{break_before}{}\n", lines.join("\n")))?;
        }
        if view.open {
            print(&format!("\n{}\n", context.say.ussd_open))?;
        }
    }
    match &view.trouble {
        None => Ok(()),
        Some(trouble) => Err(context.refused_in_words(trouble)),
    }
}
