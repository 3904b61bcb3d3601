-- What the hub had when it made this base: hub_cursor, how far its changes are in it; contained, the
-- row of the last record of this device's journal that is in its accounts. 0 in an imported base.
ALTER TABLE about ADD COLUMN hub_cursor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE about ADD COLUMN contained INTEGER NOT NULL DEFAULT 0;
