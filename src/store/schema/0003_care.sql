-- How often a modem was reset lately is counted from the record; this finds those rows without reading all of it.
CREATE INDEX events_reset ON events (at_ms) WHERE kind = 'modem_reset';

-- PINs that were entered, or were about to be: the row is durable before the PIN is written to the modem, and no PIN is
-- written to a card a second time. The digest is over card and PIN; the PIN itself is nowhere in the ledger.
CREATE TABLE pin_tries (
    digest  BLOB    PRIMARY KEY CHECK (length(digest) = 32),
    modem   TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    outcome TEXT    CHECK (outcome IN ('accepted', 'refused'))  -- NULL: nobody knows
) STRICT;

-- SIMs that look blocked or out of credit: they send nothing until a person says so.
CREATE TABLE blocked_sims (
    sim_id   INTEGER PRIMARY KEY REFERENCES sims (id),
    since_ms INTEGER NOT NULL,
    reason   TEXT    NOT NULL
) STRICT;
