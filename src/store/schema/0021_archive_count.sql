-- Erasures are counted in the order in which they are committed, and an archive remembers up to which one it was looked through. By the
-- clock one could be missed for ever: its time is that of the beginning of the call that commits it, and clocks are set back.
ALTER TABLE erased_numbers ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
UPDATE erased_numbers
SET seq = counted.seq
FROM (SELECT digest, row_number() OVER (ORDER BY at_ms, digest) AS seq FROM erased_numbers) AS counted
WHERE counted.digest = erased_numbers.digest;
CREATE UNIQUE INDEX erased_numbers_seq ON erased_numbers (seq);

-- 0: archives from before are looked through for all of them once more.
ALTER TABLE archives ADD COLUMN tended_seq INTEGER NOT NULL DEFAULT 0;
-- Erasures since then had not reached it when the key of their digests was lost: it may name these people, and nobody can find them.
ALTER TABLE archives ADD COLUMN lost_since_ms INTEGER;

-- The newest report that the ledger had when it was copied.
ALTER TABLE this_archive ADD COLUMN newest_report INTEGER NOT NULL DEFAULT 0;
