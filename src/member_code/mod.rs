//! What a scan says.
