//! `[web]`: the page and the API over TCP.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::section::Section;
use crate::model::SignedDuration;

/// `[web]`: the page and the API, besides the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// Addresses on which they listen.
    pub listen: Vec<SocketAddr>,
    /// With which certificate; `None`: without TLS, and then on loopback alone.
    pub tls: Option<Tls>,
    /// How long somebody stays signed in.
    pub session: SignedDuration,
}

/// A certificate and its key, PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The chain, the server's own first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// `file` is the configuration: relative paths start at its folder.
pub(super) fn web(mut section: Section, file: &Path) -> Web {
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let listen_line = section.line_of("listen");
    let named_line = section.line_of(if section.has("certificate") { "certificate" } else { "key" });
    let listen = section.checked("listen", Vec::<String>::new(), |list: Vec<String>| {
        list.iter()
            .map(|address| {
                address.parse::<SocketAddr>().map_err(|_| {
                    format!("`{}` is no address with a port; write \"127.0.0.1:8080\"", address.escape_debug())
                })
            })
            .collect::<Result<Vec<_>, _>>()
    });
    let certificate = section.take("certificate", String::new());
    let key = section.take("key", String::new());
    let session = section.checked("session_hours", 10u32, |hours: u32| match hours {
        1..=168 => Ok(SignedDuration::from_hours(i64::from(hours))),
        _ => Err(format!("{hours} hours is not possible; write 1 to 168 (a week)")),
    });
    let tls = match (certificate.as_str(), key.as_str()) {
        ("", "") => None,
        ("", _) | (_, "") => {
            let message = "certificate and key belong together; name both or none".to_owned();
            section.problem(named_line, "certificate", message);
            None
        }
        (certificate, key) => Some(Tls { certificate: folder.join(certificate), key: folder.join(key) }),
    };
    if certificate.is_empty()
        && let Some(open) = listen.iter().find(|address| !address.ip().is_loopback())
    {
        let message = format!(
            "{open} can be reached from other machines, and passwords would cross the network readable; name certificate and key, \
             or listen on 127.0.0.1 and put a web server with TLS in front"
        );
        section.problem(listen_line, "listen", message);
    }
    section.finish();
    Web { listen, tls, session }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    #[test]
    fn another_machine_is_let_in_only_over_tls() {
        let read = |text: &str| Config::read(Path::new("/etc/kentongan/kentongan.toml"), text);
        let told = |text: &str| read(text).unwrap_err().to_string();
        assert!(read("").unwrap().web.listen.is_empty());
        let here = read("[web]\nlisten = [\"127.0.0.1:8080\", \"[::1]:8080\"]\n").unwrap();
        assert_eq!((here.web.listen.len(), here.web.tls), (2, None));
        let open = told("[web]\nlisten = [\"0.0.0.0:8443\"]\n");
        assert!(open.contains("line 2: web.listen") && open.contains("other machines"), "{open}");
        let secure =
            read("[web]\nlisten = [\"0.0.0.0:8443\"]\ncertificate = \"web.pem\"\nkey = \"/k/web.key\"\n").unwrap();
        let tls = secure.web.tls.unwrap();
        assert_eq!(tls.certificate, Path::new("/etc/kentongan/web.pem"));
        assert_eq!(tls.key, Path::new("/k/web.key"));
        assert!(told("[web]\ncertificate = \"web.pem\"\n").contains("belong together"));
        assert!(told("[web]\nlisten = [\"8080\"]\n").contains("no address"));
        assert!(told("[web]\nsession_hours = 0\n").contains("1 to 168"));
    }
}
