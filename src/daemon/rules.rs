use crate::config::Config;
use crate::engine::{Answers, ConsentRules, Rules};
use crate::policy::naming::Listed;

/// The settings by which the engine decides, out of the whole configuration.
pub fn rules(config: &Config) -> Rules {
    let own_limits = |modem: &crate::config::Modem| Some((modem.name.clone(), modem.limits.clone()?));
    let own_classes = |modem: &crate::config::Modem| Some((modem.name.clone(), modem.classes.clone()?));
    let listed = |modem: &crate::config::Modem| Listed {
        name: modem.name.clone(),
        // A modem with a port of its own has its session there under its name.
        address: modem.port.as_ref().map(|_| modem.name.clone()),
        imei: modem.imei.clone(),
        iccid: modem.iccid.clone(),
        imsi: modem.imsi.clone(),
    };
    Rules {
        country: config.office.country,
        limits: config.limits.clone(),
        modem_limits: config.modems.iter().filter_map(own_limits).collect(),
        modem_classes: config.modems.iter().filter_map(own_classes).collect(),
        credit: config.credit.clone(),
        history: config.history,
        zone: config.office.time_zone.clone(),
        numbers: config.modems.iter().filter_map(|modem| Some((modem.name.clone(), modem.number?))).collect(),
        self_test_every: config.self_test.every,
        listed: config.modems.iter().map(listed).collect(),
        backoff: config.backoff.clone(),
        keywords: config.keywords.clone(),
        consent: ConsentRules {
            life_safety: config.consent.life_safety.clone(),
            basis: config.units.iter().map(|unit| (unit.name.clone(), unit.basis)).collect(),
        },
        retention: config.retention,
        answers: Answers {
            stopped: config.answers.stopped.clone(),
            stopped_ordinary: config.answers.stopped_ordinary.clone(),
            started: config.answers.started.clone(),
            help: config.answers.help.clone(),
        },
        lifetimes: config.lifetimes.clone(),
        restart: config.restart,
        doubt_wait: config.messages.doubt_wait,
        report_grace: config.messages.report_grace,
        segments_max: config.messages.segments_max,
        transliterate: config.messages.transliterate,
        reassembly_wait: config.messages.parts_wait,
        operators: config.routing.operators.clone(),
        canary: config.routing.canary.clone(),
        delivery: config.delivery.clone(),
        own_network_wait: config.routing.own_network_wait,
        suspension: config.roster.suspension,
        calendar: config.calendar.clone(),
        approval: config.approval,
        units: config.units.iter().map(|unit| (unit.name.clone(), unit.rules.clone())).collect(),
        alarms: config.alarms.clone(),
        webhooks: config.webhooks.iter().map(|webhook| webhook.hook.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn an_empty_configuration_gives_the_engines_own_defaults() {
        let config = Config::read(Path::new("k.toml"), "").unwrap();
        assert_eq!(format!("{:?}", rules(&config)), format!("{:?}", Rules::default()));
    }

    #[test]
    fn a_modem_with_limits_and_classes_of_its_own_is_known_to_the_engine_by_name() {
        let text =
            "[[modem]]\nname = \"a\"\nport = \"/dev/gsm/a\"\nclasses = [\"darurat\"]\n[modem.limits]\nper_day = 9\n";
        let rules = rules(&Config::read(Path::new("k.toml"), text).unwrap());
        let own: Vec<_> = rules.modem_limits.iter().map(|(name, limits)| (name.as_str(), limits.per_day)).collect();
        assert_eq!(own, [("a", 9)]);
        assert_eq!(rules.modem_classes.into_values().collect::<Vec<_>>(), [vec![crate::model::Class::Emergency]]);
    }
}
