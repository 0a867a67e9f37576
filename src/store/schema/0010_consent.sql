-- How much an opt-out covers. Those from before cover everything: that is what their senders were told.
ALTER TABLE opt_outs ADD COLUMN scope TEXT NOT NULL DEFAULT 'everything' CHECK (scope IN ('ordinary', 'everything'));

-- On what a job's numbers are processed, and the inbound text that it answers, where a person wrote it as an answer.
ALTER TABLE jobs ADD COLUMN basis TEXT NOT NULL DEFAULT 'unstated';
ALTER TABLE jobs ADD COLUMN answers INTEGER REFERENCES inbox (id);

-- The ledger of consent: what the owner of a number, or somebody for them, has said, and what was confirmed. How a number came in
-- with a job file is in recipients and jobs.
CREATE TABLE consents (
    id         INTEGER PRIMARY KEY,
    at_ms      INTEGER NOT NULL,
    number     INTEGER,                         -- NULL once it is erased
    digest     BLOB    CHECK (digest IS NULL OR length(digest) = 32), -- keyed, in place of an erased number
    kind       TEXT    NOT NULL CHECK (kind IN ('listed', 'opted_out', 'opted_in', 'confirmed', 'erased')),
    scope      TEXT    CHECK (scope IN ('ordinary', 'everything')),
    changed    INTEGER NOT NULL CHECK (changed IN (0, 1)), -- 0: it held already
    channel     TEXT    NOT NULL,                -- sms, letter, counter, phone, decree, roster, other
    basis      TEXT,
    text       TEXT,                            -- an SMS as written
    normal     TEXT,                            -- and as it was compared with the keywords
    rule       TEXT,
    inbox_id   INTEGER REFERENCES inbox (id),
    sim_id     INTEGER REFERENCES sims (id),
    message_id INTEGER REFERENCES messages (id), -- of a confirmation
    letter     TEXT,                            -- what names the paper
    actor      TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    CHECK ((number IS NULL) = (digest IS NOT NULL))
) STRICT;
CREATE INDEX consents_number ON consents (number, id) WHERE number IS NOT NULL;
CREATE TRIGGER consents_are_never_changed BEFORE UPDATE ON consents
WHEN NOT (OLD.number IS NOT NULL AND NEW.number IS NULL AND NEW.id IS OLD.id AND NEW.at_ms IS OLD.at_ms
          AND NEW.kind IS OLD.kind AND NEW.scope IS OLD.scope AND NEW.changed IS OLD.changed AND NEW.channel IS OLD.channel
          AND NEW.basis IS OLD.basis AND NEW.text IS OLD.text AND NEW.normal IS OLD.normal AND NEW.rule IS OLD.rule
          AND NEW.inbox_id IS OLD.inbox_id AND NEW.sim_id IS OLD.sim_id AND NEW.message_id IS OLD.message_id
          AND NEW.letter IS OLD.letter AND NEW.actor IS OLD.actor AND NEW.reason IS OLD.reason)
BEGIN
    SELECT RAISE(ABORT, 'the ledger of consent is never changed; an erased number leaves a keyed digest');
END;
CREATE TRIGGER consents_are_never_deleted BEFORE DELETE ON consents
BEGIN
    SELECT RAISE(ABORT, 'the ledger of consent is never deleted from');
END;

-- What names the key beside the ledger without telling it, so that a wrong one is noticed.
CREATE TABLE key_check (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    digest BLOB    NOT NULL CHECK (length(digest) = 32)
) STRICT;

-- Opt-outs of erased numbers: under keyed digests, so that they hold when a list brings the number again.
CREATE TABLE kept_opt_outs (
    digest   BLOB    PRIMARY KEY CHECK (length(digest) = 32),
    scope    TEXT    NOT NULL CHECK (scope IN ('ordinary', 'everything')),
    since_ms INTEGER NOT NULL,
    kept_ms  INTEGER NOT NULL                   -- when the number was erased
) STRICT, WITHOUT ROWID;

-- Numbers stand apart from the events they belong to, so that one can be taken out without breaking the chain: an event carries a
-- seal over its number and a salt, and the seal is what is chained (store/seal.rs). Links of events from before are over the
-- number itself.
CREATE TABLE event_numbers (
    event_id INTEGER PRIMARY KEY,
    number   INTEGER NOT NULL,
    salt     BLOB    CHECK (salt IS NULL OR length(salt) = 16) -- NULL: of an event from before
) STRICT;
CREATE INDEX event_numbers_number ON event_numbers (number);
ALTER TABLE events ADD COLUMN sealed BLOB CHECK (sealed IS NULL OR length(sealed) = 32);

DROP TRIGGER events_are_never_changed;
INSERT INTO event_numbers (event_id, number)
SELECT id, number
FROM events
WHERE number IS NOT NULL;
UPDATE events SET number = NULL WHERE number IS NOT NULL;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'an event is never changed');
END;

-- Events from before that have a number: the link that each carries, or would carry if it were not older than the chain, and a digest
-- over what stays of it without the number. The event record_sealed holds the last of these.
CREATE TABLE old_events (
    event_id INTEGER PRIMARY KEY,
    link     BLOB NOT NULL CHECK (length(link) = 32),
    seal     BLOB NOT NULL CHECK (length(seal) = 32)
) STRICT;

ALTER TABLE chain_start ADD COLUMN record_sealed INTEGER NOT NULL DEFAULT 0 CHECK (record_sealed IN (0, 1));

-- Who asks to be erased is found also where they got nothing, and in what they wrote.
CREATE INDEX recipients_excluded ON recipients (number) WHERE excluded IS NOT NULL AND number IS NOT NULL;
CREATE INDEX parts_inbox ON parts (inbox_id) WHERE inbox_id IS NOT NULL;
CREATE INDEX self_test_texts_job ON self_test_texts (job_id);
CREATE INDEX self_tests_number ON self_tests (number);

-- What was kept long enough is blanked; when that was done.
ALTER TABLE jobs ADD COLUMN texts_blanked_ms INTEGER;
ALTER TABLE jobs ADD COLUMN numbers_blanked_ms INTEGER;
ALTER TABLE inbox ADD COLUMN blanked_ms INTEGER;
CREATE INDEX jobs_texts_kept ON jobs (finished_at_ms) WHERE finished_at_ms IS NOT NULL AND texts_blanked_ms IS NULL;
CREATE INDEX jobs_numbers_kept ON jobs (finished_at_ms) WHERE finished_at_ms IS NOT NULL AND numbers_blanked_ms IS NULL;
CREATE INDEX inbox_kept ON inbox (received_at_ms) WHERE blanked_ms IS NULL;

-- The inbox for people: whose a text is to answer (the unit of the last message to its sender), and whether somebody has. NULL:
-- nobody needs to, the machine has seen to it or it is filed.
ALTER TABLE inbox ADD COLUMN unit TEXT;
ALTER TABLE inbox ADD COLUMN about_job_id INTEGER REFERENCES jobs (id);
ALTER TABLE inbox ADD COLUMN state TEXT CHECK (state IN ('new', 'read', 'answered'));
UPDATE inbox SET state = 'new' WHERE kind IN ('reply', 'review', 'garbled');
CREATE INDEX inbox_state ON inbox (state, id) WHERE state IS NOT NULL;
CREATE INDEX jobs_answers ON jobs (answers) WHERE answers IS NOT NULL;
