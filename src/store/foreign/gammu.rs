//! The SQLite database of gammu-smsd (its manual, "SMSD Database Structure"; versions 7 to 18 differ in columns that came and went), and
//! what Kalkun adds to it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, Row};

use super::super::StoreError;
use super::super::open::open_read_only;

/// What a database of gammu-smsd holds for the future.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Smsd {
    /// The outbox, by id.
    pub outbox: Vec<OutboxRow>,
    /// The phonebook, in its order.
    pub phonebook: Vec<PhonebookRow>,
    /// Numbers that opted out in Kalkun (`plugin_stop_manager`), as written there.
    pub opted_out: BTreeSet<String>,
}

/// A row of `outbox`, with its further parts. Every field is as it stands there; empty where the table lacks the column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxRow {
    /// `ID`.
    pub id: i64,
    /// `InsertIntoDB`.
    pub inserted: String,
    /// `SendingDateTime`, local time.
    pub sending_at: String,
    /// `SendingTimeOut`, local time: until then the daemon is at it.
    pub sending_until: String,
    /// `SendBefore`.
    pub send_before: String,
    /// `SendAfter`.
    pub send_after: String,
    /// `DestinationNumber`.
    pub number: String,
    /// `Class`.
    pub class: String,
    /// `RelativeValidity`.
    pub validity: String,
    /// `MultiPart`.
    pub multipart: String,
    /// The first part, and those of `outbox_multipart` in their order.
    pub parts: Vec<PartRow>,
    /// Whether parts of it, or all, stand in `sentitems`.
    pub sent: bool,
}

/// One SMS of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartRow {
    /// `Coding`.
    pub coding: String,
    /// `UDH`, hexadecimal.
    pub udh: String,
    /// `TextDecoded`.
    pub decoded: String,
    /// `Text`, hexadecimal.
    pub text: String,
    /// `Class`.
    pub class: String,
}

/// A row of `pbk`, with the name of its group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhonebookRow {
    /// `Name`.
    pub name: String,
    /// `Number`.
    pub number: String,
    /// `pbk_groups.Name`; Kalkun: `GroupName`.
    pub group: String,
}

/// Reads a database of gammu-smsd, whoever else has it open. Errors: [`StoreError::Sqlite`], also where it is none.
pub fn read(path: &Path) -> Result<Smsd, StoreError> {
    let connection = open_read_only(path)?;
    read_all(&connection).map_err(|source| StoreError::Sqlite { path: path.to_owned(), source })
}

fn read_all(connection: &Connection) -> rusqlite::Result<Smsd> {
    let outbox = Table::of(connection, "outbox")?;
    let mut rows = outbox.all(
        connection,
        &[
            "ID",
            "InsertIntoDB",
            "SendingDateTime",
            "SendingTimeOut",
            "SendBefore",
            "SendAfter",
            "DestinationNumber",
            "Class",
            "RelativeValidity",
            "MultiPart",
            "Coding",
            "UDH",
            "TextDecoded",
            "Text",
        ],
        "ID",
        |row| {
            let class = text(row, 7)?;
            let part = PartRow {
                coding: text(row, 10)?,
                udh: text(row, 11)?,
                decoded: text(row, 12)?,
                text: text(row, 13)?,
                class: class.clone(),
            };
            Ok(OutboxRow {
                id: text(row, 0)?.parse().unwrap_or_default(),
                inserted: text(row, 1)?,
                sending_at: text(row, 2)?,
                sending_until: text(row, 3)?,
                send_before: text(row, 4)?,
                send_after: text(row, 5)?,
                number: text(row, 6)?,
                class,
                validity: text(row, 8)?,
                multipart: text(row, 9)?,
                parts: vec![part],
                sent: false,
            })
        },
    )?;
    let further = Table::of(connection, "outbox_multipart")?.all(
        connection,
        &["ID", "Coding", "UDH", "TextDecoded", "Text", "Class"],
        "ID, SequencePosition",
        |row| {
            let part = PartRow {
                coding: text(row, 1)?,
                udh: text(row, 2)?,
                decoded: text(row, 3)?,
                text: text(row, 4)?,
                class: text(row, 5)?,
            };
            Ok((text(row, 0)?.parse::<i64>().unwrap_or_default(), part))
        },
    )?;
    let mut parts: BTreeMap<i64, Vec<PartRow>> = BTreeMap::new();
    for (id, part) in further {
        parts.entry(id).or_default().push(part);
    }
    let sent: BTreeSet<i64> = Table::of(connection, "sentitems")?
        .all(connection, &["ID"], "ID", |row| Ok(text(row, 0)?.parse().unwrap_or_default()))?
        .into_iter()
        .collect();
    for row in &mut rows {
        row.parts.append(&mut parts.remove(&row.id).unwrap_or_default());
        row.sent = sent.contains(&row.id);
    }
    let stopped = Table::of(connection, "plugin_stop_manager")?;
    let opted_out = stopped.all(connection, &["destination_number"], "1", |row| text(row, 0))?;
    Ok(Smsd { outbox: rows, phonebook: phonebook(connection)?, opted_out: opted_out.into_iter().collect() })
}

fn phonebook(connection: &Connection) -> rusqlite::Result<Vec<PhonebookRow>> {
    let table = Table::of(connection, "pbk_groups")?;
    let name = if table.has("Name") { "Name" } else { "GroupName" };
    let groups: BTreeMap<String, String> =
        table.all(connection, &["ID", name], "1", |row| Ok((text(row, 0)?, text(row, 1)?)))?.into_iter().collect();
    Table::of(connection, "pbk")?.all(connection, &["Name", "Number", "GroupID"], "1, 2", |row| {
        let group = groups.get(&text(row, 2)?).cloned().unwrap_or_default();
        Ok(PhonebookRow { name: text(row, 0)?, number: text(row, 1)?, group })
    })
}

/// A table of which it is not known beforehand whether it is there, and with which columns.
struct Table {
    name: &'static str,
    columns: BTreeSet<String>,
}

impl Table {
    fn of(connection: &Connection, name: &'static str) -> rusqlite::Result<Self> {
        let mut statement = connection.prepare("SELECT lower(name) FROM pragma_table_info(?1)")?;
        let columns = statement.query_map([name], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(Self { name, columns })
    }

    fn has(&self, column: &str) -> bool {
        self.columns.contains(&column.to_ascii_lowercase())
    }

    /// The rows, in an order; a column that is not there is empty. None where there is no such table.
    fn all<T>(
        &self,
        connection: &Connection,
        columns: &[&str],
        order: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        if self.columns.is_empty() {
            return Ok(Vec::new());
        }
        let selected: Vec<String> = columns
            .iter()
            .map(|column| if self.has(column) { format!("\"{column}\"") } else { "''".to_owned() })
            .collect();
        let sql = format!("SELECT {} FROM {} ORDER BY {order}", selected.join(", "), self.name);
        connection.prepare(&sql)?.query_map([], read)?.collect()
    }
}

/// A value of whatever type as text; `NULL` is empty.
fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(column)? {
        ValueRef::Null => String::new(),
        ValueRef::Integer(integer) => integer.to_string(),
        ValueRef::Real(real) => real.to_string(),
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_today_one_of_ten_years_ago_and_one_of_kalkun_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("smsd.db");
        let hand = Connection::open(&path).unwrap();
        hand.execute_batch(
            "CREATE TABLE outbox (InsertIntoDB NUMERIC, SendingDateTime NUMERIC, Text TEXT, DestinationNumber TEXT, Coding TEXT, UDH TEXT,
                                  Class INTEGER DEFAULT -1, TextDecoded TEXT, ID INTEGER PRIMARY KEY, MultiPart TEXT DEFAULT 'false',
                                  RelativeValidity INTEGER DEFAULT -1);
             CREATE TABLE outbox_multipart (Text TEXT, Coding TEXT, UDH TEXT, Class INTEGER, TextDecoded TEXT, ID INTEGER,
                                            SequencePosition INTEGER);
             CREATE TABLE sentitems (ID INTEGER, SequencePosition INTEGER);
             CREATE TABLE pbk (ID INTEGER PRIMARY KEY, GroupID INTEGER DEFAULT -1, Name TEXT, Number TEXT);
             CREATE TABLE pbk_groups (Name TEXT, ID INTEGER PRIMARY KEY);
             CREATE TABLE plugin_stop_manager (destination_number TEXT);
             INSERT INTO outbox (ID, DestinationNumber, TextDecoded, MultiPart, UDH) VALUES (7, '0812', 'satu ', 'true', '050003070201');
             INSERT INTO outbox_multipart VALUES ('', 'Default_No_Compression', '050003070202', -1, 'dua', 7, 2);
             INSERT INTO sentitems VALUES (7, 1);
             INSERT INTO pbk (Name, Number, GroupID) VALUES ('Asep', '+62812', 1), ('Budi', '0813', -1);
             INSERT INTO pbk_groups VALUES ('RW', 1);
             INSERT INTO plugin_stop_manager VALUES ('0814');",
        )
        .unwrap();
        drop(hand);
        let smsd = read(&path).unwrap();
        let [row] = &smsd.outbox[..] else { panic!("{smsd:?}") };
        assert_eq!((row.id, row.sent, row.class.as_str(), row.send_after.as_str()), (7, true, "-1", ""));
        assert_eq!(row.parts.iter().map(|part| part.decoded.as_str()).collect::<Vec<_>>(), ["satu ", "dua"]);
        assert_eq!(smsd.phonebook[0].group, "RW");
        assert_eq!(smsd.phonebook[1].group, "");
        assert_eq!(smsd.opted_out, ["0814".to_owned()].into());
        let none = folder.path().join("none.db");
        std::fs::write(&none, "no database at all, but a text that is long enough to be looked at as one").unwrap();
        assert!(read(&none).is_err() && read(&folder.path().join("missing.db")).is_err());
    }
}
