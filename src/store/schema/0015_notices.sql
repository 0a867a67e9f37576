-- What is told outside: alarms by SMS and mail, facts by webhook.

-- Texts to administrators are jobs of a kind of their own; see 0006_upkeep.sql for why a CHECK may be replaced in place.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'kind IN (''query'', ''file'',', 'kind IN (''alarm'', ''query'', ''file'',')
WHERE type = 'table' AND name = 'jobs';
PRAGMA writable_schema = RESET;

-- Since when a job could send, where something held it before: what waited for morning is not late in the morning.
ALTER TABLE jobs ADD COLUMN free_since_ms INTEGER;

-- Who is told of alarms, and since when. A number in digits, or `mail`.
CREATE TABLE told_targets (
    target   TEXT    PRIMARY KEY,
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What each of them has been told of each alarm.
CREATE TABLE told (
    target    TEXT    NOT NULL,
    alarm_id  INTEGER NOT NULL REFERENCES alarms (id),
    stands_ms INTEGER,                          -- when it was last told that it stands
    passed_ms INTEGER,                          -- when it was told that it has passed, or that nothing more is to be told
    PRIMARY KEY (target, alarm_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alarms_passed ON alarms (cleared_at_ms) WHERE cleared_at_ms IS NOT NULL;

-- Notices as they go out, and tests of the ways by which they go.
CREATE TABLE notices (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms       INTEGER NOT NULL,
    way         TEXT    NOT NULL CHECK (way IN ('sms', 'mail', 'webhook')),
    target      TEXT    NOT NULL,               -- digits, `mail`, or the webhook's name
    test        INTEGER NOT NULL CHECK (test IN (0, 1)),
    subject     TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    job_id      INTEGER REFERENCES jobs (id),   -- of an SMS: what becomes of it stands there
    state       TEXT    NOT NULL CHECK (state IN ('queued', 'waiting', 'sent', 'given_up')),
    tries       INTEGER NOT NULL DEFAULT 0,
    next_at_ms  INTEGER,                        -- not tried before
    trouble     TEXT,                           -- why the last try failed
    ended_at_ms INTEGER
) STRICT;
CREATE INDEX notices_waiting ON notices (way, target, id) WHERE state = 'waiting';
CREATE INDEX notices_target ON notices (target, at_ms);

-- Facts that webhooks want, in the order in which they became true; each until every webhook has it. An id is never used again.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms      INTEGER NOT NULL,
    fact       TEXT    NOT NULL,
    unit       TEXT,                            -- whose; NULL: everybody's, empty: nobody's
    state      TEXT,                            -- of the message at that moment
    message_id INTEGER,
    inbox_id   INTEGER,
    event_id   INTEGER,
    alarm_id   INTEGER
) STRICT;

-- The webhooks of the settings, and how far each has come.
CREATE TABLE webhooks (
    name             TEXT    PRIMARY KEY,
    since_ms         INTEGER NOT NULL,
    position         INTEGER NOT NULL,          -- it has all of the outbox up to this id
    reached_at_ms    INTEGER,                   -- when it last took something
    failing_since_ms INTEGER,
    tries            INTEGER NOT NULL DEFAULT 0, -- that failed, one after the other
    next_at_ms       INTEGER,
    trouble          TEXT,                      -- why the last one did
    skipped          INTEGER NOT NULL DEFAULT 0 -- facts that were given up
) STRICT, WITHOUT ROWID;

-- 1: a start of the daemon looked anew, and what it was about may be as bad as before.
ALTER TABLE alarms ADD COLUMN anew INTEGER NOT NULL DEFAULT 0 CHECK (anew IN (0, 1));
