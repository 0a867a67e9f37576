//! Why a file that can be read would be refused, and an expression means nobody, in two languages.

use jiff::tz::TimeZone;

use crate::model::{JobId, Lang, Timestamp};

pub(super) fn too_late(lang: Lang, expires_at: Timestamp, zone: &TimeZone) -> String {
    let at = time(expires_at, zone);
    lang.pick(format!("waktunya sudah lewat ({at})"), format!("its time is over ({at})"))
}

pub(super) fn sent_before(lang: Lang, job: JobId, at: Timestamp, zone: &TimeZone) -> String {
    let at = time(at, zone);
    lang.pick(
        format!(
            "isi yang sama sudah diterima sebagai pekerjaan {job} pada {at}; tulis `Ulang: ya` dalam berkas .txt bila memang sengaja"
        ),
        format!(
            "the same content was accepted as job {job} at {at}; write `Again: yes` in the .txt job if it is meant to be sent again"
        ),
    )
}

pub(super) fn no_roster(lang: Lang) -> &'static str {
    lang.pick(
        "belum ada daftar pejabat; impor dulu: kentongan roster import BERKAS",
        "there is no roster yet; import one: kentongan roster import FILE",
    )
}

fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
