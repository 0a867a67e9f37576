//! What a list would change in the roster: read whole, held against the roster as it is, and told to whoever is to agree. Changes
//! nothing; [`Compared::acts`] says what is to be asked of the engine, which takes all of it or nothing.

mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::iter;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

pub use self::view::{ChangeRow, Comparison, InvalidRow, SharedRow};
use super::format_settings;
use crate::config::Config;
use crate::engine::event::{Action, RosterImport};
use crate::model::{Ending, Entry, EntryId, ImportId, Lang, Msisdn, Role, RosterSteps, Timestamp};
use crate::policy::{Coverage, Difference, Unread};
use crate::spool::format::ReadError;
use crate::spool::format::roster::{LineFault, RosterLine, Unusable, read_roster};
use crate::store::{Reader, StoreError};

/// Steps in one act, in octets of JSON: the engine takes far more, and is not to be busy with one for long.
const ACT_MAX: usize = 60 * 1024;
/// The least of a digest that names a difference, in characters.
const DIGEST_MIN: usize = 8;

/// A list that somebody wants to import.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// Where it lies.
    pub file: &'a Path,
    /// Its name; the ending says how it is read.
    pub name: &'a str,
    /// In what capacity everyone stands in it, where it has no column for that.
    pub role: Option<Role>,
    /// Who is gone that it does not name.
    pub coverage: Coverage,
}

/// Why a list cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The ledger did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be used; in the language asked for, with place and remedy.
    #[error("{0}")]
    Rejected(String),
    /// The file could not be read this time.
    #[error("{}: {source}", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// Why.
        source: ReadError,
    },
}

/// A list held against the roster.
#[derive(Debug)]
pub struct Compared {
    name: String,
    /// The roster it was held against.
    base: Option<ImportId>,
    /// Whether it is the form for corrections, and how many of its lines are not filled in.
    correction: bool,
    open: u64,
    lines: usize,
    /// Lines that cannot be used.
    unusable: Vec<(u32, Unusable)>,
    difference: Difference,
    digest: String,
    /// What should be known of the numbers that come in.
    remarks: BTreeMap<Msisdn, Remarks>,
    /// Entries whose holder stays, and opted out with the number that is replaced.
    opted_out_before: BTreeSet<EntryId>,
    /// Why it must not be applied, whatever anybody agrees to, English.
    refusal: Option<String>,
}

/// What should be known of a number before it is used.
#[derive(Clone, Debug, Default, PartialEq)]
struct Remarks {
    /// Who had it before, in another office, and until when.
    former: Option<(Entry, Timestamp)>,
    /// It asked not to be written to.
    opted_out: bool,
    /// Messages to it failed again and again.
    suspended: bool,
}

/// Why a difference is not the one that was agreed to; `None`: it is. A digest may be cut short, as it is shown; without one whatever
/// the difference is was agreed to.
pub fn other_difference(digest: &str, agreed_to: &str) -> Option<String> {
    let fits = agreed_to.is_empty() || (agreed_to.len() >= DIGEST_MIN && digest.starts_with(agreed_to));
    (!fits).then(|| {
        let short = &digest[..digest.len().min(12)];
        format!("the difference is not the one that was agreed to (now {short}); look at it again without --apply")
    })
}

/// Reads a list and holds it against the roster as it is. Takes memory for the whole of both.
pub fn compare(
    config: &Config,
    reader: &Reader,
    list: &List<'_>,
    lang: Lang,
    now: Timestamp,
) -> Result<Compared, CompareError> {
    let failed = |source| match source {
        ReadError::Rejected(rejection) => CompareError::Rejected(rejection.line(lang)),
        source => CompareError::Read { file: list.name.into(), source },
    };
    let mut content = File::open(list.file).map_err(|error| failed(ReadError::Io(error)))?;
    let settings = format_settings(config);
    let read = read_roster(list.name, &mut content, &settings, &config.roster.places, list.role).map_err(failed)?;
    let (correction, open, lines) = (read.correction, read.open, read.lines.len());
    let base = reader.roster_version()?;
    let current = current(reader, base)?;
    let (named, unusable) = settled(read.lines, correction.then_some(current.as_slice()));
    let harmful = unusable.iter().filter(|(_, unusable)| is_harmful(&unusable.fault)).count();
    let too_many = harmful as f64 > lines as f64 * config.intake.unusable_share_max;
    let refusal = too_many
        .then(|| format!("{harmful} of {lines} lines cannot be used; look at the columns, mend them and import again"));
    let coverage = if correction { Coverage::Additions } else { list.coverage };
    let difference = Difference::between(&current, &named, &unread(&unusable), coverage);
    drop((named, current));
    let remarks = remarks(reader, base, &difference, now)?;
    let opted_out_before = opted_out_before(reader, &difference)?;
    let digest = difference.digest();
    let name = list.name.to_owned();
    Ok(Compared {
        name,
        base,
        correction,
        open,
        lines,
        unusable,
        difference,
        digest,
        remarks,
        opted_out_before,
        refusal,
    })
}

impl Compared {
    /// Why it is not applied to whoever agreed to this digest, English; `None`: it may be.
    pub fn refusal(&self, agreed_to: &str) -> Option<String> {
        self.refusal.clone().or_else(|| other_difference(&self.digest, agreed_to))
    }

    /// What is to be asked of the engine, one after the other, each with its reason: the import begins, its steps, it is applied.
    ///
    /// `session`: names it meanwhile, chosen at random.
    pub fn acts(&self, session: u64, source: &str, basis: &str) -> impl Iterator<Item = (Action, String)> + Send {
        let import = RosterImport {
            session,
            base: self.base,
            file: self.name.clone(),
            source: source.to_owned(),
            basis: basis.to_owned(),
        };
        let mut steps = self.difference.steps().peekable();
        let pieces = iter::from_fn(move || {
            let (mut piece, mut size) = (Vec::new(), 0);
            while let Some(step) = steps.peek() {
                size += serde_json::to_vec(step).map_or(0, |text| text.len()) + 1;
                if size > ACT_MAX && !piece.is_empty() {
                    break;
                }
                piece.extend(steps.next());
            }
            let steps = RosterSteps(piece);
            (!steps.0.is_empty()).then_some((Action::RosterSteps { session, steps }, String::new()))
        });
        let parts = [("", self.name.as_str()), ("source: ", source), ("basis: ", basis)];
        let named = parts.iter().filter(|(_, part)| !part.is_empty());
        let reason: Vec<_> = named.map(|(name, part)| format!("{name}{part}")).collect();
        let apply = Action::RosterApply { session, digest: self.digest.clone() };
        iter::once((Action::RosterBegin(import), String::new()))
            .chain(pieces)
            .chain(iter::once((apply, reason.join(", "))))
    }
}

fn current(reader: &Reader, version: Option<ImportId>) -> Result<Vec<(EntryId, Entry)>, StoreError> {
    let mut current = Vec::new();
    if let Some(version) = version {
        reader.roster(version, |id, entry| {
            current.push((id, entry));
            ControlFlow::Continue(())
        })?;
    }
    Ok(current)
}

/// A line that repeats another, or comes too late, does not show that the list is a wrong one.
fn is_harmful(fault: &LineFault) -> bool {
    !matches!(fault, LineFault::Repeated { .. } | LineFault::Outdated)
}

/// Lines with a number of the line: what each says, and those that cannot be used.
type Settled = (Vec<(u32, Entry)>, Vec<(u32, Unusable)>);

/// What a list says, and which lines cannot be used. A correction is of an office and the number that it says is wrong; where another
/// stands in the roster by now, somebody was faster.
fn settled(lines: Vec<RosterLine>, corrected: Option<&[(EntryId, Entry)]>) -> Settled {
    let held: Option<BTreeMap<String, Msisdn>> =
        corrected.map(|current| current.iter().map(|(_, entry)| (entry.key(), entry.number)).collect());
    let (mut named, mut unusable) = (Vec::with_capacity(lines.len()), Vec::new());
    for RosterLine { line, entry, old_number } in lines {
        match entry {
            Ok(entry) if held.as_ref().is_none_or(|held| stands(held, &entry, old_number)) => named.push((line, entry)),
            Ok(entry) => {
                let (seat, role, written) = (Some(entry.key()), Some(entry.seat.role), entry.seat.to_string());
                unusable.push((line, Unusable { fault: LineFault::Outdated, seat, role, written }));
            }
            Err(fault) => unusable.push((line, fault)),
        }
    }
    (named, unusable)
}

fn stands(held: &BTreeMap<String, Msisdn>, entry: &Entry, old_number: Option<Msisdn>) -> bool {
    held.get(&entry.key()).is_some_and(|number| Some(*number) == old_number || *number == entry.number)
}

fn unread(unusable: &[(u32, Unusable)]) -> Unread {
    let mut unread = Unread::default();
    for (_, unusable) in unusable {
        match (&unusable.seat, unusable.role) {
            (Some(seat), _) => drop(unread.seats.insert(seat.clone())),
            (None, Some(role)) => drop(unread.roles.insert(role)),
            (None, None) => unread.any = true,
        }
    }
    unread
}

/// What is to be known of every number that begins to stand for an office.
fn remarks(
    reader: &Reader,
    base: Option<ImportId>,
    difference: &Difference,
    now: Timestamp,
) -> Result<BTreeMap<Msisdn, Remarks>, StoreError> {
    let leaving = difference.changes.iter().filter_map(|change| change.was.as_ref());
    let leaving: BTreeMap<Msisdn, &Entry> = leaving.map(|(_, was)| (was.number, was)).collect();
    let mut remarks = BTreeMap::new();
    for change in &difference.changes {
        let (Some(number), Some(becomes)) = (change.new_number(), &change.becomes) else { continue };
        // Whose it was until this very list, or until an earlier one.
        let handed_on = leaving.get(&number).filter(|was| !was.same_person(becomes));
        let former = match handed_on {
            Some(was) => Some(((*was).clone(), now)),
            None if base.is_none() => None,
            None => {
                let former = reader.former_holders(number)?;
                let other = former.into_iter().find(|former| !former.entry.same_person(becomes));
                other.map(|former| (former.entry, former.until))
            }
        };
        let opted_out = reader.opt_out(number)?.is_some();
        let remark = Remarks { former, opted_out, suspended: reader.is_suspended(number)? };
        if remark != Remarks::default() {
            remarks.insert(number, remark);
        }
    }
    Ok(remarks)
}

/// Offices whose holder stays and had opted out with the number that is replaced: the new one has not, and that wants a thought.
fn opted_out_before(reader: &Reader, difference: &Difference) -> Result<BTreeSet<EntryId>, StoreError> {
    let mut found = BTreeSet::new();
    for change in difference.changes.iter().filter(|change| change.why == Some(Ending::Number)) {
        if let Some((id, was)) = &change.was
            && reader.opt_out(was.number)?.is_some()
        {
            found.insert(*id);
        }
    }
    Ok(found)
}
