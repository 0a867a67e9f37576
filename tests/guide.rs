//! The guide for staff, `docs/panduan.md`, is true: its job files go through `kentongan check`, and what it shows of the answer is what
//! people see.

use std::path::Path;
use std::process::{Command, Stdio};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/panduan.md");

/// A block between fences: the words behind the first one, and what stands inside.
struct Block {
    words: Vec<String>,
    text: String,
}

fn blocks() -> Vec<Block> {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let pieces: Vec<&str> = page.split("```").collect();
    assert!(pieces.len() % 2 == 1, "a fence is open");
    let inside = pieces.into_iter().skip(1).step_by(2);
    inside
        .map(|piece| {
            let (words, text) = piece.split_once('\n').unwrap();
            Block { words: words.split(' ').map(str::to_owned).collect(), text: text.to_owned() }
        })
        .collect()
}

/// An office as the guide has it: two units, a city, a few office-holders.
fn office() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let areas = concat!(env!("CARGO_MANIFEST_DIR"), "/config/wilayah-bandung.csv");
    let settings = format!(
        "[paths]\ndatabase = \"k.db\"\nqueue = \"queue\"\nports = \"modems\"\n[roster]\nareas = \"{areas}\"\n\
         [[unit]]\nname = \"diskominfo\"\n[[unit]]\nname = \"damkar\"\nclasses = [\"darurat\", \"penting\"]\n"
    );
    std::fs::write(folder.path().join("k.toml"), settings).unwrap();
    let roster = "peran,kelurahan,rw,nama,nomor\nRW,Dago,1,Asep,081200000001\nRW,Sarijadi,2,Dewi,081200000002\n\
                  RW,Isola,3,Ujang,085700000003\n";
    std::fs::write(folder.path().join("pejabat.csv"), roster).unwrap();
    drop(kentongan::store::Store::open(&folder.path().join("k.db")).unwrap());
    let (code, out) = run(folder.path(), &["roster", "import", "pejabat.csv", "--apply"]);
    assert_eq!(code, 0, "{out}");
    folder
}

fn run(folder: &Path, words: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kentongan"));
    command.args(words).args(["--lang", "id"]).current_dir(folder).env("KENTONGAN_CONFIG", folder.join("k.toml"));
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
}

#[test]
fn every_job_of_the_guide_is_accepted_but_the_one_that_is_meant_to_be_wrong() {
    let office = office();
    let mut checked = Vec::new();
    for block in blocks() {
        let [_, file, unit] = &block.words[..] else { continue };
        std::fs::write(office.path().join(file), &block.text).unwrap();
        let (code, out) = run(office.path(), &["check", file, "--unit", unit]);
        let expected = i32::from(file == "salah.txt");
        assert_eq!(code, expected, "{file}: {out}");
        checked.push(file.clone());
    }
    assert_eq!(
        checked,
        ["rapat.txt", "undangan.csv", "longsor.txt", "banjir.txt", "kampanye.txt", "salah.txt"],
        "a block of a job names its file and its unit"
    );
}

#[test]
fn what_the_guide_shows_of_a_check_is_what_people_see_in_that_order() {
    let office = office();
    let mut shown = 0;
    for block in blocks() {
        if let [_, file, _] = &block.words[..] {
            std::fs::write(office.path().join(file), &block.text).unwrap();
        }
        // The others want a daemon: tests/system/guide.rs.
        let command = block.text.strip_prefix("$ kentongan ").filter(|command| command.starts_with("check "));
        let Some(command) = command else { continue };
        let (words, lines) = command.split_once('\n').unwrap();
        let (_, out) = run(office.path(), &words.split(' ').collect::<Vec<_>>());
        let mut rest = out.as_str();
        for line in lines.lines() {
            let at = rest.find(line).unwrap_or_else(|| panic!("`{words}` does not say, or not here:\n{line}\n\n{out}"));
            rest = &rest[at + line.len()..];
        }
        shown += 1;
    }
    assert_eq!(shown, 3);
}

#[test]
fn the_audience_of_the_guide_reaches_the_north_without_dago() {
    let office = office();
    let longsor = blocks().into_iter().find(|block| block.words.iter().any(|word| word == "longsor.txt")).unwrap();
    std::fs::write(office.path().join("longsor.txt"), longsor.text).unwrap();
    let (_, out) = run(office.path(), &["check", "longsor.txt", "--unit", "damkar", "--json"]);
    let verdict: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&verdict["messages"], &verdict["class"]), (&2.into(), &"important".into()));
    assert_eq!(
        verdict["shortest_example"]["text"],
        "Damkar: Yth. Ketua RW 03 Ujang, siaga longsor malam ini di Isola."
    );
}

#[test]
fn what_the_guide_calls_a_button_or_a_page_is_called_so_on_the_page() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let words = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/pages/words/indonesian.rs");
    let words = std::fs::read_to_string(words).unwrap();
    let (_, section) = page.split_once("## 8. Lewat halaman web").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let labels: Vec<_> = section.split("**").skip(1).step_by(2).collect();
    assert!(labels.len() > 25, "{labels:?}");
    for label in labels {
        let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&format!(": \"{label}\",")), "the page has nothing of the name {label}");
    }
}
