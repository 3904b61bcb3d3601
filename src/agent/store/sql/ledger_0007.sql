-- Sums of cashback and what of it is on hold, in minor units. Those that are not 0 are part of their
-- row's checksum.
ALTER TABLE days ADD COLUMN cashback_issued INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN cashback_spent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN cashback_clawed_back INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN cashback_restored INTEGER NOT NULL DEFAULT 0;
ALTER TABLE holds ADD COLUMN cashback INTEGER NOT NULL DEFAULT 0;
