//! One day: installed by the README, blasted over six modems, plugs pulled and put back elsewhere, the power cut, the package replaced by a
//! newer one and in the end removed, and the books compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use kentongan::simulator::{Counts, Fact};
use rusqlite::Connection;
use tokio::time::{Instant, sleep, timeout};

use super::bus::{AIR, Bus, MODEMS, REPORT, Socket};
use super::machine::Machine;
use super::office::{self, Letter, PER_MINUTE};
use super::{account, checks, package};

/// Where each modem is at first; two are behind a hub.
const SOCKETS: [Socket; MODEMS] = ["1", "2", "3", "4", "6.1", "6.2"];
/// The modem that is known by its slot, whatever is in it.
const BY_SLOT: usize = 4;
/// Modems that live on the power of the socket.
const BUS_POWERED: [usize; 2] = [1, 3];
/// How long a modem may take from its plug to being ready: the kernel, udev, the look for new links, and its own start.
const READY: Duration = Duration::from_secs(90);
/// How long the blast may take after the power cut, limits and waiting for evidence included.
const BLAST: Duration = Duration::from_secs(300);

/// When nothing has changed for so long after the last send, the last report is in.
const QUIET: Duration = REPORT.saturating_mul(2);

/// A modem's name in the configuration.
fn name(modem: usize) -> String {
    format!("telkomsel-{}", modem + 1)
}

struct Story {
    began: Instant,
    bus: Bus,
}

impl Story {
    fn say(&self, what: &str) {
        println!("{:6.1} s  {what}", self.began.elapsed().as_secs_f64());
    }

    /// Waits until so much has happened on the air.
    async fn until(&self, what: &str, patience: Duration, enough: impl FnMut(&Counts) -> bool) {
        timeout(patience, self.bus.fleet.until(enough)).await.unwrap_or_else(|_| panic!("{what} took too long"));
    }

    /// Waits until a segment of this modem has just been taken by the service centre and its answer is still to come.
    async fn until_mid_send(&self, modem: usize) {
        let name = self.bus.fleet.name(modem);
        let taken = |fact: &Fact| matches!(fact, Fact::Submitted { .. });
        let count = || {
            let records = self.bus.fleet.truth().records();
            records.iter().filter(|record| record.modem == name && taken(&record.fact)).count()
        };
        let (before, began) = (count(), Instant::now());
        while count() == before {
            assert!(began.elapsed() < Duration::from_secs(60), "{name} sends nothing");
            sleep(AIR / 100).await;
        }
    }

    /// Every modem with its configured name, its card and its link.
    fn wanted(&self) -> Vec<(String, String, String)> {
        let one = |modem| (name(modem), self.bus.fleet.iccid(modem).to_owned(), checks::link(self.bus.socket(modem)));
        (0..MODEMS).map(one).collect()
    }

    /// Waits until every modem is ready under its name, with its card, where it is plugged in; says how long that took.
    async fn until_ready(&mut self, guest: &mut Machine) -> Duration {
        let took = office::until_ready(&mut guest.shell, &self.wanted(), READY).await;
        self.bus.all_are_back();
        took
    }
}

/// Lives through it. Panics where something is not as it should be.
pub async fn tell(folder: &Path) {
    let mut story = Story { began: Instant::now(), bus: Bus::new(folder.to_owned()) };
    for modem in [0, 1] {
        story.bus.place(modem, SOCKETS[modem]);
    }
    story.say("switching the guest on");
    let mut guest = Machine::start(folder, 1, &story.bus.words()).await;
    let apt = install(&mut story, &mut guest).await;
    appear(&mut story, &mut guest).await;

    let table = office::letters("J0001", 0, 160);
    let warning = office::letters("J0002", 1_001, 10);
    office::drop_table(&mut guest.shell, "J0001", &table).await;
    story.until("the first messages", Duration::from_secs(60), |counts| counts.submitted >= 12).await;
    unplug(&mut story, &mut guest).await;
    office::drop_warning(&mut guest.shell, "J0002", &warning).await;
    story.until("the blast", Duration::from_secs(120), |counts| counts.submitted >= 80).await;
    story.until_mid_send(0).await;
    cut_power(&mut story, guest).await;

    let mut guest = Machine::start(folder, 2, &story.bus.words()).await;
    let took = story.until_ready(&mut guest).await;
    story.say(&format!("the daemon came up by itself; all modems are ready {took:.1?} after the shell"));
    // More than goes out while apt is at work, however slow the guest is.
    let more = office::letters("J0003", 2_001, 20 + apt.as_secs() * 3);
    office::drop_table(&mut guest.shell, "J0003", &more).await;
    upgrade(&mut story, &mut guest).await;
    finish(&story, &mut guest).await;
    let ledger = folder.join("ledger.db");
    let doubts = take_ledger(&mut guest, &ledger).await;
    remove(&story, &mut guest).await;
    stop(guest).await;
    story.say("the guest stopped in good order");
    compare(&story, &ledger, &[("J0001", &table), ("J0002", &warning), ("J0003", &more)], &doubts);
}

/// Before any of our rules, by the README, and what it leads to. Says how long apt took.
async fn install(story: &mut Story, guest: &mut Machine) -> Duration {
    let shell = &mut guest.shell;
    story.say("installing as the README says");
    checks::brltty_comes(shell).await;
    let apt = office::install(shell).await;
    package::installed(shell).await;
    checks::links(shell, &SOCKETS[..2]).await;
    checks::ruled(shell, &SOCKETS[..2]).await;
    checks::doctor_finds(shell, &SOCKETS[..2]).await;
    story.say(&format!(
        "apt took {apt:.1?}; udev made the links of the modems that were there already, and doctor finds them"
    ));
    office::configure(shell).await;
    for modem in [0, 1] {
        story.bus.pull(&mut guest.qmp, modem).await;
    }
    checks::links(shell, &[]).await;
    office::start(shell).await;
    let exposure = checks::service(shell).await;
    checks::group_has_its_folder(shell).await;
    story.say(&format!("the service runs without a modem, and not as root; a second one is refused; {exposure}"));
    apt
}

/// Modems appear, are used under the names of their links, and get names of their own.
async fn appear(story: &mut Story, guest: &mut Machine) {
    story.bus.plug_hub(&mut guest.qmp).await;
    for (modem, socket) in SOCKETS.into_iter().enumerate() {
        story.bus.plug(&mut guest.qmp, modem, socket).await;
    }
    let (ttys, took) = checks::links(&mut guest.shell, &SOCKETS).await;
    assert_eq!(ttys.values().collect::<BTreeSet<_>>().len(), MODEMS, "{ttys:?}");
    let unlisted: Vec<_> = story
        .wanted()
        .into_iter()
        .map(|(_, iccid, port)| (port.trim_start_matches("/dev/gsm/").to_owned(), iccid, port))
        .collect();
    let ready = office::until_ready(&mut guest.shell, &unlisted, READY).await;
    story.say(&format!("six modems were plugged in: links after {took:.1?}, ready {ready:.1?} later"));
    checks::ruled(&mut guest.shell, &SOCKETS).await;
    checks::rules_are_taken(&mut guest.shell, SOCKETS[4]).await;
    checks::brltty_stayed_away(&mut guest.shell).await;
    checks::doctor_names_the_holder(&mut guest.shell, MODEMS).await;
    let known: BTreeMap<String, office::Ready> =
        office::ready(&mut guest.shell).await.into_iter().map(|modem| (modem.iccid.clone(), modem)).collect();
    let mut sections = String::new();
    for modem in 0..MODEMS {
        let seen = &known[story.bus.fleet.iccid(modem)];
        let key = match modem {
            BY_SLOT => format!("slot = {:?}", checks::link(SOCKETS[modem]).trim_start_matches("/dev/gsm/")),
            _ if modem % 2 == 0 => format!("iccid = {:?}", seen.iccid),
            _ => format!("imei = {:?}", seen.imei),
        };
        sections += &format!("[[modem]]\nname = {:?}\n{key}\n", name(modem));
    }
    office::list_modems(&mut guest.shell, &sections).await;
    let took = story.until_ready(guest).await;
    story.say(&format!("after a restart they have their names, by card, IMEI and slot: ready after {took:.1?}"));
    checks::switch(&mut guest.shell, SOCKETS[3]).await;
    let took = story.until_ready(guest).await;
    story.say(&format!("the daemon may take a modem off USB and put it back: ready {took:.1?} after its link"));
}

/// Three modems are pulled out, two of them in the middle of a send, and put back one socket further and in another order; then the
/// hub with two more.
async fn unplug(story: &mut Story, guest: &mut Machine) {
    story.until_mid_send(0).await;
    story.bus.pull(&mut guest.qmp, 0).await;
    story.until_mid_send(1).await;
    story.bus.pull_with_power(&mut guest.qmp, 1).await;
    story.bus.pull(&mut guest.qmp, 2).await;
    checks::links(&mut guest.shell, &SOCKETS[3..]).await;
    story.say("three modems are pulled out, two of them in the middle of a send");
    story.bus.power(1).await;
    for (modem, socket) in [(2, "1"), (0, "2"), (1, "3")] {
        story.bus.plug(&mut guest.qmp, modem, socket).await;
    }
    let (ttys, links) = checks::links(&mut guest.shell, &SOCKETS).await;
    let ready = story.until_ready(guest).await;
    story
        .say(&format!("put back in other sockets: links after {links:.1?}, ready under their names {ready:.1?} later"));
    let numbers: Vec<_> = SOCKETS.iter().map(|socket| ttys[socket].trim_start_matches("/dev/").to_owned()).collect();
    story.say(&format!("the sockets are now {}", numbers.join(", ")));

    let behind = story.bus.pull_hub(&mut guest.qmp).await;
    checks::links(&mut guest.shell, &SOCKETS[..4]).await;
    story.bus.plug_hub(&mut guest.qmp).await;
    for (modem, socket) in behind {
        story.bus.plug(&mut guest.qmp, modem, socket).await;
    }
    checks::links(&mut guest.shell, &SOCKETS).await;
    let ready = story.until_ready(guest).await;
    story.say(&format!("the hub was pulled out and put back: its modems are ready {ready:.1?} after their links"));
}

/// The power of the server goes, and of the modems that live on it.
async fn cut_power(story: &mut Story, guest: Machine) {
    for modem in 0..MODEMS {
        story.bus.goes_away(modem);
    }
    guest.cut_power();
    for modem in BUS_POWERED {
        story.bus.fleet.unplug(modem).await.expect("unplugged");
    }
    let gone = story.bus.fleet.truth().counts().borrow().submitted;
    story.say(&format!("the power is cut, with {gone} segments on the air; switching on again"));
    sleep(Duration::from_secs(2)).await;
    for modem in BUS_POWERED {
        story.bus.power(modem).await;
    }
}

/// A newer package is installed in the middle of the blast: what is in hand is finished, and the queue goes on where it was.
async fn upgrade(story: &mut Story, guest: &mut Machine) {
    story.until_mid_send(0).await;
    let (began, before) = (Instant::now(), package::running(&mut guest.shell).await);
    let doubts = office::doubts(&mut guest.shell).await;
    for modem in 0..MODEMS {
        story.bus.goes_away(modem);
    }
    office::upgrade(&mut guest.shell).await;
    let took = began.elapsed();
    package::replaced(&mut guest.shell, &before).await;
    let queued = office::queued(&mut guest.shell).await;
    assert!(queued > 0, "the blast was over before the upgrade: nothing was tested");
    let new: Vec<_> = office::doubts(&mut guest.shell).await.difference(&doubts).copied().collect();
    assert!(new.is_empty(), "the upgrade cut off sends in hand: {new:?}");
    let ready = story.until_ready(guest).await;
    story.say(&format!(
        "a newer package is installed after {took:.1?}, with {queued} messages in the queue; the modems are ready {ready:.1?} later"
    ));
}

/// The package is removed and purged.
async fn remove(story: &Story, guest: &mut Machine) {
    let shell = &mut guest.shell;
    office::remove(shell, "remove").await;
    package::removed(shell).await;
    let said = office::remove(shell, "purge").await;
    package::purged(shell, &said).await;
    checks::links(shell, &[]).await;
    story.say(
        "the package was removed and purged: no process, no link, no configuration; the ledger and the queue stay",
    );
}

/// Waits until nothing more is to be sent, no doubt is to be settled by sending again, and the last reports are in. A message whose
/// report came while its modem was away stays sent and unreported: nobody will ever say more about it.
async fn finish(story: &Story, guest: &mut Machine) {
    let began = Instant::now();
    let (mut last, mut since) = (None, began);
    loop {
        let messages = office::json(&mut guest.shell, "status").await["messages"].take();
        let count = |state: &str| messages[state].as_u64().unwrap_or(0);
        if last.as_ref() != Some(&messages) {
            let counts = ["queued", "sending", "submitted", "delivered", "in_doubt"]
                .map(|state| format!("{} {state}", count(state)));
            story.say(&counts.join(", "));
            (last, since) = (Some(messages.clone()), Instant::now());
        }
        let doubts = office::json(&mut guest.shell, "doubts").await;
        let again = doubts.as_array().expect("rows").iter().any(|doubt| doubt["policy"] == "resend");
        let done = count("queued") + count("sending") == 0 && !again;
        if done && (count("submitted") == 0 || since.elapsed() > QUIET) {
            return;
        }
        assert!(began.elapsed() < BLAST, "after {BLAST:?}: {messages:#} {doubts:#}");
        sleep(Duration::from_secs(2)).await;
    }
}

/// Copies the ledger out of the guest. Gives the messages that it lists as in doubt.
async fn take_ledger(guest: &mut Machine, to: &Path) -> BTreeSet<i64> {
    let copy = "/var/lib/kentongan/copy.db";
    let script = format!("sudo -u kentongan kentongan backup {copy} >/dev/null && cat {copy}");
    let copied = guest.shell.run(&script, Duration::from_secs(60)).await;
    assert_eq!(copied.code, 0, "{}", copied.err);
    std::fs::write(to, copied.out).expect("the copy of the ledger");
    checks::record(&mut guest.shell).await;
    office::doubts(&mut guest.shell).await
}

async fn stop(mut guest: Machine) {
    guest.shell.leave("systemctl poweroff").await;
    let end = guest.ended(Duration::from_secs(90)).await;
    assert!(end.success(), "QEMU ended with {end}");
}

/// Holds the ledger against the truth.
fn compare(story: &Story, ledger: &Path, dropped: &[(&str, &[Letter])], doubts: &BTreeSet<i64>) {
    let ledger = Connection::open(ledger).expect("the ledger");
    let truth = story.bus.fleet.truth().records();
    let account = account::settle(&ledger, &truth, &story.bus.away, dropped, PER_MINUTE);
    let in_doubt = account.messages.get("in_doubt").copied().unwrap_or(0);
    assert_eq!(i64::try_from(doubts.len()), Ok(in_doubt), "every message in doubt is listed: {doubts:?}");
    assert_eq!(account.busiest_minute, PER_MINUTE, "the limit was never reached, so nothing shows that it holds");
    assert!(account.doubts.values().sum::<i64>() > 0, "no plug and no power cut caught a send: nothing was tested");
    story.say(&format!("the books agree: {account}"));
}
