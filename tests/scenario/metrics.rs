use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kentongan::metrics::{Allowances, Gatherer};
use kentongan::model::*;
use kentongan::policy::Limits;
use kentongan::simulator::{Faults, FleetSettings, InboundForm, NetworkSettings, Phone};
use kentongan::store::Reader;

use super::town::{Town, free, header, number};

/// A scrape: each series with its value.
struct Scrape(BTreeMap<String, f64>);

impl Scrape {
    fn read(text: &str) -> Self {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        Self(
            samples
                .map(|line| line.rsplit_once(' ').unwrap())
                .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
                .collect(),
        )
    }

    /// The sum over the series that begin with this name and have all these labels.
    fn sum(&self, name: &str, labels: &[&str]) -> f64 {
        let wanted = |series: &str| {
            let (own, rest) = series.split_once('{').unwrap_or((series, ""));
            own == name && labels.iter().all(|label| rest.contains(label))
        };
        self.0.iter().filter(|(series, _)| wanted(series)).map(|(_, value)| value).sum()
    }
}

fn allowances() -> Allowances {
    Allowances::new(Limits { per_hour: 1000, per_day: 0, ..Limits::NONE }, [])
}

/// An office in which everything happens that is counted: refusals, a lost answer, a reply of STOP, a modem that is pulled out.
async fn eventful() -> (Town, Gatherer) {
    let network = NetworkSettings { jitter: 0.3, ..Default::default() };
    let faults = Faults { refuse: 0.2, refuse_codes: vec![38, 41], lose_answer: 0.1, ..Faults::default() };
    let settings = FleetSettings { modems: 3, network, faults, seed: 5, ..Default::default() };
    let mut town = Town::new(settings, free()).await;
    let gatherer = Gatherer::new(Reader::open(&town.path()).unwrap(), allowances(), town.now()).unwrap();
    town.until(Duration::from_secs(60), |town| town.status().modems.get("ready") == Some(&3)).await;
    town.fleet.set_phone(&number(1).to_string(), &Phone::Replies("Stop".to_owned())).await.unwrap();
    (town, gatherer)
}

#[tokio::test(start_paused = true)]
async fn what_is_told_in_numbers_agrees_with_the_ledger() {
    let (mut town, mut gatherer) = eventful().await;
    let job = town.drop_job(header(Class::Important, "Kabar"), 0..60).await;
    town.fleet.inbound(0, "+6281299998888", "Air naik di RT 03", InboundForm::default()).await.unwrap();
    // Scraped all along, so that hand-overs are met while they are on the air.
    let at_rest =
        |town: &Town| ["queued", "sending", "submitted"].iter().all(|state| town.job(job).messages[*state] == 0);
    let mut sent = 0.0;
    while !at_rest(&town) {
        town.step(tokio::time::Instant::now() + Duration::from_secs(3600)).await;
        let scrape = Scrape::read(&gatherer.scrape(town.now()).unwrap());
        let now = scrape.sum("kentongan_segments_sent_total", &[]);
        assert!(now >= sent, "a counter never falls");
        sent = now;
        for state in ["queued", "submitted", "in_doubt"] {
            let told = scrape.sum("kentongan_queue_messages", &["class=\"important\"", &format!("state=\"{state}\"")]);
            // The daemon's own answers are in it, such as the one to STOP.
            let jobs = town.reader().jobs(1000, true).unwrap();
            let open = jobs.iter().filter(|job| job.class == "important" && job.state == "active");
            assert_eq!(told, open.map(|job| job.messages[state] as f64).sum::<f64>(), "{state}");
        }
    }
    let replied = |town: &Town| town.status().opt_outs == 1 && town.status().inbox == 2;
    town.until(Duration::from_secs(600), replied).await;
    let scrape = Scrape::read(&gatherer.scrape(town.now()).unwrap());
    let mut ended: BTreeMap<String, f64> = BTreeMap::new();
    let reader = town.reader();
    reader
        .hand_overs_after(AttemptId(0), usize::MAX >> 1, |hand_over| {
            *ended.entry(hand_over.outcome.unwrap_or("on the air".to_owned())).or_default() += 1.0
        })
        .unwrap();
    for outcome in ["submitted", "refused", "uncertain"] {
        assert!(ended[outcome] > 0.0, "{ended:?}");
        assert_eq!(scrape.sum("kentongan_hand_overs_total", &[&format!("outcome=\"{outcome}\"")]), ended[outcome]);
    }
    assert_eq!(scrape.sum("kentongan_segments_sent_total", &[]), ended["submitted"]);
    assert_eq!(scrape.sum("kentongan_send_duration_seconds_count", &[]), ended["submitted"] + ended["refused"]);
    let seconds = scrape.sum("kentongan_send_duration_seconds_sum", &[]) / (ended["submitted"] + ended["refused"]);
    assert!((1.0..10.0).contains(&seconds), "{seconds} s a segment");
    let errors = ["38", "41"]
        .map(|code| scrape.sum("kentongan_send_errors_total", &["kind=\"cms\"", &format!("code=\"{code}\"")]));
    assert_eq!(errors.iter().sum::<f64>(), ended["refused"]);
    let delivered = town.count(job, State::Delivered) as f64;
    assert!(scrape.sum("kentongan_reports_total", &["result=\"delivered\""]) >= delivered);
    assert_eq!(scrape.sum("kentongan_inbound_total", &["kind=\"stop\""]), 1.0);
    assert_eq!(scrape.sum("kentongan_inbound_total", &["kind=\"reply\""]), 1.0);
    assert_eq!(scrape.sum("kentongan_opt_outs", &[]), 1.0);
    assert_eq!(scrape.sum("kentongan_alarms", &[]), town.status().alarms as f64);
    assert_eq!(scrape.sum("kentongan_in_doubt_messages", &[]), town.count(job, State::InDoubt) as f64);
    assert_eq!(scrape.sum("kentongan_modem_state", &["state=\"ready\""]), 3.0);
    // The hour has 1,000 of each SIM, of which what was sent is gone.
    let handed_over: f64 = ended.iter().filter(|(outcome, _)| *outcome != "not_sent").map(|(_, count)| count).sum();
    assert_eq!(scrape.sum("kentongan_sim_quota_left_segments", &["window=\"hour\""]), 3000.0 - handed_over);
    assert_eq!(
        scrape.sum("kentongan_sim_quota_left_segments", &["window=\"day\""]),
        0.0,
        "where there is no limit none is told"
    );
    let anew = Gatherer::new(Reader::open(&town.path()).unwrap(), allowances(), town.now()).unwrap().scrape(town.now());
    let anew = Scrape::read(&anew.unwrap());
    assert_eq!(anew.sum("kentongan_segments_sent_total", &[]), 0.0, "counters begin with the process");
    let left = anew.sum("kentongan_sim_quota_left_segments", &["window=\"hour\""]);
    assert_eq!(left, 3000.0 - handed_over, "and what is left of a quota does not");
}

#[tokio::test(start_paused = true)]
async fn no_number_of_a_citizen_is_in_what_is_told() {
    let (mut town, mut gatherer) = eventful().await;
    let job = town.drop_job(header(Class::Routine, "Kabar"), 0..10).await;
    town.until(Duration::from_secs(3600), |town| town.count(job, State::Delivered) >= 8).await;
    let text = gatherer.scrape(town.now()).unwrap();
    for n in 0..10 {
        assert!(!text.contains(&number(n).to_string()[1..]), "{text}");
    }
    let long = |word: &str| word.len() >= 9 && word.bytes().all(|byte| byte.is_ascii_digit());
    let labels = text.lines().filter_map(|line| line.split_once('{')?.1.split_once('}'));
    for (labels, _) in labels {
        assert!(!labels.split(|c: char| !c.is_ascii_alphanumeric()).any(long), "{labels}");
    }
}

/// The names of ours in a text: `kentongan_` and what follows of a name.
fn names(text: &str) -> BTreeSet<String> {
    let tail = |rest: &str| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    text.match_indices("kentongan_").map(|(place, _)| tail(&text[place..])).collect()
}

#[tokio::test(start_paused = true)]
async fn every_number_that_the_dashboard_and_the_alerts_ask_for_is_told() {
    let (mut town, mut gatherer) = eventful().await;
    let job = town.drop_job(header(Class::Routine, "Kabar"), 0..20).await;
    town.until(Duration::from_secs(3600), |town| town.count(job, State::Delivered) >= 15).await;
    let mut told = names(&gatherer.scrape(town.now()).unwrap());
    // Told as soon as an operator told the credit.
    told.insert("kentongan_sim_credit_rupiah".to_owned());
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    for file in ["grafana-kentongan.json", "prometheus-kentongan.rules.yml"] {
        let asked = names(&std::fs::read_to_string(root.join(file)).unwrap());
        assert!(asked.len() >= 10, "{file} asks for {asked:?}");
        let unknown: Vec<_> = asked.difference(&told).collect();
        assert!(unknown.is_empty(), "{file} asks for {unknown:?}, told is {told:?}");
    }
}
