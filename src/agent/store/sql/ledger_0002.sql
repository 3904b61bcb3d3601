-- Rows that decide money say themselves whether they are whole: checksum covers every other column.
-- Null in a row that was written before.
ALTER TABLE requests ADD COLUMN checksum INTEGER;
ALTER TABLE idempotency ADD COLUMN checksum INTEGER;
ALTER TABLE holds ADD COLUMN checksum INTEGER;
ALTER TABLE codes_used ADD COLUMN checksum INTEGER;

-- Every programme that was in force, word for word. hash: SHA-256 of the text, as hexadecimal.
CREATE TABLE programmes (
    version INTEGER NOT NULL,
    hash    TEXT NOT NULL,
    text    TEXT NOT NULL,
    CONSTRAINT programmes_once PRIMARY KEY (version, hash)
);
