//! What dpkg, systemd and the file system make of the package: installed, replaced, removed, purged.

use std::time::Duration;

use super::shell::Shell;

/// All of it is in its place, for those it is for; nothing is started, nothing is to start with the machine.
pub async fn installed(shell: &mut Shell) {
    let said = shell
        .ask(
            r"
            dpkg --verify kentongan
            echo starts $(systemctl is-enabled kentongan) $(systemctl is-active kentongan)
            stat -c '%n %U:%G %a' /etc/kentongan/kentongan.toml /var/lib/kentongan /var/spool/kentongan /run/kentongan
            echo groups $(id -nG kentongan | tr ' ' '\n' | sort)
            zcat /usr/share/man/man1/kentongan-doctor.1.gz | grep -q -- json
            zcat /usr/share/man/man5/kentongan.toml.5.gz | grep -q per_minute
            (source /usr/share/bash-completion/completions/kentongan && complete -p kentongan >/dev/null)
            grep -q MPL-2.0 /usr/share/doc/kentongan/copyright
            grep -q '^serialport v.*MPL-2.0' /usr/share/doc/kentongan/libraries
            ",
        )
        .await;
    // dpkg has nothing to say; the configuration is the group's because the installation gave it to it.
    let right = "starts disabled inactive\n\
                 /etc/kentongan/kentongan.toml root:kentongan 640\n\
                 /var/lib/kentongan kentongan:kentongan 750\n\
                 /var/spool/kentongan kentongan:kentongan 2770\n\
                 /run/kentongan kentongan:kentongan 755\n\
                 groups damkar dialout kentongan\n";
    assert_eq!(said, right);
}

/// A package that runs.
pub struct Running {
    version: String,
    process: String,
}

/// Which package is installed, and its process.
pub async fn running(shell: &mut Shell) -> Running {
    let said = shell
        .ask(
            "dpkg-query -W -f '${Version}\n' kentongan; systemctl is-active -q kentongan; systemctl show kentongan -P MainPID",
        )
        .await;
    let [version, process] = said.lines().collect::<Vec<_>>()[..] else { panic!("{said}") };
    Running { version: version.to_owned(), process: process.to_owned() }
}

/// A newer package runs in the place of this one, with the configuration as it was edited; the older ended in good order.
pub async fn replaced(shell: &mut Shell, before: &Running) {
    let now = running(shell).await;
    shell.ask(&format!("dpkg --compare-versions {} gt {}", now.version, before.version)).await;
    assert_ne!(now.process, before.process, "the daemon was not restarted");
    shell
        .ask(
            "systemctl show kentongan -P Result | grep -qx success\n\
             journalctl -b -u kentongan | grep -q 'kentongan.service: Deactivated successfully'\n\
             grep -qx 'doubt_wait_minutes = 1' /etc/kentongan/kentongan.toml\n\
             test ! -e /etc/kentongan/kentongan.toml.dpkg-dist",
        )
        .await;
}

/// The daemon has ended in good order and does not come back; what the office has edited and written is there.
pub async fn removed(shell: &mut Shell) {
    gone(shell).await;
    shell.ask("grep -qx 'doubt_wait_minutes = 1' /etc/kentongan/kentongan.toml").await;
    data_is_there(shell).await;
}

/// Of the package nothing is left but the office's account, and it was said how to remove that too.
pub async fn purged(shell: &mut Shell, said: &str) {
    gone(shell).await;
    let left = shell.ask("find /etc /usr /run /var/lib/systemd /var/lib/dpkg/info -xdev -name '*kentongan*'").await;
    assert_eq!(left, "", "left after a purge");
    data_is_there(shell).await;
    assert!(said.contains("rm -rf /var/lib/kentongan /var/spool/kentongan /var/backups/kentongan"), "{said}");
}

async fn gone(shell: &mut Shell) {
    let ended = "if grep -lx kentongan /proc/[0-9]*/comm; then exit 1; fi\nif command -v kentongan; then exit 1; fi";
    shell.until("the end of the daemon", ended, Duration::from_secs(30)).await;
    let failed = "if journalctl -b -u kentongan | grep -E 'Failed with result|Main process exited'; then exit 1; fi";
    shell.ask(failed).await;
}

async fn data_is_there(shell: &mut Shell) {
    shell
        .ask(
            "id -u kentongan >/dev/null\n\
             cd /var/lib/kentongan && test -s kentongan.db -a -s kentongan.db.key\n\
             ls /var/spool/kentongan/*/accepted/*.report.csv >/dev/null",
        )
        .await;
}
