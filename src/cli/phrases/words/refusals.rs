//! What commands say when they refuse, what the system says underneath, and what the record says of an opt-out.

/// English first. The longer of two forms that fit stands first.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    // The daemon and its ledger.
    (
        "another kentongan works on {} ({}; it holds {}); stop it first (systemctl stop kentongan), or give this one a database and a queue \
         directory of its own",
        "kentongan lain sedang memakai {} ({}; ia memegang {}); hentikan dahulu (systemctl stop kentongan), atau beri yang ini basis data \
         dan folder antrean sendiri",
    ),
    (
        "another kentongan serves the queue directory {} ({}; it holds {}), and both would send what is dropped there; stop it first, or give \
         this one a queue directory of its own (paths.queue)",
        "kentongan lain sedang melayani folder antrean {} ({}; ia memegang {}), dan keduanya akan mengirim isinya; hentikan dahulu, atau beri \
         yang ini folder antrean sendiri (paths.queue)",
    ),
    (
        "the configuration {} cannot be read: {}; name another with --config FILE, or copy the sample config/kentongan.toml there",
        "pengaturan {} tidak dapat dibaca: {}; sebutkan yang lain dengan --config BERKAS, atau salin contoh config/kentongan.toml ke sana",
    ),
    (
        "the lock file {} cannot be opened: {}; the folder must exist and this user must be able to write to it",
        "berkas kunci {} tidak dapat dibuka: {}; foldernya harus ada dan pengguna ini harus boleh menulis di sana",
    ),
    ("no daemon listens on {}", "daemon tidak mendengarkan di {}; jalankan dahulu: sudo systemctl start kentongan"),
    (
        "you may not use {}; become a member of the daemon's group (kentongan), or use sudo",
        "Anda tidak boleh memakai {}; minta dimasukkan ke grup daemon (kentongan), atau gunakan sudo",
    ),
    (
        "the daemon on {} does not answer: {}; look at its log (journalctl -u kentongan)",
        "daemon di {} tidak menjawab: {}; lihat lognya (journalctl -u kentongan)",
    ),
    (
        "the daemon on {} answers what this program cannot read: {}; is it of another version? Restart it: systemctl restart kentongan",
        "jawaban daemon di {} tidak dapat dibaca program ini: {}; apakah versinya lain? Jalankan ulang: systemctl restart kentongan",
    ),
    (
        "the database {}: {}; free space on that disk and start again: nothing is lost",
        "basis data {}: {}; kosongkan sebagian disk itu lalu ulangi: tidak ada yang hilang",
    ),
    (
        "the database {}: {}; the file or its folder cannot be written to by this user",
        "basis data {}: {}; berkas atau foldernya tidak boleh ditulis oleh pengguna ini",
    ),
    (
        "the database {}: {}; does its folder exist, and may this user write to it?",
        "basis data {}: {}; apakah foldernya ada, dan bolehkah pengguna ini menulis di sana?",
    ),
    (
        "the database {}: {}; restore a backup, and keep this file for the account of what was sent",
        "basis data {}: {}; pasang kembali cadangan, dan simpan berkas ini sebagai catatan yang sudah dikirim",
    ),
    ("the database {}: {}; another program holds it", "basis data {}: {}; sedang dipegang program lain"),
    (
        "the database {} is damaged ({}); restore a backup, and keep this file for the account of what was sent",
        "basis data {} rusak ({}); pasang kembali cadangan, dan simpan berkas ini sebagai catatan yang sudah dikirim",
    ),
    (
        "the database {} has schema {}, this program knows up to {}; install the newer kentongan again",
        "basis data {} berskema {}, program ini mengenal sampai {}; pasang lagi kentongan yang lebih baru",
    ),
    ("the key {} cannot be read or made: {}", "kunci {} tidak dapat dibaca atau dibuat: {}"),
    (
        "the key {} is missing, and without it {} erased numbers cannot be recognised; put its copy back (it was made when the \
         daemon first started), or, if there is none, ask those people again: kentongan person renew-key",
        "kunci {} tidak ada, dan tanpa itu {} nomor yang sudah dihapus tidak dikenali; kembalikan salinannya (dibuat saat \
         daemon pertama kali dijalankan), atau, bila tidak ada, tanyai lagi orang-orang itu: kentongan person renew-key",
    ),
    (
        "the key {} belongs to another database than {}; put the right one back",
        "kunci {} milik basis data lain, bukan {}; kembalikan yang benar",
    ),
    ("the key {} is there and fits; nothing is changed", "kunci {} ada dan cocok; tidak ada yang diubah"),
    // Backups.
    (
        "the backup {} could not be made: {}; choose another name, nothing was overwritten",
        "cadangan {} tidak dapat dibuat: {}; pilih nama lain, tidak ada yang ditimpa",
    ),
    ("the backup {} could not be made: {}", "cadangan {} tidak dapat dibuat: {}"),
    ("the backup {} could not be written: {}", "cadangan {} tidak dapat ditulis: {}"),
    (
        "{} cannot be put back: {}; name a file that kentongan backup or the daemon made",
        "{} tidak dapat dipasang kembali: {}; sebutkan berkas yang dibuat kentongan backup atau daemon",
    ),
    ("there is no such file", "berkas itu tidak ada"),
    ("it is no database", "itu bukan basis data"),
    ("it is damaged ({})", "berkasnya rusak ({})"),
    ("{} is a database, but no ledger of kentongan", "{} adalah basis data, tetapi bukan milik kentongan"),
    (
        "the record of {} is not as it was written ({}); take another backup, and see kentongan audit verify",
        "catatan dalam {} tidak lagi seperti saat ditulis ({}); pakai cadangan lain, dan lihat kentongan audit verify",
    ),
    (
        "a backup was being put back here and that was cut off ({} says so); run the same kentongan restore again, it goes on where it was",
        "pemasangan cadangan di sini terputus (menurut {}); jalankan lagi kentongan restore yang sama, ia melanjutkan dari sana",
    ),
    ("{} could not be moved or written: {}", "{} tidak dapat dipindahkan atau ditulis: {}"),
    // Job files on the command line.
    ("{} has no usable name", "{} tidak punya nama yang dapat dipakai"),
    ("{} is no file that can be read", "{} bukan berkas yang dapat dibaca"),
    ("{} cannot be read: {}", "{} tidak dapat dibaca: {}"),
    ("{} cannot be written to: {}", "{} tidak dapat ditulisi: {}"),
    ("{} holds a thousand files named like {}", "{} berisi seribu berkas bernama seperti {}"),
    ("unit {} may send {}, not {}", "unit {} boleh mengirim {}, bukan {}"),
    ("name a job", "sebutkan nomor pekerjaannya"),
    ("`{}` names no job; use its number", "`{}` bukan pekerjaan; pakai nomornya"),
    (
        "`{}` is no day; write it like 2027-11-24, or with the hour like \"2027-11-24 06:00\"",
        "`{}` bukan hari; tulis seperti 2027-11-24, atau dengan jamnya seperti \"2027-11-24 06:00\"",
    ),
    (
        "`{}` is no role; there are viewer (pengamat), operator, approver (penyetuju), administrator",
        "`{}` bukan peran; yang ada: pengamat (viewer), operator, penyetuju (approver), administrator",
    ),
    (
        "say why, for the record: what was looked at, and who agreed",
        "sebutkan alasannya untuk catatan: apa yang diperiksa, dan siapa yang setuju",
    ),
    // What the system says.
    ("File exists (os error 17)", "berkas itu sudah ada"),
    ("No such file or directory (os error 2)", "berkas atau folder itu tidak ada"),
    ("Permission denied (os error 13)", "tidak diizinkan"),
    ("Is a directory (os error 21)", "itu folder"),
    ("No space left on device (os error 28)", "disk penuh"),
    ("Read-only file system (os error 30)", "disk hanya dapat dibaca"),
    ("Input/output error (os error 5)", "galat baca-tulis"),
    ("No such device (os error 19)", "perangkat tidak ada"),
    ("end of file", "sambungan terputus"),
    // Opt-outs, as the record and the list of them have it.
    ("asked for it by SMS", "diminta lewat SMS"),
    ("inbox {}, rule {}, scope {}", "SMS masuk {}, aturan {}, cakupan {}"),
    ("inbox {}", "SMS masuk {}"),
    ("scope {}, by {}, letter {}", "cakupan {}, lewat {}, surat {}"),
    ("scope {}, by {}", "cakupan {}, lewat {}"),
    ("scope {}, letter {}", "cakupan {}, surat {}"),
    ("scope {}", "cakupan {}"),
    ("by {}, letter {}", "lewat {}, surat {}"),
    ("{} messages to it failed for good since {}", "{} SMS ke nomor ini gagal sejak {}"),
];

#[cfg(test)]
mod tests {
    use crate::cli::phrases::words::{record, refusal, word};
    use crate::model::Lang;

    #[test]
    fn refusals_are_told_in_indonesian_with_what_the_system_says_in_them() {
        let check = |said: &str, told: &str| assert_eq!(refusal(Lang::Indonesian, said), told);
        let lock = crate::daemon::LockError::Held {
            database: "/var/k.db".into(),
            lock: "/var/k.db.lock".into(),
            holder: "process 7".to_owned(),
        };
        assert!(
            refusal(Lang::Indonesian, &lock.to_string())
                .starts_with("kentongan lain sedang memakai /var/k.db (process 7;")
        );
        check(
            "the backup bk.db could not be made: File exists (os error 17); choose another name, nothing was overwritten",
            "cadangan bk.db tidak dapat dibuat: berkas itu sudah ada; pilih nama lain, tidak ada yang ditimpa",
        );
        check("0812: this is a short code, not a mobile number", "0812: ini kode pendek, bukan nomor seluler");
        check(
            "unit damkar may send emergency, important, not routine",
            "unit damkar boleh mengirim darurat, penting, bukan umum",
        );
        let day = crate::policy::calendar::SpanError("besok".to_owned()).to_string();
        assert!(refusal(Lang::Indonesian, &day).starts_with("`besok` bukan hari; tulis seperti 2027-11-24"));
        check(
            "pekerjaan 9 tidak ada; `kentongan jobs` menampilkan yang ada",
            "pekerjaan 9 tidak ada; `kentongan jobs` menampilkan yang ada",
        );
        assert_eq!(refusal(Lang::English, "0812: this is a short code"), "0812: this is a short code");
    }

    #[test]
    fn what_is_told_of_an_opt_out_is_indonesian_but_for_what_people_wrote() {
        let check = |stored: &str, told: &str| assert_eq!(record(Lang::Indonesian, stored), told);
        check("asked for it by SMS", "diminta lewat SMS");
        check("inbox 3, rule keyword, scope everything", "SMS masuk 3, aturan kata kunci, cakupan semuanya");
        check(
            "scope everything, by letter, letter 12/2026: stop",
            "cakupan semuanya, lewat surat, surat 12/2026: stop",
        );
        assert_eq!(word(Lang::Indonesian, "citizen"), "warga");
    }
}
