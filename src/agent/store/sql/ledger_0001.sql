-- The ledger of one device: what was decided, and what follows from it.

-- The records, exactly as signed. id = epoch * 2^40 + sequence: append-only, in order.
CREATE TABLE journal (
    id    INTEGER PRIMARY KEY,
    kind  INTEGER NOT NULL,
    bytes BLOB NOT NULL
);

-- Which record answered a request. A receipt id is unique in its till for ever.
-- what: 1 receipt, 2 undo of a receipt, 3 event, 4 adjustment, 5 late member.
CREATE TABLE requests (
    what        INTEGER NOT NULL,
    till        TEXT NOT NULL,
    uid         TEXT NOT NULL,
    id          INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    CONSTRAINT requests_once PRIMARY KEY (what, till, uid)
) WITHOUT ROWID;

-- Idempotency keys that callers sent, for seven days. kept_until in Unix milliseconds.
CREATE TABLE idempotency (
    till        TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    id          INTEGER NOT NULL,
    kept_until  INTEGER NOT NULL,
    CONSTRAINT idempotency_once PRIMARY KEY (till, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (kept_until);

-- Voids, returns and late members of a sale.
CREATE TABLE follow_ups (
    sale INTEGER NOT NULL,
    id   INTEGER NOT NULL,
    CONSTRAINT follow_ups_once PRIMARY KEY (sale, id)
) WITHOUT ROWID;

-- Which records touch an account, to fold it anew.
CREATE TABLE account_records (
    account BLOB NOT NULL,
    id      INTEGER NOT NULL,
    CONSTRAINT account_records_once PRIMARY KEY (account, id)
) WITHOUT ROWID;

-- Accounts as folded: base facts of base_cursor and the device's own records.
-- checksum covers account, cursor and facts.
CREATE TABLE accounts (
    account     BLOB PRIMARY KEY,
    base_cursor INTEGER NOT NULL,
    facts       BLOB NOT NULL,
    checksum    INTEGER NOT NULL
) WITHOUT ROWID;

-- Vouchers that were used, by which record. checksum covers both.
CREATE TABLE vouchers_used (
    voucher  TEXT PRIMARY KEY,
    id       INTEGER NOT NULL,
    checksum INTEGER NOT NULL
) WITHOUT ROWID;

-- Points and vouchers kept free while a customer pays. Not journalled: they lapse by themselves.
-- vouchers: JSON array of codes; expires_at in Unix milliseconds.
CREATE TABLE holds (
    till       TEXT NOT NULL,
    uid        TEXT NOT NULL,
    account    BLOB NOT NULL,
    points     INTEGER NOT NULL CONSTRAINT holds_points_not_negative CHECK (points >= 0),
    vouchers   TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    CONSTRAINT holds_once PRIMARY KEY (till, uid)
) WITHOUT ROWID;
CREATE INDEX holds_by_account ON holds (account);

-- Rotating codes and tokens that were used, so that a copy of one is refused.
-- last_step: of a wallet; used_until: when the row may go, Unix milliseconds.
CREATE TABLE codes_used (
    code       BLOB PRIMARY KEY,
    last_step  INTEGER NOT NULL,
    used_until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX codes_used_by_age ON codes_used (used_until);

-- Sums of a local day, for its closing.
CREATE TABLE days (
    day                 TEXT PRIMARY KEY,
    receipts            INTEGER NOT NULL,
    gross               INTEGER NOT NULL,
    discount            INTEGER NOT NULL,
    redeemed            INTEGER NOT NULL,
    points_issued       INTEGER NOT NULL,
    points_spent        INTEGER NOT NULL,
    identified_receipts INTEGER NOT NULL,
    identified_value    INTEGER NOT NULL,
    closed              INTEGER NOT NULL
) WITHOUT ROWID;

-- Single facts: which software wrote last, which programme is in force, whether the agent stopped
-- in order.
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
