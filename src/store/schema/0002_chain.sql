-- The record of events is chained: each event's link is a digest over the event and the link before it, so that an
-- event changed, removed, put in or moved afterwards shows (store/chain.rs). Events from before carry no link; the
-- first link stands on a digest over all of them.
ALTER TABLE events ADD COLUMN link BLOB CHECK (link IS NULL OR length(link) = 32);

CREATE TABLE chain_start (
    last_unlinked INTEGER NOT NULL              -- the newest event of the time before; 0: there is none
) STRICT;
INSERT INTO chain_start (last_unlinked)
SELECT coalesce(max(id), 0)
FROM events;
