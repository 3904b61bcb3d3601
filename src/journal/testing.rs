//! Keys and one record of every kind, for tests.
