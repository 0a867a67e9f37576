//! The guest as a process: QEMU without acceleration, Debian's kernel, and a disk that tells no lies about what is written.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::qmp::Qmp;
use super::shell::Shell;

/// How long QEMU may take to make its sockets.
const START: Duration = Duration::from_secs(30);
/// How long the guest may take from power on to a shell: some 25 s on two idle cores.
const BOOT: Duration = Duration::from_secs(240);
const LOOK: Duration = Duration::from_millis(50);

/// Modules that udev would load for this board, at some seconds each, and that nothing here needs.
const NEEDLESS: &str = "kvm_amd,kvm_intel,aesni_intel,ghash_clmulni_intel,sha512_ssse3,sha256_ssse3,sha1_ssse3,lpc_ich,\
                        i2c_i801,iTCO_wdt,ppdev,parport_pc,pcspkr,psmouse,acpi_cpufreq,powernow_k8";

/// A running guest. It is switched off when this is dropped.
pub struct Machine {
    child: Child,
    pub qmp: Qmp,
    pub shell: Shell,
}

impl Machine {
    /// Switches the guest on and waits for its shell. `folder` has the disks and gets the logs, which have `boot` in their names;
    /// `devices` are more words for QEMU.
    pub async fn start(folder: &Path, boot: u32, devices: &[String]) -> Self {
        let path = |name: &str| folder.join(name);
        let (qmp, shell) = (path("qmp"), path("shell"));
        for socket in [&qmp, &shell] {
            let _ = fs::remove_file(socket);
        }
        let log = |name: &str| path(&format!("{name}-{boot}.log"));
        let words = [
            ("-M", "q35,accel=tcg".to_owned()),
            ("-cpu", "max".to_owned()),
            ("-smp", "2".to_owned()),
            ("-m", "512".to_owned()),
            ("-kernel", text(&path("vmlinuz"))),
            ("-initrd", text(&path("initrd.img"))),
            ("-append", format!("root=/dev/vda rw console=ttyS0 quiet mitigations=off module_blacklist={NEEDLESS}")),
            ("-drive", format!("file={},format=raw,if=virtio,cache=writethrough", text(&path("disk.img")))),
            ("-drive", format!("file={},format=raw,if=virtio,readonly=on", text(&path("project.img")))),
            ("-serial", format!("file:{}", text(&log("console")))),
            ("-qmp", format!("unix:{},server=on,wait=off", text(&qmp))),
            ("-device", "virtio-serial".to_owned()),
            ("-chardev", format!("socket,id=shell,path={},server=on,wait=off", text(&shell))),
            ("-device", "virtserialport,chardev=shell,name=shell".to_owned()),
            ("-chardev", format!("file,id=journal,path={}", text(&log("journal")))),
            ("-device", "virtserialport,chardev=journal,name=journal".to_owned()),
            // Eight sockets, as on a large hub; the modems' bridges are slow devices, so only the slow half counts.
            ("-device", "qemu-xhci,id=usb,p2=8,addr=0x14".to_owned()),
            ("-pidfile", text(&path("qemu.pid"))),
        ];
        let said = File::create(log("qemu")).expect("QEMU's log");
        // However this program ends, QEMU ends with it.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "qemu-system-x86_64"]);
        command.args(["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"]);
        for (word, value) in words {
            command.args([word.to_owned(), value]);
        }
        let child = command.args(devices).stdin(Stdio::null()).stdout(Stdio::null()).stderr(said).spawn();
        let mut child = child.expect("QEMU starts");
        let began = Instant::now();
        while !(qmp.exists() && shell.exists()) {
            let ended = child.try_wait().expect("QEMU's end");
            assert!(ended.is_none() && began.elapsed() < START, "QEMU: {ended:?}; see {}", log("qemu").display());
            sleep(LOOK).await;
        }
        let mut machine = Self { child, qmp: Qmp::open(&qmp).await, shell: Shell::open(&shell).await };
        machine.shell.run("true", BOOT).await;
        machine
    }

    /// The power goes: from one instruction to the next nothing of the guest is left but its disk.
    pub fn cut_power(self) {
        drop(self);
    }

    /// Waits until the guest has switched itself off.
    pub async fn ended(mut self, patience: Duration) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("QEMU's end") {
                return status;
            }
            assert!(began.elapsed() < patience, "the guest did not switch itself off within {patience:?}");
            sleep(LOOK).await;
        }
    }
}

/// SIGKILL, by its own number.
impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}
