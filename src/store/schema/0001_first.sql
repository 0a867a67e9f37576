-- The ledger. Times are Unix milliseconds in UTC; numbers are E.164 digits as integers.
-- A file in this folder is never edited once it has shipped: a change is the next file.

-- One row per dropped file (or per answer of the daemon's own).
CREATE TABLE jobs (
    id            INTEGER PRIMARY KEY,
    uid           TEXT    NOT NULL UNIQUE,      -- UUIDv7, the job's name in the world
    kind          TEXT    NOT NULL CHECK (kind IN ('file', 'reply')),
    unit          TEXT    NOT NULL,
    source        TEXT    NOT NULL,             -- the file's name as dropped
    filed_as      TEXT,                         -- its name in accepted/; NULL until it lies there
    digest        TEXT    NOT NULL,             -- SHA-256 of the content
    owner         TEXT    NOT NULL,
    class         TEXT    NOT NULL CHECK (class IN ('emergency', 'important', 'routine')),
    text          TEXT,
    in_doubt      TEXT    NOT NULL CHECK (in_doubt IN ('hold', 'resend')),
    pinned_sim_id INTEGER REFERENCES sims (id), -- answers go out through the SIM that was written to
    state         TEXT    NOT NULL CHECK (state IN ('receiving', 'active', 'paused', 'cancelled', 'done')),
    not_before_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    finished_at_ms INTEGER,
    recipients    INTEGER NOT NULL DEFAULT 0,
    excluded      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX jobs_digest ON jobs (digest);
CREATE INDEX jobs_open ON jobs (state) WHERE state IN ('receiving', 'active', 'paused');

-- Everyone a job names, also those who get nothing.
CREATE TABLE recipients (
    id       INTEGER PRIMARY KEY,
    job_id   INTEGER NOT NULL REFERENCES jobs (id),
    row      INTEGER NOT NULL,
    raw      TEXT,                              -- as written, where that is not the number's own digits
    number   INTEGER,
    name     TEXT,
    excluded TEXT CHECK (excluded IN ('invalid', 'duplicate', 'opted_out', 'no_text', 'too_long')),
    detail   TEXT
) STRICT;
CREATE INDEX recipients_job ON recipients (job_id, id);

-- One text to one number. Its id is its recipient's.
CREATE TABLE messages (
    id           INTEGER PRIMARY KEY REFERENCES recipients (id),
    job_id       INTEGER NOT NULL,              -- its recipient's
    number       INTEGER NOT NULL,
    text         TEXT,                          -- NULL: the job's text
    segments     INTEGER NOT NULL CHECK (segments BETWEEN 1 AND 255),
    state        TEXT    NOT NULL CHECK (state IN ('queued', 'sending', 'submitted', 'delivered', 'failed',
                                                   'unreported', 'in_doubt', 'expired', 'suppressed', 'cancelled')),
    wake_at_ms   INTEGER,                       -- when it may be picked: 0 = never tried, NULL = not in the queue
    sim_id       INTEGER REFERENCES sims (id),  -- bound to this SIM: part of it has gone through it
    avoid_sim_id INTEGER REFERENCES sims (id),  -- refused there last
    concat_ref   INTEGER CHECK (concat_ref BETWEEN 0 AND 255)
) STRICT;
CREATE INDEX messages_queue ON messages (job_id, wake_at_ms, id) WHERE wake_at_ms IS NOT NULL;
CREATE INDEX messages_live ON messages (state) WHERE state IN ('sending', 'in_doubt');

-- Which messages go, or went, to a number. A long list is entered here in the order of its numbers when all of it is
-- in: an index on messages would touch a page at random for every row that comes.
CREATE TABLE numbers (
    number     INTEGER NOT NULL,
    message_id INTEGER NOT NULL REFERENCES messages (id),
    PRIMARY KEY (number, message_id)
) STRICT, WITHOUT ROWID;

-- One SMS-SUBMIT of a message.
CREATE TABLE segments (
    message_id INTEGER NOT NULL REFERENCES messages (id),
    number     INTEGER NOT NULL CHECK (number BETWEEN 1 AND 255),
    state      TEXT    NOT NULL CHECK (state IN ('queued', 'sending', 'submitted', 'delivered', 'failed',
                                                 'unreported', 'in_doubt', 'expired', 'suppressed', 'cancelled')),
    charged    INTEGER NOT NULL DEFAULT 0,      -- hand-overs that count towards giving up
    PRIMARY KEY (message_id, number)
) STRICT, WITHOUT ROWID;

-- How many messages of a job stand in which state; kept in the transaction that changes the messages.
CREATE TABLE tallies (
    job_id   INTEGER NOT NULL REFERENCES jobs (id),
    state    TEXT    NOT NULL,
    messages INTEGER NOT NULL CHECK (messages >= 0),
    PRIMARY KEY (job_id, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE sims (
    id            INTEGER PRIMARY KEY,
    key           TEXT    NOT NULL UNIQUE,      -- iccid:…, imsi:… or, where the card will not tell, port:…
    iccid         TEXT,
    imsi          TEXT,
    operator      TEXT,
    first_seen_ms INTEGER NOT NULL,
    last_seen_ms  INTEGER NOT NULL
) STRICT;

-- What is known of each modem now; its history is in events.
CREATE TABLE modems (
    name          TEXT    PRIMARY KEY,
    imei          TEXT,
    manufacturer  TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    revision      TEXT    NOT NULL,
    port          TEXT    NOT NULL,
    sim_id        INTEGER REFERENCES sims (id),
    state         TEXT    NOT NULL CHECK (state IN ('found', 'ready', 'unready', 'lost')),
    reason        TEXT,
    registration  TEXT,
    signal        INTEGER,
    changed_at_ms INTEGER NOT NULL
) STRICT;

-- One hand-over of one segment to one modem. The row is durable before the PDU is handed over;
-- after that only its outcome is entered, once, and the way in which a doubt was settled.
CREATE TABLE attempts (
    id           INTEGER PRIMARY KEY,
    message_id   INTEGER NOT NULL REFERENCES messages (id),
    segment      INTEGER NOT NULL,
    sim_id       INTEGER NOT NULL REFERENCES sims (id),
    modem        TEXT    NOT NULL,
    number       INTEGER NOT NULL,
    reason       TEXT    NOT NULL CHECK (reason <> ''),   -- 'first', or why it is handed over again
    opened_at_ms INTEGER NOT NULL,
    closed_at_ms INTEGER,
    outcome      TEXT CHECK (outcome IN ('submitted', 'refused', 'not_sent', 'uncertain')),
    detail       TEXT,                          -- cause, doubt or circumstance
    code         TEXT,                          -- the error as the modem gave it
    tp_mr        INTEGER CHECK (tp_mr BETWEEN 0 AND 255),
    settled      TEXT CHECK (settled IN ('late_answer', 'report', 'never_left', 'policy', 'operator')),
    due_at_ms    INTEGER                        -- when the waiting for a report, or for evidence, ends
) STRICT;
CREATE INDEX attempts_open ON attempts (id) WHERE outcome IS NULL;
CREATE INDEX attempts_due ON attempts (due_at_ms) WHERE due_at_ms IS NOT NULL;
CREATE INDEX attempts_message ON attempts (message_id, segment);
CREATE INDEX attempts_sim ON attempts (sim_id, opened_at_ms);
CREATE INDEX attempts_report ON attempts (sim_id, number, tp_mr);

-- SMS-STATUS-REPORTs, also those that fit nothing.
CREATE TABLE reports (
    id             INTEGER PRIMARY KEY,
    sim_id         INTEGER NOT NULL REFERENCES sims (id),
    attempt_id     INTEGER REFERENCES attempts (id),
    tp_mr          INTEGER NOT NULL,
    recipient      TEXT    NOT NULL,
    number         INTEGER,
    status         INTEGER NOT NULL,            -- TP-ST
    submitted_at_ms INTEGER,                    -- TP-SCTS
    discharged_at_ms INTEGER,                   -- TP-DT
    received_at_ms INTEGER NOT NULL,
    verdict        TEXT    NOT NULL CHECK (verdict IN ('matched', 'repeated', 'orphan')),
    pdu            BLOB    NOT NULL,
    UNIQUE (sim_id, pdu)
) STRICT;
CREATE INDEX reports_attempt ON reports (attempt_id);
CREATE INDEX reports_orphan ON reports (sim_id, number) WHERE verdict = 'orphan';

-- Inbound texts, whole.
CREATE TABLE inbox (
    id             INTEGER PRIMARY KEY,
    sim_id         INTEGER NOT NULL REFERENCES sims (id),
    sender         TEXT    NOT NULL,
    number         INTEGER,                     -- the sender as a number, where it is one
    text           TEXT    NOT NULL,
    kind           TEXT    NOT NULL CHECK (kind IN ('reply', 'stop', 'start', 'help', 'review', 'operator', 'garbled')),
    rule           TEXT,
    complete       INTEGER NOT NULL CHECK (complete IN (0, 1)),
    sent_at_ms     INTEGER,                     -- TP-SCTS of the first part
    received_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX inbox_number ON inbox (number, received_at_ms);

-- SMS-DELIVERs as received. The digest makes reading one twice one record.
CREATE TABLE parts (
    id             INTEGER PRIMARY KEY,
    sim_id         INTEGER NOT NULL REFERENCES sims (id),
    digest         BLOB    NOT NULL,
    sender         TEXT    NOT NULL,
    concat_ref     INTEGER,
    concat_total   INTEGER,
    concat_number  INTEGER,
    text           TEXT    NOT NULL,
    received_at_ms INTEGER NOT NULL,
    inbox_id       INTEGER REFERENCES inbox (id),
    pdu            BLOB    NOT NULL,
    UNIQUE (sim_id, digest)
) STRICT;
CREATE INDEX parts_waiting ON parts (sim_id, sender, concat_ref, concat_total) WHERE concat_ref IS NOT NULL;
CREATE INDEX parts_loose ON parts (received_at_ms) WHERE inbox_id IS NULL;

-- Numbers that are not to be written to, now. How it came about is in events.
CREATE TABLE opt_outs (
    number   INTEGER PRIMARY KEY,
    since_ms INTEGER NOT NULL,
    source   TEXT    NOT NULL CHECK (source IN ('sms', 'operator')),
    inbox_id INTEGER REFERENCES inbox (id),
    rule     TEXT,
    actor    TEXT    NOT NULL,
    reason   TEXT    NOT NULL
) STRICT;

-- Parts of the queue that people hold.
CREATE TABLE pauses (
    scope    TEXT PRIMARY KEY,                  -- all, class:…, unit:…
    since_ms INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    reason   TEXT    NOT NULL
) STRICT;

-- Everything that changed, and who, when and why. Never updated, never deleted.
CREATE TABLE events (
    id         INTEGER PRIMARY KEY,
    at_ms      INTEGER NOT NULL,
    actor      TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    job_id     INTEGER,
    message_id INTEGER,
    sim_id     INTEGER,
    number     INTEGER,
    detail     TEXT    NOT NULL
) STRICT;
CREATE INDEX events_message ON events (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX events_job ON events (job_id) WHERE job_id IS NOT NULL;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'an event is never changed');
END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'an event is never deleted');
END;
