//! The office in the guest, set up with the very commands of the README.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::shell::Shell;

const README: &str = include_str!("../../README.md");

/// What one SIM may send in a minute.
pub const PER_MINUTE: usize = 20;

/// Whoever sends, and asks how it goes: a member of the group, not root.
const ANDI: &str = "sudo -u andi kentongan";

/// The shell commands of a step of the README.
fn commands(step: &str) -> String {
    let from = README.find(&format!("**{step}.**")).unwrap_or_else(|| panic!("the README has no step {step}"));
    let block = README[from..].split("```sh\n").nth(1).and_then(|rest| rest.split("```").next());
    let block = block.unwrap_or_else(|| panic!("step {step} of the README has no commands"));
    block.lines().map(|line| format!("{}\n", line.trim_start())).collect()
}

/// Where the packages are in the guest: the one to install, and in `next` a newer one.
const PACKAGES: &str = "/mnt/kentongan";
/// How long apt may take.
const APT: Duration = Duration::from_secs(180);

/// Does the README's step "Install", and says how long that took. andi may send, for the fire service too.
pub async fn install(shell: &mut Shell) -> Duration {
    mount(shell).await;
    let began = Instant::now();
    apt(shell, &format!("cd {PACKAGES}\n{}", commands("Install"))).await;
    let took = began.elapsed();
    let member = "sudo usermod -a -G kentongan andi";
    assert!(README.contains(member), "the README no longer says how somebody may send");
    let damkar = "groupadd damkar\nusermod -a -G damkar kentongan\nusermod -a -G damkar andi";
    shell.ask(&format!("useradd --create-home andi\n{member}\n{damkar}")).await;
    took
}

async fn mount(shell: &mut Shell) {
    shell.ask(&format!("mkdir -p {PACKAGES} && mount -o ro /dev/vdb {PACKAGES}")).await;
}

/// The same with the newer package, after another start of the machine.
pub async fn upgrade(shell: &mut Shell) {
    mount(shell).await;
    apt(shell, &format!("cd {PACKAGES}/next\n{}", commands("Install"))).await;
}

/// Takes the package away, and then what it leaves.
pub async fn remove(shell: &mut Shell, how: &str) -> String {
    assert!(README.contains(&format!("`apt {how}`")), "the README no longer says what apt {how} does");
    apt(shell, &format!("apt {how} --yes kentongan")).await
}

async fn apt(shell: &mut Shell, script: &str) -> String {
    let said = shell.run(script, APT).await;
    assert_eq!(said.code, 0, "{script}\n{}{}", said.text(), said.err);
    for word in ["dpkg: warning", "dpkg: error", "rror:"] {
        assert!(!said.err.contains(word) && !said.text().contains(word), "{}{}", said.text(), said.err);
    }
    said.text()
}

/// As somebody would edit the configuration for SIMs that bear more, with less patience, and a unit with a group of its own.
pub async fn configure(shell: &mut Shell) {
    let file = "/etc/kentongan/kentongan.toml";
    for (key, from, to) in [("per_minute", "6", &*PER_MINUTE.to_string()), ("doubt_wait_minutes", "10", "1")] {
        shell.ask(&format!("sed -i 's/^{key} = {from}$/{key} = {to}/' {file} && grep -qx '{key} = {to}' {file}")).await;
    }
    let group = r#"group = "damkar""#;
    shell.ask(&format!("sed -i 's/^#: {group}$/{group}/' {file} && grep -qx '{group}' {file}")).await;
    shell.ask(&commands("Configure")).await;
}

/// Writes these modems into the configuration, and restarts the daemon.
pub async fn list_modems(shell: &mut Shell, sections: &str) {
    let file = "/etc/kentongan/kentongan.toml";
    shell
        .ask(&format!("cat >>{file} <<'END_OF_SECTIONS'\n\n{sections}\nEND_OF_SECTIONS\nkentongan check-config"))
        .await;
    shell.ask("systemctl restart kentongan").await;
}

/// Does the README's step "Run".
pub async fn start(shell: &mut Shell) {
    shell.ask(&commands("Run")).await;
}

/// How many messages are still to be sent.
pub async fn queued(shell: &mut Shell) -> u64 {
    json(shell, "status").await["messages"]["queued"].as_u64().expect("a count")
}

/// The messages of which nobody knows whether they left.
pub async fn doubts(shell: &mut Shell) -> BTreeSet<i64> {
    let rows = json(shell, "doubts").await;
    rows.as_array().expect("rows").iter().filter_map(|doubt| doubt["message"].as_i64()).collect()
}

/// A command of the program as a member of the group gives it.
pub async fn ask(shell: &mut Shell, words: &str) -> String {
    shell.ask(&format!("{ANDI} {words}")).await
}

/// The same, as JSON.
pub async fn json(shell: &mut Shell, words: &str) -> Value {
    shell.json(&format!("{ANDI} {words} --json")).await
}

/// One person and the text for her.
#[derive(Clone)]
pub struct Letter {
    /// Digits with the country code.
    pub number: u64,
    pub text: String,
}

/// Texts for so many people, every fifth in two segments; the tag stands in each segment.
pub fn letters(tag: &str, first: u64, count: u64) -> Vec<Letter> {
    let text = |place: u64| match place % 5 {
        0 => format!(
            "{tag} Yth. warga {place}, {}Info lengkap di kantor kelurahan. #{tag}",
            "Diskominfo Kota Bandung mengimbau warga untuk waspada terhadap banjir dan longsor. ".repeat(2)
        ),
        _ => format!("{tag} Yth. warga {place}, kerja bakti hari Minggu pukul 07.00 WIB."),
    };
    (first..first + count)
        .map(|place| Letter { number: 6_281_220_000_000 + place * 7_919, text: text(place) })
        .collect()
}

/// Drops a table as andi, with the README's own commands. A row that is named twice and one without a number are in it as well.
pub async fn drop_table(shell: &mut Shell, tag: &str, letters: &[Letter]) {
    let mut table = "nomor,nama,pesan\n".to_owned();
    for letter in letters {
        let _ = writeln!(table, "+{},Warga,\"{}\"", letter.number, letter.text);
    }
    let _ = writeln!(
        table,
        "0{},Warga,\"{}\"\nbelum ada,Warga,{tag}",
        letters[0].number % 100_000_000_000,
        letters[0].text
    );
    let file = format!("undangan-{tag}.csv");
    let send = commands("Send").replace("undangan.csv", &file);
    give(shell, &file, &table, &send).await;
}

/// Drops a text for all of them as andi, as an emergency of the fire service.
pub async fn drop_warning(shell: &mut Shell, tag: &str, people: &[Letter]) {
    let numbers: Vec<_> = people.iter().map(|letter| format!("+{}", letter.number)).collect();
    let text = format!("Kepada: {}\nKelas: darurat\n\n{}\n", numbers.join(", "), people[0].text);
    let file = format!("siaga-{tag}.txt");
    give(shell, &file, &text, &format!("kentongan submit {file} --unit damkar\n")).await;
}

async fn give(shell: &mut Shell, file: &str, content: &str, commands: &str) {
    let write = format!("cd /home/andi\ncat >{file} <<'END_OF_FILE'\n{content}END_OF_FILE\nchmod 644 {file}");
    shell
        .ask(&format!("{write}\nsudo -u andi bash -euo pipefail <<'END_OF_COMMANDS'\n{commands}END_OF_COMMANDS"))
        .await;
}

/// A modem that is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    pub name: String,
    pub imei: String,
    pub iccid: String,
    pub port: String,
}

/// The modems that are ready, by name.
pub async fn ready(shell: &mut Shell) -> Vec<Ready> {
    let rows = json(shell, "modems").await;
    let rows = rows.as_array().expect("rows").iter().filter(|row| row["state"] == "ready");
    let word = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    rows.map(|row| Ready {
        name: word(row, "name"),
        imei: word(row, "imei"),
        iccid: word(row, "iccid"),
        port: word(row, "port"),
    })
    .collect()
}

/// Waits until exactly these modems are ready, given by name and card, each where it should be; says how long that took.
pub async fn until_ready(shell: &mut Shell, wanted: &[(String, String, String)], patience: Duration) -> Duration {
    let began = Instant::now();
    loop {
        let ready = ready(shell).await;
        let mut is: Vec<_> = ready.into_iter().map(|modem| (modem.name, modem.iccid, modem.port)).collect();
        let mut should: Vec<_> = wanted.to_vec();
        is.sort();
        should.sort();
        if is == should {
            return began.elapsed();
        }
        assert!(began.elapsed() < patience, "after {patience:?} these are ready:\n{is:#?}\nand not:\n{should:#?}");
        sleep(Duration::from_millis(500)).await;
    }
}
