//! What was decided, as signed and chained bytes.
