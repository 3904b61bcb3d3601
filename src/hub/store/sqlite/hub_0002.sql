-- What records have to do with one another.

-- Voids, returns, late members and adjustments, by the sale that they are about. The sale need not
-- be here yet.
CREATE TABLE follow_ups (
    sale_device   BLOB NOT NULL,
    sale_epoch    INTEGER NOT NULL,
    sale_sequence INTEGER NOT NULL,
    device        BLOB NOT NULL,
    epoch         INTEGER NOT NULL,
    sequence      INTEGER NOT NULL,
    CONSTRAINT follow_ups_once
        PRIMARY KEY (sale_device, sale_epoch, sale_sequence, device, epoch, sequence)
) STRICT, WITHOUT ROWID;

-- When each device's checkpoints were sealed: a record that was built on one is not older.
CREATE TABLE checkpoints (
    device BLOB NOT NULL,
    number INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    CONSTRAINT checkpoints_once PRIMARY KEY (device, number)
) STRICT, WITHOUT ROWID;
