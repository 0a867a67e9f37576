use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Clock;
use super::people::{group_id, groups_of, user_name};
use crate::config::Config;
use crate::web::{Acts, Checks, Metrics, Peers, Questions, SignIns, Turns, Web};

/// What the door needs, out of the whole configuration.
pub(super) fn web(
    config: &Config,
    clock: Clock,
    acts: Acts,
    changes: watch::Receiver<u64>,
    secure: bool,
    stop: CancellationToken,
) -> Web {
    let of_unit = |unit: &crate::config::Unit| Some((unit.name.clone(), group_id(unit.group.as_deref()?)?));
    let peers = Peers {
        uid: rustix::process::geteuid().as_raw(),
        gid: rustix::process::getegid().as_raw(),
        units: config.units.iter().filter_map(of_unit).collect(),
        user_name,
        groups_of,
    };
    let checks = Checks::new(&config.paths.database);
    checks.clear();
    Web {
        config: Arc::new(config.clone()),
        questions: Questions::new(config.paths.database.clone()),
        whole_record: Questions::of_several(config.paths.database.clone(), 1),
        checks,
        turns: Turns::of(config.units.iter().map(|unit| unit.name.clone())),
        acts,
        changes,
        peers: Arc::new(peers),
        metrics: Metrics::new(super::allowances::allowances(config)),
        sign_ins: SignIns::default(),
        secure,
        stop,
        clock: Arc::new(move || clock.now()),
    }
}
