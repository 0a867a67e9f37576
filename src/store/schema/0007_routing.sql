-- Networks: groups of operators by name, as the table of operators had them when a message came in. They get their numbers here, so
-- that messages keep theirs when the table is edited.
CREATE TABLE networks (
    id   INTEGER PRIMARY KEY,                   -- from 1; 0 in a message: its number's prefix is in no table
    name TEXT    NOT NULL UNIQUE
) STRICT;
ALTER TABLE messages ADD COLUMN network_id INTEGER NOT NULL DEFAULT 0;

-- What comes next of a job is found for each network alone, so that a SIM finds its own among a million.
DROP INDEX messages_queue;
CREATE INDEX messages_queue ON messages (job_id, wake_at_ms, network_id, id) WHERE wake_at_ms IS NOT NULL;

-- Whether a report was to be expected: some modems hand none on, and their silence says nothing.
ALTER TABLE attempts ADD COLUMN awaits_report INTEGER NOT NULL DEFAULT 1 CHECK (awaits_report IN (0, 1));

-- What a SIM did before this is not held against it: a person has seen to it since.
ALTER TABLE sims ADD COLUMN judged_from_ms INTEGER NOT NULL DEFAULT 0;

-- Jobs of which a few messages go ahead of the rest; the ids of these are the first of the job's own.
CREATE TABLE canaries (
    job_id           INTEGER PRIMARY KEY REFERENCES jobs (id),
    first_message_id INTEGER NOT NULL,
    last_message_id  INTEGER NOT NULL,
    state            TEXT    NOT NULL CHECK (state IN ('out', 'passed', 'failed', 'overruled')),
    decided_at_ms    INTEGER
) STRICT;
