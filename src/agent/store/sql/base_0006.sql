-- What the hub had when it made this base: hub_cursor, how far its changes are in it, null in an
-- imported base; contained, the row of the last record of this device's journal that is in its
-- accounts, 0 for none.
ALTER TABLE about ADD COLUMN hub_cursor INTEGER;
ALTER TABLE about ADD COLUMN contained INTEGER NOT NULL DEFAULT 0;
