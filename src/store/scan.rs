//! For tests: every table and column of a ledger is looked through.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::types::ValueRef;

use super::open::open_read_only;

/// What stands in a column of a row; what is NULL is passed over.
pub(crate) enum Cell<'a> {
    Integer(i64),
    Text(&'a str),
    Octets(&'a [u8]),
}

/// The columns in which something is found, as `table.column`.
pub(crate) fn columns(ledger: &Path, found: impl Fn(Cell<'_>) -> bool) -> BTreeSet<String> {
    let ledger = open_read_only(ledger).unwrap();
    let mut tables = ledger.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut holding = BTreeSet::new();
    for table in tables {
        let mut all = ledger.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let names: Vec<String> = all.column_names().map(str::to_owned).collect();
        let mut rows = all.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for (place, name) in names.iter().enumerate() {
                let cell = match row.get_ref(place).unwrap() {
                    ValueRef::Integer(integer) => Cell::Integer(integer),
                    ValueRef::Text(text) => Cell::Text(std::str::from_utf8(text).unwrap()),
                    ValueRef::Blob(octets) => Cell::Octets(octets),
                    ValueRef::Null | ValueRef::Real(_) => continue,
                };
                if found(cell) {
                    holding.insert(format!("{table}.{name}"));
                }
            }
        }
    }
    holding
}
