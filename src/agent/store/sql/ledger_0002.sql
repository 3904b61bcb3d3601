-- Rows that decide money say themselves whether they are whole: checksum covers every other column.
-- Null in a row that was written before.
ALTER TABLE requests ADD COLUMN checksum INTEGER;
ALTER TABLE idempotency ADD COLUMN checksum INTEGER;
ALTER TABLE holds ADD COLUMN checksum INTEGER;
ALTER TABLE codes_used ADD COLUMN checksum INTEGER;
