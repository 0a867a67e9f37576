//! What a list changes in the roster.
//!
//! A list speaks only of the offices it could have named. The RT of a kelurahan that the list names no RT of stay as they are, so that
//! a lurah may send in the list of his kelurahan alone; and where a line cannot be read so far that its office is known, nobody of its
//! role is taken for gone, since the line may be theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use crate::model::{Ending, Entry, EntryId, Msisdn, Role, RosterStep, StepsDigest, place_key};

/// Who is gone that a list does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coverage {
    /// Whoever holds an office of a role and area that the list names others of.
    #[default]
    Listed,
    /// Nobody: the list only adds and corrects.
    Additions,
    /// Everybody of a role that the list names anybody of.
    Complete,
}

impl Coverage {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Coverage::Listed => "listed",
            Coverage::Additions => "additions",
            Coverage::Complete => "complete",
        }
    }
}

impl FromStr for Coverage {
    type Err = &'static str;

    /// Reads its word. Errors: what may be written.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let all = [Coverage::Listed, Coverage::Additions, Coverage::Complete];
        all.into_iter().find(|coverage| coverage.name() == word).ok_or("reach is `listed`, `additions` or `complete`")
    }
}

/// What is known of the lines that cannot be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// The offices of those of which that much is known: whoever holds them stays.
    pub seats: BTreeSet<String>,
    /// The roles of those of which only that is known.
    pub roles: BTreeSet<Role>,
    /// Whether there are some of which nothing is known.
    pub any: bool,
}

/// What happens to one office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `None`: the office is new.
    pub why: Option<Ending>,
    /// The line of the list; `None`: the list does not name the office.
    pub line: Option<u32>,
    /// Who holds it now.
    pub was: Option<(EntryId, Entry)>,
    /// Who will.
    pub becomes: Option<Entry>,
}

impl Change {
    /// Whether a number begins to stand for this office that did not before.
    pub fn new_number(&self) -> Option<Msisdn> {
        let number = self.becomes.as_ref()?.number;
        self.was.as_ref().is_none_or(|(_, was)| was.number != number).then_some(number)
    }

    fn steps(&self) -> impl Iterator<Item = RosterStep> + '_ {
        let end = self.was.as_ref().zip(self.why).map(|((entry, _), why)| RosterStep::End { entry: *entry, why });
        end.into_iter().chain(self.becomes.clone().map(RosterStep::Add))
    }
}

/// A number that stands for more than one office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The number.
    pub number: Msisdn,
    /// Lines of the list that have it.
    pub lines: Vec<u32>,
    /// The offices, and who holds them; those that the list does not name as well.
    pub holders: Vec<Entry>,
    /// Whether all of them are one person with several offices.
    pub one_person: bool,
}

/// The difference between the roster as it is and as a list wants it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// What changes: first what the list names, in its order, then who is gone.
    pub changes: Vec<Change>,
    /// Numbers that stand for more than one office because of these changes.
    pub shared: Vec<Shared>,
    /// Lines of the list that say what the roster says.
    pub unchanged: usize,
    /// Entries that the list does not name, of which nobody can say whether an unreadable line is theirs; they stay.
    pub undecided: usize,
}

impl Difference {
    /// Compares a list with the roster. `named`: its usable lines, each office once.
    pub fn between(current: &[(EntryId, Entry)], named: &[(u32, Entry)], unread: &Unread, coverage: Coverage) -> Self {
        let mut difference = Self::default();
        let mut left: BTreeMap<String, &(EntryId, Entry)> =
            current.iter().map(|known| (known.1.key(), known)).collect();
        let mut spoken_of = BTreeSet::new();
        for (line, entry) in named {
            spoken_of.insert(neighbours(entry));
            let was = left.remove(&entry.key());
            let why = match was {
                None => None,
                Some((_, was)) if was == entry => {
                    difference.unchanged += 1;
                    continue;
                }
                Some((_, was)) if !was.same_person(entry) => Some(Ending::Holder),
                Some((_, was)) if was.number != entry.number => Some(Ending::Number),
                Some(_) => Some(Ending::Details),
            };
            let change = Change { why, line: Some(*line), was: was.cloned(), becomes: Some(entry.clone()) };
            difference.changes.push(change);
        }
        let roles: BTreeSet<Role> = named.iter().map(|(_, entry)| entry.seat.role).collect();
        let mut gone: Vec<_> = left.into_iter().filter(|(seat, _)| !unread.seats.contains(seat)).collect();
        gone.sort_by_key(|(_, (id, _))| *id);
        for (_, (id, entry)) in gone {
            let role = entry.seat.role;
            let meant = match coverage {
                Coverage::Listed => role != Role::Subscriber && spoken_of.contains(&neighbours(entry)),
                Coverage::Additions => false,
                Coverage::Complete => roles.contains(&role),
            };
            if !meant {
                continue;
            }
            if unread.any || unread.roles.contains(&role) {
                difference.undecided += 1;
                continue;
            }
            let was = Some((*id, entry.clone()));
            difference.changes.push(Change { why: Some(Ending::Gone), line: None, was, becomes: None });
        }
        difference.shared = shared(current, &difference.changes, named);
        difference
    }

    /// The steps from the roster as it is to the roster as it will be.
    pub fn steps(&self) -> impl Iterator<Item = RosterStep> + '_ {
        self.changes.iter().flat_map(Change::steps)
    }

    /// The digest over the steps: names exactly this difference.
    pub fn digest(&self) -> String {
        let mut digest = StepsDigest::default();
        self.steps().for_each(|step| digest.take(&step));
        digest.finish()
    }
}

/// Which offices stand in one list: those of one role in one area, as the city's offices send their lists in.
fn neighbours(entry: &Entry) -> (Role, String, String) {
    let seat = &entry.seat;
    let key = |part: &Option<String>| part.as_deref().map(place_key).unwrap_or_default();
    match seat.role {
        Role::Rt | Role::Rw => (seat.role, key(&seat.kecamatan), key(&seat.kelurahan)),
        Role::Lurah => (seat.role, key(&seat.kecamatan), String::new()),
        Role::Official => (seat.role, key(&seat.agency), String::new()),
        Role::Camat | Role::Subscriber => (seat.role, String::new(), String::new()),
    }
}

/// Numbers that more than one office will have, where a change has a hand in it.
fn shared(current: &[(EntryId, Entry)], changes: &[Change], named: &[(u32, Entry)]) -> Vec<Shared> {
    let touched: BTreeSet<Msisdn> = changes.iter().filter_map(Change::new_number).collect();
    let ended: BTreeSet<EntryId> = changes.iter().filter_map(|change| change.was.as_ref()).map(|(id, _)| *id).collect();
    let staying = current.iter().filter(|(id, _)| !ended.contains(id)).map(|(_, entry)| entry);
    let coming = changes.iter().filter_map(|change| change.becomes.as_ref());
    let mut holders: BTreeMap<Msisdn, Vec<&Entry>> = BTreeMap::new();
    for entry in coming.chain(staying).filter(|entry| touched.contains(&entry.number)) {
        holders.entry(entry.number).or_default().push(entry);
    }
    let mut lines: BTreeMap<Msisdn, Vec<u32>> = BTreeMap::new();
    for (line, entry) in named.iter().filter(|(_, entry)| touched.contains(&entry.number)) {
        lines.entry(entry.number).or_default().push(*line);
    }
    let several = holders.into_iter().filter(|(_, holders)| holders.len() > 1);
    several
        .map(|(number, holders)| Shared {
            number,
            lines: lines.remove(&number).unwrap_or_default(),
            one_person: holders.iter().all(|holder| holder.same_person(holders[0])),
            holders: holders.into_iter().cloned().collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Seat;

    fn rt(kelurahan: &str, rt: u16, name: &str, number: u64) -> Entry {
        let seat = Seat {
            kecamatan: Some("Coblong".to_owned()),
            kelurahan: Some(kelurahan.to_owned()),
            rw: Some(1),
            rt: Some(rt),
            ..Seat::of(Role::Rt)
        };
        Entry { seat, name: name.to_owned(), person: None, number: Msisdn::from_u64(628120000000 + number) }
    }

    fn roster() -> Vec<(EntryId, Entry)> {
        let entries = [
            rt("Dago", 1, "Asep", 1),
            rt("Dago", 2, "Dewi", 2),
            rt("Dago", 3, "Ujang", 3),
            rt("Sekeloa", 1, "Yayat", 4),
        ];
        (1..).map(EntryId).zip(entries).collect()
    }

    fn compared(named: Vec<Entry>, unread: Unread, coverage: Coverage) -> (Difference, String) {
        let named: Vec<(u32, Entry)> = (2..).zip(named).collect();
        let difference = Difference::between(&roster(), &named, &unread, coverage);
        let shown = difference.changes.iter().map(|change| {
            let why = change.why.map_or("new", Ending::name);
            let line = change.line.map_or("-".to_owned(), |line| line.to_string());
            let seat = change.becomes.as_ref().or(change.was.as_ref().map(|(_, was)| was)).map(|entry| &entry.seat);
            format!("{line} {why} {}", seat.map_or(String::new(), |seat| seat.to_string()))
        });
        let shown = shown.collect::<Vec<_>>().join("; ");
        (difference, shown)
    }

    #[test]
    fn every_kind_of_change_is_told_apart_and_other_areas_stay() {
        let list = vec![rt("Dago", 1, "ASEP", 1), rt("Dago", 2, "Dewi", 12), rt("Dago", 4, "Eti", 5)];
        let (difference, shown) = compared(list, Unread::default(), Coverage::Listed);
        assert_eq!(
            shown,
            "2 details RT 01 RW 01, Dago, Coblong; 3 number RT 02 RW 01, Dago, Coblong; 4 new RT 04 RW 01, Dago, Coblong; \
             - gone RT 03 RW 01, Dago, Coblong"
        );
        assert_eq!(difference.steps().count(), 6);
        let list = vec![rt("Dago", 1, "Asep", 1), rt("Dago", 2, "Eti", 2), rt("Dago", 3, "Eka", 13)];
        let (difference, shown) = compared(list, Unread::default(), Coverage::Listed);
        assert_eq!(shown, "3 holder RT 02 RW 01, Dago, Coblong; 4 holder RT 03 RW 01, Dago, Coblong");
        assert_eq!(difference.unchanged, 1);
    }

    #[test]
    fn who_is_not_on_the_list_is_gone_as_far_as_the_list_reaches() {
        let list = || vec![rt("Dago", 1, "Asep", 1)];
        let check = |coverage, expected: &str| {
            let (_, shown) = compared(list(), Unread::default(), coverage);
            assert_eq!(shown.matches("gone").count().to_string(), expected, "{coverage:?}");
        };
        check(Coverage::Listed, "2");
        check(Coverage::Additions, "0");
        check(Coverage::Complete, "3");
    }

    #[test]
    fn a_line_that_cannot_be_read_makes_nobody_gone() {
        let list = || vec![rt("Dago", 1, "Asep", 1)];
        let with = |unread: Unread| {
            let (difference, shown) = compared(list(), unread, Coverage::Listed);
            (shown.matches("gone").count(), difference.undecided)
        };
        let seat = rt("Dago", 2, "", 0).key();
        assert_eq!(with(Unread { seats: [seat].into(), ..Unread::default() }), (1, 0), "its own holder stays");
        assert_eq!(with(Unread { roles: [Role::Rt].into(), ..Unread::default() }), (0, 2));
        assert_eq!(with(Unread { roles: [Role::Rw].into(), ..Unread::default() }), (2, 0));
        assert_eq!(with(Unread { any: true, ..Unread::default() }), (0, 2));
    }

    #[test]
    fn a_number_for_several_offices_is_shown_when_a_change_brings_it_about() {
        let list = vec![rt("Dago", 1, "Asep", 1), rt("Dago", 2, "Dewi", 4), rt("Dago", 3, "Ujang", 3)];
        let (difference, _) = compared(list, Unread::default(), Coverage::Listed);
        let [shared] = &difference.shared[..] else { panic!("{:?}", difference.shared) };
        assert_eq!((shared.lines.as_slice(), shared.holders.len(), shared.one_person), (&[3][..], 2, false));
        let swapped = vec![rt("Dago", 1, "Dewi", 2), rt("Dago", 2, "Asep", 1), rt("Dago", 3, "Ujang", 3)];
        let (difference, _) = compared(swapped, Unread::default(), Coverage::Listed);
        assert!(difference.shared.is_empty(), "two who change places share nothing");
        let both = vec![rt("Dago", 1, "Asep", 1), rt("Dago", 2, "Asep", 1), rt("Dago", 3, "Ujang", 3)];
        let (difference, _) = compared(both, Unread::default(), Coverage::Listed);
        assert!(difference.shared[0].one_person);
    }

    #[test]
    fn the_digest_names_one_difference_and_no_other() {
        let digest =
            |number| compared(vec![rt("Dago", 1, "Asep", number)], Unread::default(), Coverage::Listed).0.digest();
        assert_eq!(digest(7), digest(7));
        assert_ne!(digest(7), digest(8));
        assert_eq!(digest(7).len(), 64);
    }

    proptest! {
        /// Whatever a list says, its steps lead to a roster of which a second reading of the list changes nothing.
        #[test]
        fn an_applied_list_changes_nothing_more(
            list in proptest::collection::btree_map((0u16..3, 1u16..6), (0u8..4, 0u64..6), 0..12),
        ) {
            let areas = ["Dago", "Sekeloa", "Cipaganti"];
            let names = ["Asep", "Dewi", "Ujang", "Eti"];
            let named: Vec<(u32, Entry)> = (2..)
                .zip(list.into_iter().map(|((area, number), (name, phone))| {
                    rt(areas[usize::from(area)], number, names[usize::from(name)], phone)
                }))
                .collect();
            let mut roster = roster();
            let difference = Difference::between(&roster, &named, &Unread::default(), Coverage::Listed);
            let mut next = 100;
            for step in difference.steps() {
                match step {
                    RosterStep::End { entry, .. } => {
                        let before = roster.len();
                        roster.retain(|(id, _)| *id != entry);
                        prop_assert_eq!(roster.len() + 1, before);
                    }
                    RosterStep::Add(entry) => {
                        prop_assert!(roster.iter().all(|(_, held)| held.key() != entry.key()));
                        next += 1;
                        roster.push((EntryId(next), entry));
                    }
                }
            }
            let again = Difference::between(&roster, &named, &Unread::default(), Coverage::Listed);
            prop_assert_eq!((again.changes.len(), again.unchanged), (0, named.len()));
        }
    }
}
