//! A disk that is full, and one that takes nothing more: on a small file system of its own where the system allows that.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use kentongan::simulator::Fact;

use super::office::{Daemon, KENTONGAN, Office, modems, until};

/// A process in whose name space the folder `disk` is a small file system.
struct Mounted {
    holder: Child,
    entry: Vec<String>,
}

impl Mounted {
    /// `None` where nobody may mount anything, as in some containers.
    async fn on(office: &Office) -> Option<Self> {
        let root = rustix::process::getuid().is_root();
        let space: &[&str] = if root { &["--mount"] } else { &["--user", "--map-root-user", "--mount"] };
        let disk = office.path("disk");
        std::fs::create_dir_all(&disk).unwrap();
        let script = format!("mount -t tmpfs -o size=24m none {disk:?} && touch {disk:?}/here && exec sleep 600");
        let mut command = Command::new("unshare");
        command.args(space).args(["sh", "-c", &script]).stdin(Stdio::null()).stderr(Stdio::null());
        let mut holder = command.spawn().ok()?;
        let target = holder.id().to_string();
        while holder.try_wait().unwrap().is_none() {
            if PathBuf::from(format!("/proc/{target}/root{}/here", disk.display())).exists() {
                let mut entry = vec!["--target".to_owned(), target, "--mount".to_owned()];
                if !root {
                    entry.extend(["--user".to_owned(), "--preserve-credentials".to_owned()]);
                }
                return Some(Self { holder, entry });
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        None
    }

    /// A command that sees the file system.
    fn command(&self, office: &Office, words: &[&str]) -> Command {
        let entry: Vec<&str> = self.entry.iter().map(String::as_str).chain(words.iter().copied()).collect();
        office.command("nsenter", &entry)
    }

    /// Where its files can be seen from here.
    fn path(&self, office: &Office, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{}", self.holder.id(), office.path("disk").join(name).display()))
    }

    /// The job that came from a file of this name.
    fn job(&self, office: &Office, source: &str) -> Option<serde_json::Value> {
        let said = self.command(office, &[KENTONGAN, "jobs", "--json"]).output().unwrap();
        let jobs: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
        jobs.as_array().unwrap().iter().find(|job| job["source"] == source).cloned()
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn list(rows: u32) -> String {
    let rows_named = rows;
    let rows: String = (0..rows).map(|row| format!("0812{:08};Warga {row}\r\n", 30_000_000 + row)).collect();
    format!("nomor;nama;pesan\r\n{}", rows.replace("\r\n", &format!(";Banjir surut, {rows_named}.\r\n")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_a_full_disk_the_daemon_ends_with_a_reason_and_goes_on_when_there_is_space() {
    let office = Office::new();
    office.configure("\"k.db\"", "\"disk/k.db\"");
    office.configure("\"queue\"", "\"disk/queue\"");
    let fleet = office.fleet(modems(2));
    let Some(disk) = Mounted::on(&office).await else {
        return a_limit_on_files_is_a_full_disk(office, fleet).await;
    };
    let run = [KENTONGAN, "run"];
    let mut daemon = Daemon::start(&office, disk.command(&office, &run));
    daemon.ready().await;
    let folder = disk.path(&office, "queue/diskominfo");
    until("the folder", || folder.join("accepted").exists()).await;
    let drop_list = |name: &str, rows: u32| {
        std::fs::write(folder.join(format!(".{name}")), list(rows)).unwrap();
    };
    drop_list("satu.csv", 5);
    std::fs::rename(folder.join(".satu.csv"), folder.join("satu.csv")).unwrap();
    until("the first job", || disk.job(&office, "satu.csv").is_some_and(|job| job["delivered"] == 5)).await;

    drop_list("dua.csv", 2_000);
    let filler = disk.path(&office, "filler");
    let full = std::fs::write(&filler, vec![b'x'; 40 << 20]).unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    std::fs::rename(folder.join(".dua.csv"), folder.join("dua.csv")).unwrap();
    assert_eq!(daemon.ended().await, 1, "{}", daemon.said());
    assert!(daemon.said().contains("full") && daemon.said().contains("space"), "{}", daemon.said());
    // Started again while nothing has changed, it says so again and breaks nothing.
    let mut daemon = Daemon::start(&office, disk.command(&office, &run));
    assert_eq!(daemon.ended().await, 1, "{}", daemon.said());

    std::fs::remove_file(&filler).unwrap();
    let mut daemon = Daemon::start(&office, disk.command(&office, &run));
    daemon.ready().await;
    until("the second job", || folder.join("accepted/dua.csv").exists()).await;
    let sent = |job: &serde_json::Value| job["delivered"].as_u64().unwrap_or(0);
    until("some of it", || disk.job(&office, "dua.csv").is_some_and(|job| sent(&job) > 50)).await;
    assert_eq!(disk.job(&office, "dua.csv").unwrap()["recipients"], 2_000);
    assert_eq!(daemon.stop().await, 0);
    let mut texts: Vec<_> = fleet
        .truth()
        .records()
        .into_iter()
        .filter_map(|record| match record.fact {
            Fact::Submitted { to, text, .. } => Some((to, text)),
            _ => None,
        })
        .collect();
    let all = texts.len();
    texts.sort();
    texts.dedup();
    assert_eq!(all, texts.len(), "somebody got it twice");
}

/// Where nothing can be mounted: no file may grow beyond 256 kB.
async fn a_limit_on_files_is_a_full_disk(office: Office, _fleet: kentongan::simulator::Fleet) {
    let mut daemon =
        Daemon::start(&office, office.command("sh", &["-c", "trap '' XFSZ; ulimit -f 512; exec \"$K\" run"]));
    daemon.ready().await;
    office.drop_whole("../disk/queue/diskominfo", "dua.csv", list(2_000).as_bytes());
    assert_eq!(daemon.ended().await, 1, "{}", daemon.said());
    let daemon = office.daemon().await;
    until("the job", || office.job("dua.csv").is_some_and(|job| job["recipients"] == 2_000)).await;
    assert_eq!(daemon.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_read_only_database_is_refused_with_its_name_and_nothing_is_lost() {
    let office = Office::new();
    office.configure("\"k.db\"", "\"disk/k.db\"");
    let fleet = office.fleet(modems(1));
    let disk = Mounted::on(&office).await;
    let command = |words: &[&str]| match &disk {
        Some(disk) => disk.command(&office, &[&[KENTONGAN], words].concat()),
        None => office.command(KENTONGAN, words),
    };
    let mut daemon = Daemon::start(&office, command(&["run"]));
    daemon.ready().await;
    assert_eq!(daemon.stop().await, 0);

    let writable = |yes: bool| match &disk {
        Some(disk) => {
            let option = if yes { "remount,rw" } else { "remount,ro" };
            let done = disk.command(&office, &["mount", "-o", option, office.path("disk").to_str().unwrap()]).status();
            assert!(done.unwrap().success());
        }
        None => {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |mode| std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(office.path("disk/k.db"), mode(if yes { 0o644 } else { 0o444 })).unwrap();
            std::fs::set_permissions(office.path("disk"), mode(if yes { 0o755 } else { 0o555 })).unwrap();
        }
    };
    writable(false);
    // Root without a file system of its own could write everywhere all the same, so it gives its rights away.
    let mut refused = match (&disk, rustix::process::getuid().is_root()) {
        (None, true) => {
            let words = ["--bounding-set", "-all", "--inh-caps", "-all", KENTONGAN, "run"];
            Daemon::start(&office, office.command("setpriv", &words))
        }
        _ => Daemon::start(&office, command(&["run"])),
    };
    assert_eq!(refused.ended().await, 1, "{}", refused.said());
    assert!(refused.said().contains("k.db"), "{}", refused.said());
    office.drop_whole("diskominfo", "satu.csv", list(5).as_bytes());

    writable(true);
    let mut daemon = Daemon::start(&office, command(&["run"]));
    daemon.ready().await;
    until("the job", || fleet.truth().counts().borrow().submitted == 5).await;
    assert_eq!(daemon.stop().await, 0);
}
