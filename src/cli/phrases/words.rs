//! Stored words and English sentences of the engine and the modems, in the reader's language.

use crate::model::{Basis, Lang};

/// A stored word for people; one that is not known stays as it is.
pub(in crate::cli) fn word(lang: Lang, stored: &str) -> String {
    let known = WORDS.iter().find(|(word, _, _)| *word == stored);
    known.map_or(stored, |(_, english, indonesian)| if lang == Lang::English { english } else { indonesian }).to_owned()
}

/// An English sentence for people; one that is not known stays English.
pub(in crate::cli) fn sentence(lang: Lang, english: &str) -> String {
    if lang == Lang::English {
        return english.to_owned();
    }
    let known = SENTENCES.iter().find_map(|(from, to)| Some((values(from, english)?, to)));
    let Some((values, to)) = known else { return english.to_owned() };
    let values: Vec<String> = values.into_iter().map(|value| part(lang, value)).collect();
    let values: Vec<&dyn std::fmt::Display> = values.iter().map(|value| value as &dyn std::fmt::Display).collect();
    super::fill(to, &values)
}

/// Why somebody was excluded or refused, as stored: `duplicate: the same number as in row 3`.
pub(in crate::cli) fn reason(lang: Lang, stored: &str) -> String {
    match stored.split_once(": ") {
        Some((name, detail)) if WORDS.iter().any(|(word, _, _)| *word == name) => {
            format!("{}: {}", word(lang, name), sentence(lang, detail))
        }
        _ => sentence(lang, &word(lang, stored)),
    }
}

/// A legal basis as stored.
pub(in crate::cli) fn basis(lang: Lang, stored: &str) -> String {
    match (lang, stored.parse::<Basis>()) {
        (Lang::Indonesian, Ok(basis)) => basis.name_id().to_owned(),
        _ => stored.replace('_', " "),
    }
}

/// A part of the queue as stored: `all`, `class:routine`, `unit:damkar`.
pub(in crate::cli) fn part(lang: Lang, stored: &str) -> String {
    match stored.split_once(':') {
        Some(("class", class)) if lang == Lang::Indonesian => format!("kelas {}", word(lang, class)),
        Some((scope @ ("class" | "unit"), name)) => format!("{scope} {name}"),
        _ => word(lang, stored),
    }
}

/// What stands in the places of `{}`, where the sentence is of this form.
fn values<'s>(form: &str, sentence: &'s str) -> Option<Vec<&'s str>> {
    let mut pieces = form.split("{}");
    let mut rest = sentence.strip_prefix(pieces.next()?)?;
    let mut values = Vec::new();
    for piece in pieces {
        let end = if piece.is_empty() { rest.len() } else { rest.find(piece)? };
        values.push(&rest[..end]);
        rest = &rest[end + piece.len()..];
    }
    rest.is_empty().then_some(values)
}

const WORDS: &[(&str, &str, &str)] = &[
    ("all", "everything", "semuanya"),
    ("emergency", "emergency", "darurat"),
    ("important", "important", "penting"),
    ("routine", "routine", "umum"),
    ("active", "active", "berjalan"),
    ("paused", "paused", "ditahan"),
    ("cancelled", "cancelled", "dibatalkan"),
    ("done", "done", "selesai"),
    ("receiving", "receiving", "sedang dibaca"),
    ("found", "found", "ditemukan"),
    ("ready", "ready", "siap"),
    ("unready", "not ready", "belum siap"),
    ("lost", "lost", "hilang"),
    ("blocked", "blocked", "diblokir"),
    ("warning", "warning", "perhatian"),
    ("critical", "critical", "genting"),
    ("modem_out", "modem out of work", "modem tidak bekerja"),
    ("sim_blocked", "SIM taken out", "kartu SIM dikeluarkan"),
    ("invalid", "number not usable", "nomor tidak dapat dipakai"),
    ("duplicate", "duplicate", "nomor ganda"),
    ("opted_out", "opted out", "menolak SMS"),
    ("new", "new", "baru"),
    ("read", "read", "dibaca"),
    ("answered", "answered", "dijawab"),
    ("listed", "listed", "tercatat"),
    ("opted_in", "opted in", "bersedia"),
    ("confirmed", "confirmed", "dikonfirmasi"),
    ("erased", "erased", "dihapus"),
    ("letter", "letter", "surat"),
    ("counter", "counter", "loket"),
    ("phone", "telephone", "telepon"),
    ("decree", "decree", "SK"),
    ("roster", "roster", "daftar"),
    ("sms", "SMS", "SMS"),
    ("other", "otherwise", "lain"),
    ("ordinary", "all but life-safety", "semua kecuali peringatan bahaya"),
    ("everything", "everything", "semuanya"),
    ("no_text", "no text", "tanpa isi"),
    ("too_long", "too long", "terlalu panjang"),
    ("reply", "reply", "balasan"),
    ("stop", "stop", "berhenti"),
    ("start", "start", "mulai lagi"),
    ("help", "help", "bantuan"),
    ("review", "to be read", "perlu dibaca"),
    ("operator", "operator", "dari operator"),
    ("garbled", "garbled", "tidak terbaca"),
    ("silence", "no answer", "tidak ada jawaban"),
    ("port_gone", "port gone", "port hilang"),
    ("rebooted", "modem restarted", "modem menyala ulang"),
    ("network_timeout", "network timed out", "jaringan tidak menjawab"),
    ("daemon_stopped", "daemon stopped", "daemon terhenti"),
    ("hold", "hold", "tahan"),
    ("resend", "resend", "kirim ulang"),
];

/// The longer of two forms that fit stands first.
const SENTENCES: &[(&str, &str)] = &[
    (
        "job {} is cancelled; what had left stays in its account",
        "pekerjaan {} dibatalkan; yang sudah berangkat tetap tercatat",
    ),
    ("job {} is {}", "pekerjaan {}: {}"),
    ("there is no job {}", "pekerjaan {} tidak ada"),
    ("there is no modem {} with a SIM", "tidak ada modem {} yang berisi kartu SIM"),
    ("modem {} is in use already", "modem {} memang sedang dipakai"),
    ("modem {} is in use again", "modem {} dipakai lagi"),
    ("{} is paused already", "{} sudah ditahan sebelumnya"),
    ("{} is not paused", "{} tidak sedang ditahan"),
    ("{} is paused", "{} ditahan"),
    ("{} goes on", "{} dilanjutkan"),
    ("{} has opted out already", "{} sudah menolak SMS sebelumnya"),
    ("{} has not opted out", "{} tidak menolak SMS"),
    ("{} is not written to any more", "{} tidak dikirimi lagi"),
    ("{} may be written to again", "{} boleh dikirimi lagi"),
    ("{} gets life-safety messages only", "{} hanya menerima peringatan bahaya"),
    ("how {} came in is on record", "asal {} sudah dicatat"),
    ("nothing is held of {}", "tidak ada data tentang {}"),
    ("there is no inbound text {}", "SMS masuk {} tidak ada"),
    ("inbound text {} is not new", "SMS masuk {} tidak berstatus baru"),
    ("inbound text {} is read", "SMS masuk {} sudah dibaca"),
    ("inbound text {} is answered already", "SMS masuk {} sudah dijawab"),
    ("inbound text {} is nobody's who could be answered", "pengirim SMS masuk {} tidak dapat dijawab"),
    ("inbound text {} is a keyword; the machine sees to those", "SMS masuk {} adalah kata kunci; itu dijawab mesin"),
    ("{} has opted out since inbound text {} came", "{} menolak SMS setelah mengirim SMS masuk {}"),
    ("the answer to inbound text {} is on its way", "jawaban untuk SMS masuk {} sedang dikirim"),
    (
        "the answer to inbound text {} waits for its SIM, which no modem has ready now",
        "jawaban untuk SMS masuk {} menunggu kartu SIM-nya, yang sekarang tidak siap di modem mana pun",
    ),
    ("the text is empty", "isinya kosong"),
    ("the export of {} is on record", "penyalinan data {} sudah dicatat"),
    (
        "{} is erased: {} messages and {} inbound texts no longer name it; these files still do: {}",
        "{} dihapus: {} pesan dan {} SMS masuk tidak lagi memuatnya; berkas ini masih memuatnya: {}",
    ),
    (
        "{} is erased: {} messages and {} inbound texts no longer name it",
        "{} dihapus: {} pesan dan {} SMS masuk tidak lagi memuatnya",
    ),
    ("message {} is not in doubt", "pesan {} tidak berstatus belum pasti"),
    ("{} segment(s) of message {} taken as sent", "{} bagian pesan {} dianggap terkirim"),
    (
        "{} segment(s) of message {} taken as not sent; its job has ended, so it is not sent again",
        "{} bagian pesan {} dianggap tidak terkirim; pekerjaannya sudah berakhir, jadi tidak dikirim lagi",
    ),
    ("{} segment(s) of message {} queued again", "{} bagian pesan {} masuk antrean lagi"),
    ("the same number as in row {}", "nomor yang sama dengan baris {}"),
    ("neither the row nor the job has a text", "baris dan pekerjaan tidak punya isi"),
    ("the text needs {} and the row has nothing there", "isi memerlukan {}, tetapi kosong di baris ini"),
    ("the text needs {} segments, at most {} are allowed", "isi memerlukan {} bagian, paling banyak {}"),
    ("the text needs {} segments", "isi memerlukan {} bagian"),
    ("the number is empty", "nomor kosong"),
    (
        "the spreadsheet has cut the number short (6.28E+11); format the column as text and enter it again",
        "lembar kerja memotong nomor (6.28E+11); jadikan kolomnya teks dan ketik ulang",
    ),
    (
        "there is a letter in the number; write digits only (0, not O)",
        "ada huruf dalam nomor; tulis angka saja (0, bukan O)",
    ),
    ("the character {} does not belong in a number", "karakter {} tidak boleh ada dalam nomor"),
    ("there seem to be two numbers; write one a row", "tampaknya ada dua nomor; tulis satu nomor per baris"),
    ("the number is too short", "nomor terlalu pendek"),
    ("the number is too long", "nomor terlalu panjang"),
    ("this is a short code, not a mobile number", "ini kode pendek, bukan nomor seluler"),
    ("this is not a mobile number", "ini bukan nomor seluler"),
    (
        "no operator has numbers like this; count the digits",
        "tidak ada operator dengan nomor seperti ini; periksa jumlah angkanya",
    ),
    ("the SIM asks for its PIN; turn the PIN off in a phone", "kartu SIM meminta PIN; matikan PIN lewat ponsel"),
    (
        "the SIM is blocked and asks for its PUK; unblock it in a phone",
        "kartu SIM terblokir dan meminta PUK; buka lewat ponsel",
    ),
    ("no SIM is found; insert one or clean its contacts", "kartu SIM tidak ditemukan; pasang atau bersihkan kontaknya"),
    ("the SIM does not get ready", "kartu SIM tidak kunjung siap"),
    ("the modem is searching for a network", "modem mencari jaringan"),
    ("the network refuses this SIM or this modem", "jaringan menolak kartu SIM atau modem ini"),
    ("the modem is not registered with a network", "modem tidak terdaftar di jaringan"),
    ("the modem does not answer AT", "modem tidak menjawab AT"),
    ("the daemon is stopping", "daemon berhenti"),
    ("the port is gone ({})", "port hilang ({})"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_words_and_sentences_are_told_in_indonesian() {
        let check = |stored: &str, told: &str| assert_eq!(reason(Lang::Indonesian, stored), told);
        check("duplicate: the same number as in row 3", "nomor ganda: nomor yang sama dengan baris 3");
        check("opted_out", "menolak SMS");
        check("job 7 is paused", "pekerjaan 7: ditahan");
        check("class:routine is paused already", "kelas umum sudah ditahan sebelumnya");
        check("+CMS ERROR: 38", "+CMS ERROR: 38");
        assert_eq!(reason(Lang::English, "there is no job 9"), "there is no job 9");
        for (from, to) in SENTENCES {
            assert_eq!(from.matches("{}").count(), to.matches("{}").count(), "{from}");
        }
    }
}
