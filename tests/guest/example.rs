//! A day with a real kernel between the daemon and its modems: a Debian guest under QEMU whose USB-to-serial bridges lead to simulated
//! modems on this side. Started by `tests/guest/run`, which makes all that it needs.

mod account;
#[path = "../system/air.rs"]
mod air;
mod bus;
mod checks;
mod machine;
mod office;
mod package;
mod qmp;
mod shell;
mod story;

use std::path::PathBuf;

use clap::Parser;

#[derive(Parser)]
#[command(about = "Lives through a day with a guest under QEMU. Start it by tests/guest/run.")]
struct Words {
    /// The folder with disk.img, vmlinuz, initrd.img and project.img; logs, the truth and the ledger are put there too.
    folder: PathBuf,
}

#[tokio::main]
async fn main() {
    let words = Words::parse();
    let folder = std::path::absolute(words.folder).expect("a folder");
    story::tell(&folder).await;
}
