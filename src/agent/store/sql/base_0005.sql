-- offers: what a member carries, a JSON array of [offer, from, until, score, variant]; null for
-- nothing. Times are local ISO texts; what is not there is null. Its checksum is part of the row's.
ALTER TABLE members ADD COLUMN offers TEXT;
