//! Stored words and English sentences of the engine and the modems, in the reader's language.

use crate::model::Lang;

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
    ("self_test_failed", "self-test failed", "uji modem tidak lulus"),
    ("credit_low", "credit low", "pulsa menipis"),
    ("credit_unknown", "credit unknown", "pulsa tidak diketahui"),
    ("active_period_ends", "active period ends", "masa aktif segera habis"),
    ("invalid", "number not usable", "nomor tidak dapat dipakai"),
    ("duplicate", "duplicate", "nomor ganda"),
    ("opted_out", "opted out", "menolak SMS"),
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
    (
        "the SIM in modem {} is taken out; see to it, then kentongan modem resume {}",
        "kartu SIM dalam modem {} dikeluarkan; urus dahulu, lalu kentongan modem resume {}",
    ),
    ("modem {} is being tested already (self-test {})", "modem {} sedang diuji (uji {})"),
    (
        "the number of the SIM in modem {} is not known; give it with --number, or write it as number in its [[modem]]",
        "nomor kartu SIM dalam modem {} belum diketahui; sebutkan dengan --number, atau tulis sebagai number dalam [[modem]]",
    ),
    ("self-test {} failed: {}", "uji {} gagal: {}"),
    ("the report says that it was not delivered", "menurut laporan pesan itu tidak sampai"),
    (
        "this modem hands on no reports; see whether it takes AT+CNMI",
        "modem ini tidak meneruskan laporan; periksa apakah AT+CNMI diterima",
    ),
    (
        "no report came within {} minutes; ask the operator whether this SIM gets reports",
        "tidak ada laporan dalam {} menit; tanyakan pada operator apakah kartu ini mendapat laporan",
    ),
    (
        "no copy came within {} minutes; is {} the number of this SIM?",
        "tidak ada salinan dalam {} menit; benarkah {} nomor kartu SIM ini?",
    ),
    (
        "it was not handed over within {} minutes; see the limits and the state of the modem",
        "pesan tidak diserahkan dalam {} menit; periksa batas dan keadaan modem",
    ),
    ("the message is {}: {}", "pesan {}: {}"),
    ("it came from {}", "datang dari {}"),
    (
        "the copy came in through {}; the number is that SIM's",
        "salinan masuk lewat {}; nomor itu milik kartu SIM di sana",
    ),
    (
        "{} of {} characters came back otherwise; the first is {} for {}",
        "{} dari {} karakter kembali berbeda; yang pertama {} untuk {}",
    ),
    (
        "{} characters came back for {}; character {} is {} for {}",
        "{} karakter kembali dari {}; karakter {} adalah {} untuk {}",
    ),
    ("the daemon was stopped", "daemon dihentikan"),
    ("in modem {}: credit {} is below {}", "dalam modem {}: pulsa {} kurang dari {}"),
    ("in modem {}: the active period ends on {}", "dalam modem {}: masa aktif habis pada {}"),
    (
        "in modem {}: {} answers in a row did not say the credit; dial the code with kentongan ussd and compare the answer with \
         the pattern in [[credit]]",
        "dalam modem {}: {} jawaban berturut-turut tidak menyebut pulsa; jalankan kodenya dengan kentongan ussd dan bandingkan \
         jawabannya dengan pola dalam [[credit]]",
    ),
    ("modem {} is not ready; see kentongan modems", "modem {} belum siap; lihat kentongan modems"),
    (
        "modem {} is dialling another USSD code; try again in a minute",
        "modem {} sedang menjalankan kode USSD lain; coba lagi sebentar lagi",
    ),
    (
        "one code and at most {} keys can be dialled at a time",
        "sekali jalan hanya satu kode dengan paling banyak {} pilihan",
    ),
    (
        "the network ended the menu before all keys were given; leave the last --then away",
        "jaringan menutup menu sebelum semua pilihan diberikan; hilangkan --then yang terakhir",
    ),
    (
        "the network ended it without a word; try again in a minute",
        "jaringan memutusnya tanpa jawaban; coba lagi sebentar lagi",
    ),
    (
        "another program or phone with this SIM took the answer; stop it and try again",
        "jawabannya diambil program atau ponsel lain dengan kartu SIM ini; hentikan itu lalu coba lagi",
    ),
    (
        "the network does not know this code on this SIM; check the code with the operator (LTE-only SIMs have no USSD)",
        "jaringan tidak mengenal kode ini pada kartu SIM ini; tanyakan kodenya pada operator (kartu khusus LTE tidak punya USSD)",
    ),
    (
        "the network did not answer its own menu in time; try again in a minute",
        "jaringan terlambat menjawab menunya sendiri; coba lagi sebentar lagi",
    ),
    (
        "no answer came in time; try again, and look at signal and registration (kentongan modems)",
        "tidak ada jawaban pada waktunya; coba lagi, dan periksa sinyal serta pendaftaran (kentongan modems)",
    ),
    (
        "the modem refused the code ({}); look at its registration (kentongan modems)",
        "modem menolak kode itu ({}); periksa pendaftarannya (kentongan modems)",
    ),
    (
        "the modem was needed for an emergency; try again when that is sent",
        "modem diperlukan untuk pesan darurat; coba lagi setelah pesan itu terkirim",
    ),
    ("the daemon is stopping; try again when it runs", "daemon sedang berhenti; coba lagi setelah berjalan"),
    (
        "the modem went away before the answer came; try again when it is back",
        "modem hilang sebelum jawabannya datang; coba lagi setelah modem kembali",
    ),
    (
        "the modem had messages in hand for {} minutes; try again later, or pause first",
        "modem terus mengirim pesan selama {} menit; coba lagi nanti, atau tahan dahulu (pause)",
    ),
    ("{} is paused already", "{} sudah ditahan sebelumnya"),
    ("{} is not paused", "{} tidak sedang ditahan"),
    ("{} is paused", "{} ditahan"),
    ("{} goes on", "{} dilanjutkan"),
    ("{} has opted out already", "{} sudah menolak SMS sebelumnya"),
    ("{} has not opted out", "{} tidak menolak SMS"),
    ("{} is not written to any more", "{} tidak dikirimi lagi"),
    ("{} may be written to again", "{} boleh dikirimi lagi"),
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
