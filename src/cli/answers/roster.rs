//! Questions about the roster, and lists on their way into it.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::super::client::{Content, Piece, path, with_query};
use super::super::door::Door;
use super::super::phrases::words::sentence;
use super::super::submit::too_large;
use super::Answers;
use crate::check::{self, AudienceCount, CompareError, Compared, Comparison, EntryPage, List, compare};
use crate::cli::Failure;
use crate::config::Config;
use crate::model::{ImportId, Lang, Role};
use crate::policy::Coverage;
use crate::spool::write_roster;
use crate::store::{CorrectionView, EntryView, ImportView, Reader};
use crate::web::{Done, ROWS_MAX};

/// How long an import may take for each megabyte of its list: 15,000 lines or so are looked up, and their steps written.
const PATIENCE_EACH_MB: Duration = Duration::from_secs(20);

/// A list on its way into the roster.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct NewList<'a> {
    /// Where it lies.
    pub file: &'a Path,
    /// In what capacity everyone stands in it, where it has no column for that.
    pub role: Option<Role>,
    /// Who is gone that it does not name.
    pub coverage: Coverage,
    /// Where it comes from.
    pub source: &'a str,
    /// On which legal basis.
    pub basis: &'a str,
}

impl NewList<'_> {
    fn name(&self) -> String {
        self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// What stands behind `?`, for looking and for importing.
    fn wanted(&self, lang: Lang) -> Vec<(&'static str, String)> {
        let reach = self.coverage.name().to_owned();
        let mut wanted = vec![("name", self.name()), ("reach", reach), ("lang", lang.to_string())];
        wanted.extend(self.role.map(|role| ("role", role.name().to_owned())));
        wanted
    }

    fn content(&self) -> Result<Content, Failure> {
        let unread = |error: std::io::Error| Failure::refused(format!("{}: {error}", self.file.display()));
        Ok(Content::pieces("application/octet-stream", vec![Piece::File(File::open(self.file).map_err(unread)?)]))
    }
}

impl Answers<'_> {
    /// The newest imports of the roster; a city has some a year.
    pub(in crate::cli) fn roster_imports(&self, limit: usize) -> Result<Vec<ImportView>, Failure> {
        let path = with_query("/roster/imports", &[("limit", limit.clamp(1, ROWS_MAX as usize).to_string())]);
        let mut rows = self.ask(&path, |_, reader| reader.roster_imports(limit))?;
        rows.truncate(limit);
        Ok(rows)
    }

    /// How many people an expression means, by kecamatan.
    pub(in crate::cli) fn audience_counts(&self, expression: &str) -> Result<Vec<AudienceCount>, Failure> {
        let lang = self.context.lang;
        let wanted = [("expression", expression.to_owned()), ("lang", lang.to_string())];
        self.ask(&with_query("/audiences/count", &wanted), |config, reader| {
            check::count_meant(config, reader, expression, lang)
        })
    }

    /// The first who hold an office now; with an expression, of those who are meant by it.
    pub(in crate::cli) fn roster(&self, expression: Option<&str>, limit: usize) -> Result<Vec<EntryView>, Failure> {
        let lang = self.context.lang;
        let mut wanted = vec![("lang", lang.to_string())];
        wanted.extend(expression.map(|expression| ("expression", expression.to_owned())));
        // Every page shows the same roster, whatever is imported meanwhile.
        let import = self.roster_imports(1)?.first().map(|import| import.id);
        wanted.extend(import.map(|import| ("import", import.to_string())));
        let next = |page: &[EntryView]| page.last().map(|row| ("after", row.id.to_string())).into_iter().collect();
        self.pages("/roster", wanted, limit, next, |config, reader| {
            let page = EntryPage {
                expression: expression.map(str::to_owned),
                import: import.map(ImportId),
                limit,
                ..EntryPage::default()
            };
            check::entries(config, reader, &page, lang)
        })
    }

    /// All that the roster ever said of a number, or of the office of an entry.
    pub(in crate::cli) fn roster_history(&self, what: &str) -> Result<Vec<EntryView>, Failure> {
        let country = self.context.office()?.country;
        let found = self.find(&path(&[&"roster", &"entries", &what]), |_, reader| {
            check::history(country, reader, what).map(Some)
        })?;
        Ok(found.unwrap_or_default())
    }

    /// Numbers to be corrected.
    pub(in crate::cli) fn corrections(&self, kelurahan: Option<&str>) -> Result<Vec<CorrectionView>, Failure> {
        let wanted: Vec<_> = kelurahan.map(|kelurahan| ("kelurahan", kelurahan.to_owned())).into_iter().collect();
        self.ask(&with_query("/roster/corrections", &wanted), |_, reader| check::corrections(reader, kelurahan))
    }

    /// Writes the roster in the form in which it is imported.
    pub(in crate::cli) fn roster_table(&self, expression: Option<&str>, out: &mut impl Write) -> Result<(), Failure> {
        let lang = self.context.lang;
        let mut wanted = vec![("lang", lang.to_string())];
        wanted.extend(expression.map(|expression| ("expression", expression.to_owned())));
        self.copied(&with_query("/roster.csv", &wanted), out, |config, reader, out| {
            let (version, audience) = check::whom(config, reader, expression, lang).map_err(Failure::refused)?;
            let written = write_roster(reader, version, audience.as_ref(), config.office.country, out);
            Ok(written)
        })
    }

    /// What a list would change, with reasons in `lang`; `brief`: as much as people read on paper.
    pub(in crate::cli) fn compare(&self, list: &NewList<'_>, lang: Lang, brief: bool) -> Result<Comparison, Failure> {
        let content = list.content()?;
        let most = self.context.office()?.file_bytes_max;
        if content.size > most {
            return Err(Failure::Refused(too_large(self.context, &list.name(), content.size, most)));
        }
        let mut wanted = list.wanted(lang);
        wanted.push(("brief", brief.to_string()));
        match self.brought(&with_query("/roster/comparison", &wanted), content)? {
            Some(comparison) => Ok(comparison),
            None => self
                .read(|config, reader| Ok::<_, CompareError>(self.held(config, reader, list, lang)?.told(lang, brief))),
        }
    }

    /// Imports a list, whole or not at all, if its difference still has this digest. Gives a line for a person.
    pub(in crate::cli) fn import(&self, list: &NewList<'_>, digest: &str) -> Result<String, Failure> {
        let lang = self.context.lang;
        let mut wanted = list.wanted(lang);
        wanted.push(("digest", digest.to_owned()));
        wanted.push(("source", list.source.to_owned()));
        wanted.push(("basis", list.basis.to_owned()));
        if let Some(Done { done }) = self.brought(&with_query("/roster/imports", &wanted), list.content()?)? {
            return Ok(sentence(lang, &done));
        }
        let compared = self.read(|config, reader| self.held(config, reader, list, lang))?;
        if let Some(why) = compared.refusal(digest) {
            return Err(self.context.refused_in_words(&why));
        }
        let mut door = Door::new(self.context);
        let mut done = String::new();
        for (action, reason) in compared.acts(fastrand::u64(..), list.source, list.basis) {
            done = door.ask(action, &reason)?;
        }
        Ok(done)
    }

    fn held(&self, config: &Config, reader: &Reader, list: &NewList<'_>, lang: Lang) -> Result<Compared, CompareError> {
        let name = list.name();
        let asked = List { file: list.file, name: &name, role: list.role, coverage: list.coverage };
        compare(config, reader, &asked, lang, self.context.clock.now())
    }

    /// What the daemon says of what is brought; `None`: none runs.
    fn brought<T: serde::de::DeserializeOwned>(&self, path: &str, content: Content) -> Result<Option<T>, Failure> {
        let answer = self.reached(|daemon| daemon.ask_of(path, content, PATIENCE_EACH_MB))?;
        answer.transpose().map_err(|no| self.context.refused(&no))
    }
}
