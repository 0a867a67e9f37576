-- The credit of SIMs, and the history of modems and SIMs.

-- Questions to operators are jobs of a kind of their own; see 0006_upkeep.sql for why a CHECK may be replaced in place.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'kind IN (''file'',', 'kind IN (''query'', ''file'',')
WHERE type = 'table' AND name = 'jobs';
PRAGMA writable_schema = RESET;
CREATE INDEX jobs_query ON jobs (pinned_sim_id, id) WHERE kind = 'query';

-- 1: the SIM sends again as soon as its credit is enough, and need not wait for a person.
ALTER TABLE blocked_sims ADD COLUMN for_credit INTEGER NOT NULL DEFAULT 0 CHECK (for_credit IN (0, 1));

-- What operators said of the credit of a SIM, asked or by themselves.
CREATE TABLE credits (
    id           INTEGER PRIMARY KEY,
    sim_id       INTEGER NOT NULL REFERENCES sims (id),
    modem        TEXT    NOT NULL,
    at_ms        INTEGER NOT NULL,
    way          TEXT    NOT NULL CHECK (way IN ('ussd', 'sms', 'notice')),
    amount       INTEGER,                       -- whole rupiah; NULL: the words do not say
    active_until TEXT,                          -- the last day of the active period, YYYY-MM-DD
    words        TEXT    NOT NULL               -- the operator's, or why there are none
) STRICT;
CREATE INDEX credits_sim ON credits (sim_id, id);
CREATE INDEX credits_modem ON credits (modem, at_ms);
CREATE INDEX credits_at ON credits (at_ms);

-- How a modem and its SIM stood: a row when something changed, good until the next one of this modem. What is older than the settings
-- want is removed, and how much that was stands in the record.
CREATE TABLE samples (
    id           INTEGER PRIMARY KEY,
    modem        TEXT    NOT NULL,
    at_ms        INTEGER NOT NULL,
    sim_id       INTEGER REFERENCES sims (id),
    registration TEXT,                          -- NULL: it had no session
    signal       INTEGER,
    operator     TEXT
) STRICT;
CREATE INDEX samples_modem ON samples (modem, at_ms);
CREATE INDEX samples_at ON samples (at_ms);
