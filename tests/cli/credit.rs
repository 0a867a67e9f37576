//! The credit of SIMs and the history of modems, from outside.

use kentongan::simulator::{Fleet, FleetSettings, NetworkSettings, Ports, UssdMenu};
use serde_json::Value;

use super::{Office, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_credit_of_sims_and_how_modems_stood_are_shown_to_people_and_to_programs() {
    let office = Office::with(
        "[[unit]]\nname = \"diskominfo\"\n[[credit]]\noperator = \"Telkomsel\"\ncode = \"*888#\"\nthen = [\"1\"]\n",
    );
    let pulsa = UssdMenu::text("Sisa pulsa Rp.2.500.Aktif sd 24/12/2099. Mau MP3 RizkiRidho? 1.YA 2.Info Kartu");
    let menu = UssdMenu::text("1.Cek Pulsa 2.Paket").with("1", pulsa);
    let ussd_after = std::time::Duration::from_millis(20);
    let network =
        NetworkSettings { ussd: [("*888#".to_owned(), menu)].into(), ussd_after, ..NetworkSettings::default() };
    let ports = Ports::Folder(office.path("modems"));
    let settings = FleetSettings { modems: 2, network, ports, ..FleetSettings::default() };
    let fleet = Fleet::spawn(settings).unwrap();
    let daemon = office.daemon();
    let credit = |place: usize| office.json(&["modems", "--json"])[place]["credit"].clone();
    until("both were asked", || credit(0) == 2500 && credit(1) == 2500).await;
    let modem = office.json(&["modems", "--json"])[1].clone();
    assert_eq!((&modem["active_until"], &modem["credit_trouble"]), (&"2099-12-24".into(), &Value::Null));
    assert!(office.run(&["modems"]).out.contains("  2.500  "));
    let said = office.run(&["alarms", "--lang", "id"]).out;
    assert!(
        said.contains("pulsa menipis") && said.contains("di modem modem-1: pulsa 2500 kurang dari 10000"),
        "{said}"
    );

    let rows = office.json(&["modems", "history", "modem-1", "--json"]);
    let rows = rows.as_array().unwrap();
    assert_eq!((&rows[0]["kind"], &rows[0]["registration"]), (&"state".into(), &"home".into()), "{rows:?}");
    let told = rows.iter().find(|row| row["kind"] == "credit").unwrap();
    assert_eq!((&told["credit"], &told["way"]), (&2500.into(), &"ussd".into()));
    assert!(told["words"].as_str().unwrap().starts_with("Sisa pulsa Rp.2.500"), "{told}");
    let said = office.run(&["modems", "history", "modem-1"]).out;
    assert!(said.starts_with("Day ") && said.contains("100 %") && said.contains("2.500"), "{said}");
    assert!(office.run(&["modems", "history", "modem-1", "--lang", "id"]).out.starts_with("Hari "));
    let said = office.run(&["modems", "history", "modem-9"]);
    assert!(said.code == 1 && said.err.contains("there is no modem modem-9"), "{said:?}");
    assert_eq!(office.run(&["modems", "history", "modem-1", "--since", "kemarin"]).code, 2);
    assert_eq!(daemon.stop(), 0);
    fleet.stop().await;
}
