//! Who waits for which answer of the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kentongan::engine::event::{IntakeId, IntakeOrder};
use kentongan::spool::SpoolOrder;
use tokio::sync::{mpsc, oneshot};

/// What a person was told.
pub type Told = Result<String, String>;

/// The waiting. Cheap to clone.
#[derive(Clone, Default)]
pub struct Answers(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    last: u64,
    intakes: BTreeMap<IntakeId, mpsc::Sender<IntakeOrder>>,
    people: BTreeMap<u64, oneshot::Sender<Told>>,
}

impl Answers {
    /// A new intake.
    pub fn next(&self) -> (IntakeId, mpsc::Receiver<IntakeOrder>) {
        let mut waiting = self.0.lock().unwrap();
        waiting.last += 1;
        let id = IntakeId(waiting.last);
        let (answers, inbox) = mpsc::channel(4);
        waiting.intakes.retain(|_, answers| !answers.is_closed());
        waiting.intakes.insert(id, answers);
        (id, inbox)
    }

    /// A person who asks something.
    pub fn person(&self) -> (u64, oneshot::Receiver<Told>) {
        let mut waiting = self.0.lock().unwrap();
        waiting.last += 1;
        let id = waiting.last;
        let (answer, inbox) = oneshot::channel();
        waiting.people.insert(id, answer);
        (id, inbox)
    }

    /// Hands answers on until the engine is gone.
    pub async fn hand_on(self, mut spool: mpsc::Receiver<SpoolOrder>, mut replies: mpsc::Receiver<(u64, Told)>) {
        loop {
            tokio::select! {
                biased;
                order = spool.recv() => match order {
                    Some(SpoolOrder::Intake(id, answer)) => {
                        // An intake that has ended does not care.
                        let _ = self.0.lock().unwrap().intakes.get(&id).map(|to| to.try_send(answer));
                    }
                    Some(SpoolOrder::JobChanged { .. } | SpoolOrder::InboxChanged { .. }) => {}
                    None => return,
                },
                reply = replies.recv() => match reply {
                    Some((to, told)) => {
                        let _ = self.0.lock().unwrap().people.remove(&to).map(|person| person.send(told));
                    }
                    None => return,
                },
            }
        }
    }
}
