//! The words that rows on their way through may have, and what checking them costs.

use rusqlite::Connection;

use super::open::{SCHEMA, ledger_of_schema, newest_schema};
use crate::store::Store;

const STATES: &str = "queued sending submitted delivered failed unreported in_doubt expired suppressed cancelled";

#[test]
fn a_row_is_checked_without_a_table_of_its_words_also_in_a_ledger_from_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.db");
    drop(ledger_of_schema(&path, before_the_change()));
    let store = Store::open(&path).unwrap();
    for sql in [
        "INSERT INTO recipients (job_id, row, excluded) VALUES (1, 1, ?1)",
        "INSERT INTO messages (id, job_id, number, segments, state) VALUES (1, 1, 1, 1, ?1)",
        "INSERT INTO segments (message_id, number, state) VALUES (1, 1, ?1)",
        "UPDATE messages SET state = ?1 WHERE id = 1",
        "UPDATE segments SET state = ?1 WHERE message_id = 1",
        "UPDATE attempts SET outcome = ?1 WHERE id = 1",
        "UPDATE attempts SET settled = ?1 WHERE id = 1",
        "UPDATE reports SET verdict = ?1 WHERE id = 1",
        "UPDATE inbox SET kind = ?1, state = ?1 WHERE id = 1",
    ] {
        let mut plan = store.connection.prepare(&format!("EXPLAIN {sql}")).unwrap();
        let steps: Vec<String> = plan.query_map(["x"], |row| row.get(1)).unwrap().map(Result::unwrap).collect();
        assert!(!steps.iter().any(|step| step == "OpenEphemeral"), "{sql}");
    }
}

/// The schema before the file that changed the CHECKs.
fn before_the_change() -> usize {
    SCHEMA.iter().position(|sql| sql.contains("CHECK that compares with a list")).expect("a file of the schema")
}

/// A ledger with a row of each kind.
fn with_rows(path: &std::path::Path, schema: usize) -> Connection {
    let ledger = ledger_of_schema(path, schema);
    ledger
        .execute_batch(
            "PRAGMA foreign_keys = OFF;
             INSERT INTO recipients (job_id, row) VALUES (1, 1);
             INSERT INTO messages (id, job_id, number, segments, state) VALUES (1, 1, 1, 1, 'queued');
             INSERT INTO segments (message_id, number, state) VALUES (1, 1, 'queued');
             INSERT INTO attempts (message_id, segment, sim_id, modem, number, reason, opened_at_ms) VALUES (1, 1, 1, 'a', 1, 'first', 1);
             INSERT INTO reports (sim_id, tp_mr, recipient, status, received_at_ms, verdict, pdu) VALUES (1, 1, '1', 0, 1, 'orphan', x'00');
             INSERT INTO inbox (sim_id, sender, text, kind, complete, received_at_ms) VALUES (1, '1', 'x', 'reply', 1, 1)",
        )
        .unwrap();
    ledger
}

#[test]
fn the_words_of_a_row_are_the_ones_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let before = with_rows(&folder.path().join("before.db"), before_the_change());
    let after = with_rows(&folder.path().join("after.db"), newest_schema());
    for (table, column, words) in [
        ("recipients", "excluded", "invalid suspended duplicate opted_out no_text too_long"),
        ("messages", "state", STATES),
        ("segments", "state", STATES),
        ("attempts", "outcome", "submitted refused not_sent uncertain"),
        ("attempts", "settled", "late_answer report never_left policy operator"),
        ("reports", "verdict", "matched repeated orphan"),
        ("inbox", "kind", "reply stop start help review operator garbled test"),
        ("inbox", "state", "new read answered"),
    ] {
        for word in words.split(' ').chain(["", "Queued", "queued ", "x"]).map(Some).chain([None]) {
            let said = [&before, &after].map(|ledger| {
                let change = format!("UPDATE {table} SET {column} = ?1");
                ledger.execute(&change, [word]).map_err(|error| error.to_string().starts_with("CHECK"))
            });
            assert_eq!(said[0], said[1], "{table}.{column}: {word:?}");
            let known = word.is_some_and(|word| words.split(' ').any(|known| known == word));
            assert!(word.is_none() || said[1] == if known { Ok(1) } else { Err(true) }, "{table}.{column}: {word:?}");
        }
    }
}
