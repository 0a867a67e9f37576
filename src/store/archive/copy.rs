//! Making an archive: a copy of the ledger beside its name, from which all is taken that stays in the ledger; looked through and durable
//! before it has its name.
//!
//! What is about people and would be blanked, erased or ended in the ledger later without the archive hearing of it is not in it: inbound
//! texts, the roster's holders, numbers of events, opt-outs, the ledger of consent, accounts.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use rusqlite::params;
use sha2::{Digest, Sha256};

use super::{ArchiveView, MAY_LEAVE};
use crate::model::{JobId, Timestamp, hex};
use crate::store::files::{beside, rename_new, sync_folder_of};
use crate::store::{Head, Reader, Store, StoreError, ms, restore};

/// Recipients that are taken out of the copy in one transaction.
const BITE: usize = 5_000;
/// Octets that are read at a time.
const PIECE: usize = 1 << 20;
/// Why work at an archive is given up.
pub(super) const STOPS: &str = "the daemon stops";

/// An archive that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveMade {
    /// The jobs whose details it has.
    pub jobs: Vec<JobId>,
    /// The newest report that the ledger had when it was copied: what came later is not in it.
    pub newest_report: i64,
    /// Its size in octets.
    pub bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub digest: String,
}

/// Makes the archive that was asked for, while the ledger is in use; durable and looked through when this returns. Takes nothing out of
/// the ledger. One that was made already, when the daemon ended before that was on record, is taken as it is. `opened` gets connections
/// before they are asked something long; it is given up where `goes_on` says no.
///
/// Errors: another file is there already, the disk is full, nothing can leave, or what was written is not what it should be; what was begun
/// is removed then.
pub fn make(
    database: &Path,
    wanted: &ArchiveView,
    now: Timestamp,
    goes_on: impl Fn() -> bool,
    opened: impl Fn(&Reader),
) -> Result<ArchiveMade, StoreError> {
    let file = Path::new(&wanted.file);
    let failed = |found: String| StoreError::Archive { path: file.to_owned(), found };
    let taken = || failed("there is a file of this name".to_owned());
    let going = |()| if goes_on() { Ok(()) } else { Err(failed(STOPS.to_owned())) };
    let (copy, unfinished) = (beside(file, ".copy"), beside(file, ".unfinished"));
    let made = (|| {
        if file.symlink_metadata().is_ok() {
            if !is_wanted(file, wanted) {
                return Err(taken());
            }
            return look_through(file, None, &going, &opened).map_err(|error| {
                failed(format!(
                    "it was made before the daemon stopped, and is not whole: {error}; delete it and ask again"
                ))
            });
        }
        [&copy, &unfinished]
            .into_iter()
            .try_for_each(|path| remove(path))
            .map_err(|error| failed(error.to_string()))?;
        let reader = Reader::open(database)?;
        opened(&reader);
        let head = reader.chain_head()?;
        reader.back_up(&copy)?;
        drop(reader);
        going(())?;
        keep_only(&copy, database, wanted, now, &going)?;
        // What was taken out has left its room behind: most of the ledger.
        let reader = Reader::open(&copy)?;
        opened(&reader);
        reader.back_up(&unfinished)?;
        drop(reader);
        remove(&copy).map_err(|error| failed(error.to_string()))?;
        let made = look_through(&unfinished, head, &going, &opened)?;
        rename_new(&unfinished, file).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => taken(),
            _ => failed(error.to_string()),
        })?;
        sync_folder_of(file).map_err(|error| {
            // One that is on no record would be reached by no erasure.
            let _ = fs::remove_file(file);
            failed(error.to_string())
        })?;
        Ok(made)
    })();
    if made.is_err() {
        // What is left of it is no archive.
        let _ = remove(&copy).and(remove(&unfinished));
    }
    made.map_err(|error| match error {
        StoreError::Archive { .. } => error,
        error => failed(error.to_string()),
    })
}

/// Removes a file that may not be there.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Whether a file is the very archive that is wanted: a kill has come between its getting its name and its being put on record.
fn is_wanted(file: &Path, wanted: &ArchiveView) -> bool {
    let asked = |reader: Reader| {
        reader.all(
            "SELECT 1
             FROM archives, this_archive
             WHERE archives.id = 0 AND before_ms = ?1 AND asked_at_ms = ?2 AND actor = ?3 AND reason = ?4",
            params![ms(wanted.before), ms(wanted.asked_at), wanted.actor, wanted.reason],
            |_| Ok(()),
        )
    };
    // Whatever cannot be read as one is some other file.
    file.symlink_metadata().is_ok_and(|about| about.is_file())
        && Reader::open(file).and_then(asked).is_ok_and(|found| !found.is_empty())
}

/// The size of a file in octets, and its SHA-256 in hexadecimal. Errors: also where `goes_on` says no.
pub fn digest_of(path: &Path, goes_on: impl Fn() -> bool) -> io::Result<(u64, String)> {
    let (mut file, mut digest, mut bytes) = (File::open(path)?, Sha256::new(), 0);
    let mut piece = vec![0; PIECE];
    while goes_on() {
        match file.read(&mut piece)? {
            0 => return Ok((bytes, hex(digest.finalize()))),
            read => {
                digest.update(&piece[..read]);
                bytes += read as u64;
            }
        }
    }
    Err(io::Error::other(STOPS))
}

/// Takes everything out of a copy that is not to be in the archive. Errors: nothing would be left.
fn keep_only(
    copy: &Path,
    database: &Path,
    wanted: &ArchiveView,
    now: Timestamp,
    going: &impl Fn(()) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let store = Store::open_archive(copy, database)?;
    // Half of it is thrown away: what is done here need not be durable before it is whole, nor be taken back. A journal in memory would
    // hold every page that is changed, and nearly all are.
    store
        .connection
        .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        .map_err(|source| store.error(source))?;
    store.begin()?;
    store.run(
        "INSERT INTO archives (id, file, before_ms, asked_at_ms, actor, reason, state, made_at_ms, marked)
         VALUES (0, ?1, ?2, ?3, ?4, ?5, 'ledger', ?6, (SELECT coalesce(max(id), 0) FROM events))",
        params![
            database.to_string_lossy(),
            ms(wanted.before),
            ms(wanted.asked_at),
            wanted.actor,
            wanted.reason,
            ms(now)
        ],
    )?;
    let sql = format!("SELECT 1 FROM jobs WHERE {MAY_LEAVE} LIMIT 1");
    if store.one(&sql, [ms(wanted.before)], |_| Ok(()))?.is_none() {
        let found = "no job that ended before that day can leave: there is nothing to archive".to_owned();
        return Err(StoreError::Archive { path: wanted.file.clone().into(), found });
    }
    store.run(
        "INSERT INTO this_archive (id, newest_report) VALUES (1, (SELECT coalesce(max(id), 0) FROM reports))",
        [],
    )?;
    store.run(
        &format!("UPDATE jobs SET archive_id = 0 WHERE archive_id IS NULL AND NOT coalesce({MAY_LEAVE}, 0)"),
        [ms(wanted.before)],
    )?;
    let others = store.all("SELECT id FROM jobs WHERE archive_id = 0", [], |row| row.get(0).map(JobId))?;
    // Before the messages go that confirmed.
    store.forget_consents()?;
    store.commit()?;
    for job in others {
        loop {
            going(())?;
            store.begin()?;
            let gone = store.forget_details(job, BITE)?;
            store.commit()?;
            if gone < BITE {
                break;
            }
        }
    }
    store.forget_the_rest(now, going)
}

impl Store {
    /// Empties a copy's ledger of consent, which has every STOP as it was written: that is the ledger's. What keeps it from being deleted
    /// from is there again afterwards.
    fn forget_consents(&self) -> Result<(), StoreError> {
        let never = self.one(
            "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'consents_are_never_deleted'",
            [],
            |row| row.get::<_, String>(0),
        )?;
        self.run("DROP TRIGGER IF EXISTS consents_are_never_deleted", [])?;
        self.run("DELETE FROM consents", [])?;
        never.map_or(Ok(()), |never| self.run(&never, []).map(drop))
    }

    /// Leaves of a copy only what belongs into an archive beside the details of its jobs.
    fn forget_the_rest(&self, now: Timestamp, going: &impl Fn(()) -> Result<(), StoreError>) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM reports WHERE attempt_id IS NULL",
            "DELETE FROM parts",
            "DELETE FROM opt_outs",
            "DELETE FROM kept_opt_outs",
            "DELETE FROM erased_numbers",
            "DELETE FROM number_failures",
            "DELETE FROM suspended",
            "DELETE FROM sessions",
            "DELETE FROM tokens",
            "DELETE FROM accounts",
            "DELETE FROM told",
            "DELETE FROM told_targets",
            "DELETE FROM notices",
            "DELETE FROM outbox",
            "DELETE FROM webhooks",
            "DELETE FROM held_jobs",
            "DELETE FROM report_files_due",
            "DELETE FROM pin_tries",
            "UPDATE roster
             SET number = 0, name = '', person = NULL,
                 seat = iif(role = 'subscriber' OR (role = 'official' AND title IS NULL), role || '|' || id, seat)",
            "UPDATE self_tests SET number = 0",
            "UPDATE self_test_steps SET detail = ''",
            "UPDATE self_test_texts SET text = ''",
            "UPDATE sims SET own_number = NULL",
            "UPDATE jobs SET text = '' WHERE archive_id IS NOT NULL AND text IS NOT NULL",
        ] {
            going(())?;
            self.begin()?;
            self.run(sql, [])?;
            self.commit()?;
        }
        self.begin()?;
        self.run(
            "UPDATE inbox SET sender = '', number = NULL, text = '', blanked_ms = coalesce(blanked_ms, ?1)",
            [ms(now)],
        )?;
        self.commit()?;
        loop {
            going(())?;
            self.begin()?;
            let blanked = self.blank_old_event_numbers(Timestamp::MAX, BITE, now)?;
            self.commit()?;
            if blanked < BITE {
                return Ok(());
            }
        }
    }
}

/// Looks through a file that is to be an archive, and makes it durable: it is whole, its record as it was written (and goes on from `head`),
/// everyone whom its jobs name stands in it, and every message in the state that the job's sum has.
fn look_through(
    path: &Path,
    head: Option<Head>,
    going: &impl Fn(()) -> Result<(), StoreError>,
    opened: &impl Fn(&Reader),
) -> Result<ArchiveMade, StoreError> {
    let failed = |found: String| StoreError::Archive { path: path.to_owned(), found };
    restore::check(path, head, opened)?;
    going(())?;
    let reader = Reader::open(path)?;
    opened(&reader);
    let wrong: Vec<i64> = reader.all(
        "SELECT id
         FROM jobs
         WHERE archive_id IS NULL AND recipients <> (SELECT count(*) FROM recipients WHERE job_id = jobs.id)
         UNION
         SELECT job_id
         FROM (SELECT job_id, state, messages FROM tallies WHERE messages > 0
               EXCEPT
               SELECT job_id, state, count(*) FROM messages GROUP BY job_id, state)
         WHERE job_id IN (SELECT id FROM jobs WHERE archive_id IS NULL)",
        [],
        |row| row.get(0),
    )?;
    if let Some(job) = wrong.first() {
        return Err(failed(format!("the copy of job {job} does not add up to its sum")));
    }
    let jobs =
        reader.all("SELECT id FROM jobs WHERE archive_id IS NULL ORDER BY id", [], |row| row.get(0).map(JobId))?;
    let newest_report =
        reader.one("SELECT newest_report FROM this_archive", |asked| asked.query_row([], |row| row.get(0)))?;
    drop(reader);
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| failed(error.to_string()))?;
    let (bytes, digest) = digest_of(path, || going(()).is_ok()).map_err(|error| failed(error.to_string()))?;
    Ok(ArchiveMade { jobs, newest_report, bytes, digest })
}
