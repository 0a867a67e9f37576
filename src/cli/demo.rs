//! `kentongan demo`: the whole way on simulated modems, with the real daemon, in a temporary folder.

mod sample;
mod show;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::args::Demo;
use super::phrases::fill;
use super::screen::{print, time};
use super::{Context, Failure};
use crate::config::Config;
use crate::daemon;
use crate::model::{JobId, State};
use crate::simulator::{Fleet, FleetSettings, Keep, NetworkSettings, Phone, Ports};
use crate::store::{JobView, Reader};
use show::Progress;

const UNIT: &str = "diskominfo";
const FILE: &str = "undangan-rw.csv";
/// Between two looks at the ledger.
const LOOK: Duration = Duration::from_millis(20);
/// How long replies may take after the last report.
const REPLIES_PATIENCE: Duration = Duration::from_secs(5);
/// How long the modems may take until they are ready.
const READY_PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn run(context: &Context, how: &Demo) -> Result<(), Failure> {
    let folder = tempfile::Builder::new().prefix("kentongan-demo-").tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(play(context, how, folder.path()));
    if how.keep {
        print(&format!("{}\n", fill(context.say.demo_kept, &[&folder.keep().display()])))?;
    }
    result
}

async fn play(context: &Context, how: &Demo, folder: &Path) -> Result<(), Failure> {
    let say = context.say;
    print(&format!("{}\n", fill(say.demo_starts, &[&how.modems, &how.send_ms])))?;
    let config = configuration(folder)?;
    let sample = sample::Sample::new(how.recipients, how.seed);
    let fleet = fleet(context, how, &config, &sample)?;
    let stop = CancellationToken::new();
    daemon::stop_on_signals(stop.clone())?;
    let running = tokio::spawn({
        let (config, clock, stop) = (config.clone(), context.clock, stop.clone());
        async move { daemon::run(&config, clock, stop, || ()).await }
    });
    let told = tokio::select! {
        told = tell(context, how, &config, &sample) => told,
        () = stop.cancelled() => Err(Failure::refused(say.demo_bad)),
        // It ends by itself only by a fault, which is told below.
        () = ended(&running) => Err(Failure::Said),
    };
    stop.cancel();
    let end = running.await.map_err(Failure::refused)?;
    fleet.stop().await;
    end.map_err(Failure::refused)?;
    told
}

async fn ended<T>(task: &tokio::task::JoinHandle<T>) {
    while !task.is_finished() {
        tokio::time::sleep(LOOK).await;
    }
}

/// The real configuration, with no limits: the simulated network has none.
fn configuration(folder: &Path) -> Result<Config, Failure> {
    let text = format!(
        "[paths]\ndatabase = \"kentongan.db\"\nqueue = \"queue\"\nports = \"modems\"\n\n\
         [limits]\nper_minute = 0\nper_hour = 0\nper_day = 0\n\n\
         [[unit]]\nname = \"{UNIT}\"\nclasses = [\"important\", \"routine\"]\n"
    );
    let file = folder.join("kentongan.toml");
    std::fs::write(&file, text)?;
    Config::load(&file).map_err(Failure::refused)
}

fn fleet(context: &Context, how: &Demo, config: &Config, sample: &sample::Sample) -> Result<Fleet, Failure> {
    let replies = sample.leavers().into_iter().map(|number| (number, Phone::Replies("STOP".to_owned())));
    let network = NetworkSettings {
        air_time: Duration::from_millis(how.send_ms.into()),
        report_after: Duration::from_millis(500),
        reply_after: Duration::from_millis(300),
        started_at: context.clock.now(),
        phones: replies.collect(),
        ..NetworkSettings::default()
    };
    Ok(Fleet::spawn(FleetSettings {
        modems: how.modems.into(),
        network,
        seed: how.seed,
        ports: Ports::Folder(config.paths.ports.clone()),
        keep_truth: Keep::InFile,
        ..FleetSettings::default()
    })?)
}

/// Follows the job from the modems' readiness to its account.
async fn tell(context: &Context, how: &Demo, config: &Config, sample: &sample::Sample) -> Result<(), Failure> {
    let say = context.say;
    let began = Instant::now();
    let reader = modems_ready(context, how, config, began).await?;
    let ready = Instant::now();
    print(&format!("{}\n", fill(say.demo_ready, &[&how.modems, &seconds(ready - began)])))?;
    let path = drop_file(config, sample)?;
    print(&format!("{}\n", fill(say.demo_dropped, &[&path.display(), &UNIT])))?;

    let mut progress = Progress::new(say, u64::from(how.recipients));
    let ideal = Duration::from_millis(u64::from(how.send_ms)) * how.recipients / u32::from(how.modems);
    let deadline = ready + ideal * 3 + Duration::from_secs(120);
    let mut sent = None;
    let job = loop {
        tokio::time::sleep(LOOK).await;
        let job = reader.jobs(1, false).map_err(Failure::refused)?.pop();
        let Some(job) = job else {
            if let Some(reason) = rejected(&path) {
                return Err(Failure::refused(reason));
            }
            if Instant::now() > deadline {
                return Err(Failure::refused(say.demo_bad));
            }
            continue;
        };
        let waiting = count(&job, State::Queued) + count(&job, State::Sending);
        progress.show(job.messages.values().sum::<u64>() - waiting);
        if waiting == 0 && sent.is_none() {
            sent = Some(ready.elapsed());
        }
        if job.finished_at.is_some() || Instant::now() > deadline {
            break job;
        }
    };
    progress.done();
    replies_read(&reader, sample.leavers().len()).await;
    report(context, config, &reader, &job, sent.unwrap_or_else(|| ready.elapsed())).await
}

/// Waits until every modem takes segments.
async fn modems_ready(context: &Context, how: &Demo, config: &Config, began: Instant) -> Result<Reader, Failure> {
    let mut reader = None;
    while began.elapsed() < READY_PATIENCE {
        tokio::time::sleep(LOOK).await;
        if reader.is_none() {
            reader = Reader::open(&config.paths.database).ok();
        }
        let Some(open) = &reader else { continue };
        let modems = open.modems(context.clock.now()).unwrap_or_default();
        if modems.iter().filter(|modem| modem.state == "ready").count() == usize::from(how.modems)
            && let Some(reader) = reader.take()
        {
            return Ok(reader);
        }
    }
    Err(Failure::refused("the simulated modems did not become ready within 60 s"))
}

/// Waits a little for the last reply; an account without it is right all the same.
async fn replies_read(reader: &Reader, leavers: usize) {
    let began = Instant::now();
    while began.elapsed() < REPLIES_PATIENCE
        && reader.opt_outs(u32::MAX as usize).is_ok_and(|opt_outs| opt_outs.len() < leavers)
    {
        tokio::time::sleep(LOOK).await;
    }
}

/// Drops the sample as staff's programs do: under another name first, so that it appears whole.
fn drop_file(config: &Config, sample: &sample::Sample) -> Result<PathBuf, Failure> {
    let folder = config.paths.queue.join(UNIT);
    let (hidden, path) = (folder.join(format!(".{FILE}.tmp")), folder.join(FILE));
    std::fs::write(&hidden, sample.csv())?;
    std::fs::rename(&hidden, &path)?;
    Ok(path)
}

fn rejected(path: &Path) -> Option<String> {
    let reason = path.parent()?.join("rejected").join(FILE).with_extension("reason.txt");
    let other = path.parent()?.join("rejected").join(format!("{FILE}.reason.txt"));
    [reason, other].into_iter().find_map(|file| std::fs::read_to_string(file).ok())
}

fn count(job: &JobView, state: State) -> u64 {
    job.messages.get(state.name()).copied().unwrap_or(0)
}

/// Prints the account, and judges it.
async fn report(
    context: &Context,
    config: &Config,
    reader: &Reader,
    job: &JobView,
    sent_after: Duration,
) -> Result<(), Failure> {
    let say = context.say;
    let mut modems: BTreeMap<String, u64> = BTreeMap::new();
    let mut segments = 0;
    reader
        .recipients(JobId(job.id), |recipient| {
            if let Some(modem) = recipient.modem {
                *modems.entry(modem).or_default() += u64::from(recipient.segments);
                segments += u64::from(recipient.segments);
            }
            ControlFlow::Continue(())
        })
        .map_err(Failure::refused)?;
    let heading = fill(say.demo_account, &[&job.id, &job.source, &time(job.created_at, config.time_zone())]);
    print(&format!("\n{heading}\n{}", super::questions::sums(context, job)))?;
    let spread: Vec<_> = modems.iter().map(|(modem, count)| format!("{modem}: {count}")).collect();
    print(&format!("\n{}: {}\n", say.demo_spread, spread.join(", ")))?;
    print(&format!("{}\n", fill(say.demo_time, &[&segments, &seconds(sent_after)])))?;
    let left = reader.opt_outs(u32::MAX as usize).map_err(Failure::refused)?.len();
    if left > 0 {
        print(&format!("{}\n", fill(say.demo_stopped, &[&left])))?;
    }
    let waiting: u64 = State::ALL.into_iter().filter(|state| !state.is_final()).map(|state| count(job, state)).sum();
    if job.adds_up() && waiting == 0 && job.finished_at.is_some() {
        print(&format!("{}\n", say.demo_good))?;
        Ok(())
    } else {
        Err(Failure::refused(say.demo_bad))
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64())
}
