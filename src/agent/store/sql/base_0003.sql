-- birthday: month and day as "05-17", null where it is not known; its checksum is part of the row's.
ALTER TABLE members ADD COLUMN birthday TEXT;
