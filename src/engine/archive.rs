//! Old jobs whose details leave the ledger: for an archive that is whole and durable before anything goes, a bounded bit at a time, so
//! that nobody waits for it, and on record.
//!
//! Making the file takes minutes and is done beside the engine (`daemon/archive.rs`); the ledger says what is wanted, so that a restart
//! goes on where it was.

use std::path::Path;

use super::event::{Act, ArchiveEvent, NewArchive};
use super::retention::Blanking;
use super::{ENGINE, Engine};
use crate::model::{JobId, SignedDuration, Timestamp, earlier, minute};
use crate::policy::Retention;
use crate::store::archive::{ArchiveTended, ArchiveView, Erasures, TakenOut, digest_of};
use crate::store::{EventRow, Store, StoreError};

/// Recipients that one call takes out.
const BIT: usize = 200;
/// The pause between two calls while something is left.
const PAUSE: SignedDuration = SignedDuration::from_millis(100);
/// How long a job must have been over: limits, quotas and judgements of the last days rest on its hand-overs, and reports still come.
const REST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is done about archives.
#[derive(Debug, Default)]
pub(super) struct Archiving {
    /// Who waits for which archive.
    asker: Option<(i64, Option<u64>)>,
    /// `None`: nothing is, or since the start nobody has seen the archive: on a machine where a backup was put back it may not be there,
    /// and then the details are nowhere but here.
    leaving: Option<Leaving>,
}

/// Details that are being taken out: of this archive, from this job on, not before this time.
#[derive(Debug)]
struct Leaving {
    archive: ArchiveView,
    from: JobId,
    next: Timestamp,
}

impl Engine {
    /// A person wants an archive; they are answered when it is whole, or cannot be made. Errors within: why that cannot be.
    pub(super) fn archive_wanted(
        &mut self,
        new: &NewArchive,
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<(), String>, StoreError> {
        let NewArchive { file, before } = new;
        if !Path::new(file).is_absolute() {
            return Ok(Err(format!("{} is no whole path", file.escape_debug())));
        }
        if act.reason.trim().is_empty() {
            return Ok(Err("say why with --reason: it goes into the record".to_owned()));
        }
        if *before > earlier(now, REST) {
            return Ok(
                Err("only jobs that have been over for 30 days can be archived; name an earlier day".to_owned()),
            );
        }
        if let Some(other) =
            self.store.archives()?.iter().find(|other| matches!(other.state.as_str(), "asked" | "leaving"))
        {
            return Ok(Err(format!("{} is being made; see kentongan archives", other.file)));
        }
        let archive = self.store.insert_archive(file, *before, &act.actor, &act.reason, now)?;
        let what = format!("{file}, jobs that ended before {}", minute(*before));
        self.note(act, "archive_asked", None, None, &what, now)?;
        self.archiving.asker = Some((archive, act.reply_to));
        Ok(Ok(()))
    }

    pub(super) fn on_archive(&mut self, event: &ArchiveEvent, now: Timestamp) -> Result<(), StoreError> {
        let (ArchiveEvent::Made { archive: id, .. } | ArchiveEvent::Tended { archive: id, .. }) = event;
        let Some(archive) = self.store.archives()?.into_iter().find(|archive| archive.id == *id) else { return Ok(()) };
        self.lookout.look_at_archives_again();
        match event {
            ArchiveEvent::Made { made: Ok(made), .. } if archive.state == "asked" => {
                let jobs = self.store.hand_to_archive(archive.id, made, now)?;
                let (file, bytes, digest) = (&archive.file, made.bytes, &made.digest);
                let detail = format!(
                    "{file} has the details of {jobs} jobs that ended before {}, {bytes} octets, SHA-256 {digest}; they leave this database",
                    minute(archive.before)
                );
                self.record(EventRow { actor: &archive.actor, kind: "archive_made", detail: &detail, ..ENGINE }, now)?;
                self.begin_to_leave(now)?;
                let told = format!(
                    "{file} is whole and has the details of {jobs} jobs; they leave the database bit by bit (kentongan archives)"
                );
                self.answer_archive(archive.id, Ok(told));
            }
            ArchiveEvent::Made { made: Err(why), .. } if archive.state == "asked" => {
                self.store.fail_archive(archive.id, why)?;
                self.record(EventRow { kind: "archive_failed", detail: why, ..ENGINE }, now)?;
                self.answer_archive(archive.id, Err(why.clone()));
            }
            ArchiveEvent::Made { .. } => {}
            ArchiveEvent::Tended { tended: Ok(tended), .. } => {
                self.store.note_tended(archive.id, tended)?;
                if archive.state == "leaving" && self.archiving.leaving.is_none() {
                    self.begin_to_leave(now)?;
                }
                // Their reports are written anew, out of the archive.
                let TakenOut { numbers, jobs, .. } = &tended.taken_out;
                self.erased_from.extend(jobs.iter().copied());
                if let Some((bytes, digest)) = &tended.changed {
                    let files = self.files_named(jobs)?;
                    let files = files.map_or(String::new(), |files| format!("; these files still name them: {files}"));
                    let detail = format!(
                        "{}: {numbers} erased numbers were taken out, and what had been kept long enough; it has {bytes} octets, SHA-256 {digest}{files}",
                        archive.file
                    );
                    self.record(EventRow { kind: "archive_tended", detail: &detail, ..ENGINE }, now)?;
                }
            }
            ArchiveEvent::Tended { tended: Err(why), .. } => {
                if self.store.note_archive_trouble(archive.id, why)? {
                    let detail =
                        format!("{} was not reached, and what is erased here stands in it still: {why}", archive.file);
                    self.record(EventRow { kind: "archive_unreached", detail: &detail, ..ENGINE }, now)?;
                }
            }
        }
        Ok(())
    }

    fn answer_archive(&mut self, archive: i64, result: Result<String, String>) {
        if let Some((_, reply_to)) = self.archiving.asker.take_if(|(wanted, _)| *wanted == archive) {
            self.reply(reply_to, result);
        }
    }

    /// The archive is there: details leave for it.
    fn begin_to_leave(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let archive = self.store.leaving_archive()?;
        self.archiving.leaving = archive.map(|archive| Leaving { archive, from: JobId(0), next: now });
        Ok(())
    }

    /// Takes out what is due; gives the time of the next call that is needed.
    pub(super) fn clear_out(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let Some(Leaving { archive, from, next }) = &mut self.archiving.leaving else { return Ok(None) };
        if *next > now {
            return Ok(Some(*next));
        }
        let mut left = BIT;
        while left > 0 {
            let Some(job) = self.store.job_to_leave(archive.id, *from)? else {
                let detail =
                    format!("{}: the details of {} jobs are no longer in this database", archive.file, archive.jobs);
                self.store.end_archive(archive.id)?;
                self.archiving.leaving = None;
                self.record(EventRow { kind: "archive_cleared", detail: &detail, ..ENGINE }, now)?;
                return Ok(None);
            };
            *from = job;
            left -= self.store.forget_details(job, left)?;
        }
        *next = now.saturating_add(PAUSE).unwrap_or(now);
        Ok(Some(*next))
    }
}

/// Lets an archive forget what the ledger has forgotten: these numbers, and what has been kept long enough. Blocks; it is given up where
/// `goes_on` says no, and goes on the next time. Who was taken out of it before, and is not on record in the ledger, is told again.
///
/// Errors: it cannot be opened or written, or the numbers were still being sought when it was given up.
pub fn tend_archive(
    archive: &ArchiveView,
    database: &Path,
    erasures: &Erasures,
    retention: Retention,
    now: Timestamp,
    goes_on: impl Fn() -> bool,
) -> Result<ArchiveTended, StoreError> {
    let file = Path::new(&archive.file);
    let store = Store::open_as_archive(file, database)?;
    let mut blanking = Blanking::default();
    let mut at = now;
    loop {
        store.begin()?;
        let next = blanking.advance(&store, retention, at)?;
        store.commit()?;
        match next.filter(|next| next.duration_since(at) <= super::retention::PAUSE && goes_on()) {
            Some(next) => at = next,
            None => break,
        }
    }
    store.erase_digests(&erasures.digests, now, &goes_on)?;
    let taken_out = store.taken_out_since(archive.marked)?;
    let changed = store.is_changed() || taken_out.numbers > 0;
    drop(store);
    let failed = |error: std::io::Error| StoreError::NoArchive { path: file.to_owned(), found: error.to_string() };
    // Also where the daemon stops, seconds for each gigabyte: what is changed goes on record with its digest.
    let changed = if changed { Some(digest_of(file, || true).map_err(failed)?) } else { None };
    Ok(ArchiveTended { at: now, seq: erasures.seq, taken_out, changed })
}
