//! Tests of the ways by which others are told: begun through the daemon, and followed in the ledger.

mod phrases;

use std::time::Duration;

use self::phrases::Phrases;
use super::answers::Answers;
use super::door::ask_daemon;
use super::phrases::words::sentence;
use super::screen::{pause, print, print_json};
use super::{Context, Failure};
use crate::engine::event::Action;
use crate::store::NoticeView;

/// Between two looks at the ledger.
const LOOK: Duration = Duration::from_millis(200);
/// An SMS may wait for the limits of its SIM; nobody waits longer for it here.
const LOOKS_MAX: u32 = 900;

/// How a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Waiting,
    Taken,
    NotTaken,
}

fn stand(notice: &NoticeView) -> Stand {
    match notice.state.as_str() {
        "sent" | "submitted" | "delivered" | "unreported" => Stand::Taken,
        "waiting" | "queued" | "sending" => Stand::Waiting,
        _ => Stand::NotTaken,
    }
}

/// Begins a test that the engine answers with the numbers of its notices, and says what came of each.
pub(super) fn test(context: &Context, action: Action, json: bool) -> Result<(), Failure> {
    let say = Phrases::of(context.lang);
    // Only the daemon writes and calls.
    let numbers = ask_daemon(context, &action, say.needs_daemon)?;
    let ids: Result<Vec<i64>, _> = numbers.split(',').map(str::parse).collect();
    let ids = ids.map_err(|_| Failure::refused(numbers.escape_debug()))?;
    let notices = follow(context, say, &ids, json)?;
    if json {
        print_json(&notices)?;
    }
    let all = notices.iter().all(|notice| stand(notice) == Stand::Taken);
    if all {
        Ok(())
    } else if json {
        Err(Failure::Said)
    } else {
        Err(Failure::refused(say.not_all))
    }
}

/// Tells each when it has ended; gives all of them when the last has.
fn follow(context: &Context, say: &Phrases, ids: &[i64], json: bool) -> Result<Vec<NoticeView>, Failure> {
    let mut told = vec![false; ids.len()];
    for look in 0.. {
        let answers = Answers::of(context)?;
        let mut notices = Vec::new();
        for id in ids {
            notices.extend(answers.notice(*id)?);
        }
        let over = look >= LOOKS_MAX || !answers.daemon_runs();
        for (notice, told) in notices.iter().zip(&mut told) {
            if !json && !*told && (over || stand(notice) != Stand::Waiting) {
                print(&line(context, say, notice))?;
                *told = true;
            }
        }
        if over || notices.iter().all(|notice| stand(notice) != Stand::Waiting) {
            return Ok(notices);
        }
        pause(LOOK)?;
    }
    Ok(Vec::new())
}

fn line(context: &Context, say: &Phrases, notice: &NoticeView) -> String {
    let came = match stand(notice) {
        Stand::Taken => say.taken,
        Stand::Waiting => say.waiting,
        Stand::NotTaken => say.not_taken,
    };
    let why = match (&notice.trouble, stand(notice)) {
        (Some(trouble), _) => format!(": {}", sentence(context.lang, trouble)),
        (None, Stand::NotTaken) => format!(" ({})", notice.state),
        (None, _) => String::new(),
    };
    let way = match notice.way.as_str() {
        "sms" => "SMS",
        "mail" => say.mail,
        other => other,
    };
    let target = if notice.way == "mail" { String::new() } else { format!(" {}", notice.target) };
    super::screen::one_line(&format!("{way}{target}: {came}{why}")) + "\n"
}
