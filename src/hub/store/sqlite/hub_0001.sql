-- What the hub keeps. Ids are bytes or text, instants are milliseconds since 1970, days are days
-- since 1970, enums are the numbers that `stored` gives them. `changed` is the cursor of the last
-- change of a row.

-- Codes that make a device known, by their SHA-256.
CREATE TABLE enrolments (
    code_hash  BLOB NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    store      TEXT NOT NULL,
    grouped    TEXT NOT NULL,
    replaces   BLOB,
    expires_at INTEGER NOT NULL,
    used_by    BLOB
) STRICT, WITHOUT ROWID;

-- Devices. The head is the last record of their journals here.
CREATE TABLE devices (
    device          BLOB NOT NULL PRIMARY KEY,
    name            TEXT NOT NULL,
    store           TEXT NOT NULL,
    grouped         TEXT NOT NULL,
    public_key      BLOB NOT NULL,
    standing        INTEGER NOT NULL,
    replaces        BLOB,
    head_epoch      INTEGER,
    head_sequence   INTEGER,
    head_hash       BLOB,
    checkpoint      INTEGER NOT NULL,
    enrolled_at     INTEGER NOT NULL,
    seen_at         INTEGER,
    software        TEXT NOT NULL,
    clock_offset_ms INTEGER NOT NULL,
    CONSTRAINT devices_head_whole CHECK (
        (head_epoch IS NULL) = (head_sequence IS NULL) AND (head_epoch IS NULL) = (head_hash IS NULL)
    )
) STRICT, WITHOUT ROWID;

-- The records, exactly as signed. kind is 0 where the record cannot be read.
CREATE TABLE journal (
    device       BLOB NOT NULL,
    epoch        INTEGER NOT NULL,
    sequence     INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    bytes        BLOB NOT NULL,
    hash         BLOB NOT NULL,
    effective_at INTEGER NOT NULL,
    arrived_at   INTEGER NOT NULL,
    quarantine   INTEGER,
    CONSTRAINT journal_once PRIMARY KEY (device, epoch, sequence)
) STRICT;

-- Second records of a place.
CREATE TABLE forked_records (
    device     BLOB NOT NULL,
    epoch      INTEGER NOT NULL,
    sequence   INTEGER NOT NULL,
    hash       BLOB NOT NULL,
    bytes      BLOB NOT NULL,
    arrived_at INTEGER NOT NULL,
    CONSTRAINT forked_records_once PRIMARY KEY (device, epoch, sequence, hash)
) STRICT;

-- Which record a receipt is.
CREATE TABLE receipts (
    store    TEXT NOT NULL,
    till     TEXT NOT NULL,
    uid      TEXT NOT NULL,
    device   BLOB NOT NULL,
    epoch    INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    CONSTRAINT receipts_once PRIMARY KEY (store, till, uid)
) STRICT, WITHOUT ROWID;

-- What records do to accounts. number tells entries of one record apart.
CREATE TABLE entries (
    account      BLOB NOT NULL,
    device       BLOB NOT NULL,
    epoch        INTEGER NOT NULL,
    sequence     INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    effective_at INTEGER NOT NULL,
    entry        BLOB NOT NULL,
    CONSTRAINT entries_once PRIMARY KEY (account, device, epoch, sequence, number)
) STRICT, WITHOUT ROWID;

-- Accounts as folded from what they began with and their entries.
CREATE TABLE accounts (
    account BLOB NOT NULL PRIMARY KEY,
    opening BLOB,
    facts   BLOB NOT NULL,
    changed INTEGER NOT NULL
) STRICT;
CREATE INDEX accounts_by_change ON accounts (changed);

-- Members; state is null for one that is gone.
CREATE TABLE members (
    member  BLOB NOT NULL PRIMARY KEY,
    state   BLOB,
    changed INTEGER NOT NULL
) STRICT;
CREATE INDEX members_by_change ON members (changed);

-- Whose a card number or referral code is, by its hash under the directory key.
CREATE TABLE member_codes (
    code   INTEGER NOT NULL PRIMARY KEY,
    member BLOB NOT NULL
) STRICT;
CREATE INDEX member_codes_by_member ON member_codes (member);

-- Vouchers; used_* is the record that used one.
CREATE TABLE vouchers (
    voucher       TEXT NOT NULL PRIMARY KEY,
    voucher_type  TEXT NOT NULL,
    account       BLOB,
    valid_from    INTEGER,
    valid_until   INTEGER,
    standing      INTEGER NOT NULL,
    used_device   BLOB,
    used_epoch    INTEGER,
    used_sequence INTEGER,
    changed       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX vouchers_by_change ON vouchers (changed);

-- Programmes as published; hash is of the text.
CREATE TABLE programmes (
    version   INTEGER NOT NULL PRIMARY KEY,
    hash      BLOB NOT NULL,
    text      TEXT NOT NULL,
    from_time INTEGER NOT NULL,
    sealed    BLOB NOT NULL,
    changed   INTEGER NOT NULL
) STRICT;
CREATE INDEX programmes_by_hash ON programmes (hash);

-- Lists of the hub's keys, sealed by the root.
CREATE TABLE key_lists (
    serial  INTEGER NOT NULL PRIMARY KEY,
    sealed  BLOB NOT NULL,
    changed INTEGER NOT NULL
) STRICT;

-- What a person may have to look at.
CREATE TABLE flags (
    device   BLOB NOT NULL,
    epoch    INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    detail   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    CONSTRAINT flags_once PRIMARY KEY (device, epoch, sequence, kind, subject)
) STRICT;
CREATE INDEX flags_by_time ON flags (at);

-- The cursor of the last change: one row.
CREATE TABLE cursor (
    one   INTEGER NOT NULL PRIMARY KEY CONSTRAINT cursor_one CHECK (one = 1),
    value INTEGER NOT NULL
) STRICT;
INSERT INTO cursor (one, value) VALUES (1, 0);
