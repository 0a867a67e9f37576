use std::time::Duration;

use kentongan::engine::Rules;
use kentongan::engine::event::{Action, Scope};
use kentongan::model::*;
use kentongan::policy::Limits;
use kentongan::simulator::{Fact, Faults, FleetSettings, HUAWEI, NetworkSettings, QUECTEL, SIM800};
use kentongan::store::TestStepView;

use super::town::{Town, free, number};

fn fleet(modems: usize) -> FleetSettings {
    FleetSettings { modems, profiles: vec![&QUECTEL, &HUAWEI, &SIM800], ..FleetSettings::default() }
}

async fn ready(settings: FleetSettings, rules: Rules) -> Town {
    let modems = settings.modems as u64;
    let mut town = Town::new(settings, rules).await;
    town.until(Duration::from_secs(120), |town| town.status().modems.get("ready") == Some(&modems)).await;
    town
}

/// Lets a modem test itself, and gives its steps when that has ended.
async fn test(town: &mut Town, modem: usize, to: Option<Msisdn>) -> Vec<TestStepView> {
    let modem = ModemName::new(town.fleet.name(modem));
    let id = town.act(Action::TestModem { modem: modem.clone(), number: to }).await.unwrap().parse().unwrap();
    town.until(Duration::from_secs(7200), |town| {
        town.reader().self_tests(modem.as_str(), 1).unwrap()[0].ended_at.is_some()
    })
    .await;
    town.reader().self_test(id).unwrap()
}

fn states(steps: &[TestStepView]) -> Vec<(&str, &str)> {
    steps.iter().map(|step| (step.step.as_str(), step.state.as_str())).collect()
}

const WELL: [(&str, &str); 6] =
    [("send", "ok"), ("report", "ok"), ("copy", "ok"), ("long", "ok"), ("gsm7", "ok"), ("ucs2", "ok")];

/// Segments on the air.
fn submitted(town: &Town) -> usize {
    town.fleet.truth().records().iter().filter(|record| matches!(record.fact, Fact::Submitted { .. })).count()
}

#[tokio::test(start_paused = true)]
async fn a_modem_of_every_make_passes_and_nobody_takes_its_messages_for_a_citizens() {
    let mut town = ready(fleet(3), free()).await;
    for modem in 0..3 {
        let steps = test(&mut town, modem, None).await;
        assert_eq!(states(&steps), WELL, "{steps:?}");
        assert!(steps.iter().all(|step| step.took_ms.is_some() && step.detail.is_empty()), "{steps:?}");
        assert_eq!(Some(steps[0].number.as_str()), town.fleet.number(modem));
    }
    assert_eq!(submitted(&town), 3 * 6);
    let status = town.status();
    assert_eq!((status.inbox, status.opt_outs, status.recipients, status.alarms), (0, 0, 0, 0));
    assert_eq!(town.reader().inbox(9).unwrap().len(), 0);
    assert_eq!(town.reader().jobs(99, false).unwrap().len(), 0, "no unit's jobs");
    tokio::time::sleep(Duration::from_secs(10)).await;
    let kinds: Vec<_> = town.reader().jobs(99, true).unwrap().into_iter().map(|job| (job.kind, job.state)).collect();
    assert_eq!(kinds, vec![("test".to_owned(), "done".to_owned()); 12]);
    let (from, until) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
    assert_eq!(town.reader().summary(from, until).unwrap().len(), 0);
    // They count like any others.
    let modems = town.reader().modems(town.now()).unwrap();
    assert!(modems.iter().all(|modem| modem.sent_day == 6 && modem.self_test_passed == Some(true)), "{modems:?}");
}

#[tokio::test(start_paused = true)]
async fn a_modem_whose_reports_never_come_fails_that_step_and_no_other() {
    let faults = Faults { no_report: 1.0, ..Faults::default() };
    let mut town = ready(FleetSettings { faults, ..fleet(1) }, free()).await;
    let steps = test(&mut town, 0, None).await;
    let mut expected = WELL;
    expected[1] = ("report", "failed");
    assert_eq!(states(&steps), expected, "{steps:?}");
    assert!(steps[1].detail.contains("no report came within 3 minutes"), "{}", steps[1].detail);
    let alarm = town.reader().alarms(false, 9).unwrap().remove(0);
    assert_eq!((alarm.kind.as_str(), alarm.subject.as_str()), ("self_test_failed", "modem-1"));
    assert!(alarm.detail.ends_with("failed: report"), "{}", alarm.detail);

    town.fleet.set_faults(&Faults::default()).await.unwrap();
    assert_eq!(states(&test(&mut town, 0, None).await), WELL);
    assert_eq!(town.status().alarms, 0, "it has passed");
    assert_eq!(
        town.reader().self_tests("modem-1", 9).unwrap().iter().map(|test| test.passed).collect::<Vec<_>>(),
        [Some(true), Some(false)]
    );
}

#[tokio::test(start_paused = true)]
async fn a_number_that_is_another_sims_or_nobodys_is_found_out() {
    let mut town = ready(fleet(2), free()).await;
    let of = |town: &Town, modem| Msisdn::parse(town.fleet.number(modem).unwrap(), Country::indonesia()).unwrap();
    let mistaken = Some(number(7));
    let steps = test(&mut town, 0, mistaken).await;
    let skipped = [("long", "skipped"), ("gsm7", "skipped"), ("ucs2", "skipped")];
    assert_eq!(states(&steps)[..3], [("send", "ok"), ("report", "ok"), ("copy", "failed")]);
    assert_eq!(states(&steps)[3..], skipped);
    assert!(steps[2].detail.contains("is +6281200000007 the number of this SIM?"), "{}", steps[2].detail);
    assert_eq!(submitted(&town), 1, "a stranger gets one text, not six");
    town.fleet.inbound(0, &number(7).to_string(), "Siapa ini? STOP", Default::default()).await.unwrap();
    town.until(Duration::from_secs(60), |town| town.status().inbox == 1).await;

    // The network here does not carry messages from SIM to SIM: a copy that comes to the other one.
    let other = Some(of(&town, 1));
    let id = town.act(Action::TestModem { modem: ModemName::new("modem-1"), number: other }).await.unwrap();
    town.until(Duration::from_secs(60), |_| true).await;
    let mut text = None;
    town.until(Duration::from_secs(60), |town| {
        let records = town.fleet.truth().records();
        text = records.into_iter().rev().find_map(|record| match record.fact {
            Fact::Submitted { text, to, .. } if to == of(town, 1).to_string() => Some(text),
            _ => None,
        });
        text.is_some()
    })
    .await;
    let from = town.fleet.number(0).unwrap().to_owned();
    town.fleet.inbound(1, &from, &text.unwrap(), Default::default()).await.unwrap();
    town.until(Duration::from_secs(600), |town| {
        town.reader().self_test(id.parse().unwrap()).unwrap()[2].state == "failed"
    })
    .await;
    let steps = town.reader().self_test(id.parse().unwrap()).unwrap();
    assert!(steps[2].detail.contains("came in through modem-2"), "{}", steps[2].detail);
    assert_eq!(town.status().inbox, 1, "the copy is no text to be read");
}

#[tokio::test(start_paused = true)]
async fn a_test_waits_for_the_limit_of_its_sim_and_runs_while_everything_is_paused() {
    let rules = Rules { limits: Limits { per_minute: 2, ..Limits::NONE }, ..Rules::default() };
    let mut town = ready(fleet(1), rules).await;
    town.act(Action::Pause(Scope::All)).await.unwrap();
    let began = town.now();
    assert_eq!(states(&test(&mut town, 0, None).await), WELL);
    // A message starts when all of it fits, and the long one has three segments: six take three minutes.
    assert!(town.now().duration_since(began) >= SignedDuration::from_mins(2));
}

#[tokio::test(start_paused = true)]
async fn a_sim_that_is_refused_says_so_and_the_rest_is_not_tried() {
    let faults = Faults { refuse: 1.0, refuse_codes: vec![50], ..Faults::default() };
    let mut town = ready(FleetSettings { faults, ..fleet(1) }, free()).await;
    let steps = test(&mut town, 0, None).await;
    assert!(states(&steps)[1..].iter().all(|(_, state)| *state == "skipped"), "{steps:?}");
    assert_eq!(steps[0].state, "failed");
    assert!(steps[0].detail.contains("+CMS ERROR: 50"), "{}", steps[0].detail);
    // Nothing of it goes out when the SIM is in order again.
    town.fleet.set_faults(&Faults::default()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(submitted(&town), 0);
}

#[tokio::test(start_paused = true)]
async fn a_test_that_the_daemon_did_not_see_to_its_end_is_cut_off_and_asks_nobody_for_a_decision() {
    let network = NetworkSettings { air_time: Duration::from_secs(60), ..NetworkSettings::default() };
    let mut town = ready(FleetSettings { network, ..fleet(1) }, free()).await;
    let id = town.act(Action::TestModem { modem: ModemName::new("modem-1"), number: None }).await.unwrap();
    tokio::time::sleep(Duration::from_secs(20)).await;
    town.restart().await;
    town.until(Duration::from_secs(300), |town| town.status().modems.get("ready") == Some(&1)).await;
    let steps = town.reader().self_test(id.parse().unwrap()).unwrap();
    assert!(steps.iter().all(|step| step.state == "skipped" && step.detail == "the daemon was stopped"), "{steps:?}");
    assert_eq!(town.reader().self_tests("modem-1", 1).unwrap()[0].passed, Some(false));
    // Its copy comes late and is no citizen's.
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(town.status().inbox, 0);
    assert_eq!(town.reader().doubts().unwrap().len(), 0);
    assert_eq!(states(&test(&mut town, 0, None).await), WELL);
}
