//! `[routing]`: which SIM carries what; `[delivery]`: whether it arrives.

use std::path::Path;

use super::section::Section;
use crate::model::SignedDuration;
use crate::policy::{Canary, Delivery, Operators};

/// `[routing]`: which SIM carries what.
#[derive(Clone, Debug, PartialEq)]
pub struct Routing {
    /// Whose numbers and SIMs are whose.
    pub operators: Operators,
    /// Messages go through SIMs of their own network first, and wait for one so long; `None`: networks do not matter.
    pub own_network_wait: Option<SignedDuration>,
    /// How large jobs are tried first; `None`: not at all.
    pub canary: Option<Canary>,
}

/// More than half of the messages that a SIM is weighed by would never be there in time.
const WEIGHED_MAX: u32 = 100;

/// `folder` is where the configuration lies: relative paths start there.
pub(super) fn routing(mut section: Section, folder: &Path) -> Routing {
    let operators = section.checked("operators", String::new(), |path: String| table(&path, folder));
    let prefer = section.take("prefer_own_network", false);
    let wait = section.checked("own_network_wait_s", 20u32, |seconds: u32| match seconds {
        0..=3600 => Ok(SignedDuration::from_secs(i64::from(seconds))),
        _ => Err(format!("{seconds} s is more than an hour; write 0 to 3600")),
    });
    let canary = canary(&mut section);
    section.finish();
    Routing { operators, own_network_wait: prefer.then_some(wait), canary }
}

fn canary(section: &mut Section) -> Option<Canary> {
    let messages = section.checked("canary", 0u32, |count: u32| match count {
        0 | 5..=1000 => Ok(count),
        _ => Err(format!("{count} is not possible; write 5 to 1000, such as 20, or 0 to try no job first")),
    });
    let from = section.checked("canary_from", 500u32, |count: u32| match count {
        10.. => Ok(count),
        _ => Err(format!("{count} is too few; write 10 or more")),
    });
    let wait = section.checked("canary_wait_minutes", 10u32, |minutes: u32| match minutes {
        1..=720 => Ok(SignedDuration::from_mins(i64::from(minutes))),
        _ => Err(format!("{minutes} minutes is not possible; write 1 to 720")),
    });
    let share = section.checked("canary_share", 0.5, |share: f64| {
        let right = share > 0.0 && share <= 1.0;
        right.then_some(share).ok_or_else(|| format!("{share} is not above 0 and up to 1; write a share, such as 0.5"))
    });
    let emergencies = section.take("canary_emergencies", false);
    (messages > 0).then_some(Canary { messages, from, wait, share, emergencies })
}

pub(super) fn delivery(mut section: Section) -> Delivery {
    let default = Delivery::default();
    let delivery = Delivery {
        rate_min: section.checked("rate_min", default.rate_min, |rate: f64| {
            let right = (0.0..=1.0).contains(&rate);
            right.then_some(rate).ok_or_else(|| format!("{rate} is not between 0 and 1; write a share, such as 0.5"))
        }),
        judged_min: section.checked("judged_min", default.judged_min, |count: u32| match count {
            5..=WEIGHED_MAX => Ok(count),
            _ => Err(format!("{count} is not possible; write 5 to {WEIGHED_MAX}")),
        }),
        report_wait: section.checked("report_wait_minutes", default.report_wait.as_mins() as u32, |minutes: u32| {
            match minutes {
                1..=720 => Ok(SignedDuration::from_mins(i64::from(minutes))),
                _ => Err(format!("{minutes} minutes is not possible; write 1 to 720")),
            }
        }),
        rest_sim: section.take("rest_sim", default.rest_sim),
        pause_job: section.take("pause_job", default.pause_job),
        ..default
    };
    section.finish();
    delivery
}

fn table(path: &str, folder: &Path) -> Result<Operators, String> {
    if path.is_empty() {
        return Ok(Operators::indonesia());
    }
    let file = folder.join(path);
    let text = std::fs::read_to_string(&file).map_err(|error| {
        format!("{} cannot be read: {error}; leave this empty to use the table that is built in", file.display())
    })?;
    Operators::parse(&text).map_err(|mistakes| {
        let mistakes: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        format!("{}: {}", file.display(), mistakes.join("; "))
    })
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::model::Msisdn;

    #[test]
    fn a_table_of_ones_own_is_found_beside_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let table = "version = \"1\"\ncountry = \"62\"\n[[operator]]\nname = \"Kita\"\nprefixes = [\"0812\"]\n";
        std::fs::write(folder.path().join("o.toml"), table).unwrap();
        let config = Config::read(&folder.path().join("k.toml"), "[routing]\noperators = \"o.toml\"\n").unwrap();
        let found = config.routing.operators.of_number(Msisdn::from_u64(6_281_200_000_000)).unwrap();
        assert_eq!((found.name.as_str(), config.routing.operators.all().len()), ("Kita", 1));
    }

    #[test]
    fn mistakes_in_the_table_are_mistakes_of_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("o.toml"),
            "version = \"1\"\ncountry = \"62\"\n[[operator]]\nname = \"A\"\nprefixes = [\"812\", \"x\"]\n",
        )
        .unwrap();
        let told = |text| Config::read(&folder.path().join("k.toml"), text).unwrap_err().to_string();
        let wrong = told("[routing]\noperators = \"o.toml\"\n");
        assert!(wrong.contains("line 2: routing.operators") && wrong.contains("line 5: `812`"), "{wrong}");
        assert!(wrong.contains("`x` is no prefix"), "{wrong}");
        assert!(told("[routing]\noperators = \"none.toml\"\n").contains("cannot be read"));
    }

    #[test]
    fn own_network_canary_and_delivery_are_off_or_as_they_are_written() {
        let read = |text| Config::read(std::path::Path::new("k.toml"), text).unwrap();
        let config = read("");
        assert_eq!((config.routing.own_network_wait, config.routing.canary), (None, None));
        let config = read("[routing]\nprefer_own_network = true\ncanary = 20\n[delivery]\nreport_wait_minutes = 3\n");
        assert_eq!(config.routing.own_network_wait.map(|wait| wait.as_secs()), Some(20));
        let canary = config.routing.canary.unwrap();
        assert_eq!((canary.messages, canary.from, canary.wait.as_mins(), canary.share), (20, 500, 10, 0.5));
        assert_eq!(config.delivery.report_wait.as_mins(), 3);
        let text = "[routing]\ncanary = 3\ncanary_share = 0.0\n[delivery]\nrate_min = 50\njudged_min = 1\n";
        let told = Config::read(std::path::Path::new("k.toml"), text).unwrap_err().to_string();
        for wrong in
            ["routing.canary: 3", "routing.canary_share: 0 is", "delivery.rate_min: 50", "delivery.judged_min: 1"]
        {
            assert!(told.contains(wrong), "{wrong}: {told}");
        }
    }
}
