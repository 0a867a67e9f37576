//! A day at the office, by files and commands alone.

use std::time::Duration;

use kentongan::simulator::{Fact, Fleet, FleetSettings, NetworkSettings, Phone};

use super::office::{Office, modems, until};

/// How often a text that begins like this went on the air to a number.
fn sent(fleet: &Fleet, number: &str, beginning: &str) -> usize {
    let records = fleet.truth().records();
    let is_it =
        |fact: &Fact| matches!(fact, Fact::Submitted { to, text, .. } if to == number && text.starts_with(beginning));
    records.iter().filter(|record| is_it(&record.fact)).count()
}

/// A list of three people, one of them twice, and one number that is none.
fn list(text: &str) -> String {
    format!(
        "nomor;nama;pesan\r\n0812 3456 7001;Asep;{text}\r\n+62 812-3456-7002;Hj. Neneng, S.Pd.;{text}\r\n\
         81234567003;Cecep;{text}\r\n6281234567001;Asep lagi;{text}\r\n6.28E+11;Budi;{text}\r\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_list_goes_out_one_replies_stop_and_the_next_list_leaves_her_out() {
    let office = Office::new();
    let fleet = office.fleet(modems(2));
    fleet.set_phone("+6281234567002", &Phone::Replies("Stop pak".to_owned())).await.unwrap();
    let daemon = office.daemon().await;
    office.drop_whole("diskominfo", "imunisasi.csv", list("Bulan imunisasi, {nama}!").as_bytes());
    let report = || office.read("queue/diskominfo/accepted/imunisasi.report.csv");
    until("the report's last word", || report().contains("delivered 3")).await;
    assert!(report().contains("5 named = 2 excluded + 3 messages"), "{}", report());
    assert!(report().contains("6281234567001") && report().contains("\"Hj. Neneng, S.Pd.\""), "{}", report());
    assert_eq!(sent(&fleet, "+6281234567003", "Bulan imunisasi, Cecep!"), 1);

    until("the confirmation", || sent(&fleet, "+6281234567002", "Nomor Anda tidak akan") == 1).await;
    let opt_outs = office.json(&["optouts", "--json"]);
    assert_eq!((&opt_outs[0]["number"], &opt_outs[0]["text"]), (&"+6281234567002".into(), &"Stop pak".into()));
    let inbox = office.json(&["inbox", "--json"]);
    assert_eq!((&inbox[0]["from"], &inbox[0]["text"]), (&"+6281234567002".into(), &"Stop pak".into()));
    assert!(inbox[0]["received_at"].as_str().unwrap().ends_with('Z'), "{inbox}");
    assert!(office.run(&["inbox", "--lang", "id"]).out.contains("Stop pak"));

    office.drop_whole("diskominfo", "pajak.csv", list("Pajak jatuh tempo.").as_bytes());
    let account = || office.read("queue/diskominfo/accepted/pajak.report.csv");
    until("the second report", || account().contains("delivered 2")).await;
    assert!(
        account().contains("5 named = 3 excluded + 2 messages") && account().contains("opted_out"),
        "{}",
        account()
    );
    assert_eq!(sent(&fleet, "+6281234567002", "Pajak"), 0);

    let job = office.job("pajak.csv").unwrap();
    assert_eq!(office.run(&["job", &job["id"].to_string(), "--csv"]).out, account());
    let status = office.json(&["status", "--json"]);
    let total: u64 = status["messages"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(status["recipients"].as_u64().unwrap(), status["excluded"].as_u64().unwrap() + total, "{status}");
    assert_eq!(daemon.stop().await, 0);
    assert_eq!(office.json(&["status", "--json"])["messages"], status["messages"], "the same without a daemon");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_class_is_paused_and_resumed_and_a_job_is_cancelled() {
    let office = Office::new();
    let fleet = office.fleet(modems(1));
    let daemon = office.daemon().await;
    assert_eq!(office.run(&["pause", "--class", "umum", "--reason", "masa tenang"]).code, 0);
    office.drop_whole("diskominfo", "umum.csv", list("Kabar umum.").as_bytes());
    until("the job", || office.job("umum.csv").is_some()).await;
    office.drop_whole("damkar", "siaga.txt", b"Kelas: darurat\nKepada: 081234567001\n\nSiaga longsor!\n");
    until("the warning", || sent(&fleet, "+6281234567001", "Siaga longsor!") == 1).await;
    assert_eq!((sent(&fleet, "+6281234567001", "Kabar"), office.messages("queued")), (0, 3));
    assert_eq!(office.status("/paused"), serde_json::json!(["class:routine"]));

    office.drop_whole("diskominfo", "keliru.csv", list("Kabar keliru.").as_bytes());
    until("the other job", || office.job("keliru.csv").is_some()).await;
    let id = office.job("keliru.csv").unwrap()["id"].to_string();
    assert_eq!(office.run(&["job", "cancel", &id, "--reason", "salah daftar"]).code, 0);
    assert_eq!(office.run(&["resume", "--class", "umum"]).code, 0);
    until("the paused job", || office.job("umum.csv").unwrap()["delivered"] == 3).await;
    until("the cancelled job", || office.job("keliru.csv").unwrap()["cancelled"] == 3).await;
    assert_eq!(sent(&fleet, "+6281234567003", "Kabar keliru."), 0);
    let report = || office.read("queue/diskominfo/accepted/keliru.report.csv");
    until("its report", || report().contains("cancelled 3")).await;

    for (words, code) in [
        (&["job", "cancel", &id][..], 1),
        (&["job", "999"], 1),
        (&["resume", "--class", "umum"], 1),
        (&["job", "cancel"], 2),
        (&["pause", "--class", "mendesak"], 2),
    ] {
        let said = office.run(words);
        assert_eq!((said.code, said.err.is_empty()), (code, false), "{words:?}: {said:?}");
    }
    assert_eq!(daemon.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asked_to_stop_it_finishes_the_sends_in_hand_and_the_next_run_does_the_rest() {
    let office = Office::new();
    let network = NetworkSettings { air_time: Duration::from_millis(900), ..super::office::quick() };
    let fleet = office.fleet(FleetSettings { modems: 2, network, ..FleetSettings::default() });
    let mut daemon = office.daemon().await;
    let numbers: Vec<_> = (0..6).map(|n| format!("08123456700{n}")).collect();
    let text = format!("Kelas: penting\nKepada: {}\n\nRapat pukul 09.00.\n", numbers.join(", "));
    office.drop_whole("damkar", "rapat.txt", text.as_bytes());
    let open = "SELECT count(*) FROM attempts WHERE outcome IS NULL";
    until("two sends", || office.count(open) == 2).await;
    daemon.ask_to_stop();
    assert_eq!(daemon.ended().await, 0, "{}", daemon.said());
    assert_eq!(daemon.said().matches("stopping when this send is answered").count(), 2, "{}", daemon.said());
    let gone = office.messages("submitted") + office.messages("delivered");
    assert_eq!((office.count(open), office.messages("in_doubt"), office.messages("sending")), (0, 0, 0));
    assert_eq!(gone, fleet.truth().counts().borrow().submitted);
    assert!((2..6).contains(&gone), "{gone} of 6 before the stop");

    let daemon = office.daemon().await;
    until("the rest", || office.messages("delivered") == 6).await;
    for number in numbers {
        assert_eq!(sent(&fleet, &format!("+62{}", &number[1..]), "Rapat"), 1, "{number}");
    }
    assert_eq!(daemon.stop().await, 0);
}
