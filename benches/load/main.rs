//! The daemon under load, as people run it: simulated modems in one process, the daemon in another, a queue directory, a
//! ledger on this disk with the daemon's own settings. One table at the end.
//!
//! `cargo bench --bench load` runs everything (about ten minutes); words after `--` choose: `cargo bench --bench load -- idle fast-1`.
//! `benches/README.md` has the method and results.

mod figures;
mod house;
mod works;

use std::process::ExitCode;

use figures::Row;

fn main() -> ExitCode {
    // cargo hands `--bench` on.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let known = works::all();
    if let Some(word) = wanted.iter().find(|word| !known.iter().any(|work| work.name == **word)) {
        let names: Vec<_> = known.iter().map(|work| work.name).collect();
        eprintln!("there is no work `{word}`; known: {}", names.join(" "));
        return ExitCode::from(2);
    }
    let mut rows = Vec::new();
    for work in known.iter().filter(|work| wanted.is_empty() || wanted.iter().any(|word| word == work.name)) {
        eprintln!("{}: {}", work.name, work.what);
        match work.run() {
            Ok(row) => rows.push(row),
            Err(error) => {
                eprintln!("{}: {error}", work.name);
                return ExitCode::FAILURE;
            }
        }
    }
    print!("{}", Row::table(&rows));
    ExitCode::SUCCESS
}
