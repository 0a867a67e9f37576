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

/// Strangers write to the modems, in turn, evenly over time.
async fn write_in(fleet: &Fleet, how: &Simulate) {
    let mut tick = tokio::time::interval(Duration::from_millis(10));
    let mut sent = 0;
    while sent < how.texts {
        tick.tick().await;
        let due = u64::from(tick.period().as_millis() as u32) * u64::from(how.texts_per_second) / 1000;
        for _ in 0..due.max(1).min(u64::from(how.texts - sent)) {
            let from = format!("+62813{:08}", sent);
            let text = if sent.is_multiple_of(50) { "STOP" } else { "Apakah air sudah surut di RW kami?" };
            // A modem that is pulled out hears nothing.
            let _ = fleet.inbound(sent as usize % fleet.modems(), &from, text, InboundForm::default()).await;
            sent += 1;
        }
    }
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
        storage: None,
        truth_file: how.truth.clone(),
        keep_truth: Keep::InFile,
    }
}
