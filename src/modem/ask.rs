//! Asking the ports of one device which of them takes commands: for the daemon, where the rules cannot say it or were wrong.
//!
//! One port at a time, lowest interface first, each bounded in time and octets, and never one that somebody holds. What is asked
//! changes nothing. Left out on purpose: ports of bridges, since what is behind one of them has nothing to do with another.

use std::path::{Path, PathBuf};

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::choice::{Asked, choose, rule, settles};
use super::port::{Port, SerialSettings};
use super::probe::{Answer, PROBE_MAX, probe};
use super::usb::behind;

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// This port takes commands; the udev line that says so, where the system shows its device.
    Found(PathBuf, Option<String>),
    /// None does; what each said, one line, English.
    None(String),
    /// The daemon stops.
    Stopped,
}

/// Asks until a port answers that need not be compared with others, or all have been asked.
pub(super) async fn ask(ports: &[PathBuf], stop: &CancellationToken) -> Outcome {
    let (mut asked, mut said) = (Vec::new(), Vec::new());
    let mut device = String::new();
    for port in ports {
        let (id, known) = match behind(port, Path::new("/sys")) {
            Some((id, known)) => (id, Some(known)),
            None => (String::new(), None),
        };
        let name = known.as_ref().map_or_else(|| port.display().to_string(), |known| known.tty.clone());
        let (interface, class) = known.map_or_else(Default::default, |known| (known.interface, known.class));
        let answer = match ask_port(port, stop).await {
            None => return Outcome::Stopped,
            Some(Ok(answer)) => answer,
            Some(Err(refusal)) => {
                said.push(refusal);
                continue;
            }
        };
        said.push(match &answer {
            Answer::Modem(_) => format!("{name} answers"),
            Answer::Silence => format!("{name} keeps silent"),
            Answer::Babble(_) => format!("{name} is no port for commands"),
            Answer::Failed(why) => format!("{name}: {why}"),
        });
        info!(port = %port.display(), said = said.last(), "asked a port whether a modem answers there");
        asked.push((port, Asked { interface, class, named: false, answer: Some(answer) }));
        device = id;
        if asked.last().is_some_and(|(_, port)| settles(&device, port)) {
            break;
        }
    }
    let settled = asked.len().checked_sub(1).filter(|last| settles(&device, &asked[*last].1));
    let answers: Vec<Asked> = asked.iter().map(|(_, asked)| asked.clone()).collect();
    match settled.or_else(|| choose(&device, &answers).map(|(place, _)| place)) {
        Some(place) => Outcome::Found(asked[place].0.clone(), rule(&device, &answers[place].interface)),
        None => Outcome::None(said.join(", ")),
    }
}

/// What the port answered, or why it was not opened. `None`: the daemon stops.
async fn ask_port(port: &Path, stop: &CancellationToken) -> Option<Result<Answer, String>> {
    let mut open = match Port::open(port, SerialSettings::default()).await {
        Ok(open) => open,
        Err(refusal) => return Some(Err(refusal.to_string())),
    };
    let answer = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        answer = timeout(PROBE_MAX, probe(&mut open)) => Some(answer),
    };
    open.close().await;
    let late = || Answer::Failed(format!("it took longer than {} s", PROBE_MAX.as_secs()));
    answer.map(|answer| Ok(answer.unwrap_or_else(|_| late())))
}
