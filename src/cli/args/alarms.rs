//! The words of `kentongan alarms` and `kentongan webhooks`.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Alarms {
    /// Those that have passed too.
    #[arg(long)]
    pub all: bool,
    /// As JSON, with English keys and UTC times.
    #[arg(long)]
    pub json: bool,
    /// At most so many, the newest first. Without it, 50 on paper and all as JSON.
    #[arg(long)]
    pub limit: Option<u32>,
    #[command(subcommand)]
    pub act: Option<AlarmsAct>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AlarmsAct {
    /// Send a test to everybody who is told of alarms, by SMS, mail and webhook, and say what came of each. Exit code 1 if one of them
    /// was not taken.
    Test(TestAlarms),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TestAlarms {
    /// As JSON, one row for each, when all of them have ended.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Webhooks {
    /// As JSON, with English keys and UTC times.
    #[arg(long)]
    pub json: bool,
    #[command(subcommand)]
    pub act: Option<WebhooksAct>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum WebhooksAct {
    /// Call a webhook with a test and say what came of it. Exit code 1 if it was not taken.
    Test(TestWebhook),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TestWebhook {
    /// The webhook's name, as `kentongan webhooks` shows it.
    pub name: String,
    /// As JSON, when it has ended.
    #[arg(long)]
    pub json: bool,
}
