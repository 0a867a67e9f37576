//! The way out to people and machines beyond SMS: letters about alarms, and webhooks.
//!
//! What is to be told stands in the ledger; the shells here read it, try, and tell the engine what came of it. Each has a task of its
//! own, so that a server that is slow or dead delays nobody else, and none of them the sending of messages. Whoever is told twice,
//! because the daemon ended between the call and the commit, knows it by its id.

mod call;
mod ledger;
mod letter;
mod secret;
mod webhook;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lettre::message::Mailbox;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::engine::event::Event;
use crate::model::{FactKind, SecretFile, Timestamp};

/// Between looks at the ledger because something changed.
const PACE: Duration = Duration::from_millis(200);

/// What reads the wall clock.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Where to whom is written and who is called.
#[derive(Clone)]
pub struct Settings {
    /// The ledger.
    pub database: PathBuf,
    /// The mail server; `None`: there is none.
    pub mail: Option<MailSettings>,
    /// The webhooks.
    pub hooks: Vec<HookSettings>,
    /// The wall clock.
    pub now: Now,
}

/// A mail server, and the addresses.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is kept from others.
    pub tls: MailTls,
    /// Who signs in, and where the password lies.
    pub sign_in: Option<(String, SecretFile)>,
    /// The sender.
    pub from: Mailbox,
    /// To whom.
    pub to: Vec<Mailbox>,
}

/// How the way to a mail server is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// From the first octet.
    Tls,
    /// From STARTTLS on, or not at all.
    StartTls,
    /// Open.
    None,
}

/// A webhook.
#[derive(Clone, Debug)]
pub struct HookSettings {
    /// Its name.
    pub name: String,
    /// Where it is called.
    pub url: String,
    /// Where the secret lies by which calls are signed.
    pub secret: SecretFile,
    /// Whether `http` may be called.
    pub insecure: bool,
    /// What it is told of.
    pub facts: Vec<FactKind>,
    /// The only unit whose facts it is told of.
    pub unit: Option<String>,
}

/// What every task here has: the way to the engine, and when to look and to stop.
#[derive(Clone)]
struct Lines {
    events: mpsc::Sender<Event>,
    changes: watch::Receiver<u64>,
    stop: CancellationToken,
    now: Now,
}

impl Lines {
    /// Waits until something may have changed in the ledger or `until` has come, but never less than [`PACE`] since the last look: the
    /// engine may commit thousands of times a second. `false`: the daemon ends.
    async fn look_again(&mut self, until: Option<Instant>) -> bool {
        let soonest = Instant::now() + PACE;
        tokio::select! {
            biased;
            () = self.stop.cancelled() => return false,
            changed = self.changes.changed() => if changed.is_err() { return false },
            () = sleep_until(until) => return true,
        }
        tokio::select! {
            biased;
            () = self.stop.cancelled() => false,
            () = tokio::time::sleep_until(soonest) => true,
        }
    }

    /// Tells the engine. It has ended only where the daemon has.
    async fn tell(&self, event: Event) {
        let _ = self.events.send(event).await;
    }
}

/// Writes letters and calls webhooks until `stop`. `changes` moves whenever the ledger may have changed. What is on its way then is
/// awaited for as long as one try may take.
pub async fn run(
    settings: Settings,
    events: mpsc::Sender<Event>,
    changes: watch::Receiver<u64>,
    stop: CancellationToken,
) {
    let lines = Lines { events, changes, stop, now: settings.now };
    let ledger = || ledger::Ledger::new(&settings.database);
    let mut tasks = JoinSet::new();
    if let Some(mail) = settings.mail {
        tasks.spawn(letter::run(mail, ledger(), lines.clone()));
    }
    for hook in settings.hooks {
        tasks.spawn(webhook::run(hook, ledger(), lines.clone()));
    }
    drop(lines);
    while let Some(end) = tasks.join_next().await {
        if let Err(error) = end {
            tracing::error!(%error, "what tells others ended by a fault of its own; it is back after the next start");
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
