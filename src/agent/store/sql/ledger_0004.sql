-- What was used of offers with limits over all customers: sums of the journal's own facts.
-- unit: 0 receipts, 1 units of goods. day: local, ISO 8601. No row says nothing was used.
-- checksum covers every other column.
CREATE TABLE shared_uses (
    offer    TEXT NOT NULL,
    unit     INTEGER NOT NULL,
    day      TEXT NOT NULL,
    uses     INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    CONSTRAINT shared_uses_once PRIMARY KEY (offer, unit, day)
) WITHOUT ROWID;
