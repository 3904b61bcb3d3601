-- What records have to do with one another.

-- Voids, returns, late members and adjustments, by the sale that they are about. The sale need not
-- be here yet.
CREATE TABLE follow_ups (
    sale_device   BYTEA NOT NULL,
    sale_epoch    BIGINT NOT NULL,
    sale_sequence BIGINT NOT NULL,
    device        BYTEA NOT NULL,
    epoch         BIGINT NOT NULL,
    sequence      BIGINT NOT NULL,
    CONSTRAINT follow_ups_once
        PRIMARY KEY (sale_device, sale_epoch, sale_sequence, device, epoch, sequence)
);

-- When each device's checkpoints were sealed: a record that was built on one is not older.
CREATE TABLE checkpoints (
    device BYTEA NOT NULL,
    number BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    CONSTRAINT checkpoints_once PRIMARY KEY (device, number)
);
