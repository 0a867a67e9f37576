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
        // Every one of them is answered, also where nobody waits for it any more.
        let mut unanswered: BTreeMap<u64, (String, String)> = BTreeMap::new();
        let mut last = 0;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                Some((to, result)) = replies.recv() => {
                    if let Some((actor, action)) = unanswered.remove(&to) {
                        // Why may name a number; the caller is told.
                        match &result {
                            Ok(_) => info!(actor, action, "done as a person asked"),
                            Err(_) => info!(actor, action, "refused to a person"),
                        }
                    }
                    // The caller may have left; what it asked for is done all the same.
                    if let Some(caller) = waiting.remove(&to) {
                        let _ = caller.send(result);
                    }
                }
                Some((mut act, caller)) = self.asked.recv() => {
                    last += 1;
                    act.reply_to = Some(last);
                    let action = format!("{:?}", act.action);
                    info!(actor = act.actor, action, "asked by a person");
                    unanswered.insert(last, (act.actor.clone(), action));
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
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::model::{AccountRole, Scope, Units};

    /// What is logged, as it stands in the journal.
    #[derive(Clone, Default)]
    struct Journal(Arc<Mutex<Vec<u8>>>);

    impl Write for Journal {
        fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(octets);
            Ok(octets.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_is_refused_is_not_logged_as_if_it_were_done() {
        let journal = Journal::default();
        let writer = journal.clone();
        let logs = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let _logs = tracing::subscriber::set_default(logs);
        let (acts, desk) = act_desk();
        let (events, mut asked) = mpsc::channel(8);
        let (answers, replies) = mpsc::channel(8);
        tokio::spawn(desk.run(events, replies, CancellationToken::new()));
        for (name, answer) in [("andi", Ok("ok".to_owned())), ("budi", Err("+6281234567890 may not".to_owned()))] {
            let (acts, rights) = (acts.clone(), AccountRole::Operator.rights());
            let caller = Caller { name: name.to_owned(), rights, units: Units::All };
            let asking = tokio::spawn(async move { acts.ask(&caller, Action::Pause(Scope::All), "").await });
            let Some(Event::Act(act)) = asked.recv().await else { panic!("no act") };
            answers.send((act.reply_to.unwrap(), answer.clone())).await.unwrap();
            assert_eq!(asking.await.unwrap(), answer);
        }
        let said = String::from_utf8(journal.0.lock().unwrap().clone()).unwrap();
        let line = |what: &str| said.lines().find(|line| line.contains(what)).unwrap_or_default().to_owned();
        assert!(line("done as a person asked").contains("andi"), "{said}");
        assert!(line("refused to a person").contains("budi") && said.contains("Pause(All)"), "{said}");
        assert!(!said.contains("81234567890"), "{said}");
    }

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
