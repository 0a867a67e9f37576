-- Report files beside accepted jobs that do not say yet what the ledger says. The commit that makes them so marks them; the mark goes when
-- one has been written that was read after it. Whatever dies in between, they are written after the next start.
CREATE TABLE report_files_due (
    job_id INTEGER PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    mark   INTEGER NOT NULL,                    -- which change it was: a later one has a higher number
    why    TEXT    NOT NULL CHECK (why = 'changed' OR why = 'erased')
) STRICT;

-- Programs before this one compared the times of files after a start. What the last of them may have left is written once more.
INSERT INTO report_files_due (job_id, mark, why)
SELECT id, 1, 'changed'
FROM jobs
WHERE kind = 'file' AND finished_at_ms IS NOT NULL AND archive_id IS NULL AND NOT EXISTS (SELECT 1 FROM this_archive)
ORDER BY finished_at_ms DESC
LIMIT 100;

-- In an archive a mark is the number of its own event that says who was erased. Up to this one it is on record in the ledger who was taken
-- out, which jobs named them, and what the file is since then. In the row of an archive itself: where its own events begin.
ALTER TABLE archives ADD COLUMN marked INTEGER NOT NULL DEFAULT 0;
UPDATE archives
SET marked = (SELECT coalesce(max(id), 0) FROM events)
WHERE id = 0;
