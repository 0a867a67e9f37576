-- When the daemon was last at work, so that a start knows how long it was stopped; one row. `resumed_at_ms` is the start after
-- the last long stop: what lay in the queue directory before it has waited, too.
CREATE TABLE heartbeat (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    alive_at_ms   INTEGER NOT NULL,
    resumed_at_ms INTEGER
) STRICT;
-- A ledger from before: the newest event was the last sign of life.
INSERT INTO heartbeat (id, alive_at_ms)
SELECT 1, at_ms
FROM events
ORDER BY id DESC
LIMIT 1;

-- Jobs that a start after a long stop holds until a person says so; they are paused as well.
CREATE TABLE held_jobs (
    job_id   INTEGER PRIMARY KEY REFERENCES jobs (id),
    since_ms INTEGER NOT NULL,
    reason   TEXT    NOT NULL
) STRICT;
