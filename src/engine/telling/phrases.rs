//! What is told of alarms, in two languages: by SMS in one segment, by mail at length.

use jiff::tz::TimeZone;

use crate::model::{AlarmKind, Lang, Timestamp};
use crate::pdu::{self, Encoding};
use crate::policy::alarms::Said;
use crate::store::UntoldRow;

/// The longest name of an office in an SMS.
const OFFICE_MAX: usize = 30;

/// One thing to be told.
pub(super) struct News<'a> {
    pub said: Said,
    pub row: &'a UntoldRow,
}

/// All of it in one SMS; what does not fit is counted.
pub(super) fn short(lang: Lang, office: &str, news: &[News<'_>]) -> String {
    let office: String = office.chars().take(OFFICE_MAX).collect();
    let told: Vec<String> = news.iter().map(|news| line(lang, news)).collect();
    let head = match told.len() {
        1 => format!("{office}: "),
        count => format!("{office}: {count} {}: ", lang.pick("kabar", "notices")),
    };
    let some = |kept: usize| {
        let rest = match told.len() - kept {
            0 => String::new(),
            rest => format!("; +{rest} {}", lang.pick("lagi", "more")),
        };
        plain(&format!("{head}{}{rest}", told[..kept].join("; ")))
    };
    (1..=told.len()).rev().map(some).find(|text| fits(text)).unwrap_or_else(|| cut(&some(1)))
}

/// All of it in a letter.
pub(super) fn letter(lang: Lang, news: &[News<'_>], zone: &TimeZone) -> String {
    let time = |at: Timestamp| at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string();
    let mut text = String::new();
    for news in news {
        let row = news.row;
        let since = format!("{} {}", lang.pick("sejak", "since"), time(row.raised_at));
        let until = row.cleared_at.map(|at| format!(", {} {}", lang.pick("sampai", "until"), time(at)));
        text += &format!("- {}\n  {since}{}\n", line(lang, news), until.unwrap_or_default());
        if !row.detail.is_empty() {
            text += &format!("  {}\n", flat(&row.detail));
        }
    }
    text + lang.pick(
        "\nSemua peringatan: kentongan alarms (di mesin tempat Kentongan berjalan)\n",
        "\nAll alarms: kentongan alarms (on the machine on which Kentongan runs)\n",
    )
}

/// A test of the way.
pub(super) fn test(lang: Lang, office: &str) -> String {
    let office: String = office.chars().take(OFFICE_MAX).collect();
    let said = lang.pick(
        "uji coba. Peringatan Kentongan akan sampai seperti pesan ini.",
        "a test. Alarms of Kentongan will arrive like this.",
    );
    cut(&plain(&format!("{office}: {said}")))
}

fn line(lang: Lang, news: &News<'_>) -> String {
    match news.said {
        Said::Stands => phrase(lang, news.row),
        Said::StillStands => format!("{} {}", lang.pick("masih", "still"), phrase(lang, news.row)),
        Said::Passed => format!("{} {}", lang.pick("PULIH:", "RESOLVED:"), passed(lang, news.row)),
    }
}

/// What is the matter, in a few words.
fn phrase(lang: Lang, row: &UntoldRow) -> String {
    let subject = flat(&row.subject);
    let card = card(lang, row);
    match row.kind {
        Some(AlarmKind::ModemOut) => lang.pick(format!("modem {subject} mati"), format!("modem {subject} is out")),
        Some(AlarmKind::SimBlocked) => lang.pick(format!("{card} dihentikan"), format!("{card} is taken out")),
        Some(AlarmKind::BacklogWaits) => {
            lang.pick("pesan lama menunggu keputusan Anda".to_owned(), "old messages wait for your word".to_owned())
        }
        Some(AlarmKind::DeliveryFalls) => {
            lang.pick(format!("SMS tidak sampai ({subject})"), format!("SMS do not arrive ({subject})"))
        }
        Some(AlarmKind::CanaryFailed) => {
            lang.pick(format!("uji kiriman {subject} gagal"), format!("the trial of {subject} failed"))
        }
        Some(AlarmKind::SelfTestFailed) => {
            lang.pick(format!("swauji modem {subject} gagal"), format!("the self-test of modem {subject} failed"))
        }
        Some(AlarmKind::CreditLow) => lang.pick(format!("pulsa {card} menipis"), format!("credit of {card} is low")),
        Some(AlarmKind::CreditUnknown) => {
            lang.pick(format!("pulsa {card} tidak terbaca"), format!("credit of {card} is unknown"))
        }
        Some(AlarmKind::ActivePeriodEnds) => {
            lang.pick(format!("masa aktif {card} habis"), format!("active period of {card} ends"))
        }
        Some(AlarmKind::FolderWrong) => {
            lang.pick(format!("folder {subject} salah izin"), format!("folder {subject} has wrong rights"))
        }
        Some(AlarmKind::NoModem) => lang
            .pick("TIDAK ADA modem yang bekerja, SMS tertahan".to_owned(), "NO modem is at work, SMS wait".to_owned()),
        Some(AlarmKind::QueueOld) => {
            let class = lang.pick(indonesian(&subject), &subject);
            lang.pick(format!("antrean {class} tertahan"), format!("the {class} queue is late"))
        }
        Some(AlarmKind::DiskLow) => {
            let what = disk(lang, &subject);
            lang.pick(format!("disk {what} hampir penuh"), format!("the disk of the {what} is nearly full"))
        }
        Some(AlarmKind::OptOutSurge) => {
            lang.pick("banyak warga berhenti (STOP)".to_owned(), "many people opt out".to_owned())
        }
        Some(AlarmKind::WebhookFailing) => {
            lang.pick(format!("webhook {subject} gagal"), format!("webhook {subject} fails"))
        }
        Some(AlarmKind::MailFailing) => lang.pick("surel gagal terkirim".to_owned(), "mail does not go out".to_owned()),
        Some(AlarmKind::BackupFailed) => {
            lang.pick("cadangan tidak dapat dibuat".to_owned(), "no backup could be made".to_owned())
        }
        Some(AlarmKind::DatabaseDamaged) => lang.pick(
            "BASIS DATA RUSAK, pengiriman dihentikan".to_owned(),
            "the DATABASE IS DAMAGED, sending is stopped".to_owned(),
        ),
        Some(AlarmKind::ArchiveUnreached) => {
            let file = file_name(&subject);
            lang.pick(
                format!("arsip {file} tidak terjangkau, masih memuat yang dihapus"),
                format!("archive {file} is out of reach and still names who was erased"),
            )
        }
        None => subject,
    }
}

/// How it is again, in a few words: whoever reads only the middle of it must not take it for the alarm.
fn passed(lang: Lang, row: &UntoldRow) -> String {
    let subject = flat(&row.subject);
    let card = card(lang, row);
    let (indonesian, english) = match row.kind {
        Some(AlarmKind::ModemOut) => (format!("modem {subject} bekerja lagi"), format!("modem {subject} works again")),
        Some(AlarmKind::SimBlocked) => (format!("{card} dipakai lagi"), format!("{card} is in use again")),
        Some(AlarmKind::BacklogWaits) => {
            ("tidak ada lagi pesan lama yang menunggu".to_owned(), "no old messages wait any more".to_owned())
        }
        Some(AlarmKind::DeliveryFalls) => {
            (format!("SMS sampai lagi ({subject})"), format!("SMS arrive again ({subject})"))
        }
        Some(AlarmKind::CanaryFailed) => {
            (format!("uji kiriman {subject} sudah diputuskan"), format!("the trial of {subject} is seen to"))
        }
        Some(AlarmKind::SelfTestFailed) => {
            (format!("swauji modem {subject} lulus"), format!("modem {subject} passed its self-test"))
        }
        Some(AlarmKind::CreditLow) => (format!("pulsa {card} cukup lagi"), format!("credit of {card} is enough again")),
        Some(AlarmKind::CreditUnknown) => {
            (format!("pulsa {card} terbaca lagi"), format!("credit of {card} is known again"))
        }
        Some(AlarmKind::ActivePeriodEnds) => {
            (format!("masa aktif {card} cukup lagi"), format!("active period of {card} is long enough again"))
        }
        Some(AlarmKind::FolderWrong) => {
            (format!("izin folder {subject} sudah benar"), format!("the rights of folder {subject} are right again"))
        }
        Some(AlarmKind::NoModem) => {
            ("ada modem yang bekerja lagi, SMS dikirim".to_owned(), "a modem works again, SMS go out".to_owned())
        }
        Some(AlarmKind::QueueOld) => {
            (format!("antrean {} lancar lagi", self::indonesian(&subject)), format!("the {subject} queue moves again"))
        }
        Some(AlarmKind::DiskLow) => {
            let what = disk(lang, &subject);
            (format!("disk {what} cukup lagi"), format!("the disk of the {what} has room again"))
        }
        Some(AlarmKind::OptOutSurge) => {
            ("warga yang berhenti tidak banyak lagi".to_owned(), "few people opt out now".to_owned())
        }
        Some(AlarmKind::WebhookFailing) => {
            (format!("webhook {subject} berjalan lagi"), format!("webhook {subject} works again"))
        }
        Some(AlarmKind::MailFailing) => ("surel terkirim lagi".to_owned(), "mail goes out again".to_owned()),
        Some(AlarmKind::BackupFailed) => ("cadangan dibuat lagi".to_owned(), "a backup is made again".to_owned()),
        Some(AlarmKind::DatabaseDamaged) => (
            "basis data diperiksa seluruhnya dan utuh".to_owned(),
            "the database was looked through and is whole".to_owned(),
        ),
        Some(AlarmKind::ArchiveUnreached) => {
            let file = file_name(&subject);
            (
                format!("tidak ada lagi penghapusan yang menunggu arsip {file}"),
                format!("no erasure waits for archive {file} now"),
            )
        }
        None => (subject.clone(), subject),
    };
    lang.pick(indonesian, english)
}

/// The last part of a path.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What lies on a disk.
fn disk(lang: Lang, subject: &str) -> &str {
    match (lang, subject) {
        (Lang::Indonesian, "queue") => "antrean",
        (Lang::Indonesian, "database") => "basis data",
        (_, other) => other,
    }
}

/// A SIM as people know it: by the modem it is in, where the detail says so; else by the end of its number.
fn card(lang: Lang, row: &UntoldRow) -> String {
    let modem = row.detail.strip_prefix("in modem ").and_then(|rest| rest.split_once(": "));
    match modem {
        Some((modem, _)) => lang.pick(format!("SIM di {}", flat(modem)), format!("SIM in {}", flat(modem))),
        None => {
            let end: Vec<char> = row.subject.chars().rev().take(6).collect();
            format!("SIM ..{}", flat(&end.into_iter().rev().collect::<String>()))
        }
    }
}

fn indonesian(class: &str) -> &str {
    match class {
        "emergency" => "darurat",
        "important" => "penting",
        "routine" => "umum",
        other => other,
    }
}

/// On one line.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// In characters that cost one septet or two.
fn plain(text: &str) -> String {
    let text = pdu::transliterate(text).text;
    let forcing: Vec<char> = pdu::Text::plan(&text).map_or(Vec::new(), |plan| plan.forcing().to_vec());
    text.chars().map(|c| if forcing.contains(&c) { '?' } else { c }).collect()
}

fn fits(text: &str) -> bool {
    pdu::Text::plan(text).is_ok_and(|plan| plan.segments() == 1 && matches!(plan.encoding(), Encoding::Gsm7(_)))
}

fn cut(text: &str) -> String {
    let mut text = text.to_owned();
    while !fits(&text) && text.pop().is_some() {}
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: AlarmKind, subject: &str, detail: &str) -> UntoldRow {
        let raised_at = Timestamp::from_second(1_795_000_000).unwrap();
        UntoldRow {
            id: 1,
            kind: Some(kind),
            subject: subject.to_owned(),
            detail: detail.to_owned(),
            raised_at,
            cleared_at: None,
            anew: false,
            told_at: None,
        }
    }

    #[test]
    fn every_alarm_fits_one_sms_in_both_languages_whatever_it_is_about() {
        for kind in AlarmKind::ALL {
            for subject in ["a", "8962100012345678901", &"x".repeat(500), "kantor\u{2014}\u{1f6a8}\n測試"] {
                let row = row(kind, subject, "in modem telkomsel-1: credit 9999 is below 10000");
                for lang in [Lang::Indonesian, Lang::English] {
                    for (count, said) in [(1, Said::Stands), (2, Said::StillStands), (40, Said::Passed)] {
                        let news: Vec<_> = (0..count).map(|_| News { said, row: &row }).collect();
                        let text = short(lang, "Dinas Komunikasi dan Informatika Kota Bandung", &news);
                        assert!(fits(&text), "{} characters: {text}", text.len());
                        assert!(!text.contains('\n') && text.len() > 30, "{text}");
                    }
                }
            }
        }
        assert!(fits(&test(Lang::Indonesian, "Diskominfo")) && fits(&test(Lang::English, &"x".repeat(999))));
    }

    #[test]
    fn what_has_passed_is_not_said_in_the_words_of_the_alarm() {
        for kind in AlarmKind::ALL {
            let row = row(kind, "modem-1", "in modem modem-1: gone");
            for lang in [Lang::Indonesian, Lang::English] {
                let (stands, over) = (phrase(lang, &row), line(lang, &News { said: Said::Passed, row: &row }));
                assert!(!over.contains(&stands), "{over}");
            }
        }
        let over = News { said: Said::Passed, row: &row(AlarmKind::ModemOut, "modem-1", "") };
        assert_eq!(line(Lang::Indonesian, &over), "PULIH: modem modem-1 bekerja lagi");
        assert_eq!(line(Lang::English, &over), "RESOLVED: modem modem-1 works again");
    }

    #[test]
    fn several_are_one_text_and_a_sim_is_named_by_its_modem() {
        let (out, sim) = (
            row(AlarmKind::ModemOut, "a", "unplugged"),
            row(AlarmKind::CreditLow, "8962100012345678901", "in modem b: credit 9999 is below 10000"),
        );
        let news = [News { said: Said::Stands, row: &out }, News { said: Said::Passed, row: &sim }];
        assert_eq!(
            short(Lang::Indonesian, "Diskominfo", &news),
            "Diskominfo: 2 kabar: modem a mati; PULIH: pulsa SIM di b cukup lagi"
        );
        assert_eq!(short(Lang::English, "Diskominfo", &news[..1]), "Diskominfo: modem a is out");
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        assert_eq!(
            letter(Lang::English, &news[..1], &zone),
            "- modem a is out\n  since 2026-11-18 18:06 WIB\n  unplugged\n\n\
             All alarms: kentongan alarms (on the machine on which Kentongan runs)\n"
        );
        let many: Vec<_> = (0..20).map(|_| News { said: Said::Stands, row: &sim }).collect();
        assert!(short(Lang::Indonesian, "Diskominfo", &many).ends_with(" lagi"));
    }
}
