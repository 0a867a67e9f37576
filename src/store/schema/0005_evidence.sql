-- Stretches of time in which one SIM lay in one modem that stayed on. TP-MRs of one run may be compared with each other.
CREATE TABLE runs (
    id          INTEGER PRIMARY KEY,
    sim_id      INTEGER NOT NULL REFERENCES sims (id),
    modem       TEXT    NOT NULL,
    imei        TEXT,
    make        TEXT    NOT NULL,               -- manufacturer, model, firmware: whose habits hold here
    restarted   INTEGER NOT NULL CHECK (restarted IN (0, 1)),   -- 1: it certainly was started anew before
    began_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_sim ON runs (sim_id, id);

-- NULL for hand-overs from before this file: nobody knows what may be compared with them.
ALTER TABLE attempts ADD COLUMN run_id INTEGER REFERENCES runs (id);

-- EF_SMSS, the number last used, as it was read from a card.
CREATE TABLE card_readings (
    id            INTEGER PRIMARY KEY,
    sim_id        INTEGER NOT NULL REFERENCES sims (id),
    run_id        INTEGER NOT NULL REFERENCES runs (id),
    after_attempt INTEGER NOT NULL,             -- the last hand-over through this SIM before; 0: there was none
    tp_mr         INTEGER NOT NULL CHECK (tp_mr BETWEEN 0 AND 255),
    at_ms         INTEGER NOT NULL
) STRICT;
CREATE INDEX card_readings_sim ON card_readings (sim_id, after_attempt);

-- What makes of modem were seen to do (policy/habit.rs).
CREATE TABLE habits (
    make    TEXT    NOT NULL,
    habit   TEXT    NOT NULL,
    held    INTEGER NOT NULL,                   -- how often in a row
    broken  INTEGER NOT NULL,                   -- how often not
    trusted INTEGER NOT NULL CHECK (trusted IN (0, 1)),
    PRIMARY KEY (make, habit)
) STRICT, WITHOUT ROWID;

-- What is kept beside an attempt in doubt, for whoever has to decide.
CREATE TABLE doubts (
    attempt_id      INTEGER PRIMARY KEY REFERENCES attempts (id),
    report_until_ms INTEGER,                    -- how long a status report may still settle it; NULL: none is expected
    said            TEXT                        -- the last octets on the line after the hand-over, no PDU and no text among them
) STRICT;
