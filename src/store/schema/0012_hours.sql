-- Stretches of time in which some classes or units may not send, as people entered them; those of the settings are not here. None is
-- ever removed: what held when is part of the account.
CREATE TABLE moratoria (
    id            INTEGER PRIMARY KEY,
    from_ms       INTEGER NOT NULL,
    until_ms      INTEGER NOT NULL CHECK (until_ms > from_ms),
    classes       TEXT    NOT NULL,             -- names, with commas between; empty: all
    units         TEXT    NOT NULL,             -- the same
    reason        TEXT    NOT NULL CHECK (reason <> ''),
    actor         TEXT    NOT NULL,
    entered_at_ms INTEGER NOT NULL,
    ended_at_ms   INTEGER                       -- a person ended it before its time
) STRICT;

-- Jobs that wait, or waited, for a second person.
CREATE TABLE approvals (
    job_id        INTEGER PRIMARY KEY REFERENCES jobs (id),
    why           TEXT    NOT NULL,
    submitter     TEXT    NOT NULL,             -- who may not be that person
    asked_at_ms   INTEGER NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('waiting', 'approved', 'refused')),
    decided_at_ms INTEGER,
    decided_by    TEXT,
    reason        TEXT
) STRICT;
CREATE INDEX approvals_waiting ON approvals (job_id) WHERE state = 'waiting';

-- Why jobs that nobody paused do not send now, as the engine last judged it.
CREATE TABLE job_waits (
    job_id   INTEGER PRIMARY KEY REFERENCES jobs (id),
    kind     TEXT    NOT NULL CHECK (kind IN ('approval', 'moratorium', 'quiet_hours', 'quota')),
    reason   TEXT    NOT NULL,
    since_ms INTEGER NOT NULL,
    until_ms INTEGER                            -- NULL: nobody knows
) STRICT;
