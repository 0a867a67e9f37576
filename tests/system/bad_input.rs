//! What must never be taken for a job, and what must never reach a modem.

use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

use kentongan::simulator::Fact;

use super::office::{Office, modems, until};
use super::peer::Peer;

/// A list of so many people.
fn list(rows: u32) -> String {
    let rows: String = (0..rows).map(|row| format!("0812{:08};Siaga banjir.\r\n", 40_000_000 + row)).collect();
    format!("nomor;pesan\r\n{rows}")
}

/// The whole account of one good job shows that the daemon goes on as if nothing had been.
async fn goes_on(office: &Office, name: &str) {
    office.drop_whole("diskominfo", name, format!("{}\"081299990000\";{name}\r\n", list(2)).as_bytes());
    until("a good job", || office.job(name).is_some_and(|job| job["delivered"] == 3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn files_that_are_no_job_are_rejected_each_with_a_reason() {
    let office = Office::new();
    let _fleet = office.fleet(modems(1));
    let daemon = office.daemon().await;
    let binary: Vec<u8> = (0..20_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let cases: [(&str, &[u8], &str); 8] = [
        ("kosong.csv", b"", "empty"),
        ("blank.txt", b" \r\n\r\n \t", "empty"),
        ("biner.csv", &binary, "no text"),
        ("buku.xlsx", &binary, "workbook"),
        ("program.exe", b"MZ", ".exe"),
        ("kepala.csv", b"kelurahan;kecamatan\r\nSukajadi;Sukajadi\r\n", "column"),
        ("angka.csv", b"081234567890;halo\r\n081234567891;halo\r\n", "column"),
        ("surat.txt", b"Yth. warga,\r\nbesok kerja bakti.\r\n", "header"),
    ];
    for (name, content, _) in cases {
        office.drop_whole("diskominfo", name, content);
    }
    for (name, content, reason) in cases {
        let said = office.rejection("diskominfo", name).await;
        assert!(said.contains(reason) && said.contains("Alasan:") && said.contains("What to do:"), "{name}: {said}");
        assert!(!said.contains("Yth."), "the reason repeats no text");
        assert_eq!(std::fs::read(office.path("queue/diskominfo/rejected").join(name)).unwrap(), content, "{name}");
    }
    assert_eq!(office.status("/recipients"), 0);
    goes_on(&office, "baik.csv").await;
    assert_eq!(daemon.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_of_100_mb_is_rejected_and_costs_no_memory() {
    let office = Office::with("[intake]\nfile_mb_max = 50\nrows_max = 20000\n");
    let _fleet = office.fleet(modems(1));
    let daemon = office.daemon().await;
    let piece = list(20_000);
    let folder = office.path("queue/diskominfo");
    until("the folder", || folder.join("accepted").exists()).await;
    let mut file = File::create(folder.join("besar.csv")).unwrap();
    for _ in 0..=100_000_000 / piece.len() {
        file.write_all(piece.as_bytes()).unwrap();
    }
    drop(file);
    let said = office.rejection("diskominfo", "besar.csv").await;
    assert!(said.contains("50 MB"), "{said}");
    // Within the size, one endless row and far too many rows.
    for (name, content, reason) in [
        ("sel.csv", format!("nomor;pesan\r\n081234567890;{}\r\n", "a".repeat(20_000_000)), "cell"),
        ("baris.csv", list(30_000), "20000"),
    ] {
        office.drop_whole("diskominfo", name, content.as_bytes());
        let said = office.rejection("diskominfo", name).await;
        assert!(said.contains(reason), "{name}: {said}");
    }
    assert!(daemon.peak_mb() < 200, "{} MB", daemon.peak_mb());
    assert_eq!(office.status("/recipients"), 0);
    goes_on(&office, "baik.csv").await;
    assert_eq!(daemon.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_that_vanishes_is_a_whole_job_or_none() {
    let office = Office::new();
    let _fleet = office.fleet(modems(1));
    let mut daemon = office.daemon().await;
    let mut rng = fastrand::Rng::with_seed(7);
    for turn in 0..60 {
        let name = format!("hilang-{turn}.csv");
        let content = format!("{}0812{:08};{turn}\r\n", list(300), 90_000_000 + turn);
        office.drop_whole("diskominfo", &name, content.as_bytes());
        tokio::time::sleep(Duration::from_micros(rng.u64(0..6_000))).await;
        // It may have been moved to accepted/ by now.
        let _ = std::fs::remove_file(office.path("queue/diskominfo").join(&name));
    }
    assert_eq!(office.run(&["pause"]).code, 0);
    until("an empty folder", || office.names("queue/diskominfo") == ["accepted", "rejected"]).await;
    until("whole jobs", || office.count("SELECT count(*) FROM jobs WHERE state = 'receiving'") == 0).await;
    assert_eq!(office.count("SELECT count(*) FROM jobs WHERE recipients <> 301"), 0);
    assert_eq!(office.count("SELECT count(*) FROM recipients") % 301, 0);
    assert!(daemon.lives(), "{}", daemon.said());
    assert_eq!(office.names("queue/diskominfo/rejected"), [""; 0]);
    assert_eq!(daemon.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_that_still_grows_is_left_until_it_is_whole() {
    let office = Office::new();
    let fleet = office.fleet(modems(2));
    let folder = office.path("queue/diskominfo");
    std::fs::create_dir_all(&folder).unwrap();
    let content = list(60);
    let (first, second) = content.split_at(content.len() / 2 + 3);
    // One is being copied when the daemon starts, and never rests as long as two seconds; of the other it sees the
    // beginning, and then nothing for longer than a file may rest that nobody has open.
    let mut before = File::create(folder.join("sebelum.csv")).unwrap();
    before.write_all(first.as_bytes()).unwrap();
    let daemon = office.daemon().await;
    let pieces: Vec<Vec<u8>> = second.as_bytes().chunks(120).map(<[u8]>::to_vec).collect();
    let copying = tokio::spawn(async move {
        for piece in pieces {
            tokio::time::sleep(Duration::from_millis(700)).await;
            before.write_all(&piece).unwrap();
        }
        before
    });
    // Once a file was taken, the folder is watched.
    goes_on(&office, "baik.csv").await;
    let mut after = File::create(folder.join("sesudah.csv")).unwrap();
    after.write_all(first.replace("Siaga", "Waspada").as_bytes()).unwrap();
    let before = copying.await.unwrap();
    let taken = office.json(&["jobs", "--json"]);
    assert_eq!(taken.as_array().unwrap().len(), 1, "half a file was taken: {taken}");
    after.write_all(second.replace("Siaga", "Waspada").as_bytes()).unwrap();
    drop((before, after));
    until("both jobs", || office.messages("delivered") == 123).await;
    for name in ["sebelum.csv", "sesudah.csv"] {
        assert_eq!(office.job(name).unwrap()["recipients"], 60, "{name}");
    }
    assert_eq!(fleet.truth().counts().borrow().submitted, 123);
    assert_eq!(daemon.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_folder_of_no_unit_sends_nothing_and_says_so_beside_the_file() {
    let office = Office::new();
    let fleet = office.fleet(modems(1));
    let daemon = office.daemon().await;
    office.drop_whole("kecamatan", "undangan.csv", list(3).as_bytes());
    std::fs::write(office.path("queue/luar.csv"), list(3)).unwrap();
    until("the reasons", || {
        let reasons = ["queue/kecamatan/undangan.reason.txt", "queue/luar.reason.txt"];
        reasons.iter().all(|reason| office.read(reason).contains("diskominfo"))
    })
    .await;
    assert_eq!(office.names("queue/kecamatan"), ["undangan.csv", "undangan.reason.txt"], "it stays where it is");
    goes_on(&office, "baik.csv").await;
    assert_eq!(fleet.truth().counts().borrow().submitted, 3);
    assert_eq!(daemon.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_second_daemon_on_the_same_database_ends_and_the_first_goes_on() {
    let office = Office::new();
    let _fleet = office.fleet(modems(1));
    let first = office.daemon().await;
    let second = office.run(&["run"]);
    assert_eq!(second.code, 1, "{second:?}");
    assert!(second.err.contains(&first.pid().to_string()) && second.err.contains("k.db"), "{second:?}");
    goes_on(&office, "baik.csv").await;
    assert_eq!(first.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_command_in_a_number_or_a_text_never_reaches_a_modem() {
    let office = Office::new();
    let peer = Peer::at(&office.path("modems/modem-1"), |_| None);
    let daemon = office.daemon().await;
    let evil = "+6281234567890\r\nAT+CMGD=1,4\r\nAT+CMGS=5\r\n";
    let csv = format!(
        "nomor,pesan\n\"{evil}\",a\n\"081234567891;AT+CMGD=1,4\",b\n\"0812345\x1a67892\",c\n081234567893,{{x}}\n"
    );
    let csv = csv.replace("{x}", "\"\u{1a}\r\nAT+CMGD=1,4\r\n\u{1b}\"")
        + &list(4)["nomor;pesan\r\n".len()..].replace(';', ",");
    office.drop_whole("diskominfo", "jahat.csv", csv.as_bytes());
    until("the job", || office.job("jahat.csv").is_some_and(|job| job["submitted"] == 5)).await;
    assert_eq!(office.job("jahat.csv").unwrap()["excluded"], 3);
    for number in [evil, "081234567891\rAT+CMGD=1,4"] {
        let said = office.run(&["send", "--to", number, "--text", "x", "--unit", "damkar"]);
        assert_eq!(said.code, 1, "{said:?}");
    }
    office.drop_whole("damkar", "jahat.txt", b"Kepada: 081234567890\r\nAT+CMGD=1,4\r\nKelas: penting\r\n\r\nhalo\r\n");
    let said = office.rejection("damkar", "jahat.txt").await;
    assert!(said.contains("line 2"), "{said}");
    assert_eq!(daemon.stop().await, 0);
    let got = peer.got();
    assert_eq!(got.matches("AT+CMGS=").count(), 5, "{got}");
    assert!(!got.contains("CMGD=1,4") && got.matches('\u{1a}').count() == 5, "{got}");
    let report = office.read("queue/diskominfo/accepted/jahat.report.csv");
    assert_eq!(report.lines().count(), 8 + 2, "no cell breaks its line: {report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_text_with_ctrl_z_in_it_arrives_whole() {
    let office = Office::new();
    let fleet = office.fleet(modems(1));
    let daemon = office.daemon().await;
    let texts = ["Banjir\u{1a} surut, ESC \u{1b} pun", &format!("{}\u{1a} akhir", "panjang ".repeat(30))];
    let txt = format!("Kelas: penting\nKepada: 081234567891\n\n{}\n", texts[0]);
    office.drop_whole("damkar", "ctrl.txt", txt.as_bytes());
    office.drop_whole("diskominfo", "ctrl.csv", format!("nomor,pesan\n081234567892,{}\n", texts[1]).as_bytes());
    until("both", || office.messages("delivered") == 2).await;
    let mut arrived = [String::new(), String::new()];
    for record in fleet.truth().records() {
        if let Fact::Submitted { to, text, .. } = record.fact {
            arrived[usize::from(to.ends_with('2'))] += &text;
        }
    }
    assert_eq!(arrived, texts);
    assert_eq!(daemon.stop().await, 0);
}

/// A listing of PDUs that are none, and a port that answers nothing else wrongly.
fn rubbish(command: &str) -> Option<String> {
    let answer = match command {
        "AT+CMGL=4" => {
            "\r\n+CMGL: 1,0,,23\r\nthis is no hexadecimal\r\n+CMGL: 2,0,,159\r\n0791\r\n+CMGL: 3,1,,10\r\nFFFFFFFFFFFFFFFFFFFF\
             \r\n+CMGL: 99999999999,x\r\n00\r\n+CMGL: 4,1,,6\r\n0006FFFFFFFFFFFFFF\r\n\r\nOK\r\n"
        }
        _ => return None,
    };
    Some(answer.to_owned())
}

/// An SMS-DELIVER of 2002 from +31641600986, "How are you?".
const DELIVER: &str = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn garbage_and_endless_lines_from_a_modem_harm_neither_it_nor_the_others() {
    let office = Office::new();
    let fleet = office.fleet(modems(2));
    let peer = Peer::at(&office.path("modems/rusak"), rubbish);
    let daemon = office.daemon().await;
    // The key is not there before the first modem is.
    until("three modems", || office.json(&["status", "--json"]).pointer("/modems/ready") == Some(&3.into())).await;
    office.drop_whole("diskominfo", "daftar.csv", list(150).as_bytes());
    let mut rng = fastrand::Rng::with_seed(3);
    let noise: Vec<u8> = std::iter::repeat_with(|| rng.u8(..)).take(100_000).collect();
    let pieces: [&[u8]; 8] = [
        b"\r\n+CMT: ,24\r\nDEADBEEF\r\n",
        b"\r\n+CDS: 5\r\n00\r\n",
        b"\r\n+CMTI: \"SM\",99999999999999\r\n+CMTI: \r\n+CMTI: \"\r\n",
        b"\r\n+CMGS: 999999\r\n\r\n+CMS ERROR: 70000\r\n",
        &[b'A'; 2_000_000],
        b"\r\n+CDSI: \"SR\",1,1,1,1\r\nOK\r\nERROR\r\n> \r\n",
        &noise,
        &[b'\n'; 10_000],
    ];
    for piece in pieces {
        peer.say(piece);
    }
    let length = DELIVER.len() / 2 - 8;
    peer.say(format!("\r\n\r\n+CMT: ,{length}\r\n{DELIVER}\r\n").as_bytes());
    until("the text after all that", || {
        office.json(&["inbox", "--json"]).as_array().unwrap().iter().any(|row| row["text"] == "How are you?")
    })
    .await;
    until("the job", || office.messages("queued") + office.messages("sending") == 0).await;
    let job = office.job("daftar.csv").unwrap();
    let states = ["delivered", "submitted", "in_doubt", "failed"].map(|state| job[state].as_u64().unwrap_or(0));
    assert_eq!(states.iter().sum::<u64>(), 150, "{job}");
    // The broken one has no air and takes most of the list.
    let others = fleet.truth().counts().borrow().submitted;
    assert!(others >= 2 && states[2] + states[3] <= 8, "the others sent {others}: {job}");
    assert!(daemon.peak_mb() < 150, "{} MB", daemon.peak_mb());
    assert_eq!(daemon.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_content_twice_is_refused_unless_it_says_so() {
    let office = Office::new();
    let fleet = office.fleet(modems(1));
    let daemon = office.daemon().await;
    let text = "Kelas: penting\nKepada: 081234567891\n\nRapat pukul 09.00.\n";
    office.drop_whole("damkar", "rapat.txt", text.as_bytes());
    until("the job", || office.messages("delivered") == 1).await;
    office.drop_whole("damkar", "rapat lagi.txt", text.as_bytes());
    let said = office.rejection("damkar", "rapat lagi.txt").await;
    assert!(said.contains(&office.job("rapat.txt").unwrap()["id"].to_string()), "{said}");
    for turn in 2..4 {
        office.drop_whole("damkar", &format!("rapat {turn}.txt"), format!("Ulang: ya\n{text}").as_bytes());
        until("one more", || office.messages("delivered") == turn).await;
    }
    assert_eq!(fleet.truth().counts().borrow().submitted, 3);
    assert_eq!(daemon.stop().await, 0);
}
