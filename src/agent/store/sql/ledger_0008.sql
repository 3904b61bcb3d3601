-- What the hub said after the base in use was made. A row stands before the base file's of the same
-- key, over the base file of that number only: rows over an earlier file say nothing any more and are
-- swept away in time. gone: 1 where the hub says that there is none. contained: the row of the last
-- record of this journal that the hub had booked when it said so; records behind it are still to be
-- counted. checksum covers every other column.

CREATE TABLE pulled_members (
    base      INTEGER NOT NULL,
    member    BLOB NOT NULL,
    gone      INTEGER NOT NULL,
    account   BLOB,
    flags     TEXT,
    birthday  TEXT,
    kind      TEXT,
    role      TEXT,
    recruiter TEXT,
    offers    TEXT,
    checksum  INTEGER NOT NULL,
    CONSTRAINT pulled_members_once PRIMARY KEY (base, member)
) WITHOUT ROWID;

-- All codes of each pulled member: those of the base file do not count for one.
CREATE TABLE pulled_codes (
    base     INTEGER NOT NULL,
    code     INTEGER NOT NULL,
    member   BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    CONSTRAINT pulled_codes_once PRIMARY KEY (base, code)
) WITHOUT ROWID;
CREATE INDEX pulled_codes_by_member ON pulled_codes (base, member);

-- All wallets of each pulled member.
CREATE TABLE pulled_wallets (
    base     INTEGER NOT NULL,
    wallet   BLOB NOT NULL,
    member   BLOB NOT NULL,
    secret   BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    CONSTRAINT pulled_wallets_once PRIMARY KEY (base, wallet)
) WITHOUT ROWID;
CREATE INDEX pulled_wallets_by_member ON pulled_wallets (base, member);

CREATE TABLE pulled_accounts (
    base      INTEGER NOT NULL,
    account   BLOB NOT NULL,
    contained INTEGER NOT NULL,
    facts     BLOB NOT NULL,
    checksum  INTEGER NOT NULL,
    CONSTRAINT pulled_accounts_once PRIMARY KEY (base, account)
) WITHOUT ROWID;

-- A voucher that is gone keeps what was known of it.
CREATE TABLE pulled_vouchers (
    base         INTEGER NOT NULL,
    voucher      TEXT NOT NULL,
    contained    INTEGER NOT NULL,
    gone         INTEGER NOT NULL,
    voucher_type TEXT,
    account      BLOB,
    valid_from   TEXT,
    valid_until  TEXT,
    checksum     INTEGER NOT NULL,
    CONSTRAINT pulled_vouchers_once PRIMARY KEY (base, voucher)
) WITHOUT ROWID;
CREATE INDEX pulled_vouchers_by_account ON pulled_vouchers (base, account);

-- Which hub, and how far it and this ledger know each other. root: the pinned public key of its root.
-- key_list: as the root sealed it. cursor: how far the hub's changes are stored. contained: what of
-- this journal the hub had booked at the cursor. checkpoint: the hub's last sealed word on this
-- journal's head. hub_ahead_ms: the hub's clock less this one, when last told.
CREATE TABLE sync_state (
    one             INTEGER PRIMARY KEY CONSTRAINT sync_state_one_row CHECK (one = 1),
    hub_url         TEXT NOT NULL,
    device          BLOB NOT NULL,
    store           TEXT NOT NULL,
    root            BLOB NOT NULL,
    key_list_serial INTEGER NOT NULL,
    key_list        BLOB NOT NULL,
    cursor          INTEGER NOT NULL,
    contained       INTEGER NOT NULL,
    checkpoint      BLOB,
    hub_ahead_ms    INTEGER,
    checksum        INTEGER NOT NULL
);

-- Programmes that the hub published and that are not in force yet. text: null until it is fetched.
-- from_ms: when it is to be in force, Unix milliseconds. sealed: the hub's signed notice.
CREATE TABLE programmes_to_come (
    version  INTEGER PRIMARY KEY,
    hash     BLOB NOT NULL,
    from_ms  INTEGER NOT NULL,
    sealed   BLOB NOT NULL,
    text     TEXT,
    checksum INTEGER NOT NULL
);

-- Records that the hub refuses whatever is tried: they stay in the journal and are named, not sent.
CREATE TABLE records_set_aside (
    id INTEGER PRIMARY KEY
);
