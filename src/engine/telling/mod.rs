//! Telling of alarms: what the rules say is written as an SMS through the queue, or as mail for the shell that sends it. What has
//! been told stands in the ledger, in the transaction that writes it, so that a start repeats nothing and loses nothing.

mod phrases;

use phrases::News;

use super::event::{Act, NoticeEnd};
use super::own_text::OwnText;
use super::{ENGINE, Engine};
use crate::model::{AlarmKind, AlarmLevel, JobId, Msisdn, SignedDuration, Timestamp, earlier, later};
use crate::policy::alarms::{self as rules, Item, Manner, Said, round};
use crate::store::{EventRow, NewNotice, StoreError, UntoldRow};

/// The target that is no number.
const MAIL: &str = "mail";
/// An alarm that has passed is told of so long.
const TOLD_FOR: SignedDuration = SignedDuration::from_hours(48);
/// A letter that nobody takes is given up after this.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(72);
/// Notices are kept so long.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);

/// What the engine keeps in mind of it.
#[derive(Debug, Default)]
pub(super) struct Telling {
    /// Something changed that no time announces.
    changed: bool,
    /// When something is due to be told.
    next: Option<Timestamp>,
    /// Whether an SMS had a way out at the last look.
    way: bool,
    /// A letter was tried in vain, or was sent.
    letters: bool,
    /// When a letter that waits becomes an alarm.
    letters_due: Option<Timestamp>,
}

impl Telling {
    /// Something changed that no time announces.
    pub fn look_again(&mut self) {
        self.changed = true;
    }

    /// Whether something changed since the last look.
    pub fn is_due(&self) -> bool {
        self.changed
    }
}

/// One who is told.
#[derive(Clone)]
enum Target {
    Number(Msisdn),
    Mail,
}

impl Target {
    fn name(&self) -> String {
        match self {
            Target::Number(number) => number.digits(),
            Target::Mail => MAIL.to_owned(),
        }
    }
}

impl Engine {
    /// At the start: those of the settings are told, from now on; others are not any more.
    pub(super) fn take_up_telling(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let wanted: Vec<String> = self.targets().iter().map(Target::name).collect();
        for target in self.store.told_targets()?.iter().filter(|known| !wanted.contains(known)) {
            self.store.remove_target(target)?;
        }
        for target in &wanted {
            self.store.add_target(target, now)?;
        }
        let before = earlier(now, KEPT);
        self.store.tidy_notices(self.rules.alarms.mail.is_some(), before, now)?;
        (self.telling.changed, self.telling.letters) = (true, true);
        Ok(())
    }

    fn targets(&self) -> Vec<Target> {
        let numbers = self.rules.alarms.numbers.iter().map(|number| Target::Number(*number));
        numbers.chain(self.rules.alarms.mail.as_ref().map(|_| Target::Mail)).collect()
    }

    /// Tells what is due; gives the time of the next look.
    pub(super) fn tell_alarms(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let letters = self.see_to_letters(now)?;
        let way = self.a_modem_works();
        let changed = std::mem::take(&mut self.telling.changed) || way != self.telling.way;
        self.telling.way = way;
        if changed || self.telling.next.is_some_and(|next| next <= now) {
            let mut next: Option<Timestamp> = None;
            for target in self.targets() {
                next = next.into_iter().chain(self.tell_target(&target, now)?).min();
            }
            self.telling.next = next;
        }
        Ok([letters, self.telling.next].into_iter().flatten().min())
    }

    fn tell_target(&mut self, target: &Target, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let manner = match target {
            Target::Number(number) => {
                // While nothing could go out nothing is written: it would be old when it came.
                if !self.telling.way || self.wants_nothing(*number)? {
                    return Ok(None);
                }
                self.rules.alarms.sms.clone()
            }
            Target::Mail => self.rules.alarms.mail.clone().unwrap_or_default(),
        };
        let name = target.name();
        loop {
            let rows = self.store.untold(&name, earlier(now, TOLD_FOR))?;
            let items: Vec<Item> = rows.iter().map(|row| self.item(row, &manner)).collect();
            let sent = self.store.notices_since(&name, earlier(now, SignedDuration::from_hours(24)))?;
            let round = round(&items, &sent, &manner, &self.rules.zone, now);
            for (alarm, news) in &round.noted {
                match news {
                    rules::News::Nothing => self.store.told_passed(&name, *alarm, now)?,
                    rules::News::Known(told) => self.store.told_stands(&name, *alarm, *told)?,
                }
            }
            if round.told.is_empty() {
                return Ok(round.next);
            }
            let news: Vec<News<'_>> = round
                .told
                .iter()
                .filter_map(|(id, said)| Some((*said, rows.iter().find(|row| row.id == *id)?)))
                .map(|(said, row)| News { said, row })
                .collect();
            self.write_notice(target, &news, now)?;
            for (alarm, said) in round.told {
                match said {
                    Said::Stands | Said::StillStands => self.store.told_stands(&name, alarm, now)?,
                    Said::Passed => self.store.told_passed(&name, alarm, now)?,
                }
            }
        }
    }

    fn item(&self, row: &UntoldRow, manner: &Manner) -> Item {
        let patience =
            if row.anew { self.rules.alarms.thresholds.modem_out + manner.settle } else { SignedDuration::ZERO };
        Item {
            id: row.id,
            key: (row.kind.map_or("", AlarmKind::name).to_owned(), row.subject.clone()),
            level: row.kind.map_or(AlarmLevel::Warning, AlarmKind::level),
            raised_at: row.raised_at,
            cleared_at: row.cleared_at,
            patience,
            told_at: row.told_at,
        }
    }

    fn write_notice(&mut self, target: &Target, news: &[News<'_>], now: Timestamp) -> Result<(), StoreError> {
        let (lang, office) = (self.rules.alarms.lang, self.rules.alarms.office.clone());
        let short = phrases::short(lang, &office, news);
        match target {
            Target::Number(number) => {
                let job = self.write_to(*number, &short, now)?;
                let notice = NewNotice {
                    way: "sms",
                    target: &number.digits(),
                    test: false,
                    subject: "",
                    text: &short,
                    job: Some(job),
                };
                let id = self.store.insert_notice(&notice, now)?;
                let detail = format!("notice {id} by SMS: {short}");
                let event =
                    EventRow { kind: "alarm_told", job: Some(job), number: Some(*number), detail: &detail, ..ENGINE };
                self.record(event, now)
            }
            Target::Mail => {
                let text = phrases::letter(lang, news, &self.rules.zone);
                let notice =
                    NewNotice { way: MAIL, target: MAIL, test: false, subject: &short, text: &text, job: None };
                let id = self.store.insert_notice(&notice, now)?;
                let detail = format!("notice {id} by mail: {short}");
                self.record(EventRow { kind: "alarm_told", detail: &detail, ..ENGINE }, now)
            }
        }
    }

    fn write_to(&mut self, number: Msisdn, text: &str, now: Timestamp) -> Result<JobId, StoreError> {
        let (job, _) =
            self.write_own(&OwnText::notice("alarms", number, text), now)?.expect("a notice fits one segment");
        Ok(job)
    }

    /// A notice was sent by its shell, or could not be.
    pub(super) fn notice_tried(&mut self, id: i64, end: &NoticeEnd, now: Timestamp) -> Result<(), StoreError> {
        self.telling.letters = true;
        let Some((way, target, test)) = self.store.notice(id)? else { return Ok(()) };
        match end {
            NoticeEnd::Sent => self.store.end_notice(id, "sent", None, now).map(drop),
            NoticeEnd::Failed { trouble, .. } if test => {
                self.store.end_notice(id, "given_up", Some(trouble), now).map(drop)
            }
            NoticeEnd::Failed { tries, next_at, trouble } => {
                tracing::warn!(notice = id, way, target, %trouble, "a notice was not taken");
                self.store.delay_notice(id, *tries, trouble, *next_at)
            }
        }
    }

    /// Letters that nobody takes: an alarm first, which goes other ways, and given up in the end.
    fn see_to_letters(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        if !std::mem::take(&mut self.telling.letters) && self.telling.letters_due.is_none_or(|due| due > now) {
            return Ok(self.telling.letters_due);
        }
        self.telling.letters_due = loop {
            let Some((id, written_at, trouble)) = self.store.stuck_notice(MAIL)? else {
                self.clear(AlarmKind::MailFailing, MAIL, now)?;
                break None;
            };
            let (alarm_at, end_at) =
                (later(written_at, self.rules.alarms.thresholds.unreached), later(written_at, GIVE_UP));
            if alarm_at <= now {
                self.raise(AlarmKind::MailFailing, MAIL, &trouble, now)?;
            }
            if end_at > now {
                break Some(if alarm_at > now { alarm_at } else { end_at });
            }
            self.store.end_notice(id, "given_up", Some(&trouble), now)?;
            let detail = format!("notice {id} by mail: {trouble}");
            self.record(EventRow { kind: "notice_given_up", detail: &detail, ..ENGINE }, now)?;
        };
        Ok(self.telling.letters_due)
    }

    /// A person wants to see whether alarms reach whom they should. Gives the numbers of the notices, with commas between.
    pub(super) fn test_alarms(&mut self, act: &Act, now: Timestamp) -> Result<Result<String, String>, StoreError> {
        let hooks = self.rules.webhooks.iter().filter(|hook| hook.facts.contains(&crate::model::FactKind::Alarm));
        let hooks: Vec<String> = hooks.map(|hook| hook.name.clone()).collect();
        let targets = self.targets();
        if targets.is_empty() && hooks.is_empty() {
            return Ok(Err("nobody is told of alarms; name somebody in [alarms] of the configuration".to_owned()));
        }
        let (lang, office) = (self.rules.alarms.lang, self.rules.alarms.office.clone());
        let text = phrases::test(lang, &office);
        let mut ids = Vec::new();
        for target in targets {
            let (way, job) = match target {
                Target::Number(number) => ("sms", Some(self.write_to(number, &text, now)?)),
                Target::Mail => (MAIL, None),
            };
            let notice = NewNotice { way, target: &target.name(), test: true, subject: &text, text: &text, job };
            ids.push(self.store.insert_notice(&notice, now)?.to_string());
        }
        for hook in hooks {
            ids.push(self.write_hook_test(&hook, now)?.to_string());
        }
        self.note(act, "alarms_tested", None, None, "", now)?;
        Ok(Ok(ids.join(",")))
    }

    /// A person wants to see whether a webhook takes what it is told. Gives the number of the notice.
    pub(super) fn test_webhook(
        &mut self,
        name: &str,
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<String, String>, StoreError> {
        if self.rules.webhooks.iter().all(|hook| hook.name != name) {
            return Ok(Err(format!("there is no webhook {}", name.escape_debug())));
        }
        let id = self.write_hook_test(name, now)?;
        self.note(act, "webhook_tested", None, None, name, now)?;
        Ok(Ok(id.to_string()))
    }

    fn write_hook_test(&mut self, name: &str, now: Timestamp) -> Result<i64, StoreError> {
        let notice = NewNotice { way: "webhook", target: name, test: true, subject: "test", text: "", job: None };
        self.store.insert_notice(&notice, now)
    }
}
