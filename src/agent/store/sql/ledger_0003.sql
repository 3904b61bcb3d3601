-- Days say what was taken back and how often they were closed; checksum covers the whole row.
-- Rows from before have a checksum of nothing: they are summed anew from the journal.
ALTER TABLE days ADD COLUMN voids INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN returns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN refunded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN points_clawed_back INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN points_restored INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN closings INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
