-- The messages of a number without the foreign key to them: for every message that is removed with a broken-off list SQLite looked through
-- all numbers, and for every one that is entered it read the message, at random places of the ledger. Both are written in the transaction
-- that writes the message; see 0006_upkeep.sql for why a table may be replaced in place.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'message_id INTEGER NOT NULL REFERENCES messages (id)', 'message_id INTEGER NOT NULL')
WHERE type = 'table' AND name = 'numbers';
PRAGMA writable_schema = RESET;
-- The same look went through the record of consents, for confirmations; there the key stays, with an index.
CREATE INDEX consents_message ON consents (message_id) WHERE message_id IS NOT NULL;
