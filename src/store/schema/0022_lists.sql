-- Under one key a caller makes one request: the same content with other lists is another.
ALTER TABLE submissions ADD COLUMN lists_digest TEXT;   -- SHA-256 over the names and contents of its lists; NULL: not noted then
