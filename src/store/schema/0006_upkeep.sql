-- Self-tests, credit and the history of modems and SIMs.

-- Jobs of a kind of their own: a modem's messages to itself. They are no unit's and no answer to a citizen; neither are their
-- copies that come in. A CHECK changes nothing of what is stored, so its text may be replaced in place, with all that later
-- files add to the table (https://www.sqlite.org/lang_altertable.html, section 7).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'kind IN (''file'', ''reply'')', 'kind IN (''file'', ''reply'', ''test'')')
WHERE type = 'table' AND name = 'jobs';
UPDATE sqlite_schema
SET sql = replace(sql, '''operator'', ''garbled'')', '''operator'', ''garbled'', ''test'')')
WHERE type = 'table' AND name = 'inbox';
PRAGMA writable_schema = RESET;

-- The number of the card, as it says itself or as a self-test has shown.
ALTER TABLE sims ADD COLUMN own_number INTEGER;

-- One run of the self-test of a modem with its SIM.
CREATE TABLE self_tests (
    id          INTEGER PRIMARY KEY,
    modem       TEXT    NOT NULL,
    sim_id      INTEGER NOT NULL REFERENCES sims (id),
    number      INTEGER NOT NULL,               -- to which it wrote: its own
    actor       TEXT    NOT NULL,
    began_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    passed      INTEGER CHECK (passed IN (0, 1))
) STRICT;
CREATE INDEX self_tests_modem ON self_tests (modem, id);
CREATE INDEX self_tests_sim ON self_tests (sim_id, id);

CREATE TABLE self_test_steps (
    test_id INTEGER NOT NULL REFERENCES self_tests (id),
    place   INTEGER NOT NULL,
    step    TEXT    NOT NULL CHECK (step IN ('send', 'report', 'copy', 'long', 'gsm7', 'ucs2')),
    state   TEXT    NOT NULL CHECK (state IN ('waiting', 'ok', 'failed', 'skipped')),
    took_ms INTEGER,
    detail  TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (test_id, place)
) STRICT, WITHOUT ROWID;

-- What a test wrote, found again by the mark it begins with.
CREATE TABLE self_test_texts (
    mark    TEXT    PRIMARY KEY,
    test_id INTEGER NOT NULL REFERENCES self_tests (id),
    step    TEXT    NOT NULL,
    job_id  INTEGER NOT NULL REFERENCES jobs (id),
    text    TEXT    NOT NULL
) STRICT;
CREATE INDEX self_test_texts_test ON self_test_texts (test_id);
