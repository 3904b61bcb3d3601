-- A member's place in the account: kind as "household" or "company", null for a person; role in a
-- company; recruiter, an opaque ref. The checksums of those that are there are part of the row's.
ALTER TABLE members ADD COLUMN kind TEXT;
ALTER TABLE members ADD COLUMN role TEXT;
ALTER TABLE members ADD COLUMN recruiter TEXT;
