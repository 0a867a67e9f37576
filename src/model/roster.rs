//! The roster of office-holders: who can be reached in which capacity, where.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::places::place_key;
use super::{EntryId, Msisdn, Role};

/// An office, whoever holds it: what stays when the holder or the number changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Seat {
    /// In what capacity.
    pub role: Role,
    /// The kecamatan, as the city writes it.
    pub kecamatan: Option<String>,
    /// The kelurahan, as the city writes it.
    pub kelurahan: Option<String>,
    /// The RW's number, 1 to 999.
    pub rw: Option<u16>,
    /// The RT's number, 1 to 999.
    pub rt: Option<u16>,
    /// The city's office (OPD), for its officials.
    pub agency: Option<String>,
    /// The post beside the role, where one office has several (secretary, treasurer).
    pub title: Option<String>,
}

impl Seat {
    /// An office without an area.
    pub fn of(role: Role) -> Self {
        Self { role, kecamatan: None, kelurahan: None, rw: None, rt: None, agency: None, title: None }
    }

    /// What `{peran}` becomes in a text: the post where one is named, else how the role is addressed.
    pub fn address(&self) -> &str {
        self.title.as_deref().unwrap_or(self.role.address())
    }
}

/// `RW 05, Pasteur, Sukajadi`, for people.
impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.role, self.rt, self.rw) {
            (Role::Rt, Some(rt), Some(rw)) => write!(f, "RT {rt:02} RW {rw:02}")?,
            (Role::Rw, _, Some(rw)) => write!(f, "RW {rw:02}")?,
            (role, ..) => f.write_str(role.word())?,
        }
        let rest = [&self.title, &self.agency, &self.kelurahan, &self.kecamatan];
        rest.into_iter().flatten().try_for_each(|part| write!(f, ", {part}"))
    }
}

/// One line of the roster: an office, who holds it, and the number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The office.
    pub seat: Seat,
    /// Who holds it.
    pub name: String,
    /// By what the office knows the person over several offices, such as a civil servant's NIP; compared, never sent.
    pub person: Option<String>,
    /// The mobile number.
    pub number: Msisdn,
}

impl Entry {
    /// What of two entries is the same office, as compared. A citizen holds none: there the number is the key.
    pub fn key(&self) -> String {
        let seat = &self.seat;
        let text = |part: &Option<String>| part.as_deref().map(place_key).unwrap_or_default();
        let number = |part: Option<u16>| part.map_or(String::new(), |number| number.to_string());
        let last = match seat.role {
            Role::Subscriber => self.number.digits(),
            // Several officials of one OPD are told apart by their posts, and without posts by their names.
            Role::Official if seat.title.is_none() => folded(&self.name),
            _ => text(&seat.title),
        };
        let (kecamatan, kelurahan) = match seat.role {
            Role::Subscriber | Role::Official => (String::new(), String::new()),
            _ => (text(&seat.kecamatan), text(&seat.kelurahan)),
        };
        let agency = if seat.role == Role::Subscriber { String::new() } else { text(&seat.agency) };
        let (rw, rt) = match seat.role {
            Role::Rt => (number(seat.rw), number(seat.rt)),
            Role::Rw => (number(seat.rw), String::new()),
            _ => (String::new(), String::new()),
        };
        format!("{}|{kecamatan}|{kelurahan}|{rw}|{rt}|{agency}|{last}", seat.role)
    }

    /// Whether both entries speak of the same person: by what the office knows them by, else by their names.
    pub fn same_person(&self, other: &Entry) -> bool {
        match (&self.person, &other.person) {
            (Some(left), Some(right)) => left == right,
            _ => folded(&self.name) == folded(&other.name),
        }
    }
}

/// Masked: names and whole numbers do not go to logs.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({}, {:?})", self.seat, self.number)
    }
}

/// A person's name as compared: no letter case, no punctuation, single spaces.
fn folded(name: &str) -> String {
    let spaced: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Why an entry of the roster ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The same holder has another number.
    Number,
    /// Somebody else holds the office.
    Holder,
    /// Only the writing of a name, the area or a post changed.
    Details,
    /// The office is not on the list any more.
    Gone,
}

impl Ending {
    /// The name stored and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Ending::Number => "number",
            Ending::Holder => "holder",
            Ending::Details => "details",
            Ending::Gone => "gone",
        }
    }
}

/// One step from the roster as it is to the roster as it will be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RosterStep {
    /// An entry ends. Where another takes its place, that one follows.
    End {
        /// Which.
        entry: EntryId,
        /// Why.
        why: Ending,
    },
    /// An entry begins.
    Add(Entry),
}

/// Steps on their way to the engine. Their names and numbers do not go to logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RosterSteps(pub Vec<RosterStep>);

impl fmt::Debug for RosterSteps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} steps", self.0.len())
    }
}

/// The digest over all steps of a change in their order: whoever agreed to it agreed to exactly these.
#[derive(Clone, Default)]
pub struct StepsDigest(Sha256);

impl StepsDigest {
    /// Takes the next step in.
    pub fn take(&mut self, step: &RosterStep) {
        // Of plain fields in a fixed order, so that the same step has the same octets; it cannot fail.
        let octets = serde_json::to_vec(step).unwrap_or_default();
        self.0.update((octets.len() as u64).to_be_bytes());
        self.0.update(octets);
    }

    /// SHA-256, lower-case hexadecimal.
    pub fn finish(self) -> String {
        super::hex(self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(role: Role, change: impl FnOnce(&mut Entry)) -> Entry {
        let mut seat = Seat::of(role);
        (seat.kecamatan, seat.kelurahan) = (Some("Sukajadi".to_owned()), Some("Pasteur".to_owned()));
        let mut entry =
            Entry { seat, name: "H. Asep Sunandar".to_owned(), person: None, number: Msisdn::from_u64(628120000001) };
        change(&mut entry);
        entry
    }

    #[test]
    fn an_office_stays_the_same_when_its_holder_number_or_spelling_changes() {
        let rw = entry(Role::Rw, |entry| entry.seat.rw = Some(5));
        let other = entry(Role::Rw, |entry| {
            entry.seat.rw = Some(5);
            entry.seat.kelurahan = Some("Kel. PASTEUR".to_owned());
            entry.name = "Dewi".to_owned();
            entry.number = Msisdn::from_u64(628120000002);
        });
        assert_eq!(rw.key(), other.key());
        assert_ne!(rw.key(), entry(Role::Rw, |entry| entry.seat.rw = Some(6)).key());
        let rt = |number| entry(Role::Rt, |entry| (entry.seat.rw, entry.seat.rt) = (Some(5), Some(number)));
        assert_ne!(rt(1).key(), rt(2).key());
        let secretary = entry(Role::Rw, |entry| {
            entry.seat.rw = Some(5);
            entry.seat.title = Some("Sekretaris".to_owned());
        });
        assert_ne!(rw.key(), secretary.key());
    }

    #[test]
    fn a_citizen_is_the_number_and_an_official_the_post() {
        let citizen = |number| entry(Role::Subscriber, |entry| entry.number = Msisdn::from_u64(number)).key();
        assert_ne!(citizen(628120000001), citizen(628120000002));
        let official = |name: &str, title: Option<&str>| {
            entry(Role::Official, |entry| {
                entry.seat.agency = Some("Dinas Kesehatan".to_owned());
                entry.seat.title = title.map(str::to_owned);
                entry.name = name.to_owned();
            })
            .key()
        };
        assert_eq!(official("Asep", Some("Kepala")), official("Dewi", Some("kepala")));
        assert_ne!(official("Asep", None), official("Dewi", None));
    }

    #[test]
    fn a_person_is_known_by_a_number_of_the_office_before_the_name() {
        let person = |name: &str, id: Option<&str>| {
            entry(Role::Lurah, |entry| {
                entry.name = name.to_owned();
                entry.person = id.map(str::to_owned);
            })
        };
        assert!(person("H. Asep Sunandar", None).same_person(&person("h asep  sunandar", None)));
        assert!(person("Asep", Some("1")).same_person(&person("Asep Sunandar", Some("1"))));
        assert!(!person("Asep", Some("1")).same_person(&person("Asep", Some("2"))));
        assert!(!person("Asep", None).same_person(&person("Dewi", Some("2"))));
    }

    #[test]
    fn no_log_shows_a_name_or_a_whole_number() {
        let rw = entry(Role::Rw, |entry| entry.seat.rw = Some(5));
        assert_eq!(format!("{rw:?}"), "Entry(RW 05, Pasteur, Sukajadi, 62812*****01)");
        assert_eq!(format!("{:?}", RosterSteps(vec![RosterStep::Add(rw)])), "1 steps");
    }
}
