//! QEMU's control socket (QMP): one command, one answer; what it says unasked is skipped.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

/// QEMU answers at once, unless the host is very busy.
const ANSWER: Duration = Duration::from_secs(30);

/// An open control socket.
pub struct Qmp {
    said: Lines<BufReader<OwnedReadHalf>>,
    orders: OwnedWriteHalf,
}

impl Qmp {
    /// Takes the greeting and leaves negotiation behind.
    pub async fn open(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket).await.expect("QEMU's control socket");
        let (said, orders) = stream.into_split();
        let mut qmp = Self { said: BufReader::new(said).lines(), orders };
        qmp.hear("QMP").await;
        qmp.ask("qmp_capabilities", json!({})).await.expect("capabilities");
        qmp
    }

    /// What the command returns. Errors: QEMU's sentence.
    pub async fn ask(&mut self, command: &str, arguments: Value) -> Result<Value, String> {
        let order = json!({ "execute": command, "arguments": arguments }).to_string();
        self.orders.write_all(order.as_bytes()).await.expect("QEMU takes commands");
        let mut answer = self.hear("return").await;
        match answer.get_mut("return") {
            Some(value) => Ok(value.take()),
            None => Err(format!("{command}: {}", answer["error"]["desc"])),
        }
    }

    /// The next line with this key, or with an error.
    async fn hear(&mut self, key: &str) -> Value {
        loop {
            let line = timeout(ANSWER, self.said.next_line()).await.expect("QEMU answers in time");
            let line = line.expect("QEMU's control socket is readable").expect("QEMU lives");
            let value: Value = serde_json::from_str(&line).expect("JSON");
            if value.get(key).is_some() || value.get("error").is_some() {
                return value;
            }
        }
    }
}
