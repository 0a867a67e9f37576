-- Accounts of the web page. None is ever removed: the record names them.
CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE CHECK (name <> ''),
    role          TEXT    NOT NULL CHECK (role IN ('viewer', 'operator', 'approver', 'administrator')),
    units         TEXT    NOT NULL,             -- names, with commas between; empty: all
    password      TEXT    NOT NULL,             -- Argon2id, PHC string
    created_at_ms INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL,             -- role, units or password
    closed_at_ms  INTEGER                       -- nobody signs in with it any more
) STRICT;

-- Who is signed in: the SHA-256 of what their cookie holds.
CREATE TABLE sessions (
    digest        BLOB    PRIMARY KEY CHECK (length(digest) = 32),
    account_id    INTEGER NOT NULL REFERENCES accounts (id),
    opened_at_ms  INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_account ON sessions (account_id);
CREATE INDEX sessions_by_end ON sessions (expires_at_ms);

-- Keys for programs: the SHA-256 of what they show. None is ever removed.
CREATE TABLE tokens (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE CHECK (name <> ''),
    digest        BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
    rights        TEXT    NOT NULL CHECK (rights <> ''),    -- names, with commas between
    units         TEXT    NOT NULL,             -- the same; empty: all
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,                      -- NULL: until it is revoked
    revoked_at_ms INTEGER
) STRICT;

-- Jobs that came in by a request and not by a file of their owner's: who brought them, and under which key of theirs, so that the same
-- request made again brings nothing twice. The file that the daemon writes for it has the name `source` and the content `digest`.
CREATE TABLE submissions (
    id          INTEGER PRIMARY KEY,
    caller      TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    unit        TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    digest      TEXT    NOT NULL,               -- SHA-256 of the content, hexadecimal
    asked_at_ms INTEGER NOT NULL,
    job_id      INTEGER REFERENCES jobs (id),   -- what it became
    refusal     TEXT,                           -- or why it became none
    UNIQUE (caller, key),
    UNIQUE (unit, source)
) STRICT;
