//! `kentongan simulate`: simulated modems for as long as one likes.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::args::Simulate;
use super::phrases::fill;
use super::screen::print;
use super::{Context, Failure};
use crate::daemon::stop_on_signals;
use crate::simulator::{Fleet, FleetSettings, Keep, NetworkSettings, Ports};

pub(super) fn run(context: &Context, how: &Simulate) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let stop = CancellationToken::new();
        stop_on_signals(stop.clone())?;
        let fleet = Fleet::spawn(settings(context, how))?;
        let say = context.say;
        // Programs that start this wait for the line.
        print(&format!("{}\n", fill(say.simulate_ready, &[&fleet.modems(), &how.dir.display()])))?;
        let ports = std::path::absolute(&how.dir)?;
        print(&format!("{}\n\n[paths]\nports = {:?}\n", say.simulate_config, ports.display().to_string()))?;
        stop.cancelled().await;
        fleet.stop().await;
        Ok(())
    })
}

fn settings(context: &Context, how: &Simulate) -> FleetSettings {
    let standard = NetworkSettings::default();
    let network = NetworkSettings {
        air_time: Duration::from_millis(how.send_ms.into()),
        jitter: how.jitter,
        report_after: Duration::from_millis(how.report_ms.into()),
        started_at: context.clock.now(),
        off: how.off,
        unknown: how.unknown,
        reply: how.replies,
        reply_texts: if how.reply.is_empty() { standard.reply_texts.clone() } else { how.reply.clone() },
        ..standard
    };
    FleetSettings {
        modems: how.modems.into(),
        profiles: how.makes.clone(),
        network,
        faults: how.faults.clone(),
        seed: how.seed,
        ports: Ports::Folder(how.dir.clone()),
        numbers: None,
        storage: None,
        truth_file: how.truth.clone(),
        keep_truth: Keep::InFile,
    }
}
