//! What the owner of a number may ask for beyond being left alone: to be erased, and to get what is held of them.

use super::consent::{Answer, about};
use super::event::Act;
use super::{ENGINE, Engine};
use crate::model::{HandEntry, JobId, MessageId, Msisdn, OptOutScope, Timestamp};
use crate::store::{ConsentKind, Erased, EventRow, InboxRow, PERSON_ERASED, StoreError};

/// Files that are named in an answer.
const FILES_SHOWN: usize = 20;

impl Engine {
    /// Takes a number out of the ledger. Who asks for that is written to no more: the opt-out stays, under a keyed digest, so that it
    /// holds when a list brings the number again. What is with a modem right now is finished; its report will find nobody.
    pub(super) fn erase(&mut self, entry: &HandEntry, act: &Act, now: Timestamp) -> Answer {
        let number = entry.number;
        let mut intakes = self.intakes.values().chain(self.completing.values());
        if !intakes.any(|intake| intake.names(number)) && !self.store.holds(number)? && !self.store.has_archives()? {
            return Ok(Err(format!("nothing is held of {number}")));
        }
        let queued: Vec<MessageId> = self.store.unfinished_to(number)?.into_iter().map(|row| row.message).collect();
        self.suppress_each(&queued, now)?;
        self.enter_by_hand(ConsentKind::Erased, entry, Some(OptOutScope::Everything), true, act, now)?;
        self.store.keep_opt_out(number, now)?;
        self.lookout.look_at_archives_again();
        let coming = self.forget_in_intakes(number)?;
        self.forget_in_import(number)?;
        self.forget_loose_parts(number, now)?;
        self.suspended.remove(&number);
        let mut erased = self.store.erase_number(number)?;
        erased.messages += coming;
        self.erased_from.extend(erased.jobs.iter().copied());
        self.inbox_touched.extend(erased.units.iter().cloned());
        let why = [about(entry, None), act.reason.clone()];
        let why = why.iter().filter(|part| !part.is_empty()).fold(String::new(), |text, part| text + part + ": ");
        let detail = erased.detail(&why);
        self.record(EventRow { actor: &act.actor, kind: PERSON_ERASED, detail: &detail, ..ENGINE }, now)?;
        self.tell(number, &erased)
    }

    /// A list that is coming in right now may name the number; its messages are not found by their numbers yet.
    fn forget_in_intakes(&mut self, number: Msisdn) -> Result<usize, StoreError> {
        let mut coming = Vec::new();
        for intake in self.intakes.values_mut().chain(self.completing.values_mut()) {
            coming.extend(intake.forget(number));
        }
        for message in &coming {
            self.store.blank_message(*message)?;
        }
        Ok(coming.len())
    }

    /// An import that names the number is not applied: whoever imports has to look at the difference again.
    fn forget_in_import(&mut self, number: Msisdn) -> Result<(), StoreError> {
        if self.importing.is_some() && self.store.import_names(number)? {
            self.importing = None;
            self.import_remains = true;
        }
        Ok(())
    }

    /// The beginning of a long text whose rest has not come.
    fn forget_loose_parts(&mut self, number: Msisdn, now: Timestamp) -> Result<(), StoreError> {
        let country = self.rules.country;
        for (part, sim, sender) in self.store.loose_senders()? {
            if Msisdn::from_network(&sender, country) == Some(number) {
                self.store.blank_part(part)?;
                // Nothing comes to it any more.
                let inbox = self.store.insert_inbox(&InboxRow::empty(sim), now)?;
                self.store.show_part(part, inbox)?;
            }
        }
        // What could not be parsed stands there as it came, with its number in semi-octets.
        self.store.blank_garbled(&semi_octets(number))
    }

    fn tell(&self, number: Msisdn, erased: &Erased) -> Answer {
        let done = format!(
            "{number} is erased: {} messages, {} inbound texts and {} offices in the roster no longer name it",
            erased.messages + erased.excluded,
            erased.inbound,
            erased.offices
        );
        let told = match self.files_named(&erased.jobs)? {
            None => done,
            Some(files) => format!("{done}; these files still do: {files}"),
        };
        let archives = self.store.archives()?;
        let archives: Vec<&str> =
            archives.iter().filter(|archive| archive.is_whole()).map(|archive| archive.file.as_str()).collect();
        Ok(Ok(match archives.is_empty() {
            true => told,
            false => format!(
                "{told}; it is taken out of these archives as soon as they can be opened: {}",
                archives.join(", ")
            ),
        }))
    }

    /// The files in `accepted/` that these jobs came from, as far as there are not too many to name; `None`: there are none.
    pub(super) fn files_named(&self, jobs: &[JobId]) -> Result<Option<String>, StoreError> {
        let files = self.store.files_of(jobs)?;
        let names: Vec<String> =
            files.iter().take(FILES_SHOWN).map(|(unit, name)| format!("{unit}/accepted/{name}")).collect();
        Ok(match (files.len(), names.join(", ")) {
            (0, _) => None,
            (count, names) if count > FILES_SHOWN => Some(format!("{names}, …")),
            (_, names) => Some(names),
        })
    }

    /// What is held of a number is handed to its owner.
    pub(super) fn exported(&mut self, number: Msisdn, act: &Act, now: Timestamp) -> Answer {
        self.note(act, "person_exported", None, Some(number), "", now)?;
        Ok(Ok(format!("the export of {number} is on record")))
    }
}

/// The digits as an address of a PDU has them, in hexadecimal (3GPP TS 23.040 §9.1.2.3).
fn semi_octets(number: Msisdn) -> String {
    let mut digits = number.digits().into_bytes();
    if digits.len() % 2 == 1 {
        digits.push(b'F');
    }
    digits.chunks_exact(2).flat_map(|pair| [char::from(pair[1]), char::from(pair[0])]).collect()
}
