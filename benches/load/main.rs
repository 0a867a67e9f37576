//! The daemon under load, as people run it: simulated modems in one process, the daemon in another, a queue directory, a
//! ledger on this disk with the daemon's own settings. One table at the end.
//!
//! `cargo bench --bench load` runs everything; `-- --quick` a smaller size of each work; words after `--` choose:
//! `cargo bench --bench load -- --quick idle fast-1`. `benches/README.md` has the method and what each figure means.

mod figures;
mod house;
mod machine;
mod meter;
mod works;

use std::process::ExitCode;

use figures::Row;
use machine::Machine;
use works::Size;

fn main() -> ExitCode {
    let mut size = Size::Full;
    let mut wanted = Vec::new();
    for word in std::env::args().skip(1) {
        match word.as_str() {
            "--quick" => size = Size::Quick,
            // cargo hands it on.
            "--bench" => {}
            _ => wanted.push(word),
        }
    }
    let known = works::all();
    if let Some(word) = wanted.iter().find(|word| !known.iter().any(|work| work.name == **word)) {
        let names: Vec<_> = known.iter().map(|work| work.name).collect();
        eprintln!("there is no work `{word}`; known: {}; and --quick for smaller ones", names.join(" "));
        return ExitCode::from(2);
    }
    match run(size, &known, &wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(size: Size, known: &[works::Work], wanted: &[String]) -> std::io::Result<()> {
    let machine = Machine::look()?;
    let mut rows = Vec::new();
    for work in known.iter().filter(|work| wanted.is_empty() || wanted.iter().any(|word| word == work.name)) {
        eprintln!("{}: {}", work.name, work.what(size));
        rows.push(work.run(size)?);
    }
    print!("{}\n{}", machine.line(size)?, Row::table(&rows));
    Ok(())
}
