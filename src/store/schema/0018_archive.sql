-- Archives: files that took over the details of jobs that ended long ago.

-- Row 0 stands only in an archive itself and names the ledger that it was taken from.
CREATE TABLE archives (
    id           INTEGER PRIMARY KEY,
    file         TEXT    NOT NULL,
    before_ms    INTEGER NOT NULL,              -- jobs that ended before
    asked_at_ms  INTEGER NOT NULL,
    actor        TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('asked', 'leaving', 'done', 'failed', 'ledger')),
    made_at_ms   INTEGER,
    jobs         INTEGER NOT NULL DEFAULT 0,
    bytes        INTEGER NOT NULL DEFAULT 0,
    digest       TEXT,                          -- SHA-256 of the file, hexadecimal
    tended_at_ms INTEGER,                       -- erasures up to then have reached it
    trouble      TEXT                           -- why it was not made, or why it was not reached last
) STRICT;

-- In which file the details of a job lie; NULL: in this one.
ALTER TABLE jobs ADD COLUMN archive_id INTEGER REFERENCES archives (id);
CREATE INDEX jobs_archived ON jobs (archive_id, id) WHERE archive_id IS NOT NULL;

-- Numbers that were erased, under keyed digests: archives are erased when they can be reached.
CREATE TABLE erased_numbers (
    digest BLOB    PRIMARY KEY CHECK (length(digest) = 32),
    at_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO erased_numbers (digest, at_ms)
SELECT digest, kept_ms
FROM kept_opt_outs;

-- One row, only in an archive: no daemon works on it, and it is no backup.
CREATE TABLE this_archive (
    id INTEGER PRIMARY KEY CHECK (id = 1)
) STRICT;

-- What counts against a number is known without the message that failed.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'message_id INTEGER PRIMARY KEY REFERENCES messages (id)', 'message_id INTEGER PRIMARY KEY')
WHERE type = 'table' AND name = 'number_failures';
PRAGMA writable_schema = RESET;
