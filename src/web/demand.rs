//! What somebody must be allowed to, to ask for something.

use crate::engine::event::Action;
use crate::model::{Caller, JobId, MessageId, Right, Scope, Units};

/// What an action touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing that is a unit's: whoever has the right may.
    Any,
    /// The whole office: only whoever acts for all units.
    Office,
    /// These units.
    Units(Vec<String>),
    /// The unit of this job.
    Job(JobId),
    /// The unit of this message's job.
    Message(MessageId),
    /// The unit that this inbound text is for.
    Inbox(i64),
}

/// The right that an action needs, and what it touches; `None`: nobody may ask for it from outside.
pub fn demand(action: &Action) -> Option<(Right, Reach)> {
    use Right::{Approve, Consent, Control, Hours, Manage, Modems, People, Roster};
    Some(match action {
        Action::Pause(scope) | Action::Resume(scope) => match scope {
            Scope::All | Scope::Class(_) => (Control, Reach::Office),
            Scope::Unit(unit) => (Control, Reach::Units(vec![unit.clone()])),
            Scope::Job(job) => (Control, Reach::Job(*job)),
        },
        Action::Cancel(job) => (Control, Reach::Job(*job)),
        Action::Approve(job) | Action::Refuse(job) => (Approve, Reach::Job(*job)),
        Action::AddMoratorium(new) if new.units.is_empty() => (Hours, Reach::Office),
        Action::AddMoratorium(new) => (Hours, Reach::Units(new.units.clone())),
        Action::EndMoratorium(_) => (Hours, Reach::Office),
        // An opt-out holds for every unit, whoever enters it.
        Action::OptOut(_) | Action::OptIn(_) | Action::List(_) | Action::Erase(_) | Action::Exported(_) => {
            (Consent, Reach::Any)
        }
        Action::ReadInbox(inbox) | Action::AnswerInbox { inbox, .. } => (People, Reach::Inbox(*inbox)),
        Action::SettleSent(message) | Action::SettleResend(message) => (Control, Reach::Message(*message)),
        Action::ResumeHeld => (Control, Reach::Office),
        Action::ResumeModem(_) | Action::TestModem { .. } | Action::Ussd { .. } => (Modems, Reach::Office),
        Action::RosterBegin(_)
        | Action::RosterSteps { .. }
        | Action::RosterApply { .. }
        | Action::SaveAudience { .. }
        | Action::RemoveAudience(_)
        | Action::Restore(_) => (Roster, Reach::Office),
        Action::OpenAccount(_)
        | Action::ChangeAccount { .. }
        | Action::SetPassword { .. }
        | Action::CloseAccount(_)
        | Action::MakeToken(_)
        | Action::RevokeToken(_)
        | Action::TestAlarms
        | Action::TestWebhook(_) => (Manage, Reach::Office),
        Action::Archive(_) => (Manage, Reach::Office),
        // The command that takes rows over notes them itself.
        Action::MovedIn { .. } => (Manage, Reach::Office),
        Action::OpenSession { .. } | Action::EndSession(_) | Action::NoteLock(_) | Action::Request(_) => {
            return None;
        }
    })
}

/// Whether a caller acts for all of these units.
pub fn acts_for<'a>(caller: &Caller, units: impl IntoIterator<Item = &'a str>) -> bool {
    units.into_iter().all(|unit| caller.units.has(unit))
}

/// Whether a caller acts for the whole office.
pub fn acts_for_all(caller: &Caller) -> bool {
    caller.units == Units::All
}
