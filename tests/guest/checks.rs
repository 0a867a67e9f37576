//! What the guest's own udev, systemd and kernel make of the rules, the unit file and the daemon.

use std::collections::BTreeMap;
use std::time::Duration;

use super::bus::Socket;
use super::office;
use super::shell::Shell;

/// The most that `systemd-analyze security` may find fault with the unit, from 0 to 10.
const EXPOSURE_MAX: f64 = 2.0;
/// The controller, as the kernel names it.
const CONTROLLER: &str = "pci-0000:00:14.0";

/// The link of whatever is plugged into this socket.
pub fn link(socket: Socket) -> String {
    format!("/dev/gsm/{CONTROLLER}-usb-0:{socket}:1.0")
}

/// Waits until the links are those of these sockets and no others. Gives the tty behind each; says how long it took.
pub async fn links(shell: &mut Shell, sockets: &[Socket]) -> (BTreeMap<Socket, String>, Duration) {
    let mut wanted: Vec<String> = sockets.iter().map(|socket| link(socket)).collect();
    wanted.sort();
    // A folder without links is taken away by udev.
    let list = "find /dev/gsm -type l 2>/dev/null | LC_ALL=C sort";
    let script = format!("diff <({list}) <(printf '%s\\n' {} | grep . || true)", wanted.join(" "));
    let took = shell.until("the links in /dev/gsm", &script, Duration::from_secs(60)).await;
    let mut ttys = BTreeMap::new();
    for socket in sockets {
        let tty = shell.ask(&format!("readlink -e {}", link(socket))).await;
        ttys.insert(*socket, tty.trim().to_owned());
    }
    (ttys, took)
}

/// What udev has done for the modems in these sockets.
pub async fn ruled(shell: &mut Shell, sockets: &[Socket]) {
    let links: Vec<String> = sockets.iter().map(|socket| link(socket)).collect();
    let script = format!(
        r#"
        ignored() {{ udevadm info --query=property "$1" | grep -x ID_MM_DEVICE_IGNORE=1; }}
        for link in {}; do
            tty=$(readlink -e $link)
            port=$(readlink -e /sys/class/tty/${{tty##*/}}/device)
            device=$(readlink -e $port/../..)
            echo "$(stat -c '%G %a' $tty) $(ignored $tty) $(ignored $device) $(cat $device/power/control) $(cat $port/latency_timer)"
        done
        "#,
        links.join(" ")
    );
    let said = shell.ask(&script).await;
    // Group and rights of the tty, ModemManager kept from it and from its device, no autosuspend, no collecting for 16 ms.
    let right = "dialout 660 ID_MM_DEVICE_IGNORE=1 ID_MM_DEVICE_IGNORE=1 on 1";
    assert!(said.lines().count() == sockets.len() && said.lines().all(|line| line == right), "{said}");
}

/// What udev says it does with the modem in this socket, rule by rule; and that it has nothing to say against a rule.
pub async fn rules_are_taken(shell: &mut Shell, socket: Socket) {
    let link = link(socket);
    let said = shell.ask(&format!("udevadm test /sys/class/tty/$(basename $(readlink -e {link})) 2>&1")).await;
    let ours: Vec<_> = said.lines().filter(|line| line.contains("kentongan") && line.contains(".rules:")).collect();
    let does = |what: &str| assert!(ours.iter().any(|line| line.contains(what)), "no `{what}`:\n{said}");
    does(&format!("LINK '{}'", link.trim_start_matches("/dev/")));
    does("GROUP 20");
    does("MODE 0660");
    assert!(said.lines().any(|line| line == "ID_MM_DEVICE_IGNORE=1"), "{said}");
    let complaints = ["invalid", "unknown", "ignor", "fail"];
    let complains = |line: &&str| complaints.iter().any(|word| line.to_lowercase().contains(word));
    assert!(!ours.iter().any(complains), "{ours:#?}");
}

/// A stand-in for brltty: its rule as its own package writes it, for the id of these bridges, and a service that leaves a note.
/// Without rules of ours the note is there after a moment; that is waited for.
pub async fn brltty_comes(shell: &mut Shell) {
    let rules = r#"ACTION=="add", SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ENV{PRODUCT}=="403/6001/*", ENV{BRLTTY_BRAILLE_DRIVER}="xx", TAG+="systemd", ENV{SYSTEMD_WANTS}+="brltty-device@.service""#;
    let unit = "[Service]\nType=oneshot\nExecStart=/usr/bin/touch /run/brltty-came";
    let script = format!(
        "echo '{rules}' >/etc/udev/rules.d/90-brltty-device.rules\n\
         printf '{unit}\\n' >/etc/systemd/system/brltty-device@.service\n\
         systemctl daemon-reload\nudevadm control --reload\n\
         udevadm trigger --action=add --subsystem-match=usb"
    );
    shell.ask(&script).await;
    shell.until("brltty's coming", "test -e /run/brltty-came", Duration::from_secs(30)).await;
    shell.ask("rm /run/brltty-came").await;
}

/// With the rules it has not come for any of the modems that were plugged in since.
pub async fn brltty_stayed_away(shell: &mut Shell) {
    shell.ask("udevadm settle --timeout=30; if [ -e /run/brltty-came ]; then exit 1; fi").await;
}

/// The service runs, ready, as a user without rights, and a second daemon is refused. Gives what systemd thinks of its walls.
pub async fn service(shell: &mut Shell) -> String {
    let said = shell
        .ask(
            r"
            systemctl show kentongan --property=ActiveState,SubState,User,NRestarts
            pid=$(systemctl show kentongan --property=MainPID --value)
            grep -E '^(Uid|CapEff|CapPrm|NoNewPrivs|Seccomp):' /proc/$pid/status
            stat -c 'user %U' /proc/$pid
            ",
        )
        .await;
    let words: Vec<String> = said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in ["ActiveState=active", "SubState=running", "User=kentongan", "user kentongan", "NoNewPrivs: 1"] {
        assert!(words.iter().any(|word| word == line), "no `{line}`:\n{said}");
    }
    for line in ["CapEff: 0000000000000000", "CapPrm: 0000000000000000"] {
        assert!(words.iter().any(|word| word == line), "the service has rights of root:\n{said}");
    }
    let second = shell.run("sudo -u kentongan kentongan run", Duration::from_secs(60)).await;
    assert_eq!(second.code, 1, "{second:?}");
    assert!(second.err.contains("another kentongan works on /var/lib/kentongan/kentongan.db"), "{}", second.err);
    let exposure = shell.ask("systemd-analyze security --no-pager kentongan | tail -n 1").await;
    let exposure = exposure.trim().trim_start_matches("→ ");
    let level = exposure.split_whitespace().find_map(|word| word.parse::<f64>().ok());
    assert!(level.is_some_and(|level| level <= EXPOSURE_MAX), "{exposure}");
    exposure.to_owned()
}

/// The daemon, behind its walls, has made the folder of a unit and given it to the unit's group.
pub async fn group_has_its_folder(shell: &mut Shell) {
    let said = shell.ask("cd /var/spool/kentongan && stat -c '%G %a' damkar damkar/accepted damkar/rejected").await;
    assert!(said.lines().all(|line| line == "damkar 2770"), "{said}");
}

/// The daemon, behind its walls and without rights, may take a modem off USB and put it back. It comes back under its link.
///
/// The rules give that right for modems and not for bridges, so a rule of the guest's own says that this one is a modem.
pub async fn switch(shell: &mut Shell, socket: Socket) {
    let link = link(socket);
    let script = format!(
        r#"
        device=$(readlink -e /sys/class/tty/$(basename $(readlink -e {link}))/device/../..)
        as_daemon() {{
            nsenter --target $(systemctl show kentongan --property=MainPID --value) --mount \
                setpriv --reuid kentongan --regid kentongan --init-groups --bounding-set=-all --no-new-privs sh -c "$1"
        }}
        if as_daemon "echo 0 >$device/authorized" 2>/dev/null; then exit 1; fi
        echo 'SUBSYSTEM=="usb", KERNEL=="1-{socket}", ENV{{KENTONGAN_MODEM}}="1"' >/etc/udev/rules.d/69-guest.rules
        udevadm control --reload
        udevadm trigger --settle $device
        as_daemon "echo 0 >$device/authorized"
        for _ in $(seq 50); do if [ ! -e {link} ]; then break; fi; sleep 0.2; done
        if [ -e {link} ]; then exit 1; fi
        as_daemon "echo 1 >$device/authorized"
        if as_daemon "echo 1 >/proc/sys/kernel/sysrq" 2>/dev/null; then exit 1; fi
        "#
    );
    shell.ask(&script).await;
    shell.until("the link of a modem that was put back", &format!("test -e {link}"), Duration::from_secs(30)).await;
}

/// `doctor` beside the daemon: it opens no port, and says who holds each of so many.
pub async fn doctor_names_the_holder(shell: &mut Shell, modems: usize) {
    let pid = shell.ask("systemctl show kentongan --property=MainPID --value").await;
    let holder = format!("process {} (kentongan)", pid.trim());
    let seen = shell.json("sudo kentongan doctor --json").await;
    let seen = seen.as_array().expect("devices");
    assert_eq!(seen.len(), modems, "{seen:#?}");
    for device in seen {
        let port = &device["ports"][0];
        let refused = port["refused"].as_str().unwrap_or_default();
        assert!(port["answer"] == "not_opened" && refused.contains(&holder), "{device:#}");
    }
}

/// `doctor` without the daemon: it finds the modem in each of these sockets, with its number and that of its card.
pub async fn doctor_finds(shell: &mut Shell, sockets: &[Socket]) {
    let seen = shell.json("sudo kentongan doctor --json").await;
    let seen = seen.as_array().expect("devices");
    assert_eq!(seen.len(), sockets.len(), "{seen:#?}");
    for socket in sockets {
        let place = format!("1-{socket}");
        let device =
            seen.iter().find(|device| device["place"] == *place).unwrap_or_else(|| panic!("{place}: {seen:#?}"));
        assert_eq!(device["chosen"], link(socket), "{device:#}");
        assert!(device["modem"]["imei"].is_string() && device["modem"]["iccid"].is_string(), "{device:#}");
        assert_eq!(device["modem"]["sim"], "ready", "{device:#}");
    }
}

/// The record is as it was written, and nothing in the log of the daemon tells of a fault of its own.
pub async fn record(shell: &mut Shell) {
    office::ask(shell, "audit verify").await;
    let fault =
        shell.run("journalctl -u kentongan | grep -E 'panicked|a fault of its own'", Duration::from_secs(60)).await;
    assert_eq!(fault.code, 1, "{}", fault.text());
}
