-- Backups, ledgers put back from one, and what came from other daemons.

-- 1: held because a backup was put back; such a job is let go by itself only, never together with others.
ALTER TABLE held_jobs ADD COLUMN restored INTEGER NOT NULL DEFAULT 0 CHECK (restored IN (0, 1));

-- The newest backup that the daemon made by itself; one row.
CREATE TABLE last_backup (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    at_ms INTEGER NOT NULL,
    file  TEXT    NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;

-- What was taken over from another daemon's outbox, by a digest over the row there: it is taken once.
CREATE TABLE moved_in (
    digest BLOB    PRIMARY KEY CHECK (length(digest) = 32),
    at_ms  INTEGER NOT NULL,
    source TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
