//! `kentongan simulate`: simulated modems for as long as one likes.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::args::Simulate;
use super::phrases::fill;
use super::screen::print;
use super::{Context, Failure};
use crate::daemon::stop_on_signals;
use crate::simulator::{Fleet, FleetSettings, InboundForm, Keep, NetworkSettings, Ports};

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
        tokio::select! {
            () = stop.cancelled() => {}
            () = write_in(&fleet, how) => stop.cancelled().await,
        }
        fleet.stop().await;
        Ok(())
    })
}

/// How often strangers are looked after.
const TICK: Duration = Duration::from_millis(10);

/// Strangers write to the modems, in turn, evenly over time.
async fn write_in(fleet: &Fleet, how: &Simulate) {
    let mut tick = tokio::time::interval(TICK);
    let mut sent = 0;
    for ticks in 0.. {
        tick.tick().await;
        while sent < due(ticks, how) {
            let from = format!("+62813{sent:08}");
            let text = if sent.is_multiple_of(50) { "STOP" } else { "Apakah air sudah surut di RW kami?" };
            // A modem that is pulled out hears nothing.
            let _ = fleet.inbound(sent as usize % fleet.modems(), &from, text, InboundForm::default()).await;
            sent += 1;
        }
        if sent == how.texts {
            return;
        }
    }
}

/// How many texts have come when so many ticks are over.
fn due(ticks: u64, how: &Simulate) -> u32 {
    let due = ticks.saturating_mul(how.texts_per_second.into()) / (1000 / TICK.as_millis() as u64);
    u32::try_from(due).unwrap_or(u32::MAX).min(how.texts)
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
