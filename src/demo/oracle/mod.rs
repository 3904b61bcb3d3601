//! What the demo must come to, computed from the purchase log alone in plain SQL.
//!
//! It shares no code with the rules it checks: no `loyalty`, no `money`. `prepare.sql` has the
//! tables, `sell.sql` lines and offers, `turn.sql` what the n-th event of every customer does,
//! `standings.sql` where everybody stands. The rules are those of `programme.toml` and `habits`.

#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use rusqlite::{Connection, params};

use super::figures::{Customer, Figures, Standing, Sums};
use super::log::Purchase;

const PREPARE: &str = include_str!("prepare.sql");
const SELL: &str = include_str!("sell.sql");
const TURN: &str = include_str!("turn.sql");
const STANDINGS: &str = include_str!("standings.sql");

/// Where everybody stands on `today` after these purchases.
pub(crate) fn figures(
    purchases: &[Purchase],
    customers: impl IntoIterator<Item = Customer>,
    today: NaiveDate,
) -> rusqlite::Result<Figures> {
    let mut connection = Connection::open_in_memory()?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(PREPARE)?;
    load(&transaction, purchases, customers)?;
    transaction.execute_batch(SELL)?;
    let turns: Option<i64> =
        transaction.query_row("SELECT max(turn) FROM event", [], |row| row.get(0))?;
    for turn in 1..=turns.unwrap_or(0) {
        transaction.execute("DELETE FROM now", [])?;
        transaction.execute(
            "INSERT INTO now (customer, row, day, kind)
             SELECT customer, row, day, kind FROM event WHERE turn = ?1",
            [turn],
        )?;
        transaction.execute_batch(TURN)?;
    }
    let figures = Figures { standings: standings(&transaction, today)?, sums: sums(&transaction)? };
    transaction.commit()?;
    Ok(figures)
}

fn load(
    connection: &Connection,
    purchases: &[Purchase],
    customers: impl IntoIterator<Item = Customer>,
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare("INSERT INTO purchase VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for purchase in purchases {
        let Purchase { row, customer, day, units, cents } = *purchase;
        insert.execute(params![row, customer, day.to_string(), units, cents])?;
    }
    let mut insert = connection.prepare("INSERT INTO account (customer) VALUES (?1)")?;
    for customer in customers {
        insert.execute([customer])?;
    }
    Ok(())
}

fn standings(
    connection: &Connection,
    today: NaiveDate,
) -> rusqlite::Result<std::collections::BTreeMap<Customer, Standing>> {
    let today: i64 =
        connection.query_row("SELECT unixepoch(?1) / 86400", [today.to_string()], |r| r.get(0))?;
    let mut statement = connection.prepare(STANDINGS)?;
    let rows = statement.query_map([today], |row| {
        let standing = Standing {
            balance: row.get(1)?,
            debt: row.get(2)?,
            issued: row.get(3)?,
            spent: row.get(4)?,
            restored: row.get(5)?,
            clawed_back: row.get(6)?,
            expired: row.get(7)?,
            spend: row.get(8)?,
            visits: row.get(9)?,
            tier: row.get(10)?,
            last_purchase: row.get(11)?,
            expires: row.get(12)?,
        };
        Ok((row.get(0)?, standing))
    })?;
    rows.collect()
}

fn sums(connection: &Connection) -> rusqlite::Result<Sums> {
    connection.query_row(
        "SELECT count(*), coalesce(sum(gross), 0), coalesce(sum(discount), 0),
                coalesce(sum(redeemed), 0), coalesce(sum(paid), 0),
                coalesce(sum(who = 'member'), 0),
                coalesce(sum(CASE WHEN who = 'member' THEN paid END), 0),
                coalesce(sum(undone IS NOT NULL), 0), coalesce(sum(refund), 0)
         FROM sale",
        [],
        |row| {
            Ok(Sums {
                receipts: row.get(0)?,
                gross: row.get(1)?,
                discount: row.get(2)?,
                redeemed: row.get(3)?,
                paid: row.get(4)?,
                identified: row.get(5)?,
                identified_paid: row.get(6)?,
                undone: row.get(7)?,
                refund: row.get(8)?,
            })
        },
    )
}
