//! What an import would change, as it is told.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Compared, Remarks};
use crate::model::{Ending, Entry, ImportId, Lang, Msisdn, Timestamp};
use crate::policy::Change;

/// Rows of each list on paper.
const PAPER_ROWS: usize = 30;

/// What a list would change in the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// The list's name.
    pub file: String,
    /// Whether it is the form for corrections.
    pub correction: bool,
    /// The version of the roster it was held against; `None`: there was none.
    #[schema(value_type = Option<i64>)]
    pub base: Option<ImportId>,
    /// SHA-256 that names exactly this difference.
    pub digest: String,
    /// Why it must not be applied, whatever anybody agrees to, English.
    pub refusal: Option<String>,
    /// Lines of the list.
    pub lines: usize,
    /// Lines that say what the roster says.
    pub unchanged: usize,
    /// Offices that are new.
    pub new: usize,
    /// Offices whose holder has another number.
    pub number: usize,
    /// Offices that somebody else holds.
    pub holder: usize,
    /// Offices of which only the writing changes.
    pub details: usize,
    /// Offices that are gone.
    pub gone: usize,
    /// Entries that the list does not name, and that stay because a line that cannot be read may be theirs.
    pub undecided: usize,
    /// Lines of the form for corrections that are not filled in.
    pub not_filled_in: u64,
    /// Lines that cannot be used.
    pub unusable: usize,
    /// Numbers that come in and were somebody else's.
    pub reused: usize,
    /// Numbers that stand for several offices because of the changes.
    pub shared_numbers: usize,
    /// Changes that a person should look at: of a first import, since all of it is new, only those of whose number something is known.
    pub remarkable: usize,
    /// The changes, in the order of the list, and at the end who is gone.
    pub changes: Vec<ChangeRow>,
    /// The lines that cannot be used.
    pub invalid: Vec<InvalidRow>,
    /// The numbers that stand for several offices.
    pub shared: Vec<SharedRow>,
}

/// What happens to one office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangeRow {
    /// `new`, `number`, `holder`, `details` or `gone`.
    pub change: Cow<'static, str>,
    /// The line of the list; `None`: the list does not name the office.
    pub line: Option<u32>,
    /// The office in a line, for people.
    pub office: String,
    /// `rt`, `rw`, `lurah`, `camat`, `official` or `subscriber`.
    pub role: Cow<'static, str>,
    /// Kecamatan.
    pub kecamatan: Option<String>,
    /// Kelurahan.
    pub kelurahan: Option<String>,
    /// RW.
    pub rw: Option<u16>,
    /// RT.
    pub rt: Option<u16>,
    /// OPD.
    pub agency: Option<String>,
    /// Post.
    pub title: Option<String>,
    /// Who will hold it.
    pub name: Option<String>,
    /// With which number.
    pub number: Option<String>,
    /// The entry that ends.
    pub old_entry: Option<i64>,
    /// Who holds it now.
    pub old_name: Option<String>,
    /// With which number.
    pub old_number: Option<String>,
    /// Whose the number was before.
    pub former_holder: Option<String>,
    /// In which office.
    pub former_office: Option<String>,
    /// Until when.
    pub former_until: Option<Timestamp>,
    /// Whether the number asked not to be written to.
    pub opted_out: bool,
    /// Whether the one that it replaces did.
    pub old_number_opted_out: bool,
    /// Whether nothing is sent to the number because messages to it failed again and again.
    pub suspended: bool,
}

/// A line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvalidRow {
    /// The line.
    pub line: u32,
    /// What it says of the office.
    pub office: String,
    /// The fault's short name.
    pub fault: Cow<'static, str>,
    /// What is wrong and how to mend it, in the language asked for.
    pub reason: String,
}

/// A number that stands for several offices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SharedRow {
    /// The number, `+62…`.
    pub number: String,
    /// Lines of the list that have it.
    pub lines: Vec<u32>,
    /// The offices, each with its holder.
    pub offices: Vec<String>,
    /// Whether all of them are one person.
    pub one_person: bool,
}

impl Comparison {
    /// How many offices change.
    pub fn changing(&self) -> usize {
        self.new + self.number + self.holder + self.details + self.gone
    }
}

impl Compared {
    /// All of it as it is told: reasons in `lang`, the rest in English. `brief`: of each list the rows that fit on paper, and of the
    /// changes those that are remarkable.
    pub fn told(&self, lang: Lang, brief: bool) -> Comparison {
        let difference = &self.difference;
        let count = |why: Option<Ending>| difference.changes.iter().filter(|change| change.why == why).count();
        let rows = if brief { PAPER_ROWS } else { usize::MAX };
        let changes = difference.changes.iter().filter(|change| !brief || self.is_remarkable(change));
        Comparison {
            file: self.name.clone(),
            correction: self.correction,
            base: self.base,
            digest: self.digest.clone(),
            refusal: self.refusal.clone(),
            lines: self.lines,
            unchanged: difference.unchanged,
            new: count(None),
            number: count(Some(Ending::Number)),
            holder: count(Some(Ending::Holder)),
            details: count(Some(Ending::Details)),
            gone: count(Some(Ending::Gone)),
            undecided: difference.undecided,
            not_filled_in: self.open,
            unusable: self.unusable.len(),
            reused: self.remarks.values().filter(|remarks| remarks.former.is_some()).count(),
            shared_numbers: difference.shared.len(),
            remarkable: difference.changes.iter().filter(|change| self.is_remarkable(change)).count(),
            changes: changes.filter_map(|change| self.row(change)).take(rows).collect(),
            invalid: self.invalid(lang).take(rows).collect(),
            shared: self.shared().take(rows).collect(),
        }
    }

    fn is_remarkable(&self, change: &Change) -> bool {
        change.why.is_some() || self.base.is_some() || self.remarks_on(change.new_number()).is_some()
    }

    fn remarks_on(&self, number: Option<Msisdn>) -> Option<&Remarks> {
        self.remarks.get(&number?)
    }

    fn row(&self, change: &Change) -> Option<ChangeRow> {
        let (was, becomes) = (change.was.as_ref(), change.becomes.as_ref());
        let seat = &becomes.or(was.map(|(_, was)| was))?.seat;
        let remarks = self.remarks_on(change.new_number());
        let former = remarks.and_then(|remarks| remarks.former.as_ref());
        let number = |entry: &Entry| entry.number.to_string();
        Some(ChangeRow {
            change: change.why.map_or("new", Ending::name).into(),
            line: change.line,
            office: seat.to_string(),
            role: seat.role.name().into(),
            kecamatan: seat.kecamatan.clone(),
            kelurahan: seat.kelurahan.clone(),
            rw: seat.rw,
            rt: seat.rt,
            agency: seat.agency.clone(),
            title: seat.title.clone(),
            name: becomes.map(|becomes| becomes.name.clone()),
            number: becomes.map(number),
            old_entry: was.map(|(id, _)| id.0),
            old_name: was.map(|(_, was)| was.name.clone()),
            old_number: was.map(|(_, was)| number(was)),
            former_holder: former.map(|(former, _)| former.name.clone()),
            former_office: former.map(|(former, _)| former.seat.to_string()),
            former_until: former.map(|(_, until)| *until),
            opted_out: remarks.is_some_and(|remarks| remarks.opted_out),
            old_number_opted_out: was.is_some_and(|(id, _)| self.opted_out_before.contains(id)),
            suspended: remarks.is_some_and(|remarks| remarks.suspended),
        })
    }

    fn invalid(&self, lang: Lang) -> impl Iterator<Item = InvalidRow> + '_ {
        self.unusable.iter().map(move |(line, unusable)| InvalidRow {
            line: *line,
            office: unusable.written.clone(),
            fault: unusable.fault.name().into(),
            reason: unusable.fault.line(lang),
        })
    }

    fn shared(&self) -> impl Iterator<Item = SharedRow> + '_ {
        self.difference.shared.iter().map(|shared| SharedRow {
            number: shared.number.to_string(),
            lines: shared.lines.clone(),
            offices: shared.holders.iter().map(|holder| format!("{}: {}", holder.seat, holder.name)).collect(),
            one_person: shared.one_person,
        })
    }
}
