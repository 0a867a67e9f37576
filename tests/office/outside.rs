//! The program as a child process in an office of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A configuration in a temporary folder.
pub struct Office {
    folder: tempfile::TempDir,
}

/// What a command said, and its exit code.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A daemon that is killed when the test lets go of it.
pub struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Office {
    /// One with these sections in its configuration, and no ledger yet.
    pub fn with(sections: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = "[paths]\ndatabase = \"k.db\"\nqueue = \"queue\"\nports = \"modems\"\n";
        std::fs::write(folder.path().join("k.toml"), format!("{paths}{sections}")).unwrap();
        Self { folder }
    }

    /// The same with an empty ledger.
    pub fn with_ledger(sections: &str) -> Self {
        let office = Self::with(sections);
        drop(kentongan::store::Store::open(&office.path("k.db")).unwrap());
        office
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// More for the end of the configuration.
    pub fn add(&self, sections: &str) {
        let text = std::fs::read_to_string(self.path("k.toml")).unwrap();
        self.write("k.toml", &(text + sections));
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kentongan"));
        command.args(words).current_dir(self.folder.path()).env("LANG", "en_US.UTF-8").env_remove("LC_ALL");
        command.env("KENTONGAN_CONFIG", self.path("k.toml")).env_remove("JOURNAL_STREAM").stdin(Stdio::null());
        command
    }

    pub fn run(&self, words: &[&str]) -> Said {
        self.run_with(words, "")
    }

    /// Runs a command that reads this.
    pub fn run_with(&self, words: &[&str], input: &str) -> Said {
        let mut command = self.command(words);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // One that reads nothing has hung up by now, perhaps.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |octets| String::from_utf8(octets).unwrap();
        Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    pub fn json(&self, words: &[&str]) -> Value {
        let said = self.run(words);
        assert_eq!(said.code, 0, "{words:?}: {said:?}");
        serde_json::from_str(&said.out).unwrap()
    }

    /// A daemon that is ready.
    pub fn daemon(&self) -> Daemon {
        self.daemon_with(&[])
    }

    /// The same with more in its environment.
    pub fn daemon_with(&self, variables: &[(&str, &str)]) -> Daemon {
        let mut command = self.command(&["run"]);
        let mut child = command.envs(variables.iter().copied()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("kentongan is ready") {
            assert!(log.read_line(&mut said).unwrap() > 0, "it ended before it was ready: {said}");
        }
        // Somebody has to read on, or the daemon would wait with its next line.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Daemon(child)
    }
}
