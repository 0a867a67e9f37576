//! The way to the engine for commands that act: the running daemon's socket, or, when none runs, the ledger itself with the same
//! engine and under the same lock.

use super::client::{Answer, AskError};
use super::phrases::fill;
use super::phrases::words::sentence;
use super::{Context, Failure};
use crate::daemon::{Lock, LockError, brief_look, rules, user_name};
use crate::engine::Engine;
use crate::engine::event::Action;
use crate::engine::event::{Act, Event, Order};
use crate::store::Store;

/// Open as long as a command has something to ask.
pub(super) struct Door<'a> {
    context: &'a Context,
    /// Where no daemon runs: the engine, and the lock that keeps a daemon from starting meanwhile.
    own: Option<(Engine, Lock)>,
}

impl<'a> Door<'a> {
    pub(super) fn new(context: &'a Context) -> Self {
        Self { context, own: None }
    }

    /// Asks for one thing and waits until it is durable. Gives a line for a person; a refusal is an error.
    pub(super) fn ask(&mut self, action: Action, reason: &str) -> Result<String, Failure> {
        let answer = match &mut self.own {
            Some((engine, _)) => directly(self.context, engine, action, reason)?,
            None => match self.context.reached(self.context.client()?.ask(&action, reason))? {
                Some(answer) => answer,
                None => {
                    let (engine, _) = self.own.insert(open(self.context)?);
                    directly(self.context, engine, action, reason)?
                }
            },
        };
        match answer {
            Ok(line) => Ok(sentence(self.context.lang, &line)),
            Err(reason) => Err(self.context.refused_in_words(&reason)),
        }
    }
}

/// Asks for what only a running daemon can do; where none runs, `needs_daemon` is why nothing comes of it.
pub(super) fn ask_daemon(context: &Context, action: &Action, needs_daemon: &str) -> Result<String, Failure> {
    match context.client()?.ask(action, "") {
        Ok(answer) => answer.map_err(|reason| context.refused_in_words(&reason)),
        Err(AskError::NotRunning { .. }) => Err(Failure::refused(needs_daemon)),
        Err(error) => Err(context.unanswered(&error)),
    }
}

fn open(context: &Context) -> Result<(Engine, Lock), Failure> {
    let config = context.config()?;
    let database = &config.paths.database;
    if !database.exists() {
        return Err(Failure::refused(fill(context.say.no_database, &[&database.display()])));
    }
    let lock = Lock::take(database).map_err(|error| match error {
        LockError::Held { .. } => Failure::refused(format!(
            "{error}; its control socket {} does not answer, perhaps because it is just starting or stopping",
            config.paths.control.display()
        )),
        error => Failure::refused(error),
    })?;
    let store = Store::open_while(database, brief_look()).map_err(Failure::refused)?;
    let engine =
        Engine::open(store, rules(config), context.clock.now(), fastrand::u64(..)).map_err(Failure::refused)?;
    Ok((engine, lock))
}

fn directly(context: &Context, engine: &mut Engine, action: Action, reason: &str) -> Result<Answer, Failure> {
    let act = Act {
        reply_to: Some(1),
        actor: user_name(rustix::process::getuid().as_raw()),
        reason: reason.to_owned(),
        action,
    };
    let mut answer = None;
    let mut events = vec![Event::Act(act)];
    loop {
        let now = context.clock.now();
        let step = engine.handle(now, events.drain(..)).map_err(Failure::refused)?;
        answer = answer.or(step.orders.into_iter().find_map(|order| match order {
            Order::Reply { to: 1, result } => Some(result),
            _ => None,
        }));
        // Long work, such as cancelling many messages, is done in bites.
        match step.next_wake {
            Some(wake) if wake <= now => events.push(Event::Tick),
            _ => break,
        }
    }
    if answer.is_none()
        && let Some(made) = super::archive::made_here(context)?
    {
        let step = engine.handle(context.clock.now(), [made]).map_err(Failure::refused)?;
        answer = step.orders.into_iter().find_map(|order| match order {
            Order::Reply { to: 1, result } => Some(result),
            _ => None,
        });
    }
    answer.ok_or_else(|| Failure::refused("the engine gave no answer"))
}
