-- What was sold, from the log alone: the till's lines, the offers, and the order of events.

CREATE TABLE purchase (
    row      INTEGER PRIMARY KEY,
    customer INTEGER NOT NULL,
    date     TEXT NOT NULL,
    units    INTEGER NOT NULL,
    cents    INTEGER NOT NULL
);

-- A sale of at most two lines: units1 at the lower price, units2 at a cent more. net is what is
-- left of a line after offers, redeemed1 what spent points paid of line 1.
CREATE TABLE sale (
    row        INTEGER PRIMARY KEY,
    customer   INTEGER NOT NULL,
    day        INTEGER NOT NULL,
    who        TEXT NOT NULL,
    undone     TEXT,
    units1     INTEGER NOT NULL,
    units2     INTEGER NOT NULL,
    gross      INTEGER NOT NULL,
    discount   INTEGER NOT NULL,
    net1       INTEGER NOT NULL,
    net2       INTEGER NOT NULL,
    multiplier INTEGER NOT NULL DEFAULT 1000,
    spent      INTEGER NOT NULL DEFAULT 0,
    redeemed   INTEGER NOT NULL DEFAULT 0,
    redeemed1  INTEGER NOT NULL DEFAULT 0,
    paid       INTEGER NOT NULL DEFAULT 0,
    earned     INTEGER NOT NULL DEFAULT 0,
    refund     INTEGER NOT NULL DEFAULT 0,
    booked     INTEGER NOT NULL DEFAULT 0,
    kept       INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX sale_by_customer ON sale (customer, day);

CREATE TABLE account (
    customer    INTEGER PRIMARY KEY,
    balance     INTEGER NOT NULL DEFAULT 0,
    debt        INTEGER NOT NULL DEFAULT 0,
    issued      INTEGER NOT NULL DEFAULT 0,
    spent       INTEGER NOT NULL DEFAULT 0,
    restored    INTEGER NOT NULL DEFAULT 0,
    clawed_back INTEGER NOT NULL DEFAULT 0,
    expired     INTEGER NOT NULL DEFAULT 0
);

-- The n-th thing that happens to each customer has turn n.
CREATE TABLE event (
    turn     INTEGER NOT NULL,
    row      INTEGER NOT NULL,
    customer INTEGER NOT NULL,
    day      INTEGER NOT NULL,
    kind     TEXT NOT NULL
);
CREATE INDEX event_by_turn ON event (turn);

-- What happens in this turn, at most one event of each customer.
CREATE TABLE now (
    customer INTEGER PRIMARY KEY,
    row      INTEGER NOT NULL,
    day      INTEGER NOT NULL,
    kind     TEXT NOT NULL
);

CREATE TABLE undo (
    row         INTEGER NOT NULL,
    customer    INTEGER NOT NULL,
    who         TEXT NOT NULL,
    refund      INTEGER NOT NULL,
    clawed_back INTEGER NOT NULL,
    restored    INTEGER NOT NULL,
    whole       INTEGER NOT NULL,
    done        INTEGER NOT NULL DEFAULT 0
);
