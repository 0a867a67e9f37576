//! What `kentongan audit` says, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub whole: &'static str,
    pub whole_as_noted: &'static str,
    pub unlinked: &'static str,
    pub newest: &'static str,
    pub note_it: &'static str,
    pub empty: &'static str,
    pub missing: &'static str,
    pub changed: &'static str,
    pub no_link: &'static str,
    pub emptied: &'static str,
    pub not_as_noted: &'static str,
    pub broken_hint: &'static str,
    pub period: &'static str,
    pub no_jobs: &'static str,
    pub unit: &'static str,
    pub class: &'static str,
    pub jobs: &'static str,
    pub recipients: &'static str,
    pub excluded: &'static str,
    pub arrived: &'static str,
    pub accepted: &'static str,
    pub unsent: &'static str,
    pub open: &'static str,
    pub left: &'static str,
}

const INDONESIAN: Phrases = Phrases {
    whole: "Catatan utuh: {} peristiwa, tidak ada yang diubah, dihapus, disisipkan, atau dipindahkan.",
    whole_as_noted: "Catatan utuh: {} peristiwa, dan sesuai dengan rantai yang dicatat pada peristiwa {}.",
    unlinked: "{} peristiwa berasal dari masa sebelum rantai; mata rantai pertama mencakup semuanya.",
    newest: "Mata rantai terbaru: {}",
    note_it: "Catat di luar server ini; kelak: kentongan audit verify --noted {}",
    empty: "Catatan masih kosong.",
    missing: "rantai putus: peristiwa {} tidak ada, catatan berlanjut dengan {}",
    changed: "rantai putus pada peristiwa {}: isinya diubah, atau peristiwa ini disisipkan atau dipindahkan",
    no_link: "rantai putus pada peristiwa {}: peristiwa ini tidak ditulis oleh kentongan",
    emptied: "nomor pada peristiwa {} dihilangkan tanpa catatan penghapusan",
    not_as_noted: "peristiwa {} tidak ada atau tidak lagi membawa mata rantai yang dicatat: akhir catatan dipotong, atau catatan ditulis ulang",
    broken_hint: "Simpan berkas basis data ini apa adanya, bandingkan dengan cadangan, dan beri tahu auditor.",
    period: "{} sampai {} (tidak termasuk)",
    no_jobs: "Tidak ada pekerjaan dalam masa ini.",
    unit: "Unit",
    class: "Kelas",
    jobs: "Pekerjaan",
    recipients: "Penerima",
    excluded: "Dikecualikan",
    arrived: "Sampai",
    accepted: "Diterima operator",
    unsent: "Tidak terkirim",
    open: "Belum selesai",
    left: "Nomor yang menolak SMS: {}; yang kembali: {}",
};

const ENGLISH: Phrases = Phrases {
    whole: "The record is whole: {} events, none changed, removed, put in or moved.",
    whole_as_noted: "The record is whole: {} events, and it agrees with the link noted of event {}.",
    unlinked: "{} events are from before the chain; its first link covers them all.",
    newest: "Newest link: {}",
    note_it: "Note it outside this server; later: kentongan audit verify --noted {}",
    empty: "The record is still empty.",
    missing: "the chain is broken: event {} is missing, the record goes on with {}",
    changed: "the chain is broken at event {}: its content was changed, or it was put in or moved",
    no_link: "the chain is broken at event {}: it was not written by kentongan",
    emptied: "the number of event {} was taken out, and no erasure on record says so",
    not_as_noted: "event {} is missing or no longer carries the link that was noted: the record was cut off at its end, or written anew",
    broken_hint: "Keep this database file as it is, compare it with a backup, and tell the auditor.",
    period: "{} until {} (not included)",
    no_jobs: "No jobs in this period.",
    unit: "Unit",
    class: "Class",
    jobs: "Jobs",
    recipients: "Recipients",
    excluded: "Excluded",
    arrived: "Delivered",
    accepted: "Accepted by operator",
    unsent: "Not sent",
    open: "Not finished",
    left: "Numbers that opted out: {}; that came back: {}",
};

impl Phrases {
    pub(super) fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }
}
