//! `[preview]`: what `kentongan check` warns of.

use std::path::Path;

use super::section::Section;
use crate::policy::preview::Filters;

/// `[preview]`: what `kentongan check` warns of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// What operators are known to filter.
    pub filters: Filters,
}

/// `file` is the configuration: relative paths start at its folder.
pub(super) fn preview(mut section: Section, file: &Path) -> Preview {
    let folder = file.parent().unwrap_or(Path::new(""));
    let filters = section.checked("filtered_words", String::new(), |path: String| table(&path, folder));
    section.finish();
    Preview { filters }
}

fn table(path: &str, folder: &Path) -> Result<Filters, String> {
    if path.is_empty() {
        return Ok(Filters::indonesia());
    }
    let file = folder.join(path);
    let text = std::fs::read_to_string(&file).map_err(|error| {
        format!("{} cannot be read: {error}; leave this empty to use the table that is built in", file.display())
    })?;
    Filters::parse(&text).map_err(|mistakes| {
        let mistakes: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        format!("{}: {}", file.display(), mistakes.join("; "))
    })
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::policy::preview::Filters;

    #[test]
    fn a_table_of_ones_own_is_read_and_its_mistakes_are_mistakes_of_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let read = |text: &str| Config::read(&folder.path().join("k.toml"), text);
        let told = |text: &str| read(text).unwrap_err().to_string();
        assert_eq!(read("").unwrap().preview.filters, Filters::indonesia());
        std::fs::write(folder.path().join("f.toml"), "version = \"kita\"\nfilter = []\n").unwrap();
        let named = "[preview]\nfiltered_words = \"f.toml\"\n";
        assert_eq!(read(named).unwrap().preview.filters.version(), "kita");
        std::fs::write(folder.path().join("f.toml"), "version = \"kita\"\n[[filter]]\nkind = \"words\"\n").unwrap();
        let wrong = told(named);
        assert!(
            wrong.contains("line 2: preview.filtered_words") && wrong.contains("line 3: words are missing"),
            "{wrong}"
        );
        assert!(told("[preview]\nfiltered_words = \"none.toml\"\n").contains("cannot be read"));
    }
}
