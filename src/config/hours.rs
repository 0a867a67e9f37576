//! `[hours]` and `[[moratorium]]`: when what may be sent; `[approval]`: what waits for a second person.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::section::Section;
use super::{Unit, keys};
use crate::model::Timestamp;
use crate::policy::calendar::{Edge, Hours, HoursError, Quiet, moment};
use crate::policy::{Approval, Calendar, Moratorium};

/// Without the moratoria: they are sections of their own.
pub(super) fn calendar(mut section: Section, zone: &TimeZone) -> Calendar {
    let spare_emergencies = section.take("moratoria_spare_emergencies", false);
    let calendar = Calendar {
        zone: zone.clone(),
        emergency: hours(section.section("emergency")),
        important: hours(section.section("important")),
        routine: hours(section.section("routine")),
        spare_emergencies,
        moratoria: Vec::new(),
    };
    section.finish();
    calendar
}

fn hours(mut section: Section) -> Hours {
    let said = |error: HoursError| error.to_string();
    let quiet = section.checked("quiet", Vec::new(), |list: Vec<String>| {
        let quiet: Vec<Quiet> = list.iter().map(|stretch| stretch.parse()).collect::<Result<_, _>>().map_err(said)?;
        Hours::new(&[Weekday::Monday], quiet.clone()).map(|_| quiet).map_err(said)
    });
    let days = section.checked("days", Hours::all_days(), |list: Vec<String>| {
        let days: Vec<Weekday> = list.iter().map(|word| Hours::day(word)).collect::<Result<_, _>>().map_err(said)?;
        Hours::new(&days, Vec::new()).map(|_| days).map_err(said)
    });
    section.finish();
    Hours::new(&days, quiet).unwrap_or_default()
}

/// One `[[moratorium]]`; `None` where it has a mistake.
pub(super) fn moratorium(mut section: Section, zone: &TimeZone, units: &[Unit]) -> Option<Moratorium> {
    let mut read = |key, example, edge| {
        section.required(key, example, |text| moment(&text, zone, edge).map_err(|error| error.to_string()))
    };
    let from: Option<(Timestamp, usize)> = read("from", "2027-11-24", Edge::From);
    let until = read("until", "2027-11-26", Edge::Until);
    let classes = section.optional_list("classes", &["important", "routine"], |list| keys::classes(&list));
    let units = section.optional_list("units", &["diskominfo"], |list| {
        match list.iter().find(|name| !units.iter().any(|unit| unit.name == **name)) {
            Some(unknown) => Err(format!("there is no unit `{unknown}`; write names of [[unit]] sections")),
            None => Ok(list),
        }
    });
    let reason = section.required("reason", "masa tenang", |reason| match reason.trim() {
        "" => Err("this is empty; say why".to_owned()),
        reason => Ok(reason.to_owned()),
    });
    if let (Some((from, _)), Some((until, line))) = (from, until)
        && until <= from
    {
        section.problem(Some(line), "until", "this lies before its beginning".to_owned());
    }
    section.finish();
    Some(Moratorium {
        from: from?.0,
        until: until?.0,
        classes: classes.unwrap_or_default(),
        units: units.unwrap_or_default(),
        reason: reason?.0,
    })
}

pub(super) fn approval(mut section: Section) -> Approval {
    let size = |people: u32| (people > 0).then_some(u64::from(people));
    let above = section.take("above_recipients", 0u32);
    let mut of = |class, default| {
        let mut section = section.section(class);
        let people = section.take("above_recipients", default);
        section.finish();
        size(people)
    };
    let approval =
        Approval { emergency: of("emergency", 0), important: of("important", above), routine: of("routine", above) };
    section.finish();
    approval
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;
    use crate::model::Class;
    use crate::policy::{OverQuota, UnitApproval};

    fn told(text: &str) -> String {
        Config::read(Path::new("k.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn hours_moratoria_approval_and_units_are_as_they_are_written() {
        let text = r#"
[hours]
moratoria_spare_emergencies = true
[hours.routine]
quiet = ["21:00-06:00"]
days = ["senin", "jumat"]
[approval]
above_recipients = 500
[approval.routine]
above_recipients = 100
[[unit]]
name = "damkar"
group = "damkar"
signature = "Damkar Kota Bandung"
segments_per_day = 2000
over_quota = "refuse"
in_doubt = "ulang"
approval = "always"
approval_above = 50
[[moratorium]]
from = "2027-11-24"
until = "2027-11-26"
classes = ["umum"]
units = ["damkar"]
reason = "masa tenang"
"#;
        let config = Config::read(Path::new("k.toml"), text).unwrap();
        assert!(config.calendar.spare_emergencies && config.calendar.emergency.is_always());
        let sunday = "2026-11-22T03:00:00Z".parse().unwrap();
        assert_eq!(
            config.calendar.opens(Class::Routine, "u", &[], sunday).unwrap().to_string(),
            "2026-11-22T23:00:00Z"
        );
        let [moratorium] = &config.calendar.moratoria[..] else { panic!("{:?}", config.calendar.moratoria) };
        assert_eq!(
            (moratorium.from.to_string(), moratorium.until.to_string()),
            ("2027-11-23T17:00:00Z".to_owned(), "2027-11-26T17:00:00Z".to_owned())
        );
        assert!(moratorium.is_about(Class::Routine, "damkar") && !moratorium.is_about(Class::Emergency, "damkar"));
        assert_eq!(
            (config.approval.emergency, config.approval.important, config.approval.routine),
            (None, Some(500), Some(100))
        );
        let unit = &config.units[0];
        assert_eq!((unit.group.as_deref(), unit.in_doubt), (Some("damkar"), Some(crate::model::InDoubt::Resend)));
        assert_eq!((unit.rules.segments_per_day, unit.rules.over_quota), (2000, OverQuota::Refuse));
        assert_eq!((unit.rules.approval, unit.rules.approval_above), (UnitApproval::Always, Some(50)));
    }

    #[test]
    fn what_would_let_nothing_through_or_name_nobody_is_a_mistake_with_its_line() {
        for (text, wrong) in [
            ("[hours.routine]\nquiet = [\"21-6\"]\n", "line 2: hours.routine.quiet: `21-6` is no stretch"),
            ("[hours.routine]\nquiet = [\"00:00-12:00\", \"12:00-24:00\"]\n", "leave no minute"),
            ("[hours.routine]\ndays = []\n", "line 2: hours.routine.days: the list is empty"),
            ("[hours.routine]\ndays = [\"hari\"]\n", "`hari` is no day of the week"),
            ("[hours.biasa]\n", "hours.biasa: unknown key"),
            (
                "[[moratorium]]\nfrom = \"2027-11-24\"\nuntil = \"2027-11-20\"\nreason = \"x\"\n",
                "line 3: moratorium[1].until: this lies before",
            ),
            ("[[moratorium]]\nfrom = \"24-11\"\n", "`24-11` is no day"),
            (
                "[[moratorium]]\nfrom = \"2027-11-24\"\nuntil = \"2027-11-26\"\nreason = \"x\"\nunits = [\"u\"]\n",
                "there is no unit `u`",
            ),
            (
                "[[moratorium]]\nfrom = \"2027-11-24\"\nuntil = \"2027-11-26\"\n",
                "moratorium[1].reason: this is missing",
            ),
            (
                "[[unit]]\nname = \"u\"\nsegments_per_day = 3\n",
                "line 3: unit[1].segments_per_day: 3 is less than one text may need",
            ),
            ("[[unit]]\nname = \"u\"\napproval = \"mungkin\"\n", "`mungkin`"),
            ("[[unit]]\nname = \"u\"\nover_quota = \"mungkin\"\n", "`mungkin`"),
            ("[[unit]]\nname = \"u\"\ngroup = \"a b\"\n", "unit[1].group"),
        ] {
            assert!(told(text).contains(wrong), "{wrong}: {}", told(text));
        }
    }
}
