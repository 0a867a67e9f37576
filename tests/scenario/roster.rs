use std::collections::BTreeSet;
use std::time::Duration;

use kentongan::engine::event::{Action, RosterImport};
use kentongan::model::*;
use kentongan::policy::{Coverage, Difference, Unread};
use kentongan::simulator::{Fact, FleetSettings, NetworkSettings};

use super::bandung::{Maker, Person, kecamatan_of};
use super::town::comparison::audit;
use super::town::{Town, free};

fn entry(person: &Person) -> Entry {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let number = |number: usize| (number > 0).then_some(number as u16);
    let seat = Seat {
        kecamatan: some(&person.kecamatan),
        kelurahan: some(&person.kelurahan),
        rw: number(person.rw),
        rt: number(person.rt),
        ..Seat::of(person.role.parse().unwrap())
    };
    let number = Msisdn::parse(&person.number, Country::indonesia()).unwrap();
    Entry { seat, name: person.name.clone(), person: None, number }
}

/// A list becomes the roster, as the command brings it in.
async fn import(town: &mut Town, people: &[Person], version: i64) {
    let mut current = Vec::new();
    if let Some(base) = town.reader().roster_version().unwrap() {
        let each = |id, entry| {
            current.push((id, entry));
            std::ops::ControlFlow::Continue(())
        };
        town.reader().roster(base, each).unwrap();
    }
    let named: Vec<(u32, Entry)> = (2..).zip(people.iter().map(entry)).collect();
    let difference = Difference::between(&current, &named, &Unread::default(), Coverage::Listed);
    let text = String::new;
    let base = (version > 1).then_some(ImportId(version - 1));
    town.act(Action::RosterBegin(RosterImport { session: 1, base, file: text(), source: text(), basis: text() }))
        .await
        .unwrap();
    let steps: Vec<RosterStep> = difference.steps().collect();
    for steps in steps.chunks(256) {
        town.act(Action::RosterSteps { session: 1, steps: RosterSteps(steps.to_vec()) }).await.unwrap();
    }
    town.act(Action::RosterApply { session: 1, digest: difference.digest() }).await.unwrap();
    let applied = move |town: &Town| town.reader().roster_version().unwrap() == Some(ImportId(version));
    town.until(Duration::from_secs(60), applied).await;
}

#[tokio::test(start_paused = true)]
async fn a_job_to_the_rw_of_the_north_reaches_exactly_them_whatever_is_imported_meanwhile() {
    let network = NetworkSettings { air_time: Duration::from_secs(3), ..Default::default() };
    let mut town = Town::new(FleetSettings { modems: 8, network, ..Default::default() }, free()).await;
    let mut maker = Maker::new(11);
    let city = maker.city();
    import(&mut town, &city, 1).await;

    let north = kecamatan_of("utara");
    let meant: Vec<Entry> = city
        .iter()
        .filter(|person| person.role == "RW" && north.contains(&person.kecamatan.as_str()))
        .map(entry)
        .collect();
    let left = meant[3].number;
    town.act(Action::OptOut(HandEntry::of(left))).await.unwrap();
    town.until(Duration::from_secs(60), |town| town.status().opt_outs == 1).await;

    let text =
        "Kepada: peran=RW dan wilayah=utara\nKelas: penting\n\nYth. {peran} {rw} {nama}: siaga longsor di {kelurahan}.";
    let job = town.drop_file("longsor.txt", text).await;
    // A year's worth of changes comes in while it goes out: the job is as it was when it was accepted.
    let (later, _) = maker.a_year_later(&city, 2000);
    import(&mut town, &later, 2).await;
    town.until_state(job, State::Delivered, meant.len() as u64 - 1).await;

    let view = town.job(job);
    assert_eq!((view.recipients, view.excluded), (meant.len() as u64, 1));
    assert_eq!((view.state.as_str(), view.roster_import), ("done", Some(1)));
    assert_eq!(view.audience.as_deref(), Some("peran=RW dan wilayah=utara"));
    let mut sent: Vec<(String, String)> = Vec::new();
    for record in town.fleet.truth().records() {
        if let Fact::Submitted { to, text, .. } = record.fact {
            sent.push((to, text));
        }
    }
    let expected: BTreeSet<(String, String)> = meant
        .iter()
        .filter(|entry| entry.number != left)
        .map(|entry| {
            let (seat, rw) = (&entry.seat, entry.seat.rw.unwrap());
            let kelurahan = seat.kelurahan.as_deref().unwrap();
            let text = format!("Yth. Ketua RW {rw:02} {}: siaga longsor di {kelurahan}.", entry.name);
            (entry.number.to_string(), text)
        })
        .collect();
    assert_eq!(sent.len(), expected.len(), "each of them once");
    assert_eq!(sent.into_iter().collect::<BTreeSet<_>>(), expected);
    audit(&town);
}
