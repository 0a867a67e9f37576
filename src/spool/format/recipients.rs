use std::collections::BTreeMap;

use super::{FormatSettings, Part, ReadError, Sink, printable};
use crate::model::{Entry, EntryId, Excluded, Msisdn, NumberError, Origin, RecipientRow};
use crate::spool::rejection::{Fault, Rejection};
use crate::spool::remark::Remark;

/// Rows handed on at a time.
const CHUNK: usize = 256;
/// Characters of a number kept as written.
const RAW_MAX: usize = 64;
/// Examples of unusable numbers kept for the reason of a rejection.
const EXAMPLES: usize = 3;

/// Takes rows, judges their numbers, finds doubles, and hands them on in chunks.
///
/// Of numbers it keeps eight octets and the row, not the text around them: a million rows fit in some 30 MB.
pub(super) struct Recipients<'a> {
    settings: &'a FormatSettings,
    sink: &'a mut Sink<'a>,
    first_rows: BTreeMap<u64, u32>,
    /// Which of its row's numbers each is, of those on a line with several.
    places: BTreeMap<u64, u32>,
    /// Those of the roster who are known by more than a name.
    persons: BTreeMap<String, u32>,
    chunk: Vec<RecipientRow>,
    named: u64,
    unusable: u64,
    excluded: u64,
    examples: Vec<(u32, NumberError)>,
    remarks: Vec<Remark>,
}

/// How many a job names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Recipients named.
    pub named: u64,
    /// Of these, how many the file itself excludes: unusable, double, a value missing.
    pub excluded: u64,
}

impl<'a> Recipients<'a> {
    pub(super) fn new(settings: &'a FormatSettings, sink: &'a mut Sink<'a>) -> Self {
        Self {
            settings,
            sink,
            first_rows: BTreeMap::new(),
            places: BTreeMap::new(),
            persons: BTreeMap::new(),
            chunk: Vec::with_capacity(CHUNK),
            named: 0,
            unusable: 0,
            excluded: 0,
            examples: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Takes one row. Errors: [`Fault::TooManyRows`]; [`ReadError::Stopped`].
    pub(super) fn add(
        &mut self,
        row: u32,
        raw: &str,
        name: Option<String>,
        origin: Origin,
        text: Result<Option<String>, Excluded>,
    ) -> Result<(), ReadError> {
        let number = self.judge(row, raw);
        let raw = printable(raw.trim(), RAW_MAX);
        self.take(RecipientRow { row, raw, number, name, text: None, origin }, text).map_err(|error| match error {
            ReadError::Rejected(rejection) => rejection.at_line(row).into(),
            other => other,
        })
    }

    /// Takes the numbers that stand on one line of a job's head. Errors: as [`Self::add`].
    pub(super) fn add_line(
        &mut self,
        row: u32,
        numbers: impl ExactSizeIterator<Item = impl AsRef<str>>,
        text: &Result<Option<String>, Excluded>,
    ) -> Result<(), ReadError> {
        let several = numbers.len() > 1;
        for (raw, place) in numbers.zip(1..) {
            let raw = raw.as_ref();
            self.add(row, raw, None, Origin::default(), text.clone())?;
            if let (true, Ok(number)) = (several, Msisdn::parse(raw, self.settings.country))
                && self.first_rows.get(&number.as_u64()) == Some(&row)
            {
                self.places.entry(number.as_u64()).or_insert(place);
            }
        }
        Ok(())
    }

    /// Takes somebody of the roster: each number once, and each person once who is known by more than a name.
    pub(super) fn add_entry(
        &mut self,
        row: u32,
        id: EntryId,
        entry: Entry,
        text: Result<Option<String>, Excluded>,
    ) -> Result<(), ReadError> {
        let person = entry.person.filter(|_| text.is_ok());
        let number = match person.as_ref().and_then(|person| self.persons.get(person)) {
            Some(first_row) => Err(Excluded::SamePerson { first_row: *first_row }),
            None => self.once(entry.number),
        };
        if let (Some(person), Ok(_)) = (person, &number) {
            self.persons.insert(person, row);
        }
        let row = RecipientRow {
            row,
            raw: entry.number.digits(),
            number,
            name: Some(entry.name).filter(|name| !name.is_empty()),
            text: None,
            origin: Origin { entry: Some(id), kecamatan: entry.seat.kecamatan },
        };
        self.take(row, text)
    }

    fn take(&mut self, row: RecipientRow, text: Result<Option<String>, Excluded>) -> Result<(), ReadError> {
        self.named += 1;
        if self.named > u64::from(self.settings.rows_max) {
            return Err(Rejection::from(Fault::TooManyRows { limit: self.settings.rows_max }).into());
        }
        let (number, text) = match (row.number.clone(), text) {
            (Ok(number), Ok(text)) => {
                self.first_rows.insert(number.as_u64(), row.row);
                (Ok(number), text)
            }
            // A row without its values leaves the number free for one that has them.
            (Ok(_), Err(why)) | (Err(why), _) => {
                self.excluded += 1;
                (Err(why), None)
            }
        };
        self.chunk.push(RecipientRow { number, text, ..row });
        if self.chunk.len() == CHUNK { self.hand_on() } else { Ok(()) }
    }

    fn judge(&mut self, row: u32, raw: &str) -> Result<Msisdn, Excluded> {
        match Msisdn::parse(raw, self.settings.country) {
            Ok(number) => self.once(number),
            Err(error) => {
                self.unusable += 1;
                if self.examples.len() < EXAMPLES {
                    self.examples.push((row, error.clone()));
                }
                Err(Excluded::Invalid(error))
            }
        }
    }

    fn once(&self, number: Msisdn) -> Result<Msisdn, Excluded> {
        match self.first_rows.get(&number.as_u64()) {
            Some(first_row) => {
                let place = self.places.get(&number.as_u64()).copied();
                Err(Excluded::Duplicate { first_row: *first_row, place })
            }
            None => Ok(number),
        }
    }

    /// How many have been named so far.
    pub(super) fn named(&self) -> u64 {
        self.named
    }

    fn hand_on(&mut self) -> Result<(), ReadError> {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        if (self.sink)(Part::Rows(chunk)).is_break() { Err(ReadError::Stopped) } else { Ok(()) }
    }

    /// What is not done as the file says; handed on behind the header.
    pub(super) fn remark(&mut self, remarks: Vec<Remark>) {
        self.remarks = remarks;
    }

    /// Hands the header on, and remarks if there are any.
    pub(super) fn begin(&mut self, part: Part) -> Result<(), ReadError> {
        let remarks = std::mem::take(&mut self.remarks);
        let parts = [Some(part), (!remarks.is_empty()).then_some(Part::Remarks(remarks))];
        match parts.into_iter().flatten().any(|part| (self.sink)(part).is_break()) {
            true => Err(ReadError::Stopped),
            false => Ok(()),
        }
    }

    /// Hands on the last rows and judges the whole. Errors: [`Fault::NoRows`], [`Fault::MostlyUnusable`].
    pub(super) fn finish(mut self) -> Result<Count, ReadError> {
        if self.named == 0 {
            return Err(Rejection::from(Fault::NoRows).into());
        }
        if self.unusable as f64 > self.named as f64 * self.settings.unusable_share_max {
            let (unusable, named, examples) = (self.unusable, self.named, std::mem::take(&mut self.examples));
            return Err(Rejection::from(Fault::MostlyUnusable { unusable, named, examples }).into());
        }
        if !self.chunk.is_empty() {
            self.hand_on()?;
        }
        Ok(Count { named: self.named, excluded: self.excluded })
    }
}
