-- Sums of cashback, in minor units. The checksums of those that are not 0 are part of the row's.
ALTER TABLE days ADD COLUMN cashback_issued INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN cashback_spent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN cashback_clawed_back INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN cashback_restored INTEGER NOT NULL DEFAULT 0;
