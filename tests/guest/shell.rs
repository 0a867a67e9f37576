//! A root shell in the guest, over a virtio port: a script goes in, its exit code and what it said come out.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::{Instant, sleep, timeout};

/// A line that no script has in it.
const END: &str = "=== end of the script ===";
/// Between two looks at something that takes its time.
const LOOK: Duration = Duration::from_millis(300);
/// How long a command may take that has nothing to wait for: the guest's processor is an emulated one.
pub const QUICK: Duration = Duration::from_secs(60);

/// The shell.
pub struct Shell {
    port: BufReader<UnixStream>,
    count: u32,
}

/// What came of a script.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: Vec<u8>,
    pub err: String,
}

impl Said {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

impl Shell {
    /// The other end need not be there yet.
    pub async fn open(socket: &Path) -> Self {
        let port = UnixStream::connect(socket).await.expect("the shell's socket");
        Self { port: BufReader::new(port), count: 0 }
    }

    /// Runs a bash script under `set -euo pipefail`, without input.
    pub async fn run(&mut self, script: &str, patience: Duration) -> Said {
        timeout(patience, self.run_unbounded(script))
            .await
            .unwrap_or_else(|_| panic!("the guest took longer than {patience:?} for:\n{script}"))
    }

    async fn run_unbounded(&mut self, script: &str) -> Said {
        self.count += 1;
        let mark = format!("=== script {} ended", self.count);
        let order = format!(
            "cat >/run/script <<'{END}'\n{script}\n{END}\n\
             bash -euo pipefail /run/script </dev/null >/run/script.out 2>/run/script.err; code=$?\n\
             printf '%s %d %d %d\\n' '{mark}' $code $(stat -c %s /run/script.out /run/script.err)\n\
             cat /run/script.out /run/script.err\n"
        );
        self.port.get_mut().write_all(order.as_bytes()).await.expect("the guest's shell takes lines");
        let head = loop {
            let line = self.line().await;
            if let Some(rest) = line.strip_prefix(&mark) {
                break rest.split_whitespace().map(|word| word.parse().expect("a number")).collect::<Vec<usize>>();
            }
        };
        let [code, out, err] = head[..] else { panic!("{head:?} is no end of a script") };
        let (out, err) = (self.octets(out).await, self.octets(err).await);
        let code = i32::try_from(code).expect("an exit code");
        Said { code, out, err: String::from_utf8_lossy(&err).into_owned() }
    }

    async fn line(&mut self) -> String {
        let mut line = Vec::new();
        loop {
            match self.port.read_u8().await.expect("the guest is there") {
                b'\n' => return String::from_utf8_lossy(&line).into_owned(),
                octet => line.push(octet),
            }
        }
    }

    async fn octets(&mut self, count: usize) -> Vec<u8> {
        let mut octets = vec![0; count];
        self.port.read_exact(&mut octets).await.expect("the guest is there");
        octets
    }

    /// Gives a command that ends the shell, and waits for no answer.
    pub async fn leave(&mut self, command: &str) {
        self.port.get_mut().write_all(format!("{command}\n").as_bytes()).await.expect("the guest's shell takes lines");
    }

    /// Runs a quick script that must succeed, and gives what it printed.
    pub async fn ask(&mut self, script: &str) -> String {
        let said = self.run(script, QUICK).await;
        assert_eq!(said.code, 0, "{script}\n{}{}", said.text(), said.err);
        said.text()
    }

    /// The JSON that a command prints.
    pub async fn json(&mut self, command: &str) -> Value {
        let said = self.ask(command).await;
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{command}: {error}: {said}"))
    }

    /// Runs a script again and again until it succeeds; says how long that took.
    pub async fn until(&mut self, what: &str, script: &str, patience: Duration) -> Duration {
        let began = Instant::now();
        loop {
            let said = self.run(script, QUICK).await;
            let took = began.elapsed();
            if said.code == 0 {
                return took;
            }
            assert!(took < patience, "{what} did not happen within {patience:?}; last:\n{}{}", said.text(), said.err);
            sleep(LOOK).await;
        }
    }
}
