-- A job that is not to go before a time of its own waits for that: said like every other reason.
CREATE TABLE job_waits_new (
    job_id   INTEGER PRIMARY KEY REFERENCES jobs (id),
    kind     TEXT    NOT NULL CHECK (kind IN ('approval', 'not_before', 'moratorium', 'quiet_hours', 'quota')),
    reason   TEXT    NOT NULL,
    since_ms INTEGER NOT NULL,
    until_ms INTEGER                            -- NULL: nobody knows
) STRICT;
INSERT INTO job_waits_new SELECT job_id, kind, reason, since_ms, until_ms FROM job_waits;
DROP TABLE job_waits;
ALTER TABLE job_waits_new RENAME TO job_waits;
