//! Where a command finds the office it works for: by the settings, which name the ledger and the daemon's socket; or, where this user
//! may not read them or says so, by the socket alone. What a command needs of the settings then, the daemon says.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::client::{AskError, Client, No};
use super::phrases::fill;
use super::{Context, Failure};
use crate::config::{Config, ConfigError, DEFAULT_FILE};
use crate::model::{Class, Country, Units};
use crate::web::OfficeView;

/// Where the package lets the daemon listen.
const PACKAGED_SOCKET: &str = "/run/kentongan/kentongan.sock";

/// How the office is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By the settings: at their socket, or in their ledger where no daemon runs.
    Settings,
    /// At this socket, and nowhere else.
    Socket(PathBuf),
}

/// How it is reached: `named` is the socket that the user says, `archive` whether an archive is asked and no daemon, `unreadable` why
/// the settings in `file` cannot be read.
///
/// Settings that are wrong or missing are never passed over. Nor are others than the package's where they cannot be read: whose daemon
/// listens at the packaged place then, nobody knows.
fn way(named: Option<&Path>, archive: bool, file: &Path, unreadable: Option<ErrorKind>) -> Way {
    match (named, unreadable) {
        // An archive is a file: what a daemon would say is of its ledger.
        _ if archive => Way::Settings,
        (Some(socket), _) => Way::Socket(socket.to_owned()),
        (None, Some(ErrorKind::PermissionDenied)) if file == Path::new(DEFAULT_FILE) => {
            Way::Socket(PACKAGED_SOCKET.into())
        }
        (None, _) => Way::Settings,
    }
}

/// What commands need of the settings.
#[derive(Clone, Debug)]
pub(super) struct Office {
    pub name: String,
    pub zone: TimeZone,
    pub country: Country,
    /// Those that this user acts for.
    pub units: Vec<Unit>,
    /// The largest job file, in octets.
    pub file_bytes_max: u64,
}

/// A sending office.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub name: String,
    pub classes: Vec<Class>,
}

impl Office {
    /// `None`: there is no such zone, country or class here.
    fn read(view: OfficeView) -> Option<Self> {
        let units = view.units.into_iter().map(|unit| {
            let classes = unit.classes.iter().map(|class| class.parse().ok()).collect::<Option<_>>()?;
            Some(Unit { name: unit.name, classes })
        });
        Some(Self {
            name: view.name,
            zone: TimeZone::get(&view.time_zone).ok()?,
            country: Country::from_calling_code(&view.country_code)?,
            units: units.collect::<Option<_>>()?,
            file_bytes_max: view.file_bytes_max,
        })
    }
}

impl Context {
    /// How the office is reached.
    pub(super) fn way(&self) -> &Way {
        self.way.get_or_init(|| {
            let unreadable = match (&self.socket, self.loaded()) {
                (None, Err(ConfigError::Unreadable { source, .. })) => Some(source.kind()),
                _ => None,
            };
            way(self.socket.as_deref(), self.archive.is_some(), &self.file, unreadable)
        })
    }

    fn loaded(&self) -> &Result<Config, ConfigError> {
        self.config.get_or_init(|| {
            let mut loaded = Config::load(&self.file);
            if let (Ok(config), Some(archive)) = (&mut loaded, &self.archive) {
                // No daemon works on it, and none is asked about it.
                config.paths.control = archive.with_extension("no-daemon");
                config.paths.database.clone_from(archive);
            }
            loaded
        })
    }

    /// The checked configuration, for what only those can do who may read it.
    pub(super) fn config(&self) -> Result<&Config, Failure> {
        match (self.loaded(), self.way()) {
            (Err(error), Way::Socket(_)) => {
                Err(Failure::Refused(format!("{error}\n{}", fill(self.say.needs_settings, &[&self.file.display()]))))
            }
            (loaded, _) => loaded.as_ref().map_err(Failure::refused),
        }
    }

    /// The socket of the daemon.
    pub(super) fn socket(&self) -> Result<&Path, Failure> {
        match self.way() {
            Way::Socket(socket) => Ok(socket),
            Way::Settings => Ok(&self.config()?.paths.control),
        }
    }

    /// A way to the daemon, whether it runs or not.
    pub(super) fn client(&self) -> Result<Client, Failure> {
        Ok(Client::new(self.socket()?)?)
    }

    /// What the daemon answered; `None`: none runs, and the ledger itself is to be asked.
    ///
    /// Errors: the daemon cannot be asked, and there is nothing else to ask.
    pub(super) fn reached<T>(&self, asked: Result<T, AskError>) -> Result<Option<T>, Failure> {
        match asked {
            Ok(answer) => Ok(Some(answer)),
            Err(AskError::NotRunning { .. }) if self.way() == &Way::Settings => Ok(None),
            Err(error) => Err(self.unanswered(&error)),
        }
    }

    /// The daemon's no in the language of people.
    pub(super) fn refused(&self, no: &No) -> Failure {
        self.refused_in_words(&no.detail)
    }

    /// Why nothing came of it: the daemon cannot be asked, and there is nothing else to ask.
    pub(super) fn unanswered(&self, error: &AskError) -> Failure {
        match (error, self.way()) {
            (AskError::NotRunning { socket }, Way::Socket(_)) => {
                Failure::Refused(fill(self.say.nobody_listens, &[&socket.display()]))
            }
            _ => Failure::refused(error),
        }
    }

    /// The office.
    pub(super) fn office(&self) -> Result<&Office, Failure> {
        if self.office.get().is_none() {
            let view = match self.way() {
                Way::Settings => OfficeView::of(self.config()?, &Units::All),
                Way::Socket(_) => {
                    let asked = self.client()?.get::<OfficeView>("/office").map_err(|error| self.unanswered(&error))?;
                    asked.map_err(|no| self.refused(&no))?
                }
            };
            let office = Office::read(view).ok_or_else(|| Failure::refused("the office has an unknown time zone"))?;
            // Nobody else sets it: commands run one after another.
            let _ = self.office.set(office);
        }
        self.office.get().ok_or(Failure::Said)
    }

    /// The zone in which people here write and read times.
    pub(super) fn zone(&self) -> Result<&TimeZone, Failure> {
        Ok(&self.office()?.zone)
    }

    /// The unit of this name; without a name the only one there is.
    pub(super) fn unit(&self, name: Option<&str>) -> Result<&Unit, Failure> {
        let office = self.office()?;
        let known = || office.units.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>().join(", ");
        match (name, office.units.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => Err(Failure::refused(fill(self.say.which_unit, &[&known()]))),
            (Some(name), units) => units.iter().find(|unit| unit.name == name).ok_or_else(|| {
                let place = match self.way() {
                    Way::Settings => &self.file,
                    Way::Socket(socket) => socket,
                };
                Failure::refused(fill(self.say.no_such_unit, &[&name.escape_debug(), &place.display(), &known()]))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_alone_is_gone_by_where_the_user_says_so_or_may_not_read_the_packages_settings() {
        let (packaged, own) = (Path::new(DEFAULT_FILE), Path::new("/home/andi/k.toml"));
        let socket = |path: &str| Way::Socket(path.into());
        let said = Some(Path::new("/tmp/k.sock"));
        for (named, file, unreadable, expected) in [
            (None, packaged, None, Way::Settings),
            (None, packaged, Some(ErrorKind::PermissionDenied), socket(PACKAGED_SOCKET)),
            (None, packaged, Some(ErrorKind::NotFound), Way::Settings),
            (None, own, Some(ErrorKind::PermissionDenied), Way::Settings),
            (said, packaged, None, socket("/tmp/k.sock")),
            (said, own, Some(ErrorKind::NotFound), socket("/tmp/k.sock")),
        ] {
            assert_eq!(way(named, false, file, unreadable), expected, "{named:?} {file:?} {unreadable:?}");
            assert_eq!(way(named, true, file, unreadable), Way::Settings, "an archive is asked, and no daemon");
        }
    }

    #[test]
    fn what_the_daemon_says_of_the_office_is_what_the_settings_say() {
        let text = "[office]\nname = \"Diskominfo\"\ntime_zone = \"Asia/Makassar\"\n[[unit]]\nname = \"damkar\"\n\
                    classes = [\"darurat\"]\n[[unit]]\nname = \"dinkes\"\n";
        let config = Config::read(Path::new("k.toml"), text).unwrap();
        let office = Office::read(OfficeView::of(&config, &Units::All)).unwrap();
        assert_eq!(&office.zone, config.time_zone());
        assert_eq!((office.country.calling_code(), office.units.len()), (62, 2));
        let own = OfficeView::of(&config, &Units::stored("damkar"));
        let unit = Office::read(own).unwrap().units.remove(0);
        assert_eq!((unit.name.as_str(), unit.classes.as_slice()), ("damkar", &[Class::Emergency][..]));
        let elsewhere = OfficeView { time_zone: "Mars/Olympus".to_owned(), ..OfficeView::of(&config, &Units::All) };
        assert!(Office::read(elsewhere).is_none());
    }
}
