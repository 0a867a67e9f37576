use super::*;
use crate::model::Timestamp;
use crate::store::{NewSubmission, Store};

#[tokio::test]
async fn a_request_whose_file_lies_there_is_taken_in_also_where_the_daemon_stops_or_cannot_say_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("k.db")).unwrap();
    let new = NewSubmission {
        caller: "andi",
        key: "1",
        unit: "damkar",
        source: "apel-1.txt",
        digest: "isi",
        lists_digest: "daftar",
    };
    store.begin().unwrap();
    let id = store.insert_submission(&new, Timestamp::UNIX_EPOCH).unwrap();
    store.commit().unwrap();
    let known = store.submission("andi", "1").unwrap().unwrap();
    let [questions, gone] = ["k.db", "gone.db"].map(|name| Questions::new(folder.path().join(name)));
    assert_eq!(become_of(&questions, id).await, Ok(known.clone()));
    // The engine has ended; the ledger cannot be read.
    let ended = watch::channel(0).1;
    assert_eq!(followed(known.clone(), ended, &questions).await, known);
    let (told, changes) = watch::channel(0);
    assert_eq!(followed(known.clone(), changes.clone(), &gone).await, known);
    // It is rejected while somebody waits.
    let refused = async {
        store.begin().unwrap();
        store.submission_refused("damkar", "apel-1.txt", ["no", "tidak"]).unwrap();
        store.commit().unwrap();
        told.send(1).unwrap();
    };
    let (found, ()) = tokio::join!(followed(known, changes, &questions), refused);
    assert_eq!(found.refusal.as_deref(), Some("no"));
}

#[test]
fn a_name_is_marked_before_its_ending_and_never_leads_out_of_the_folder() {
    let name = |name: &str| marked(name, "andi", "k1");
    let first = name("undangan rapat.csv").unwrap();
    assert!(first.starts_with("undangan rapat-") && first.ends_with(".csv"), "{first}");
    assert_eq!(first, name("undangan rapat.csv").unwrap());
    assert_ne!(first, marked("undangan rapat.csv", "budi", "k1").unwrap());
    assert_ne!(first, marked("undangan rapat.csv", "andi", "k2").unwrap());
    for bad in ["", "csv", ".csv", "../x.txt", "a/b.csv", "a\\b.csv", ".tersembunyi.txt", "a\n.txt", "a.exe", "a.txt/"]
    {
        assert_eq!(name(bad).unwrap_err().status, 422, "{bad:?}");
    }
    assert_eq!(name(&format!("{}.txt", "a".repeat(200))).unwrap_err().status, 422);
}

#[test]
fn a_list_keeps_its_name_and_is_a_table() {
    assert!(list_name("warga utara.csv").is_ok() && list_name("RW.XLSX").is_ok());
    for bad in ["warga.txt", "../warga.csv", ".warga.csv", "warga", "a/b.xlsx"] {
        assert_eq!(list_name(bad).unwrap_err().status, 422, "{bad:?}");
    }
}
