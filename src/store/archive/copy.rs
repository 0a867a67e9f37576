//! Making an archive: a copy of the ledger beside its name, from which all is taken that stays in the ledger; looked through and durable
//! before it has its name.
//!
//! What is about people and would be blanked, erased or ended in the ledger later without the archive hearing of it is not in it: inbound
//! texts, the roster's holders, numbers of events, opt-outs, the ledger of consent, accounts.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rusqlite::params;
use sha2::{Digest, Sha256};

use super::{ArchiveView, MAY_LEAVE};
use crate::model::{JobId, Timestamp, hex};
use crate::store::{Reader, Store, StoreError, ms, restore};

/// Recipients that are taken out of the copy in one transaction.
const BITE: usize = 5_000;
/// Octets that are read at a time.
const PIECE: usize = 1 << 20;

/// An archive that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveMade {
    /// The jobs whose details it has.
    pub jobs: Vec<JobId>,
    /// Its size in octets.
    pub bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub digest: String,
}

/// Makes the archive that was asked for, while the ledger is in use; durable and looked through when this returns. Takes nothing out of
/// the ledger. `opened` gets connections before they are asked something long; it is given up where `goes_on` says no.
///
/// Errors: the file is there already, the disk is full, nothing can leave, or what was written is not what it should be; what was begun is
/// removed then.
pub fn make(
    database: &Path,
    wanted: &ArchiveView,
    now: Timestamp,
    goes_on: impl Fn() -> bool,
    opened: impl Fn(&Reader),
) -> Result<ArchiveMade, StoreError> {
    let file = Path::new(&wanted.file);
    let failed = |found: String| StoreError::Archive { path: file.to_owned(), found };
    if file.symlink_metadata().is_ok() {
        return Err(failed("there is a file of this name".to_owned()));
    }
    let unfinished = beside(file);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error.to_string())),
        _ => {}
    }
    let going = |()| if goes_on() { Ok(()) } else { Err(failed("the daemon stops".to_owned())) };
    let made = (|| {
        let reader = Reader::open(database)?;
        opened(&reader);
        let head = reader.chain_head()?;
        reader.back_up(&unfinished)?;
        drop(reader);
        going(())?;
        let jobs = keep_only(&unfinished, database, wanted, now, &going)?;
        if jobs.is_empty() {
            return Err(failed("no job that ended before that day can leave: there is nothing to archive".to_owned()));
        }
        restore::check(&unfinished, head, &opened)?;
        going(())?;
        look_through(&unfinished)?;
        File::open(&unfinished).and_then(|file| file.sync_all()).map_err(|error| failed(error.to_string()))?;
        let (bytes, digest) = digest_of(&unfinished).map_err(|error| failed(error.to_string()))?;
        if file.symlink_metadata().is_ok() {
            return Err(failed("there is a file of this name".to_owned()));
        }
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::rename(&unfinished, file)
            .and_then(|()| File::open(folder)?.sync_all())
            .map_err(|error| failed(error.to_string()))?;
        Ok(ArchiveMade { jobs, bytes, digest })
    })();
    if made.is_err() {
        // What is left of it is no archive.
        let _ = fs::remove_file(&unfinished);
    }
    made.map_err(|error| match error {
        StoreError::Archive { .. } => error,
        error => failed(error.to_string()),
    })
}

fn beside(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".unfinished");
    PathBuf::from(name)
}

/// The size of a file in octets, and its SHA-256 in hexadecimal.
pub fn digest_of(path: &Path) -> io::Result<(u64, String)> {
    let (mut file, mut digest, mut bytes) = (File::open(path)?, Sha256::new(), 0);
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((bytes, hex(digest.finalize()))),
            read => {
                digest.update(&piece[..read]);
                bytes += read as u64;
            }
        }
    }
}

/// Takes everything out of a copy that is not to be in the archive; gives the jobs whose details are left.
fn keep_only(
    copy: &Path,
    database: &Path,
    wanted: &ArchiveView,
    now: Timestamp,
    going: &impl Fn(()) -> Result<(), StoreError>,
) -> Result<Vec<JobId>, StoreError> {
    let store = Store::open_archive(copy, database)?;
    // Half of it is made anew: what is done here need not be durable before it is whole.
    store
        .connection
        .execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")
        .map_err(|source| store.error(source))?;
    store.begin()?;
    store.run(
        "INSERT INTO archives (id, file, before_ms, asked_at_ms, actor, reason, state, made_at_ms)
         VALUES (0, ?1, ?2, ?3, ?4, ?5, 'ledger', ?6)",
        params![
            database.to_string_lossy(),
            ms(wanted.before),
            ms(wanted.asked_at),
            wanted.actor,
            wanted.reason,
            ms(now)
        ],
    )?;
    let sql = format!("SELECT id FROM jobs WHERE {MAY_LEAVE} ORDER BY id");
    let jobs = store.all(&sql, [ms(wanted.before)], |row| row.get(0).map(JobId))?;
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
    store.begin()?;
    store.forget_the_rest(now)?;
    store.commit()?;
    Ok(jobs)
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
    fn forget_the_rest(&self, now: Timestamp) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM reports WHERE attempt_id IS NULL",
            "DELETE FROM parts",
            "UPDATE inbox SET sender = '', number = NULL, text = ''",
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
            "DELETE FROM pin_tries",
            "UPDATE roster
             SET number = 0, name = '', person = NULL,
                 seat = iif(role = 'subscriber' OR (role = 'official' AND title IS NULL), role || '|' || id, seat)",
            "UPDATE self_tests SET number = 0",
            "UPDATE self_test_steps SET detail = ''",
            "UPDATE self_test_texts SET text = ''",
            "UPDATE sims SET own_number = NULL",
            "UPDATE jobs SET text = '' WHERE archive_id IS NOT NULL AND text IS NOT NULL",
            "INSERT INTO this_archive (id) VALUES (1)",
        ] {
            self.run(sql, [])?;
        }
        self.run("UPDATE inbox SET blanked_ms = ?1 WHERE blanked_ms IS NULL", [ms(now)])?;
        while self.blank_old_event_numbers(Timestamp::MAX, BITE, now)? == BITE {}
        Ok(())
    }
}

/// That everyone whom its jobs name stands in it, and every message in the state that the job's sum has.
fn look_through(copy: &Path) -> Result<(), StoreError> {
    let reader = Reader::open(copy)?;
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
    match wrong.first() {
        None => Ok(()),
        Some(job) => {
            let found = format!("the copy of job {job} does not add up to its sum");
            Err(StoreError::Archive { path: copy.to_owned(), found })
        }
    }
}
