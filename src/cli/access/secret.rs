//! Asking for a password: on a terminal without showing it and twice, else one line of standard input.

use std::io::{self, BufRead, IsTerminal, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// The longest line that is read, in octets.
const LINE_MAX: u64 = 4096;

/// What was typed; `None` where the second time it was something else.
pub(super) fn ask(first: &str, again: &str) -> io::Result<Option<String>> {
    let input = io::stdin();
    if !input.is_terminal() {
        return line().map(Some);
    }
    let typed = hidden(first)?;
    let repeated = hidden(again)?;
    Ok((typed == repeated).then_some(typed))
}

fn hidden(prompt: &str) -> io::Result<String> {
    eprint!("{prompt}");
    io::stderr().flush()?;
    let before = tcgetattr(io::stdin())?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
    // The terminal shows again what is typed, however this ends.
    let _restore = Restore(before);
    let typed = line();
    eprintln!();
    typed
}

struct Restore(Termios);

impl Drop for Restore {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}

fn line() -> io::Result<String> {
    let mut line = String::new();
    io::Read::take(io::stdin().lock(), LINE_MAX).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
