use tokio::sync::oneshot;

use super::*;
use crate::store::Store;

#[tokio::test]
async fn a_large_job_that_is_looked_at_keeps_no_short_question_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("k.db");
    drop(Store::open(&database).unwrap());
    let (questions, checks) = (Questions::new(database.clone()), Checks::new(&database));
    let mut held = Vec::new();
    for _ in 0..8 {
        let (end, ended) = oneshot::channel::<()>();
        let checks = checks.clone();
        let long = move |_: &Reader| Ok::<_, StoreError>(ended.blocking_recv().is_ok());
        let judged = tokio::spawn(async move { checks.ask(long).await });
        held.push((end, judged));
    }
    // Each has a place by now, or waits for one.
    tokio::task::yield_now().await;
    let asked = questions.ask(|reader| Ok(reader.status()?.recipients));
    assert_eq!(tokio::time::timeout(std::time::Duration::from_secs(30), asked).await, Ok(Ok(0)));
    for (end, judged) in held {
        end.send(()).unwrap();
        assert_eq!(judged.await.unwrap(), Ok(true));
    }
}

#[test]
fn rooms_are_for_a_few_each_is_gone_after_its_use_and_what_a_crash_left_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let checks = Checks::new(&folder.path().join("k.db"));
    let rooms: Vec<_> = (0..ROOMS).map(|_| checks.room().unwrap()).collect();
    assert!(rooms.iter().all(|room| room.path().starts_with(folder.path())));
    assert_eq!(checks.room().err().map(|problem| problem.status), Some(429));
    let place = rooms[0].path().to_owned();
    drop(rooms);
    assert!(!place.exists() && checks.room().is_ok());
    std::fs::create_dir(&place).unwrap();
    std::fs::write(place.join("warga.csv"), "nomor").unwrap();
    checks.clear();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
