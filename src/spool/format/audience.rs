//! Recipients by role and area: an expression in a job file becomes rows, and a text gets what the roster knows of each.

use std::ops::ControlFlow;

use super::recipients::Recipients;
use super::table::key;
use super::template::{NoValue, Template, UnknownName};
use super::{ReadError, Roster};
use crate::model::audience::{Audience, Expression};
use crate::model::{AudienceNote, Entry, EntryId, Excluded, ImportId};
use crate::spool::rejection::{Fault, Rejection};

/// What a text can say of a recipient from the roster, by the names between its brackets.
const FIELDS: [(&str, &[&str]); 8] = [
    ("nama", &["nama", "name"]),
    ("peran", &["peran", "role"]),
    ("jabatan", &["jabatan", "title", "position"]),
    ("instansi", &["instansi", "opd", "agency"]),
    ("kecamatan", &["kecamatan", "district"]),
    ("kelurahan", &["kelurahan", "village"]),
    ("rw", &["rw"]),
    ("rt", &["rt"]),
];

/// The expressions of a job file, looked up in one roster.
pub(super) struct Meant {
    version: ImportId,
    audiences: Vec<Audience>,
    note: AudienceNote,
}

impl Meant {
    /// Reads the expressions and looks up every name. `None`: there is no expression.
    ///
    /// Errors: [`Fault::Audience`] with its line, [`Fault::NoRoster`]; the ledger's own.
    pub(super) fn look_up(written: &[(u32, String)], roster: &mut dyn Roster) -> Result<Option<Self>, ReadError> {
        let Some((first, _)) = written.first() else { return Ok(None) };
        let Some((version, known)) = roster.known()? else {
            return Err(Rejection::from(Fault::NoRoster).at_line(*first).into());
        };
        let mut expressions = Vec::new();
        let mut audiences = Vec::new();
        for (line, text) in written {
            let read = Expression::parse(text).and_then(|read| Ok((read.resolve(&known)?, read)));
            let (audience, expression) =
                read.map_err(|error| Rejection::from(Fault::Audience(error)).at_line(*line))?;
            audiences.push(audience);
            expressions.push(expression);
        }
        let meanings: Vec<&str> = audiences.iter().map(Audience::meaning).collect();
        let note = AudienceNote {
            expression: written.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n"),
            meaning: meanings.join("\n"),
            import: version,
        };
        Ok(Some(Self { version, audiences, note }))
    }

    /// Whom the job is for, for the record.
    pub(super) fn note(&self) -> AudienceNote {
        self.note.clone()
    }

    /// Makes a row of everyone who is meant. `text`: the job's, where it has placeholders.
    pub(super) fn read(
        &self,
        text: Option<&str>,
        roster: &mut dyn Roster,
        into: &mut Recipients<'_>,
    ) -> Result<(), ReadError> {
        let template = text.map(template).transpose()?;
        let mut row = 0;
        let mut ended = Ok(());
        roster.each(self.version, &mut |id: EntryId, entry: Entry| {
            if !self.audiences.iter().any(|audience| audience.means(&entry.seat)) {
                return ControlFlow::Continue(());
            }
            row += 1;
            let text = template.as_ref().map(|template| filled(template, &entry)).transpose();
            ended = into.add_entry(row, id, entry, text);
            if ended.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        ended
    }
}

fn template(text: &str) -> Result<Template, ReadError> {
    let position = |name: &str| {
        let name = key(name);
        FIELDS.iter().position(|(_, names)| names.contains(&name.as_str()))
    };
    Template::parse(text, position).map_err(|UnknownName(name)| {
        let found = FIELDS.iter().map(|(name, _)| (*name).to_owned()).collect();
        Rejection::from(Fault::UnknownPlaceholder { name, found }).into()
    })
}

fn filled(template: &Template, entry: &Entry) -> Result<String, Excluded> {
    let seat = &entry.seat;
    let number = |number: Option<u16>| number.map_or(String::new(), |number| format!("{number:02}"));
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    // In the order of `FIELDS`.
    let values: [String; FIELDS.len()] = [
        entry.name.clone(),
        seat.address().to_owned(),
        text(&seat.title),
        text(&seat.agency),
        text(&seat.kecamatan),
        text(&seat.kelurahan),
        number(seat.rw),
        number(seat.rt),
    ];
    template.fill(|index| &values[index]).map_err(|NoValue(column)| Excluded::NoValue { column })
}
