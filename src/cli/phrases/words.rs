//! Stored words and English sentences of the engine and the modems, in the reader's language.

mod refusals;
mod sentences;

use self::sentences::SENTENCES;
use crate::model::{Basis, Lang};

/// A stored word for people; one that is not known stays as it is.
pub(crate) fn word(lang: Lang, stored: &str) -> String {
    let known = WORDS.iter().find(|(word, _, _)| *word == stored);
    known.map_or(stored, |(_, english, indonesian)| if lang == Lang::English { english } else { indonesian }).to_owned()
}

/// An English sentence for people; one that is not known stays English.
pub(crate) fn sentence(lang: Lang, english: &str) -> String {
    if lang == Lang::English {
        return english.to_owned();
    }
    let mut all = SENTENCES.iter().chain(refusals::SENTENCES);
    let known = all.find_map(|(from, to)| Some((values(from, english)?, to)));
    let Some((values, to)) = known else { return english.to_owned() };
    // A reason within a sentence is a sentence itself.
    let values: Vec<String> = values.into_iter().map(|value| sentence(lang, &part(lang, value))).collect();
    let values: Vec<&dyn std::fmt::Display> = values.iter().map(|value| value as &dyn std::fmt::Display).collect();
    super::fill(to, &values)
}

/// Why somebody was excluded or refused, as stored: `duplicate: the same number as in row 3`.
pub(crate) fn reason(lang: Lang, stored: &str) -> String {
    match stored.split_once(": ") {
        Some((name, detail)) if is_word(name) => {
            format!("{}: {}", word(lang, name), sentence(lang, detail))
        }
        _ => sentence(lang, &word(lang, stored)),
    }
}

/// Why a command is refused: a sentence, or one behind what it is about. What is in the reader's language already stays as it is.
pub(in crate::cli) fn refusal(lang: Lang, said: &str) -> String {
    let told = sentence(lang, said);
    match said.split_once(": ") {
        Some((about, why)) if told == said => format!("{about}: {}", sentence(lang, why)),
        _ => told,
    }
}

/// What a line of the record says: a sentence, and behind it the reason that a person gave, in their words.
pub(in crate::cli) fn record(lang: Lang, stored: &str) -> String {
    match stored.split_once(": ") {
        Some((what, why)) => format!("{}: {why}", sentence(lang, what)),
        None => sentence(lang, stored),
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
pub(crate) fn part(lang: Lang, stored: &str) -> String {
    match stored.split_once(':') {
        Some(("class", class)) if lang == Lang::Indonesian => format!("kelas {}", word(lang, class)),
        Some((scope @ ("class" | "unit"), name)) => format!("{scope} {name}"),
        _ if stored.contains(", ") && stored.split(", ").all(is_word) => {
            stored.split(", ").map(|stored| word(lang, stored)).collect::<Vec<_>>().join(", ")
        }
        _ => word(lang, stored),
    }
}

fn is_word(stored: &str) -> bool {
    WORDS.iter().any(|(word, _, _)| *word == stored)
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
    ("archived", "archived", "diarsipkan"),
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
    ("backlog_waits", "backlog waits for a person", "antrean lama menunggu keputusan"),
    ("backlog", "backlog", "antrean lama"),
    ("held", "waiting for a person", "menunggu keputusan"),
    ("approval", "waiting for approval", "menunggu persetujuan"),
    ("not_before", "its time (Not-Before)", "waktunya (Kirim)"),
    ("moratorium", "moratorium", "moratorium"),
    ("quiet_hours", "quiet hours", "jam tenang"),
    ("quota", "quota used up", "jatah habis"),
    ("settings", "settings", "pengaturan"),
    ("backup_failed", "backup failed", "pencadangan gagal"),
    ("backup", "backup", "cadangan"),
    ("folder_wrong", "rights of a folder", "hak akses folder salah"),
    ("delivery_falls", "accepted, not delivered", "diterima operator, tidak sampai"),
    ("canary_failed", "first messages failed", "pesan pertama gagal"),
    ("unknown", "unknown", "tidak dikenal"),
    ("self_test_failed", "self-test failed", "uji modem tidak lulus"),
    ("all SIMs", "all SIMs", "semua kartu SIM"),
    ("out", "the first messages are out; the rest waits for their reports", "menunggu laporan pesan pertama"),
    ("credit_low", "credit low", "pulsa menipis"),
    ("credit_unknown", "credit unknown", "pulsa tidak diketahui"),
    ("active_period_ends", "active period ends", "masa aktif segera habis"),
    ("no_modem", "no modem at work", "tidak ada modem yang bekerja"),
    ("queue_old", "queue is late", "antrean tertahan"),
    ("database_damaged", "database damaged", "basis data rusak"),
    ("archive_unreached", "erasure waits for an archive", "penghapusan menunggu arsip"),
    ("disk_low", "disk nearly full", "disk hampir penuh"),
    ("opt_out_surge", "many opt out", "banyak yang berhenti"),
    ("webhook_failing", "webhook not reached", "webhook tidak terjangkau"),
    ("mail_failing", "mail not taken", "surel tidak diterima server"),
    ("all modems", "all modems", "semua modem"),
    ("citizens", "citizens", "warga"),
    ("database", "database", "basis data"),
    ("queue", "queue directory", "folder antrean"),
    ("mail", "mail", "surel"),
    ("ok", "well", "baik"),
    ("failing", "not reached", "tidak terjangkau"),
    ("invalid", "number not usable", "nomor tidak dapat dipakai"),
    ("duplicate", "duplicate", "nomor ganda"),
    ("opted_out", "opted out", "menolak SMS"),
    ("suspended", "suspended", "ditangguhkan"),
    ("rt", "RT", "RT"),
    ("rw", "RW", "RW"),
    ("official", "OPD", "OPD"),
    ("subscriber", "subscriber", "warga"),
    ("new", "new", "baru"),
    ("number", "changed number", "nomor berubah"),
    ("holder", "changed holder", "pejabat berganti"),
    ("details", "changed details", "keterangan berubah"),
    ("gone", "gone", "tidak ada lagi"),
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
    // Who did something, by which rule, and what the daemon writes of its own.
    ("citizen", "citizen", "warga"),
    ("engine", "engine", "mesin"),
    ("keyword", "keyword", "kata kunci"),
    ("phrase", "phrase", "kalimat"),
    ("keyword_scope", "keyword with what it covers", "kata kunci dengan cakupannya"),
    ("keyword_filler", "keyword among other words", "kata kunci dengan kata lain"),
    ("answer", "answer", "jawaban"),
    ("alarms", "alarms", "peringatan"),
    ("self-test", "self-test", "uji modem"),
    ("credit", "credit", "pulsa"),
    // Events about one number.
    ("opt_out_widened", "opt-out widened", "penolakan diperluas"),
    ("number_listed", "listed", "dicatat"),
    ("number_suspended", "suspended", "ditangguhkan"),
    ("number_restored", "sent to again", "dikirimi lagi"),
    ("inbox_answered", "inbound text answered", "SMS masuk dijawab"),
    ("alarm_told", "told of an alarm", "diberi tahu peringatan"),
    ("self_test_began", "self-test began", "uji modem dimulai"),
    ("person_exported", "exported", "datanya disalin"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_words_and_sentences_are_told_in_indonesian() {
        let check = |stored: &str, told: &str| assert_eq!(reason(Lang::Indonesian, stored), told);
        check("duplicate: the same number as in row 3", "nomor ganda: nomor yang sama dengan baris 3");
        check(
            "duplicate: the same number as number 2 in row 1",
            "nomor ganda: nomor yang sama dengan nomor ke-2 di baris 1",
        );
        check("opted_out", "menolak SMS");
        check("job 7 is paused", "pekerjaan 7: ditahan");
        check("class:routine is paused already", "kelas umum sudah ditahan sebelumnya");
        check(
            "the modem does not answer AT; left alone until 07:00:00 UTC",
            "modem tidak menjawab AT; dibiarkan sampai 07:00:00 UTC",
        );
        check(
            "rests until 13:21:00 UTC: the SIM cannot send: +CMS ERROR: 50",
            "beristirahat sampai 13:21:00 UTC: kartu SIM tidak dapat mengirim: +CMS ERROR: 50",
        );
        check("+CMS ERROR: 38", "+CMS ERROR: 38");
        check(
            "in modem b: of 15 accepted messages 1 arrived, 2 failed, 12 brought no report",
            "di modem b: dari 15 pesan yang diterima operator, 1 sampai, 2 gagal, 12 tanpa laporan",
        );
        check(
            "of the first 20 messages 3 arrived, 0 failed, 17 brought no report; the rest waits for: kentongan job resume 7",
            "dari 20 pesan pertama, 3 sampai, 0 gagal, 17 tanpa laporan; sisanya menunggu: kentongan job resume 7",
        );
        assert_eq!(reason(Lang::English, "there is no job 9"), "there is no job 9");
        let mut forms = std::collections::BTreeSet::new();
        for (from, to) in SENTENCES.iter().chain(refusals::SENTENCES) {
            assert_eq!(from.matches("{}").count(), to.matches("{}").count(), "{from}");
            assert!(forms.insert(from), "only the first is ever used: {from}");
        }
    }
}
