-- What the hub keeps. Ids are bytes or text, instants are milliseconds since 1970, days are days
-- since 1970, enums are the numbers that `stored` gives them. `changed` is the cursor of the last
-- change of a row. Texts in keys are ordered byte by byte. Every primary key begins with what the
-- table is distributed by (`citus.sql`), and no constraint goes from one table to another.

-- Codes that make a device known, by their SHA-256.
CREATE TABLE enrolments (
    code_hash  BYTEA NOT NULL CONSTRAINT enrolments_once PRIMARY KEY,
    name       TEXT NOT NULL,
    store      TEXT NOT NULL,
    grouped    TEXT NOT NULL,
    replaces   BYTEA,
    expires_at BIGINT NOT NULL,
    used_by    BYTEA
);

-- Devices. The head is the last record of their journals here.
CREATE TABLE devices (
    device          BYTEA NOT NULL CONSTRAINT devices_once PRIMARY KEY,
    name            TEXT NOT NULL,
    store           TEXT NOT NULL,
    grouped         TEXT NOT NULL,
    public_key      BYTEA NOT NULL,
    standing        BIGINT NOT NULL,
    replaces        BYTEA,
    head_epoch      BIGINT,
    head_sequence   BIGINT,
    head_hash       BYTEA,
    checkpoint      BIGINT NOT NULL,
    enrolled_at     BIGINT NOT NULL,
    seen_at         BIGINT,
    software        TEXT NOT NULL,
    clock_offset_ms BIGINT NOT NULL,
    CONSTRAINT devices_head_whole CHECK (
        (head_epoch IS NULL) = (head_sequence IS NULL) AND (head_epoch IS NULL) = (head_hash IS NULL)
    )
);

-- The records, exactly as signed. kind is 0 where the record cannot be read.
CREATE TABLE journal (
    device       BYTEA NOT NULL,
    epoch        BIGINT NOT NULL,
    sequence     BIGINT NOT NULL,
    kind         BIGINT NOT NULL,
    bytes        BYTEA NOT NULL,
    hash         BYTEA NOT NULL,
    effective_at BIGINT NOT NULL,
    arrived_at   BIGINT NOT NULL,
    quarantine   BIGINT,
    CONSTRAINT journal_once PRIMARY KEY (device, epoch, sequence)
);

-- Second records of a place.
CREATE TABLE forked_records (
    device     BYTEA NOT NULL,
    epoch      BIGINT NOT NULL,
    sequence   BIGINT NOT NULL,
    hash       BYTEA NOT NULL,
    bytes      BYTEA NOT NULL,
    arrived_at BIGINT NOT NULL,
    CONSTRAINT forked_records_once PRIMARY KEY (device, epoch, sequence, hash)
);

-- Which record a receipt is.
CREATE TABLE receipts (
    store    TEXT COLLATE "C" NOT NULL,
    till     TEXT COLLATE "C" NOT NULL,
    uid      TEXT COLLATE "C" NOT NULL,
    device   BYTEA NOT NULL,
    epoch    BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    CONSTRAINT receipts_once PRIMARY KEY (store, till, uid)
);

-- What records do to accounts. number tells entries of one record apart.
CREATE TABLE entries (
    account      BYTEA NOT NULL,
    device       BYTEA NOT NULL,
    epoch        BIGINT NOT NULL,
    sequence     BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    effective_at BIGINT NOT NULL,
    entry        BYTEA NOT NULL,
    CONSTRAINT entries_once PRIMARY KEY (account, device, epoch, sequence, number)
);

-- Accounts as folded from what they began with and their entries.
CREATE TABLE accounts (
    account BYTEA NOT NULL CONSTRAINT accounts_once PRIMARY KEY,
    opening BYTEA,
    facts   BYTEA NOT NULL,
    changed BIGINT NOT NULL
);
CREATE INDEX accounts_by_change ON accounts (changed);

-- Members; state is null for one that is gone.
CREATE TABLE members (
    member  BYTEA NOT NULL CONSTRAINT members_once PRIMARY KEY,
    state   BYTEA,
    changed BIGINT NOT NULL
);
CREATE INDEX members_by_change ON members (changed);

-- Whose a card number or referral code is, by its hash under the directory key.
CREATE TABLE member_codes (
    code   BIGINT NOT NULL CONSTRAINT member_codes_once PRIMARY KEY,
    member BYTEA NOT NULL
);
CREATE INDEX member_codes_by_member ON member_codes (member);

-- Vouchers; used_* is the record that used one.
CREATE TABLE vouchers (
    voucher       TEXT COLLATE "C" NOT NULL CONSTRAINT vouchers_once PRIMARY KEY,
    voucher_type  TEXT NOT NULL,
    account       BYTEA,
    valid_from    BIGINT,
    valid_until   BIGINT,
    standing      BIGINT NOT NULL,
    used_device   BYTEA,
    used_epoch    BIGINT,
    used_sequence BIGINT,
    changed       BIGINT NOT NULL
);
CREATE INDEX vouchers_by_change ON vouchers (changed);

-- Programmes as published; hash is of the text.
CREATE TABLE programmes (
    version   BIGINT NOT NULL CONSTRAINT programmes_once PRIMARY KEY,
    hash      BYTEA NOT NULL,
    text      TEXT NOT NULL,
    from_time BIGINT NOT NULL,
    sealed    BYTEA NOT NULL,
    changed   BIGINT NOT NULL
);
CREATE INDEX programmes_by_hash ON programmes (hash);

-- Lists of the hub's keys, sealed by the root.
CREATE TABLE key_lists (
    serial  BIGINT NOT NULL CONSTRAINT key_lists_once PRIMARY KEY,
    sealed  BYTEA NOT NULL,
    changed BIGINT NOT NULL
);

-- What a person may have to look at.
CREATE TABLE flags (
    device   BYTEA NOT NULL,
    epoch    BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    subject  TEXT COLLATE "C" NOT NULL,
    detail   TEXT NOT NULL,
    at       BIGINT NOT NULL,
    CONSTRAINT flags_once PRIMARY KEY (device, epoch, sequence, kind, subject)
);
CREATE INDEX flags_by_time ON flags (at);

-- The cursor of the last change: one row.
CREATE TABLE cursor (
    one   BIGINT NOT NULL CONSTRAINT cursor_once PRIMARY KEY CONSTRAINT cursor_one CHECK (one = 1),
    value BIGINT NOT NULL
);
INSERT INTO cursor (one, value) VALUES (1, 0);
