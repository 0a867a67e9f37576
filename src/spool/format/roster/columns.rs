use super::super::printable;
use super::super::table::{Columns as Numbers, key, one_of};
use crate::spool::rejection::Fault;

const NEW_NUMBER: &[&str] = &["nomor baru", "no hp baru", "nomor hp baru", "no baru", "new number"];
const OLD_NUMBER: &[&str] = &["nomor lama", "no hp lama", "nomor hp lama", "no lama", "old number"];
const ROLE: &[&str] = &["peran", "role"];
const TITLE: &[&str] = &["jabatan", "title", "position", "post"];
const KECAMATAN: &[&str] = &["kecamatan", "nama kecamatan", "kec", "district"];
const KELURAHAN: &[&str] =
    &["kelurahan", "nama kelurahan", "kel", "kelurahan desa", "desa kelurahan", "desa", "village"];
const RW: &[&str] = &["rw", "no rw", "nomor rw"];
const RT: &[&str] = &["rt", "no rt", "nomor rt"];
const NAME: &[&str] = &["nama", "name", "nama lengkap", "nama ketua", "nama pejabat", "full name"];
const AGENCY: &[&str] = &["instansi", "opd", "nama opd", "dinas", "perangkat daerah", "agency", "office"];
const PERSON: &[&str] = &["nip", "id", "id orang", "no anggota", "person", "person id"];

/// Which column of a list of office-holders means what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// The number; in the form for corrections, the new one.
    pub number: usize,
    /// In the form for corrections, the number that is wrong.
    pub old_number: Option<usize>,
    pub role: Option<usize>,
    pub title: Option<usize>,
    pub kecamatan: Option<usize>,
    pub kelurahan: Option<usize>,
    pub rw: Option<usize>,
    pub rt: Option<usize>,
    /// RT and RW in one column, and whether the RT stands first.
    pub both: Option<(usize, bool)>,
    pub name: Option<usize>,
    pub agency: Option<usize>,
    pub person: Option<usize>,
    /// Every column that has a name, as written.
    pub written: Vec<String>,
}

impl Columns {
    /// Finds the columns in a row of names.
    ///
    /// Errors: [`Fault::NoNumberColumn`], [`Fault::NoColumnNames`], [`Fault::AmbiguousColumn`].
    pub(super) fn find(cells: &[&str]) -> Result<Self, Fault> {
        let keys: Vec<String> = cells.iter().map(|cell| key(cell)).collect();
        let one = |names: &[&str]| one_of(&keys, cells, names);
        let (number, old_number) = match (one(NEW_NUMBER)?, one(OLD_NUMBER)?) {
            (Some(new), Some(old)) => (new, Some(old)),
            _ => (Numbers::find(cells)?.number, None),
        };
        // Without a column of its own the role is what many lists call a post.
        let (role, title) = match (one(ROLE)?, one(TITLE)?) {
            (None, title) => (title, None),
            (role, title) => (role, title),
        };
        let both = keys.iter().position(|key| key == "rt rw").map(|column| (column, true));
        let both = both.or_else(|| keys.iter().position(|key| key == "rw rt").map(|column| (column, false)));
        Ok(Self {
            number,
            old_number,
            role,
            title,
            kecamatan: one(KECAMATAN)?,
            kelurahan: one(KELURAHAN)?,
            rw: one(RW)?,
            rt: one(RT)?,
            both,
            name: one(NAME)?,
            agency: one(AGENCY)?,
            person: one(PERSON)?,
            written: cells
                .iter()
                .map(|cell| printable(cell.trim(), 40))
                .filter(|cell| !cell.is_empty())
                .take(20)
                .collect(),
        })
    }
}
