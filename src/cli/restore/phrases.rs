//! What `kentongan restore` says, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub goes_on: &'static str,
    pub other_user: &'static str,
    pub backup: &'static str,
    pub made_at: &'static str,
    pub events: &'static str,
    pub present: &'static str,
    pub present_until: &'static str,
    pub present_none: &'static str,
    pub present_continues: &'static str,
    pub present_other: &'static str,
    pub present_unreadable: &'static str,
    pub nothing_open: &'static str,
    pub open_jobs: &'static str,
    pub open: &'static str,
    pub since: &'static str,
    pub unknown: &'static str,
    pub will_carry_over: &'static str,
    pub will_lose: &'static str,
    pub question: &'static str,
    pub not_restored: &'static str,
    pub restored: &'static str,
    pub aside: &'static str,
    pub noted_links: &'static str,
    pub carried: &'static str,
    pub held_against: &'static str,
    pub lost: &'static str,
    pub held: &'static str,
    pub files_unknown: &'static str,
    pub next: &'static str,
}

impl Phrases {
    pub fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }
}

const INDONESIAN: Phrases = Phrases {
    goes_on: "Pemasangan cadangan sebelumnya terputus; perintah ini melanjutkannya.",
    other_user: "folder {} milik pengguna {}; jalankan sebagai pengguna itu (sudo -u {} kentongan restore …), agar daemon dapat membacanya",
    backup: "Cadangan",
    made_at: "Dibuat",
    events: "Catatan kejadian",
    present: "Basis data sekarang",
    present_until: "Tanda hidup terakhirnya",
    present_none: "tidak ada",
    present_continues: "dapat dibaca dan melanjutkan cadangan ini",
    present_other: "dapat dibaca, tetapi bukan lanjutan cadangan ini",
    present_unreadable: "tidak dapat dibaca",
    nothing_open: "Menurut cadangan ini tidak ada pesan yang menunggu.",
    open_jobs: "Yang menunggu menurut cadangan, dan apa yang terjadi sesudahnya menurut basis data sekarang:",
    open: "Menunggu",
    since: "Sesudahnya",
    unknown: "tidak diketahui",
    will_carry_over: "Semua yang terjadi sejak cadangan (pengiriman, laporan, balasan, penolakan SMS, pekerjaan baru, akun) diambil dari basis data \
                      sekarang. Daftar pejabat dan sasaran tersimpan kembali seperti dalam cadangan. Semua pekerjaan yang masih punya sisa ditahan \
                      sampai ada yang memutuskan.",
    will_lose: "PERHATIAN: apa yang terjadi antara {} dan {} tidak diketahui. Pesan yang menunggu dalam cadangan mungkin sudah dikirim: semua \
                pekerjaannya ditahan sampai ada yang memutuskan. PENOLAKAN SMS (STOP) dan permintaan hapus dari masa itu HILANG, kecuali yang masih \
                terbaca: baca lagi pesan yang tersimpan di modem, lihat surat dan catatan loket, dan periksa akun serta token. Jatah harian kartu SIM \
                dihitung tanpa pengiriman masa itu.",
    question: "Pasang cadangan ini? [y/T] ",
    not_restored: "tidak ada yang diubah; untuk memasangnya: kentongan restore {} --yes",
    restored: "Cadangan sudah dipasang.",
    aside: "Basis data sebelumnya disimpan sebagai {}; jangan dihapus sebelum semuanya jelas.",
    noted_links: "Mata rantai catatan yang dicatat setelah cadangan ini dibuat tidak ada lagi di basis data ini; kentongan audit verify --noted mencarinya \
                  dalam berkas itu.",
    carried: "Diambil dari sana: {} pekerjaan, {} penyerahan ke modem, {} SMS masuk, {} penolakan; {} nomor dihapus lagi.",
    held_against: "{} nomor yang kembali bersedia setelah cadangan tetap tidak dikirimi; tanyakan, lalu kentongan optout remove NOMOR.",
    lost: "Tidak ada yang diketahui sejak cadangan, kecuali {} penolakan yang masih terbaca. {} jawaban otomatis dibatalkan.",
    held: "{} pekerjaan dengan {} pesan menunggu keputusan.",
    files_unknown: "Berkas ini diterima setelah cadangan; basis data tidak mengenalnya lagi. Sebagian atau semuanya sudah dikirim: jangan dimasukkan lagi \
                    tanpa memeriksa laporannya (NAMA.report.csv).",
    next: "Selanjutnya: kentongan jobs, lalu kentongan job resume N atau kentongan job cancel N untuk setiap pekerjaan; jalankan daemon seperti biasa.",
};

const ENGLISH: Phrases = Phrases {
    goes_on: "A restore was cut off here before; this one goes on with it.",
    other_user: "the folder {} is {}'s; run this as that user (sudo -u {} kentongan restore …), or the daemon cannot read what is put there",
    backup: "Backup",
    made_at: "Made",
    events: "Events on record",
    present: "Database now",
    present_until: "Its last sign of life",
    present_none: "none",
    present_continues: "can be read, and goes on from this backup",
    present_other: "can be read, but does not go on from this backup",
    present_unreadable: "cannot be read",
    nothing_open: "By this backup no message waits.",
    open_jobs: "What waits by the backup, and what became of it since by the database that is there now:",
    open: "Waiting",
    since: "Since then",
    unknown: "unknown",
    will_carry_over: "All that happened since the backup (hand-overs, reports, replies, opt-outs, new jobs, accounts) is taken over from the database that is \
                      there now. The roster and saved audiences become again what they are in the backup. Every job that has something left is held until \
                      a person decides.",
    will_lose: "WARNING: what happened between {} and {} is not known. Messages that wait in the backup may have been sent: all their jobs are held until a \
                person decides. OPT-OUTS (STOP) and erasures of that time ARE LOST, but for those that can still be read: read again what the modems have \
                stored, go through letters and notes of the counter, and look at accounts and tokens. What the SIMs sent then does not count in their limits.",
    question: "Put this backup back? [y/N] ",
    not_restored: "nothing was changed; to put it back: kentongan restore {} --yes",
    restored: "The backup was put back.",
    aside: "The database before it is kept as {}; do not delete it before everything is clear.",
    noted_links: "Links of the record that were noted after this backup was made are not in this database any more; kentongan audit verify --noted looks for \
                  them in that file.",
    carried: "Taken over from it: {} jobs, {} hand-overs, {} inbound texts, {} opt-outs; {} numbers erased again.",
    held_against: "{} numbers that opted in again since the backup are still not written to; ask them, then kentongan optout remove NUMBER.",
    lost: "Nothing is known since the backup but {} opt-outs that could still be read. {} answers of the machine's own were taken back.",
    held: "{} jobs with {} messages wait for a person.",
    files_unknown: "These files were accepted after the backup, and the database knows nothing of them any more. Some or all of them were sent: do not drop them \
                    again without looking at their reports (NAME.report.csv).",
    next: "Next: kentongan jobs, then kentongan job resume N or kentongan job cancel N for each of them; start the daemon as usual.",
};
