-- What a person should look at: raised once, cleared when it has passed. At most one of a kind stands for a subject; how it came
-- and went is in events too.
CREATE TABLE alarms (
    id            INTEGER PRIMARY KEY,
    kind          TEXT    NOT NULL,
    subject       TEXT    NOT NULL,             -- the modem, SIM, job or operator it is about, as people call it
    level         TEXT    NOT NULL CHECK (level IN ('warning', 'critical')),
    detail        TEXT    NOT NULL,
    raised_at_ms  INTEGER NOT NULL,
    cleared_at_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX alarms_standing ON alarms (kind, subject) WHERE cleared_at_ms IS NULL;
