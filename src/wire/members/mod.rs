//! The import file: members and vouchers, one JSON object a line.
