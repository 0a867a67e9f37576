//! What the commands say to people, in two languages. A missing sentence does not compile.
//!
//! `{}` stands for a value, in the order of [`fill`]. JSON keys and logs are English and are not here.

pub(crate) mod words;

use crate::model::{Lang, State};

/// Every sentence and heading.
pub(super) struct Phrases {
    pub refused: &'static str,
    pub daemon: &'static str,
    pub daemon_runs: &'static str,
    pub daemon_stopped: &'static str,
    pub daemon_stopped_sentence: &'static str,
    pub sent_later: &'static str,
    pub warning: &'static str,
    pub shared_imei: &'static str,
    pub no_modem: &'static str,
    pub settle_hint: &'static str,
    pub would_be_accepted: &'static str,
    pub submit_next: &'static str,
    pub replaced: &'static str,
    pub replaceable: &'static str,
    pub nothing: &'static str,
    pub more: &'static str,

    pub messages: &'static str,
    pub recipients: &'static str,
    pub excluded: &'static str,
    pub jobs: &'static str,
    pub modems: &'static str,
    pub paused: &'static str,
    pub opt_outs: &'static str,
    pub kept_opt_outs: &'static str,
    pub unseen_opt_outs: &'static str,
    pub inbox: &'static str,
    pub inbox_hint: &'static str,
    pub answer: &'static str,
    pub alarms: &'static str,
    pub held: &'static str,
    pub approvals: &'static str,
    pub waits: &'static str,
    pub until: &'static str,
    pub opens: &'static str,
    pub second: &'static str,
    pub quota_left: &'static str,
    pub quota_waits: &'static str,
    pub queue: &'static str,
    pub goes_first: &'static str,
    pub oldest_queued: &'static str,
    pub last_backup: &'static str,

    pub job: &'static str,
    pub unit: &'static str,
    pub file: &'static str,
    pub class: &'static str,
    pub state: &'static str,
    pub accepted: &'static str,
    pub finished: &'static str,
    pub not_before: &'static str,
    pub expires: &'static str,
    pub owner: &'static str,
    pub account: &'static str,
    pub ahead: &'static str,
    pub sum: &'static str,
    pub sum_broken: &'static str,

    pub name: &'static str,
    pub port: &'static str,
    pub sim: &'static str,
    pub operator: &'static str,
    pub signal: &'static str,
    pub sent_hour: &'static str,
    pub sent_day: &'static str,
    pub arrived: &'static str,
    pub credit: &'static str,
    pub reason: &'static str,

    pub from: &'static str,
    pub received: &'static str,
    pub kind: &'static str,
    pub text: &'static str,
    pub number: &'static str,
    pub since: &'static str,
    pub scope: &'static str,
    pub who: &'static str,
    pub message: &'static str,
    pub handed_over: &'static str,
    pub policy: &'static str,

    pub no_such_job: &'static str,
    pub no_such_unit: &'static str,
    pub which_unit: &'static str,
    pub no_database: &'static str,
    pub nobody_listens: &'static str,
    pub needs_settings: &'static str,
    pub needs_ledger: &'static str,
    pub submitted: &'static str,
    pub follow: &'static str,
    pub backed_up: &'static str,

    pub config_good: &'static str,
    pub config_default: &'static str,
    pub config_line: &'static str,

    pub row: &'static str,
    pub included: &'static str,
    pub encoding: &'static str,
    pub segments: &'static str,
    pub segments_total: &'static str,
    pub transliterated: &'static str,
    pub would_be_rejected: &'static str,
    pub not_followed: &'static str,
    pub audience: &'static str,
    pub as_of_import: &'static str,
    pub kecamatan: &'static str,
    pub shortest: &'static str,
    pub longest: &'static str,
    pub example: &'static str,

    pub demo_starts: &'static str,
    pub demo_ready: &'static str,
    pub demo_dropped: &'static str,
    pub demo_sent: &'static str,
    pub demo_account: &'static str,
    pub demo_spread: &'static str,
    pub demo_time: &'static str,
    pub demo_stopped: &'static str,
    pub demo_kept: &'static str,
    pub demo_good: &'static str,
    pub demo_bad: &'static str,

    pub simulate_ready: &'static str,
    pub simulate_config: &'static str,

    pub ussd_needs_daemon: &'static str,
    pub ussd_open: &'static str,

    pub states: [&'static str; 10],
}

impl Phrases {
    /// The sentences of a language.
    pub fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }

    /// A state's name.
    pub fn state_name(&self, state: State) -> &'static str {
        State::ALL.iter().position(|known| *known == state).map_or("?", |place| self.states[place])
    }

    /// A state's name from its stored word; other words (states of jobs and modems) stay as they are.
    pub fn state_word<'w>(&self, word: &'w str) -> &'w str {
        word.parse().map_or(word, |state| self.state_name(state))
    }
}

/// Puts values in the places of `{}`.
pub(crate) fn fill(sentence: &str, values: &[&dyn std::fmt::Display]) -> String {
    let mut pieces = sentence.split("{}");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for (place, piece) in pieces.enumerate() {
        if let Some(value) = values.get(place) {
            filled.push_str(&value.to_string());
        }
        filled.push_str(piece);
    }
    filled
}

const INDONESIAN: Phrases = Phrases {
    refused: "ditolak",
    daemon: "Daemon",
    daemon_runs: "berjalan",
    daemon_stopped: "tidak berjalan; keadaan modem adalah yang terakhir diketahui",
    daemon_stopped_sentence: "Daemon tidak berjalan; keadaan modem adalah yang terakhir diketahui.",
    sent_later: "daemon tidak berjalan; SMS dikirim setelah daemon dijalankan",
    warning: "peringatan",
    shared_imei: "IMEI {} dipakai bersama oleh {}: modem murah; masing-masing tetap dipakai.",
    no_modem: "tidak ada; lihat `kentongan doctor`",
    settle_hint: "Tahan: menunggu bukti atau keputusan orang; kirim ulang: dikirim lagi pada waktu itu, bisa diterima dua kali. Putuskan \
                  dengan: kentongan doubt settle PESAN --sent (sudah sampai) atau --resend (kirim lagi)",
    would_be_accepted: "Berkas ini akan diterima",
    submit_next: "Untuk mengirimnya: kentongan submit {} --unit {}",
    replaced: "{}; menghemat {} bagian",
    replaceable: "{} akan menghemat {} bagian; tulis `transliterate = true` dalam [messages]",
    nothing: "tidak ada",
    more: "… dan masih ada lagi; --limit N menampilkan lebih banyak",

    messages: "Pesan",
    recipients: "Penerima dalam berkas",
    excluded: "dikecualikan",
    jobs: "Pekerjaan",
    modems: "Modem",
    paused: "Ditahan",
    opt_outs: "Nomor yang menolak SMS",
    kept_opt_outs: "{} lagi disimpan tanpa nomornya, dari orang yang minta dihapus",
    unseen_opt_outs: "{} penolakan dari nomor yang sudah dihapus hanya dikenali daemon; yang ada dalam berkas ini tetap dikecualikan nanti",
    inbox: "SMS masuk",
    inbox_hint: "{} belum dibaca. Tandai: kentongan inbox read ID; jawab: kentongan inbox reply ID --text \"…\"",
    answer: "Jawaban",
    alarms: "Peringatan",
    held: "Menunggu keputusan",
    approvals: "Menunggu persetujuan",
    waits: "Menunggu",
    until: "{} sampai {}",
    opens: "Dikirim mulai",
    second: "Persetujuan",
    quota_left: "Sisa jatah unit",
    quota_waits: "{} bagian; sisanya dikirim hari berikutnya",
    queue: "Antrean",
    goes_first: "{} pesan lain keluar lebih dahulu",
    oldest_queued: "Antrean tertua sejak",
    last_backup: "Cadangan terakhir",

    job: "Pekerjaan",
    unit: "Unit",
    file: "Berkas",
    class: "Kelas",
    state: "Keadaan",
    accepted: "Diterima",
    finished: "Selesai",
    not_before: "Tidak sebelum",
    expires: "Berlaku sampai",
    owner: "Pemilik",
    account: "Rincian",
    ahead: "Percobaan",
    sum: "{} penerima = {} dikecualikan + {} pesan",
    sum_broken: "JUMLAH TIDAK COCOK: {} penerima, {} dikecualikan, {} pesan; laporkan kepada pembuat program",

    name: "Nama",
    port: "Port",
    sim: "Kartu SIM",
    operator: "Operator",
    signal: "Sinyal",
    sent_hour: "1 jam",
    sent_day: "24 jam",
    arrived: "Sampai",
    credit: "Pulsa",
    reason: "Alasan",

    from: "Dari",
    received: "Diterima",
    kind: "Jenis",
    text: "Isi",
    number: "Nomor",
    since: "Sejak",
    scope: "Cakupan",
    who: "Oleh",
    message: "Pesan",
    handed_over: "Diserahkan",
    policy: "Kebijakan",

    no_such_job: "pekerjaan {} tidak ada; `kentongan jobs` menampilkan yang ada",
    no_such_unit: "unit {} tidak ada dalam {}; yang ada: {}",
    which_unit: "ada beberapa unit; sebutkan satu dengan --unit: {}",
    nobody_listens: "daemon tidak mendengarkan di {}; jalankan dahulu: sudo systemctl start kentongan; atau kerjakan pada basis datanya: \
                     sudo -u kentongan kentongan …",
    needs_settings: "perintah ini memerlukan pengaturan itu sendiri; jalankan sebagai pengguna yang boleh membaca {}: \
                     sudo -u kentongan kentongan …; atau sebut soket daemon: --socket PATH",
    needs_ledger: "perintah ini membaca basis datanya sendiri, yang tidak dijangkau lewat soket; jalankan tanpa --socket: \
                   sudo -u kentongan kentongan …",
    no_database: "belum ada basis data {}; jalankan dahulu `kentongan run`",
    submitted: "Masuk antrean: {}",
    follow: "Ikuti: berkas itu pindah ke accepted/ (dengan laporan .report.csv) atau rejected/ (dengan alasan \
             .reason.txt); `kentongan jobs` menampilkan hasilnya.",
    backed_up: "Salinan basis data ada di {}. Kuncinya ({}) tidak ikut: simpan salinannya sekali, di tempat lain",

    config_good: "{}: tidak ada kesalahan",
    config_default: "bawaan",
    config_line: "baris {}",

    row: "Baris",
    included: "mendapat SMS",
    encoding: "Penyandian",
    segments: "Bagian per pesan",
    segments_total: "Jumlah bagian",
    transliterated: "Penggantian huruf",
    would_be_rejected: "Berkas ini akan ditolak",
    not_followed: "Tidak dilakukan seperti yang tertulis",
    audience: "Sasaran",
    as_of_import: "{} (daftar pejabat, impor {})",
    kecamatan: "Kecamatan",
    shortest: "Contoh terpendek",
    longest: "Contoh terpanjang",
    example: "{} bagian, {} huruf: {}",

    demo_starts: "Peragaan: {} modem tiruan, {} ms per SMS; tidak ada SMS sungguhan yang terkirim.",
    demo_ready: "{} modem siap setelah {} s.",
    demo_dropped: "Berkas {} ditaruh ke antrean unit {}.",
    demo_sent: "terkirim",
    demo_account: "Rincian pekerjaan {} ({}, {})",
    demo_spread: "Pembagian per modem",
    demo_time: "{} bagian terkirim dalam {} s sejak modem siap",
    demo_stopped: "Membalas STOP, dan tidak akan dikirimi lagi: {}",
    demo_kept: "Foldernya disimpan: {}",
    demo_good: "Jumlahnya cocok: semua pesan mencapai keadaan akhirnya.",
    demo_bad: "Tidak semua pesan mencapai keadaan akhirnya.",

    simulate_ready: "{} modem tiruan di {}; Ctrl-C mengakhiri.",
    simulate_config: "Untuk memakainya, tulis dalam berkas pengaturan:",

    ussd_needs_daemon: "daemon tidak berjalan, padahal modem ada padanya; jalankan dahulu (systemctl start kentongan)",
    ussd_open: "(Menu ini masih menunggu pilihan; ulangi perintah ini dengan --then PILIHAN di belakangnya.)",

    states: [
        "antre",
        "sedang dikirim",
        "diterima pusat SMS",
        "tersampaikan",
        "gagal",
        "tanpa laporan",
        "belum pasti",
        "kedaluwarsa",
        "tidak dikirim (menolak SMS)",
        "dibatalkan",
    ],
};

const ENGLISH: Phrases = Phrases {
    refused: "refused",
    daemon: "Daemon",
    daemon_runs: "running",
    daemon_stopped: "not running; modem states are the last known",
    daemon_stopped_sentence: "The daemon is not running; modem states are the last known.",
    sent_later: "the daemon is not running; it will be sent when it starts",
    warning: "warning",
    shared_imei: "IMEI {} is shared by {}: cheap modems; each of them is used.",
    no_modem: "none; see `kentongan doctor`",
    settle_hint: "hold: waits for evidence or for a person; resend: is sent again at the time shown, and may arrive twice. To settle \
                  one: kentongan doubt settle MESSAGE --sent (it arrived) or --resend (send it again)",
    would_be_accepted: "This file would be accepted",
    submit_next: "To send it: kentongan submit {} --unit {}",
    replaced: "{}; saves {} segments",
    replaceable: "{} would save {} segments; write `transliterate = true` in [messages]",
    nothing: "none",
    more: "… and more; --limit N shows them",

    messages: "Messages",
    recipients: "Recipients named",
    excluded: "excluded",
    jobs: "Jobs",
    modems: "Modems",
    paused: "Paused",
    opt_outs: "Opted out",
    kept_opt_outs: "{} more are kept without the number, of people who asked to be erased",
    unseen_opt_outs: "{} opt-outs of erased numbers are recognised by the daemon only; those in this file will be excluded then",
    inbox: "Inbound texts",
    inbox_hint: "{} not read yet. To mark one: kentongan inbox read ID; to answer it: kentongan inbox reply ID --text \"…\"",
    answer: "Answer",
    alarms: "Alarms",
    held: "Waiting for a person",
    approvals: "Waiting for approval",
    waits: "Waits",
    until: "{} until {}",
    opens: "Sent from",
    second: "Approval",
    quota_left: "Left of the quota",
    quota_waits: "{} segments; the rest goes on the next day",
    queue: "Queue",
    goes_first: "{} other messages go out first",
    oldest_queued: "Oldest waiting since",
    last_backup: "Last backup",

    job: "Job",
    unit: "Unit",
    file: "File",
    class: "Class",
    state: "State",
    accepted: "Accepted",
    finished: "Finished",
    not_before: "Not before",
    expires: "Expires",
    owner: "Owner",
    account: "Account",
    ahead: "Trial",
    sum: "{} recipients = {} excluded + {} messages",
    sum_broken: "THE SUM DOES NOT HOLD: {} recipients, {} excluded, {} messages; please report this",

    name: "Name",
    port: "Port",
    sim: "SIM",
    operator: "Operator",
    signal: "Signal",
    sent_hour: "1 h",
    sent_day: "24 h",
    arrived: "Arrived",
    credit: "Credit",
    reason: "Reason",

    from: "From",
    received: "Received",
    kind: "Kind",
    text: "Text",
    number: "Number",
    since: "Since",
    scope: "Covers",
    who: "By",
    message: "Message",
    handed_over: "Handed over",
    policy: "Policy",

    no_such_job: "there is no job {}; `kentongan jobs` lists them",
    no_such_unit: "there is no unit {} in {}; known: {}",
    which_unit: "there are several units; name one with --unit: {}",
    nobody_listens: "no daemon listens on {}; start it first: sudo systemctl start kentongan; or work on its database: \
                     sudo -u kentongan kentongan …",
    needs_settings: "this command needs the settings themselves; run it as somebody who may read {}: sudo -u kentongan kentongan …; or \
                     name the socket of the daemon: --socket PATH",
    needs_ledger: "this command reads the database itself, which is not reached through the socket; run it without --socket: \
                   sudo -u kentongan kentongan …",
    no_database: "there is no database {} yet; start `kentongan run` first",
    submitted: "In the queue: {}",
    follow: "To follow it: the file moves to accepted/ (with its .report.csv) or to rejected/ (with its .reason.txt); \
             `kentongan jobs` shows how it stands.",
    backed_up: "The database is copied to {}. Its key ({}) is not in it: keep a copy of that once, elsewhere",

    config_good: "{}: no mistakes",
    config_default: "default",
    config_line: "line {}",

    row: "Row",
    included: "get a text",
    encoding: "Encoding",
    segments: "Segments a message",
    segments_total: "Segments in all",
    transliterated: "Replaced characters",
    would_be_rejected: "This file would be rejected",
    not_followed: "Not done as the file says",
    audience: "Audience",
    as_of_import: "{} (roster, import {})",
    kecamatan: "Kecamatan",
    shortest: "Shortest example",
    longest: "Longest example",
    example: "{} segments, {} characters: {}",

    demo_starts: "A demonstration: {} simulated modems, {} ms a text; no real SMS is sent.",
    demo_ready: "{} modems ready after {} s.",
    demo_dropped: "{} dropped into the queue of unit {}.",
    demo_sent: "sent",
    demo_account: "Account of job {} ({}, {})",
    demo_spread: "Spread over the modems",
    demo_time: "{} segments sent within {} s of the modems being ready",
    demo_stopped: "Answered STOP, and not written to again: {}",
    demo_kept: "The folder is kept: {}",
    demo_good: "The sums hold: every message has its final state.",
    demo_bad: "Not every message has its final state.",

    simulate_ready: "{} simulated modems in {}; Ctrl-C ends them.",
    simulate_config: "To use them, write in the configuration:",

    ussd_needs_daemon: "the daemon is not running, and the modems are its; start it first (systemctl start kentongan)",
    ussd_open: "(The menu waits for a key; give the command again with --then KEY behind it.)",

    states: [
        "queued",
        "sending",
        "submitted",
        "delivered",
        "failed",
        "unreported",
        "in doubt",
        "expired",
        "suppressed",
        "cancelled",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_sentence_wants_them() {
        assert_eq!(fill("{} of {}", &[&1, &"two"]), "1 of two");
        assert_eq!(fill("{} and {}", &[&1]), "1 and ");
        assert_eq!(fill("none", &[&1]), "none");
    }

    #[test]
    fn both_languages_take_the_same_number_of_values() {
        let places = |sentence: &str| sentence.matches("{}").count();
        let pairs = [
            (INDONESIAN.sum, ENGLISH.sum),
            (INDONESIAN.sum_broken, ENGLISH.sum_broken),
            (INDONESIAN.no_such_unit, ENGLISH.no_such_unit),
            (INDONESIAN.demo_starts, ENGLISH.demo_starts),
            (INDONESIAN.demo_time, ENGLISH.demo_time),
            (INDONESIAN.simulate_ready, ENGLISH.simulate_ready),
        ];
        for (left, right) in pairs {
            assert_eq!(places(left), places(right), "{left}");
        }
        assert_eq!(INDONESIAN.state_word("in_doubt"), "belum pasti");
        assert_eq!(ENGLISH.state_word("paused"), "paused");
    }
}
