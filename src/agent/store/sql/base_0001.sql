-- What the hub or an import said of members: replaceable as a whole.

-- Which base this is. content: SHA-256 over the import that made it and the base before.
-- source: SHA-256 of the imported file; members and points: control totals of the whole base.
CREATE TABLE about (
    one      INTEGER PRIMARY KEY CONSTRAINT about_one_row CHECK (one = 1),
    cursor   INTEGER NOT NULL,
    content  BLOB NOT NULL,
    source   BLOB NOT NULL,
    members  INTEGER NOT NULL,
    imported INTEGER NOT NULL,
    points   INTEGER NOT NULL
);

-- flags: JSON array, or null for none. checksum covers the row.
CREATE TABLE members (
    member   BLOB PRIMARY KEY,
    account  BLOB NOT NULL,
    flags    TEXT,
    checksum INTEGER NOT NULL
) WITHOUT ROWID;

-- code: first eight bytes of the HMAC of a static code under the directory key.
CREATE TABLE codes (
    code   INTEGER PRIMARY KEY,
    member BLOB NOT NULL
);

-- Accounts that begin with something. facts: as in the ledger.
CREATE TABLE accounts (
    account  BLOB PRIMARY KEY,
    facts    BLOB NOT NULL,
    checksum INTEGER NOT NULL
) WITHOUT ROWID;

-- secret: sealed under a key derived from the directory key.
CREATE TABLE wallets (
    wallet BLOB PRIMARY KEY,
    member BLOB NOT NULL,
    secret BLOB NOT NULL
) WITHOUT ROWID;

-- account: whose it is, null for whoever brings it. Days as ISO texts.
CREATE TABLE vouchers (
    voucher      TEXT PRIMARY KEY,
    voucher_type TEXT NOT NULL,
    account      BLOB,
    valid_from   TEXT,
    valid_until  TEXT,
    checksum     INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX vouchers_by_account ON vouchers (account);
