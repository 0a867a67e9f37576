//! What the package holds besides the program and is made from it: man pages and shell completions, from the very words that the
//! command line understands.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::{Cli, PackageFiles};
use super::{Context, Failure};

const NAME: &str = "kentongan";
/// The shells of Debian that have a place for completions of packages.
const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];
/// The configuration is its own manual.
const CONFIGURATION: &str = include_str!("../../config/kentongan.toml");

pub(super) fn run(_: &Context, how: &PackageFiles) -> Result<(), Failure> {
    write_all(&how.folder).map_err(|error| Failure::refused(format!("{}: {error}", how.folder.display())))
}

/// Makes `man/` with a page for every command and one for the configuration, and `completions/` with a file for every shell.
fn write_all(folder: &Path) -> io::Result<()> {
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    // What an older program had a page for is not to go into a newer package.
    for folder in [&man, &completions] {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(folder)?,
        }
    }
    clap_mangen::generate_to(Cli::command(), &man)?;
    configuration_page(&mut fs::File::create(man.join("kentongan.toml.5"))?)?;
    for shell in SHELLS {
        clap_complete::generate_to(shell, &mut Cli::command(), NAME, &completions)?;
    }
    Ok(())
}

/// kentongan.toml(5): the commented sample, as it is.
fn configuration_page(to: &mut dyn Write) -> io::Result<()> {
    let mut page = Roff::new();
    page.control("TH", ["kentongan.toml", "5", "", concat!("kentongan ", env!("CARGO_PKG_VERSION")), ""]);
    page.control("SH", ["NAME"]);
    page.text([roman("kentongan.toml - the configuration of the SMS daemon kentongan")]);
    page.control("SH", ["DESCRIPTION"]);
    page.text([
        bold("/etc/kentongan/kentongan.toml"),
        roman(" is read when the daemon starts. This is how it is installed, every key at its default. What is wrong in a file, "),
        bold("kentongan check-config"),
        roman(" says line by line."),
    ]);
    page.control("SH", ["THE FILE"]);
    // As it stands, lines and all.
    page.control("nf", []);
    for line in CONFIGURATION.lines() {
        page.text([roman(if line.is_empty() { " " } else { line })]);
    }
    page.control("fi", []);
    page.control("SH", ["SEE ALSO"]);
    page.text([roman("kentongan(1), kentongan-check-config(1)")]);
    page.to_writer(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of all commands that people are shown, as man pages are called.
    fn commands(of: &clap::Command, name: &str) -> Vec<String> {
        let shown = of.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help");
        let below = shown.flat_map(|command| commands(command, &format!("{name}-{}", command.get_name())));
        std::iter::once(name.to_owned()).chain(below).collect()
    }

    #[test]
    fn every_command_has_a_page_and_what_is_no_command_any_more_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let man = folder.path().join("man");
        fs::create_dir(&man).unwrap();
        fs::write(man.join("kentongan-gone.1"), "from an older program").unwrap();
        write_all(folder.path()).unwrap();
        let mut pages: Vec<String> =
            fs::read_dir(&man).unwrap().map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
        pages.sort();
        let mut wanted: Vec<String> = commands(&Cli::command(), NAME).iter().map(|name| format!("{name}.1")).collect();
        wanted.push("kentongan.toml.5".to_owned());
        wanted.sort();
        assert_eq!(pages, wanted);
        assert!(wanted.contains(&"kentongan-optout-add.1".to_owned()), "commands of commands count too");
    }

    #[test]
    fn the_page_of_the_configuration_has_all_of_it_and_nothing_in_it_is_taken_for_a_request() {
        let mut page = Vec::new();
        configuration_page(&mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        let file: Vec<&str> = page.split(".nf\n").nth(1).unwrap().split("\n.fi\n").next().unwrap().lines().collect();
        assert_eq!(file.len(), CONFIGURATION.lines().count());
        assert!(!file.iter().any(|line| line.starts_with(['.', '\''])));
        assert!(
            file.contains(&r"per_minute = 6") && file.iter().any(|line| line.contains(r"\\bs\\.?/?d\\b")),
            "{page}"
        );
    }

    #[test]
    fn every_shell_completes_every_command() {
        let folder = tempfile::tempdir().unwrap();
        write_all(folder.path()).unwrap();
        for file in ["kentongan.bash", "_kentongan", "kentongan.fish"] {
            let text = fs::read_to_string(folder.path().join("completions").join(file)).unwrap();
            for command in ["check-config", "optouts", "doctor"] {
                assert!(text.contains(command), "{file}: {command}");
            }
        }
    }
}
