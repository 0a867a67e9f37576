//! What `kentongan import` says, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub account: &'static str,
    pub has_hours: &'static str,
    pub nothing_done: &'static str,
    pub class_not_allowed: &'static str,
    pub phonebook_there: &'static str,
    pub phonebook_written: &'static str,
    left: &'static [(&'static str, &'static str)],
}

impl Phrases {
    pub fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }

    /// Why a row is left, by its name in JSON.
    pub fn left(&self, name: &str) -> &'static str {
        self.left.iter().find(|(known, _)| *known == name).map_or("", |(_, said)| said)
    }
}

const INDONESIAN: Phrases = Phrases {
    account: "Kotak keluar berisi {} baris: {} diambil, {} ditinggalkan.",
    has_hours: "{} di antaranya punya jam kirim sendiri (SendAfter, SendBefore); di sini berlaku jam kelasnya ([hours]).",
    nothing_done: "Tidak ada yang diubah.",
    class_not_allowed: "unit {} tidak boleh mengirim sebagai {}",
    phonebook_there: "Ada buku telepon dengan {} nomor; tulis ke berkas dengan --phonebook BERKAS.csv. Tidak ada yang dikirim ke sana.",
    phonebook_written: "{} nomor buku telepon ditulis ke {}. Periksa dulu: nomor yang menolak SMS di sana tidak ditandai oleh gammu. Lalu sebutkan dalam \
                        pekerjaan (Kepada: …), atau kentongan roster import {} --role warga.",
    left: &[
        ("sent", "sudah dikirim, sebagian atau semuanya (sentitems)"),
        ("being_sent", "sedang dikirim gammu-smsd; hentikan dulu, lalu ulangi"),
        ("taken_before", "sudah diambil sebelumnya; tidak dikirim dua kali"),
        ("flash", "SMS kilat (kelas 0), yang tidak dikirim di sini"),
        ("other_class", "untuk kartu SIM atau perangkat (kelas 2 atau 3)"),
        ("binary", "pesan biner (8bit), bukan teks"),
        ("user_data_header", "punya kepala data (UDH) yang bukan teks panjang"),
        ("parts_missing", "bagian teks panjangnya tidak lengkap"),
        ("no_text", "tidak ada teksnya"),
        ("opted_out", "pemilik nomor menolak SMS di Kalkun; catat juga di sini: kentongan optout add"),
        ("invalid", "nomor tidak dapat dipakai"),
    ],
};

const ENGLISH: Phrases = Phrases {
    account: "The outbox has {} rows: {} are taken, {} are left.",
    has_hours: "{} of them have hours of their own (SendAfter, SendBefore); here the hours of their class hold ([hours]).",
    nothing_done: "Nothing was changed.",
    class_not_allowed: "unit {} may not send as {}",
    phonebook_there: "There is a phonebook of {} numbers; write it to a file with --phonebook FILE.csv. Nothing is sent to it.",
    phonebook_written: "{} numbers of the phonebook are written to {}. Look it over: gammu does not mark who opted out. Then name it in a job (Kepada: …), \
                        or kentongan roster import {} --role warga.",
    left: &[
        ("sent", "sent already, whole or in part (sentitems)"),
        ("being_sent", "gammu-smsd is at it; stop it and run this again"),
        ("taken_before", "taken before; it is not sent twice"),
        ("flash", "a flash message (class 0), which is not sent here"),
        ("other_class", "for the SIM or a device (class 2 or 3)"),
        ("binary", "binary (8bit), no text"),
        ("user_data_header", "has a user data header (UDH) that is not that of a long text"),
        ("parts_missing", "parts of its long text are missing"),
        ("no_text", "has no text"),
        ("opted_out", "its number opted out in Kalkun; enter that here too: kentongan optout add"),
        ("invalid", "its number cannot be used"),
    ],
};
