-- The credit of SIMs.

-- Questions to operators are jobs of a kind of their own; see 0006_upkeep.sql for why a CHECK may be replaced in place.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'kind IN (''file'', ''reply'', ''test'')', 'kind IN (''file'', ''reply'', ''test'', ''query'')')
WHERE type = 'table' AND name = 'jobs';
PRAGMA writable_schema = RESET;

-- What operators said of the credit of a SIM, asked or by themselves.
CREATE TABLE credits (
    id           INTEGER PRIMARY KEY,
    sim_id       INTEGER NOT NULL REFERENCES sims (id),
    modem        TEXT    NOT NULL,
    at_ms        INTEGER NOT NULL,
    way          TEXT    NOT NULL CHECK (way IN ('ussd', 'sms', 'notice')),
    amount       INTEGER,                       -- NULL: the words do not say
    active_until TEXT,                          -- the last day of the active period, YYYY-MM-DD
    words        TEXT    NOT NULL               -- the operator's, or why there are none
) STRICT;
CREATE INDEX credits_sim ON credits (sim_id, id);
CREATE INDEX credits_at ON credits (at_ms);
