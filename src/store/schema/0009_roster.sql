-- The roster of office-holders. No row of it is changed: an entry that has ended has a row in roster_ends. The roster as of an import is
-- every entry that began with it or before and had not ended by then; the newest applied import names the roster as it is.
CREATE TABLE roster_imports (
    id     INTEGER PRIMARY KEY,
    at_ms  INTEGER NOT NULL,
    actor  TEXT    NOT NULL,
    file   TEXT    NOT NULL,                    -- the list's name
    source TEXT    NOT NULL,                    -- where the list comes from: a decree, a letter
    basis  TEXT    NOT NULL,                    -- the legal basis on which its numbers are used
    state  TEXT    NOT NULL CHECK (state IN ('receiving', 'applied')),
    steps  INTEGER NOT NULL DEFAULT 0,
    digest TEXT    NOT NULL DEFAULT ''          -- SHA-256 over the steps, as agreed to
) STRICT;

CREATE TABLE roster (
    id        INTEGER PRIMARY KEY,
    import_id INTEGER NOT NULL REFERENCES roster_imports (id),
    seat      TEXT    NOT NULL,                 -- the office as compared: what stays when holder and number change
    role      TEXT    NOT NULL CHECK (role IN ('rt', 'rw', 'lurah', 'camat', 'official', 'subscriber')),
    kecamatan TEXT,
    kelurahan TEXT,
    rw        INTEGER,
    rt        INTEGER,
    agency    TEXT,
    title     TEXT,
    name      TEXT    NOT NULL,
    person    TEXT,                             -- what the office knows a person by over several offices
    number    INTEGER NOT NULL
) STRICT;
CREATE INDEX roster_seat ON roster (seat);
CREATE INDEX roster_number ON roster (number);
CREATE INDEX roster_import ON roster (import_id);

CREATE TABLE roster_ends (
    entry_id  INTEGER PRIMARY KEY REFERENCES roster (id),
    import_id INTEGER NOT NULL REFERENCES roster_imports (id),
    why       TEXT    NOT NULL CHECK (why IN ('number', 'holder', 'details', 'gone'))
) STRICT;
CREATE INDEX roster_ends_import ON roster_ends (import_id);

-- Expressions that people saved under a name; their history is in events.
CREATE TABLE audiences (
    name       TEXT    PRIMARY KEY,
    expression TEXT    NOT NULL,
    since_ms   INTEGER NOT NULL,
    actor      TEXT    NOT NULL
) STRICT;

-- Whom a job was for, as its file says, what that meant then, and as of which import.
CREATE TABLE job_audiences (
    job_id     INTEGER PRIMARY KEY REFERENCES jobs (id),
    expression TEXT    NOT NULL,
    meaning    TEXT    NOT NULL,
    import_id  INTEGER NOT NULL REFERENCES roster_imports (id)
) STRICT;

-- The entry of the roster through which somebody is a recipient. No foreign key: to remove what is left of a broken-off import, SQLite
-- would look through all recipients for each of its entries.
ALTER TABLE recipients ADD COLUMN entry_id INTEGER;

-- Messages that failed for good because of their number, since the last sign of life from it.
CREATE TABLE number_failures (
    message_id INTEGER PRIMARY KEY REFERENCES messages (id),
    number     INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL
) STRICT;
CREATE INDEX number_failures_number ON number_failures (number);

-- Numbers that failed so often that nothing is sent to them until they are corrected or show a sign of life.
CREATE TABLE suspended (
    number   INTEGER PRIMARY KEY,
    since_ms INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    first_ms INTEGER NOT NULL                   -- when the first of these failures was
) STRICT;

-- One more reason for which a recipient gets nothing. Adding a word to a CHECK changes no row, so SQLite's own procedure for it is used
-- (https://www.sqlite.org/lang_altertable.html, section 7) instead of copying a table of millions.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, '''invalid'', ', '''invalid'', ''suspended'', ')
WHERE type = 'table' AND name = 'recipients';
PRAGMA writable_schema = RESET;
