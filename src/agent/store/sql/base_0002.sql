-- Rows that say whose a code is say themselves whether they are whole: checksum covers every other
-- column. Null in a row that was written before.
ALTER TABLE codes ADD COLUMN checksum INTEGER;
ALTER TABLE wallets ADD COLUMN checksum INTEGER;
