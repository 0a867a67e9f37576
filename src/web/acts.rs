//! The way of people's wishes to the engine, and of its answers back.

use std::collections::BTreeMap;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::engine::event::{Act, Action, Event};
use crate::model::Caller;

/// Acts that may wait.
const WAITING_MAX: usize = 64;

/// The answer to whoever asked: done, with a line for a person; or refused, with the reason. Both English.
pub type Answer = Result<String, String>;

/// Takes wishes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Acts {
    to: mpsc::Sender<(Act, oneshot::Sender<Answer>)>,
}

impl Acts {
    /// Asks the engine, and waits until it is durable, or refused.
    ///
    /// Asking goes on when the future is dropped: what was handed over is done all the same.
    pub async fn ask(&self, caller: &Caller, action: Action, reason: &str) -> Answer {
        let act = Act { reply_to: None, actor: caller.name.clone(), reason: reason.to_owned(), action };
        let (to, answer) = oneshot::channel();
        match self.to.send((act, to)).await {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(STOPPING.to_owned())),
            Err(_) => Err(STOPPING.to_owned()),
        }
    }
}

/// What is told to whoever still waits when the daemon stops.
pub const STOPPING: &str = "the daemon is stopping; ask again when it has stopped or runs again";

/// Numbers the wishes and finds their askers again. Runs beside the engine.
#[derive(Debug)]
pub struct ActDesk {
    asked: mpsc::Receiver<(Act, oneshot::Sender<Answer>)>,
}

/// A desk, and the way to it.
pub fn act_desk() -> (Acts, ActDesk) {
    let (to, asked) = mpsc::channel(WAITING_MAX);
    (Acts { to }, ActDesk { asked })
}

impl ActDesk {
    /// Serves until `stop`. `replies` is where the engine's answers come from: the number given in `reply_to`, and the answer.
    pub async fn run(
        mut self,
        events: mpsc::Sender<Event>,
        mut replies: mpsc::Receiver<(u64, Answer)>,
        stop: CancellationToken,
    ) {
        let mut waiting: BTreeMap<u64, oneshot::Sender<Answer>> = BTreeMap::new();
        let mut last = 0;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                Some((to, result)) = replies.recv() => {
                    // The caller may have left; what it asked for is done all the same.
                    if let Some(caller) = waiting.remove(&to) {
                        let _ = caller.send(result);
                    }
                }
                Some((mut act, caller)) = self.asked.recv() => {
                    last += 1;
                    act.reply_to = Some(last);
                    info!(actor = act.actor, action = ?act.action, "asked by a person");
                    waiting.retain(|_, caller| !caller.is_closed());
                    waiting.insert(last, caller);
                    if events.send(Event::Act(act)).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AccountRole, Scope, Units};

    #[tokio::test]
    async fn each_asker_gets_its_own_answer_and_who_still_waits_at_the_stop_is_told() {
        let (acts, desk) = act_desk();
        let (events, mut asked) = mpsc::channel(8);
        let (answers, replies) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let running = tokio::spawn(desk.run(events, replies, stop.clone()));
        let ask = |name: &str| {
            let (acts, name) = (acts.clone(), name.to_owned());
            let rights = AccountRole::Operator.rights();
            tokio::spawn(async move {
                let caller = Caller { name, rights, units: Units::All };
                acts.ask(&caller, Action::Pause(Scope::All), "masa tenang").await
            })
        };
        let mut next = async || {
            let Some(Event::Act(act)) = asked.recv().await else { panic!("no act") };
            act
        };
        let (first, act) = (ask("andi"), next().await);
        assert_eq!((act.actor.as_str(), act.reason.as_str()), ("andi", "masa tenang"));
        let (second, other) = (ask("budi"), next().await);
        answers.send((other.reply_to.unwrap(), Err("paused already".to_owned()))).await.unwrap();
        answers.send((act.reply_to.unwrap(), Ok("paused".to_owned()))).await.unwrap();
        assert_eq!(first.await.unwrap(), Ok("paused".to_owned()));
        assert_eq!(second.await.unwrap(), Err("paused already".to_owned()));
        let (third, _) = (ask("cici"), next().await);
        stop.cancel();
        running.await.unwrap();
        assert_eq!(third.await.unwrap(), Err(STOPPING.to_owned()));
        assert_eq!(ask("dedi").await.unwrap(), Err(STOPPING.to_owned()));
    }
}
