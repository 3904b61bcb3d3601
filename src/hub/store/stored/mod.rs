//! Rows as both databases keep them: integers, texts and bytes, in the order of a table's columns.
//!
//! Each file writes and reads the rows of some tables. An id is its bytes or its text, an instant
//! milliseconds since 1970, a day days since 1970, an enum its number; what has a structure of its
//! own is CBOR.

pub(super) mod accounts;
pub(super) mod devices;
pub(super) mod journal;
pub(super) mod links;
pub(super) mod members;
pub(super) mod published;

use chrono::{DateTime, NaiveDate, Utc};

use super::error::StoreError;
use super::rows::Place;
use crate::loyalty::DeviceId;

/// A value on its way into a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    /// An integer.
    Int(Option<i64>),
    /// A text.
    Text(Option<&'a str>),
    /// Bytes that the row has.
    Bytes(Option<&'a [u8]>),
    /// Bytes that were made for the row.
    Made(Option<Vec<u8>>),
}

impl<'a> Cell<'a> {
    /// Text that is there.
    pub(super) const fn text(text: &'a str) -> Self {
        Self::Text(Some(text))
    }

    /// Bytes that are there.
    pub(super) const fn bytes(bytes: &'a [u8]) -> Self {
        Self::Bytes(Some(bytes))
    }

    /// A number that every database holds.
    pub(super) fn int(number: impl Into<i64>) -> Self {
        Self::Int(Some(number.into()))
    }

    /// A number that may be beyond what databases hold.
    pub(super) fn unsigned(number: u64) -> Result<Self, StoreError> {
        signed(number).map(|number| Self::Int(Some(number)))
    }

    /// An instant.
    pub(super) const fn instant(at: DateTime<Utc>) -> Self {
        Self::Int(Some(at.timestamp_millis()))
    }

    /// A day, or none.
    pub(super) fn day(day: Option<NaiveDate>) -> Self {
        Self::Int(day.map(|day| i64::from(day.to_epoch_days())))
    }
}

/// A number as databases hold it.
pub(super) fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::OutOfRange { number })
}

/// A number to look for: none that is stored is beyond the largest.
pub(super) fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How many rows are asked for.
pub(super) fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A place as three cells.
pub(super) fn place_cells(place: &Place) -> Result<[Cell<'_>; 3], StoreError> {
    let Place { device, epoch, sequence } = place;
    Ok([Cell::bytes(device.as_bytes()), Cell::int(*epoch), Cell::unsigned(*sequence)?])
}

/// The columns of a row that a database gave; nothing where a column is of another type.
pub(super) trait Columns {
    /// An integer, or null.
    fn int_at(&self, column: usize) -> Option<Option<i64>>;
    /// A text, or null.
    fn text_at(&self, column: usize) -> Option<Option<String>>;
    /// Bytes, or null.
    fn bytes_at(&self, column: usize) -> Option<Option<Vec<u8>>>;
}

/// Reads a row from left to right. Whatever is not as this program writes it is damage.
pub(super) struct RowReader<'a> {
    columns: &'a dyn Columns,
    table: &'static str,
    next: usize,
}

impl<'a> RowReader<'a> {
    /// Begins at the first column.
    pub(super) fn new(columns: &'a dyn Columns, table: &'static str) -> Self {
        Self { columns, table, next: 0 }
    }

    /// The fault of a value that is not what was written.
    pub(super) fn damaged(&self) -> StoreError {
        StoreError::RowDamaged { table: self.table }
    }

    /// What was read, or damage.
    pub(super) fn ok<T>(&self, read: Option<T>) -> Result<T, StoreError> {
        read.ok_or_else(|| self.damaged())
    }

    pub(super) fn int_or_none(&mut self) -> Result<Option<i64>, StoreError> {
        let read = self.columns.int_at(self.step());
        self.ok(read)
    }

    pub(super) fn int(&mut self) -> Result<i64, StoreError> {
        let read = self.int_or_none()?;
        self.ok(read)
    }

    pub(super) fn text(&mut self) -> Result<String, StoreError> {
        let read = self.columns.text_at(self.step()).flatten();
        self.ok(read)
    }

    pub(super) fn bytes_or_none(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let read = self.columns.bytes_at(self.step());
        self.ok(read)
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        let read = self.bytes_or_none()?;
        self.ok(read)
    }

    /// Bytes of a fixed length, or null.
    pub(super) fn array_or_none<const N: usize>(&mut self) -> Result<Option<[u8; N]>, StoreError> {
        let Some(bytes) = self.bytes_or_none()? else { return Ok(None) };
        let array = bytes.try_into().ok();
        self.ok(array).map(Some)
    }

    /// Bytes of a fixed length.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let read = self.array_or_none()?;
        self.ok(read)
    }

    /// An integer of a smaller type.
    pub(super) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        let number = T::try_from(self.int()?).ok();
        self.ok(number)
    }

    /// A text that parses.
    pub(super) fn parsed<T, E>(
        &mut self,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, StoreError> {
        let parsed = parse(&self.text()?).ok();
        self.ok(parsed)
    }

    pub(super) fn instant_or_none(&mut self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let Some(ms) = self.int_or_none()? else { return Ok(None) };
        self.ok(DateTime::from_timestamp_millis(ms)).map(Some)
    }

    pub(super) fn instant(&mut self) -> Result<DateTime<Utc>, StoreError> {
        let read = self.instant_or_none()?;
        self.ok(read)
    }

    pub(super) fn day_or_none(&mut self) -> Result<Option<NaiveDate>, StoreError> {
        let Some(days) = self.int_or_none()? else { return Ok(None) };
        let day = i32::try_from(days).ok().and_then(NaiveDate::from_epoch_days);
        self.ok(day).map(Some)
    }

    pub(super) fn device(&mut self) -> Result<DeviceId, StoreError> {
        self.array().map(DeviceId::from_bytes)
    }

    pub(super) fn place(&mut self) -> Result<Place, StoreError> {
        Ok(Place { device: self.device()?, epoch: self.number()?, sequence: self.number()? })
    }

    fn step(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }
}
