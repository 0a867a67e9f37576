//! `[[webhook]]`: who is called of what.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ureq::http::Uri;

use super::section::Section;
use super::{Unit, keys};
use crate::model::{FactKind, SecretFile, SignedDuration};
use crate::policy::alarms::Hook;

/// One webhook.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// What it is told of.
    pub hook: Hook,
    /// Where it is called. `https`, or `http` to a machine nearby where the settings allow that.
    pub url: String,
    /// Where the secret lies by which calls are signed.
    pub secret: SecretFile,
    /// Whether calls may go over an open line.
    pub insecure: bool,
}

/// All of them; each name is used once.
#[derive(Debug, Default)]
pub(super) struct Webhooks {
    pub list: Vec<Webhook>,
}

impl Webhooks {
    pub(super) fn add(&mut self, mut section: Section, units: &[Unit]) {
        let name = section.required("name", "pusat-data", |name: String| keys::plain_name(&name).map(|()| name));
        let insecure = section.take("insecure", false);
        let url = section.required("url", "https://data.bandung.go.id/kentongan", |url: String| {
            may_be_called(&url, insecure).map(|()| url)
        });
        let secret = section
            .required("secret_file", "/etc/kentongan/pusat-data.secret", |text: String| SecretFile::parse(&text));
        let named = section.has("events");
        let facts = section.optional_list("events", &["sent", "delivered", "failed"], |list| {
            let facts = list.iter().map(|word| word.parse()).collect::<Result<BTreeSet<FactKind>, _>>()?;
            if facts.is_empty() { Err("the list is empty; name at least one event".to_owned()) } else { Ok(facts) }
        });
        let unit =
            section.optional("unit", "damkar", |name: String| match units.iter().any(|unit| unit.name == name) {
                true => Ok(name),
                false => Err(format!("there is no unit `{name}`; write the name of a [[unit]] section")),
            });
        let give_up_after = section.checked("give_up_after_hours", 72u32, |hours: u32| match hours {
            1..=720 => Ok(SignedDuration::from_hours(hours.into())),
            _ => Err(format!("{hours} hours is not possible; write 1 to 720 (a month)")),
        });
        let line = section.line();
        if !named {
            let message = "this is missing; write for example events = [\"sent\", \"delivered\", \"failed\"]";
            section.problem(line, "events", message.to_owned());
        }
        if let Some((name, line)) = &name
            && self.list.iter().any(|other| other.hook.name == *name)
        {
            section.problem(Some(*line), "name", format!("`{name}` is used twice; give each webhook its own"));
        }
        section.finish();
        if let (Some((name, _)), Some((url, _)), Some((secret, _)), Some(facts)) = (name, url, secret, facts) {
            let hook = Hook { name, facts, unit: unit.map(|(unit, _)| unit), give_up_after };
            self.list.push(Webhook { hook, url, secret, insecure });
        }
    }
}

/// Numbers and texts of citizens go there: over a line that others cannot read, or not further than the next machine.
fn may_be_called(url: &str, insecure: bool) -> Result<(), String> {
    let wrong = || format!("`{}` is no address; write for example \"https://…\"", url.escape_debug());
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    let authority = uri.authority().ok_or_else(wrong)?;
    if authority.as_str().contains('@') {
        return Err(
            "a user and a password do not belong here; calls are signed with what lies in secret_file".to_owned()
        );
    }
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if insecure && is_near(authority.host()) => Ok(()),
        Some("http") => {
            Err("numbers and texts must not go over an open line; write https, or, for a machine on this one or in \
                             its private network by its address, also insecure = true"
                .to_owned())
        }
        _ => Err(wrong()),
    }
}

/// This machine, or one in a private network (RFC 1918, RFC 4193), by its address: a name could come to mean another one.
fn is_near(host: &str) -> bool {
    match host.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(v4)) => v4.is_loopback() || v4.is_private(),
        Ok(IpAddr::V6(v6)) => v6.is_loopback() || v6.is_unique_local(),
        Err(_) => host == "localhost",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    #[test]
    fn a_webhook_is_called_over_a_closed_line_or_not_far() {
        for (url, open, closed) in [
            ("https://data.bandung.go.id/k?x=1", true, true),
            ("https://10.0.0.1:8443/", true, true),
            ("http://127.0.0.1:8080/k", true, false),
            ("http://localhost/k", true, false),
            ("http://192.168.1.9/", true, false),
            ("http://[::1]:80/", true, false),
            ("http://[fd00::1]/", true, false),
            ("http://data.bandung.go.id/", false, false),
            ("http://8.8.8.8/", false, false),
            ("http://127.0.0.1.evil.id/", false, false),
            ("https://user:pass@data.id/", false, false),
            ("ftp://127.0.0.1/", false, false),
            ("/local", false, false),
            ("", false, false),
        ] {
            assert_eq!((may_be_called(url, true).is_ok(), may_be_called(url, false).is_ok()), (open, closed), "{url}");
        }
    }

    #[test]
    fn a_webhook_is_as_it_is_written_and_its_mistakes_have_lines() {
        let text = "[[webhook]]\nname = \"a\"\nurl = \"https://a.id/\"\nsecret_file = \"a\"\nevents = [\"sent\", \"opt_out\"]\n\
                    unit = \"damkar\"\n[[unit]]\nname = \"damkar\"\n";
        let config = Config::read(Path::new("k.toml"), text).unwrap();
        let hook = &config.webhooks[0].hook;
        assert_eq!((hook.facts.len(), hook.unit.as_deref()), (2, Some("damkar")));
        assert_eq!(hook.give_up_after, SignedDuration::from_hours(72));
        let told = Config::read(
            Path::new("k.toml"),
            "[[webhook]]\nname = \"a\"\nurl = \"http://a.id/\"\nsecret_file = \"a/b\"\nevents = [\"send\"]\nunit = \"x\"\n[[webhook]]\n",
        );
        let told = told.unwrap_err().to_string();
        for wrong in [
            "line 3: webhook[1].url: numbers and texts",
            "line 4: webhook[1].secret_file: write the path",
            "line 5: webhook[1].events: `send` is no event; write some of sent, delivered",
            "line 6: webhook[1].unit: there is no unit `x`",
            "line 7: webhook[2].name: this is missing",
        ] {
            assert!(told.contains(wrong), "{wrong}\n{told}");
        }
    }
}
