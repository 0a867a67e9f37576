-- Jobs of files are counted by state every few seconds by whoever watches; the daemon's own answers, of which there may be many times as
-- many, are not looked at for it.
CREATE INDEX jobs_files ON jobs (state) WHERE kind = 'file';
-- When a SIM last received something, and how many texts there are, is asked as often.
CREATE INDEX parts_sim ON parts (sim_id, received_at_ms);
CREATE INDEX inbox_kind ON inbox (kind);
