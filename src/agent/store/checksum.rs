//! Checksums of rows that decide money: SQLite's own checks miss most flipped bits in a page.

use ring::digest::{Context, SHA256};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

/// The first schema, of a ledger and of a base alike, all of whose rows that decide money have a
/// column for their checksum.
pub(crate) const CHECKSUMS_SINCE: u32 = 2;

/// A table whose rows say themselves whether they are whole.
pub(crate) struct CheckedTable {
    pub(crate) name: &'static str,
    /// The columns that name a row.
    pub(crate) key: &'static [&'static str],
    /// Whether a row, read with all its columns, is what was written.
    pub(crate) is_intact: fn(&Row<'_>) -> bool,
}

/// A row as it was read, with the checksum that stands in it. It fails only where a value is not of
/// its column's kind, which is damage too.
pub(crate) type ReadRow<T> = rusqlite::Result<(T, Option<i64>)>;

/// The first eight bytes of the SHA-256 over the parts, each with its length before it.
pub(crate) fn checksum(parts: &[&[u8]]) -> i64 {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let digest = context.finish();
    let first: [u8; 8] =
        digest.as_ref()[..8].try_into().expect("a SHA-256 has more than eight bytes");
    i64::from_be_bytes(first)
}

/// A row, if it is what was written; one without a checksum was written before there were any and is
/// believed.
pub(crate) fn intact<T>(read: ReadRow<T>, sum_of: impl FnOnce(&T) -> i64) -> Option<T> {
    let (row, stored) = read.ok()?;
    stored.is_none_or(|stored| stored == sum_of(&row)).then_some(row)
}

/// How many rows of a table are not what was written.
pub(crate) fn count_damaged(
    connection: &Connection,
    table: &CheckedTable,
) -> rusqlite::Result<usize> {
    Ok(damaged_keys(connection, table)?.len())
}

/// Forgets the rows of a table that are not what was written; how many.
pub(crate) fn drop_damaged(
    connection: &Connection,
    table: &CheckedTable,
) -> rusqlite::Result<usize> {
    let keys = damaged_keys(connection, table)?;
    let named: Vec<String> = table.key.iter().map(|column| format!("{column} = ?")).collect();
    let sql = format!("DELETE FROM {} WHERE {}", table.name, named.join(" AND "));
    for key in &keys {
        connection.execute(&sql, params_from_iter(key))?;
        tracing::error!(table = table.name, "a damaged row was forgotten");
    }
    Ok(keys.len())
}

fn damaged_keys(
    connection: &Connection,
    table: &CheckedTable,
) -> rusqlite::Result<Vec<Vec<Value>>> {
    let schema: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if schema < CHECKSUMS_SINCE || !connection.table_exists(None, table.name)? {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare(&format!("SELECT * FROM {}", table.name))?;
    let mut rows = statement.query([])?;
    let mut damaged = Vec::new();
    while let Some(row) = rows.next()? {
        if !(table.is_intact)(row) {
            damaged
                .push(table.key.iter().map(|column| row.get(*column)).collect::<Result<_, _>>()?);
        }
    }
    Ok(damaged)
}

#[cfg(test)]
mod tests {
    use super::{checksum, intact};

    #[test]
    fn a_changed_moved_or_missing_byte_changes_the_checksum() {
        let whole = checksum(&[b"ab", b"c"]);
        for other in [checksum(&[b"ab", b"d"]), checksum(&[b"a", b"bc"]), checksum(&[b"ab"])] {
            assert_ne!(whole, other);
        }
        assert_eq!(whole, checksum(&[b"ab", b"c"]));
    }

    #[test]
    fn a_row_is_believed_with_its_own_checksum_or_none_and_never_with_another() {
        let sum = |row: &i64| checksum(&[&row.to_be_bytes()]);
        assert_eq!(intact(Ok((7, Some(sum(&7)))), sum), Some(7));
        assert_eq!(intact(Ok((7, None)), sum), Some(7), "written before there were checksums");
        assert_eq!(intact(Ok((8, Some(sum(&7)))), sum), None);
        assert_eq!(intact(Err(rusqlite::Error::QueryReturnedNoRows), sum), None, "another type");
    }
}
