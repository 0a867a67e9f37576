use crate::config::Config;
use crate::metrics::Allowances;

/// How much each SIM may send, out of the whole configuration.
pub fn allowances(config: &Config) -> Allowances {
    let own = config.modems.iter().filter_map(|modem| Some((modem.name.to_string(), modem.limits.clone()?)));
    Allowances::new(config.limits.clone(), own)
}
