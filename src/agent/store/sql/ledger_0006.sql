-- A voucher may have been taken by several receipts, because a receipt is a fact: it is free again
-- when none of them is left.
CREATE TABLE vouchers_used_by_each (
    voucher  TEXT NOT NULL,
    id       INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (voucher, id)
) WITHOUT ROWID;
INSERT INTO vouchers_used_by_each (voucher, id, checksum)
    SELECT voucher, id, checksum FROM vouchers_used;
DROP TABLE vouchers_used;
ALTER TABLE vouchers_used_by_each RENAME TO vouchers_used;
