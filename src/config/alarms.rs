//! `[alarms]`: from when on something is an alarm, and who is told of it.

use jiff::civil::Weekday;
use lettre::message::Mailbox;

use super::Office;
use super::section::Section;
use crate::model::{AlarmLevel, Lang, Msisdn, SecretFile, SignedDuration};
use crate::policy::Hours;
use crate::policy::alarms::{Alarms, Manner, OptOuts, Thresholds};

/// How the way to the mail server is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// From the first octet.
    Tls,
    /// From the command STARTTLS on, or not at all.
    StartTls,
    /// Open.
    None,
}

/// `[alarms.mail]`: the mail server, and to whom alarms go by mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is kept from others.
    pub tls: MailTls,
    /// Who signs in, and where the password lies; `None`: nobody.
    pub sign_in: Option<(String, SecretFile)>,
    /// The sender.
    pub from: Mailbox,
    /// To whom; at least one.
    pub to: Vec<Mailbox>,
}

pub(super) fn alarms(mut section: Section, office: &Office) -> (Alarms, Option<Mail>) {
    let default = Thresholds::default();
    let lang = section.checked("language", "id".to_owned(), |word: String| word.parse::<Lang>());
    let country = office.country;
    let numbers = section.checked("numbers", Vec::<String>::new(), |list: Vec<String>| {
        let number = |text: &String| {
            Msisdn::parse(text, country).map_err(|why| format!("`{}` cannot be used: {why}", text.escape_debug()))
        };
        list.iter().map(number).collect::<Result<Vec<_>, _>>()
    });
    let level = level(&mut section);
    let hours = section.checked("quiet", Vec::new(), |list: Vec<String>| {
        let quiet = list.iter().map(|stretch| stretch.parse()).collect::<Result<Vec<_>, _>>();
        let days: Vec<Weekday> = Weekday::Monday.cycle_forward().take(7).collect();
        quiet.and_then(|quiet| Hours::new(&days, quiet)).map_err(|error| error.to_string())
    });
    let manner = Manner {
        level,
        hours,
        settle: seconds(&mut section, "settle_seconds", 120),
        gather: seconds(&mut section, "gather_seconds", 60),
        repeat: section.checked("repeat_hours", 24u32, |hours: u32| match hours {
            1..=720 => Ok(SignedDuration::from_hours(hours.into())),
            _ => Err(format!("{hours} hours is not possible; write 1 to 720 (a month)")),
        }),
        at_most: Some((count(&mut section, "sms_per_hour", 4), count(&mut section, "sms_per_day", 12))),
    };
    let thresholds = Thresholds {
        modem_out: minutes(&mut section, "modem_out_minutes", Some(default.modem_out)).unwrap_or(default.modem_out),
        no_modem: minutes(&mut section, "no_modem_minutes", default.no_modem),
        queue: [
            minutes(&mut section, "queue_emergency_minutes", default.queue[0]),
            minutes(&mut section, "queue_important_minutes", default.queue[1]),
            minutes(&mut section, "queue_routine_minutes", default.queue[2]),
        ],
        disk_free: section.checked("disk_free_mb", default.disk_free / 1_000_000, |mb: u64| match mb {
            0..=1_000_000_000 => Ok(mb * 1_000_000),
            _ => Err(format!("{mb} MB is more than any disk has; write 0 (never) to 1000000000")),
        }),
        opt_outs: OptOuts {
            in_hour: section.take("opt_outs_per_hour", default.opt_outs.in_hour),
            share: section.checked("opt_outs_share", default.opt_outs.share, |share: f64| {
                if (0.0..=1.0).contains(&share) { Ok(share) } else { Err(format!("{share} is not between 0 and 1")) }
            }),
        },
        unreached: minutes(&mut section, "unreached_minutes", Some(default.unreached)).unwrap_or(default.unreached),
    };
    let (mail, mail_level) = mail(section.section("mail"));
    let mail_manner =
        mail.as_ref().map(|_| Manner { level: mail_level, hours: Hours::default(), at_most: None, ..manner.clone() });
    section.finish();
    let alarms = Alarms { thresholds, lang, office: office.name.clone(), numbers, sms: manner, mail: mail_manner };
    (alarms, mail)
}

fn level(section: &mut Section) -> AlarmLevel {
    section.checked("level", "warning".to_owned(), |word: String| match word.as_str() {
        "warning" => Ok(AlarmLevel::Warning),
        "critical" => Ok(AlarmLevel::Critical),
        _ => Err(format!("`{}` is no level; write warning or critical", word.escape_debug())),
    })
}

fn seconds(section: &mut Section, key: &'static str, default: u32) -> SignedDuration {
    section.checked(key, default, |seconds: u32| match seconds {
        0..=86_400 => Ok(SignedDuration::from_secs(seconds.into())),
        _ => Err(format!("{seconds} seconds is more than a day; write 0 to 86400")),
    })
}

fn count(section: &mut Section, key: &'static str, default: u32) -> u32 {
    section.checked(key, default, |count: u32| match count {
        1..=1000 => Ok(count),
        _ => Err(format!("{count} is not possible; write 1 to 1000")),
    })
}

/// 0 minutes: never, where there is such a thing.
fn minutes(section: &mut Section, key: &'static str, default: Option<SignedDuration>) -> Option<SignedDuration> {
    let default = default.map_or(0, |span| u32::try_from(span.as_mins()).unwrap_or(u32::MAX));
    section.checked(key, default, |minutes: u32| match minutes {
        0 => Ok(None),
        1..=525_600 => Ok(Some(SignedDuration::from_mins(minutes.into()))),
        _ => Err(format!("{minutes} minutes is more than a year; write 0 to 525600")),
    })
}

fn mail(mut section: Section) -> (Option<Mail>, AlarmLevel) {
    let host = section.checked("host", String::new(), |host: String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':');
        let right = host.chars().all(plain);
        right.then(|| host.clone()).ok_or_else(|| {
            format!("`{}` is no name of a machine; write for example \"mail.bandung.go.id\"", host.escape_debug())
        })
    });
    let tls = section.checked("tls", "tls".to_owned(), |word: String| match word.as_str() {
        "tls" => Ok(MailTls::Tls),
        "starttls" => Ok(MailTls::StartTls),
        "none" => Ok(MailTls::None),
        _ => Err(format!("`{}` is none of them; write tls, starttls or none", word.escape_debug())),
    });
    let port = section.take("port", 0u16);
    let user = section.take("user", String::new());
    let password = section.checked("password_file", String::new(), |text: String| match text.as_str() {
        "" => Ok(None),
        text => SecretFile::parse(text).map(Some),
    });
    let mailbox = |text: &str| {
        text.parse::<Mailbox>().map_err(|_| {
            format!("`{}` is no address; write for example \"kentongan@bandung.go.id\"", text.escape_debug())
        })
    };
    let from = section.checked("from", String::new(), |text: String| match text.as_str() {
        "" => Ok(None),
        text => mailbox(text).map(Some),
    });
    let to = section.checked("to", Vec::new(), |list: Vec<String>| {
        list.iter().map(|text| mailbox(text)).collect::<Result<Vec<_>, _>>()
    });
    let level = level(&mut section);
    let line = section.line();
    let mut wrong = |key, message: &str| section.problem(line, key, message.to_owned());
    let mut found = None;
    if !host.is_empty() {
        if to.is_empty() {
            wrong("to", "nobody would get a letter; write at least one address");
        }
        if from.is_none() {
            wrong("from", "this is missing; write the sender's address");
        }
        let sign_in = match (user.is_empty(), password) {
            (true, None) => Some(None),
            (false, Some(password)) => Some(Some((user, password))),
            _ => {
                wrong("user", "write both user and password_file, or neither");
                None
            }
        };
        let here = ["localhost", "127.0.0.1", "::1"].contains(&host.as_str());
        if tls == MailTls::None && matches!(sign_in, Some(Some(_))) && !here {
            wrong("tls", "a password must not go over an open line; write tls or starttls");
        }
        let usual = match tls {
            MailTls::Tls => 465,
            MailTls::StartTls => 587,
            MailTls::None => 25,
        };
        let port = if port == 0 { usual } else { port };
        if let (Some(from), Some(sign_in), false) = (from, sign_in, to.is_empty()) {
            found = Some(Mail { host, port, tls, sign_in, from, to });
        }
    }
    section.finish();
    (found, level)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    #[test]
    fn alarms_and_mail_are_as_they_are_written() {
        let text = r#"
[office]
name = "Diskominfo"
[alarms]
language = "en"
numbers = ["0812 3456 7890"]
level = "critical"
quiet = ["22:00-06:00"]
queue_emergency_minutes = 0
disk_free_mb = 2000
[alarms.mail]
host = "mail.bandung.go.id"
tls = "starttls"
user = "kentongan"
password_file = "mail"
from = "Kentongan <k@bandung.go.id>"
to = ["a@bandung.go.id", "b@bandung.go.id"]
"#;
        let config = Config::read(Path::new("k.toml"), text).unwrap();
        let alarms = &config.alarms;
        assert_eq!((alarms.lang, alarms.office.as_str(), alarms.numbers.len()), (Lang::English, "Diskominfo", 1));
        assert_eq!((alarms.sms.level, alarms.sms.hours.is_always()), (AlarmLevel::Critical, false));
        assert_eq!((alarms.thresholds.queue[0], alarms.thresholds.disk_free), (None, 2_000_000_000));
        let mail = config.mail.unwrap();
        assert_eq!((mail.port, mail.to.len()), (587, 2));
        assert_eq!(mail.sign_in, Some(("kentongan".to_owned(), SecretFile::Credential("mail".to_owned()))));
        // Letters hurry nobody and wake nobody.
        let manner = alarms.mail.as_ref().unwrap();
        assert_eq!((manner.level, manner.hours.is_always(), manner.at_most), (AlarmLevel::Warning, true, None));
    }

    #[test]
    fn what_would_reach_nobody_or_show_a_password_is_a_mistake() {
        let told = |text: &str| Config::read(Path::new("k.toml"), text).unwrap_err().to_string();
        let mail = |more: &str| told(&format!("[alarms.mail]\nhost = \"m.id\"\n{more}"));
        assert!(told("[alarms]\nnumbers = [\"12\"]\n").contains("line 2: alarms.numbers: `12` cannot be used"));
        assert!(told("[alarms]\nlevel = \"high\"\n").contains("`high` is no level"));
        assert!(mail("from = \"k@m.id\"\n").contains("alarms.mail.to: nobody would get a letter"));
        assert!(mail("to = [\"a@m.id\"]\n").contains("alarms.mail.from: this is missing"));
        assert!(mail("from = \"k@m.id\"\nto = [\"a@m.id\"]\nuser = \"k\"\n").contains("write both user and"));
        let open = "from = \"k@m.id\"\nto = [\"a@m.id\"]\nuser = \"k\"\npassword_file = \"/p\"\ntls = \"none\"\n";
        assert!(mail(open).contains("a password must not go over an open line"));
        assert!(mail("from = \"nobody\"\n").contains("`nobody` is no address"));
    }
}
