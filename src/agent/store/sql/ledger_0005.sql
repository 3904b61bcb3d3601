-- Vouchers that this ledger's own receipts handed out. account: whose; id: the record that did;
-- cancelled_by: the record that took back what it was given for. checksum covers the whole row.
CREATE TABLE vouchers_issued (
    voucher      TEXT PRIMARY KEY,
    voucher_type TEXT NOT NULL,
    account      BLOB NOT NULL,
    valid_from   TEXT NOT NULL,
    valid_until  TEXT NOT NULL,
    id           INTEGER NOT NULL,
    cancelled_by INTEGER,
    checksum     INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX vouchers_issued_by_account ON vouchers_issued (account);
