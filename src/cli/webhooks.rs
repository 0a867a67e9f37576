//! `kentongan webhooks`: how far each webhook has come, and a call to try one.

mod phrases;

use self::phrases::Phrases;
use super::answers::Answers;
use super::args::{Webhooks, WebhooksAct};
use super::phrases::words::word;
use super::screen::{Table, maybe_time, print, print_json};
use super::{Context, Failure, notices};
use crate::engine::event::Action;

pub(super) fn run(context: &Context, how: &Webhooks) -> Result<(), Failure> {
    if let Some(WebhooksAct::Test(test)) = &how.act {
        return notices::test(context, Action::TestWebhook(test.name.clone()), test.json);
    }
    let rows = Answers::of(context)?.webhooks()?;
    if how.json {
        return Ok(print_json(&rows)?);
    }
    let (say, zone) = (Phrases::of(context.lang), context.zone()?);
    let heads = [say.name, say.state, say.position, say.behind, say.reached, say.next, say.skipped, say.trouble];
    let mut table = Table::new(heads);
    for hook in &rows {
        table.row([
            hook.name.clone(),
            word(context.lang, &hook.state),
            hook.position.to_string(),
            hook.behind.to_string(),
            maybe_time(hook.reached_at, zone),
            maybe_time(hook.next_try_at, zone),
            hook.skipped.to_string(),
            hook.trouble.clone().unwrap_or_default(),
        ]);
    }
    let shown = if table.is_empty() { format!("{}\n", say.none) } else { table.to_string() };
    Ok(print(&shown)?)
}
