//! What `kentongan person` says, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub opted_out: &'static str,
    pub not_opted_out: &'static str,
    pub erased: &'static str,
    pub key_unreadable: &'static str,
    pub nothing: &'static str,
    pub messages: &'static str,
    pub inbound: &'static str,
    pub consents: &'static str,
    pub events: &'static str,
    pub offices: &'static str,
    pub office: &'static str,
    pub until: &'static str,
    pub came_with: &'static str,
    pub failed: &'static str,
    pub suspended: &'static str,
    pub at: &'static str,
    pub sent: &'static str,
    pub scope: &'static str,
    pub way: &'static str,
    pub basis: &'static str,
    pub exported: &'static str,
    pub would_erase: &'static str,
    pub would_renew: &'static str,
    pub renewed: &'static str,
}

const INDONESIAN: Phrases = Phrases {
    opted_out: "Menolak SMS ({}) sejak {}: {}",
    not_opted_out: "Tidak menolak SMS.",
    erased: "Pernah dihapus atas permintaan pemiliknya; tidak dikirimi SMS.",
    key_unreadable: "Tidak ada penolakan yang tercatat atas nomor ini; penolakan dari nomor yang sudah dihapus hanya dikenali oleh pengguna daemon.",
    nothing: "Tidak ada data lain yang disimpan tentang nomor ini.",
    messages: "Daftar dan pesan",
    inbound: "SMS dari nomor ini",
    consents: "Persetujuan dan penolakan",
    events: "Catatan peristiwa",
    offices: "Jabatan di daftar",
    office: "Jabatan",
    until: "Sampai",
    came_with: "Sumber",
    failed: "{} SMS ke nomor ini gagal sejak {}",
    suspended: "; tidak dikirimi sampai nomornya dibetulkan atau terbukti aktif",
    at: "Waktu",
    sent: "Dikirim",
    scope: "Cakupan",
    way: "Lewat",
    basis: "Dasar",
    exported: "Salinan datanya ada di {}; hanya Anda yang dapat membacanya.",
    would_erase: "ini akan menghapus {} dari {} pesan, {} SMS masuk dan {} jabatan di daftar, dan tidak dapat dibatalkan; nomor itu \
                  tidak dikirimi lagi. \
                  Bila memang diminta pemiliknya, tambahkan --yes",
    would_renew: "dengan kunci baru, nomor yang sudah dihapus tidak lagi dikenali bila ada dalam daftar baru, dan akan dikirimi SMS lagi. \
                  Kembalikan dahulu salinan kunci bila ada; bila benar-benar hilang, tambahkan --yes",
    renewed: "Kunci baru dibuat; {} penolakan dari nomor yang sudah dihapus tidak dikenali lagi. Simpan salinan kunci itu terpisah.",
};

const ENGLISH: Phrases = Phrases {
    opted_out: "Opted out ({}) since {}: {}",
    not_opted_out: "Has not opted out.",
    erased: "Was erased at its owner's request; is not written to.",
    key_unreadable: "No opt-out stands under this number; one of a number that was erased is recognised by the daemon's user only.",
    nothing: "Nothing else is held of this number.",
    messages: "Lists and messages",
    inbound: "Texts from this number",
    consents: "Consent and opt-outs",
    events: "Record of events",
    offices: "Offices in the roster",
    office: "Office",
    until: "Until",
    came_with: "Source",
    failed: "{} messages to it failed since {}",
    suspended: "; nothing is sent to it until it is corrected or shows a sign of life",
    at: "At",
    sent: "Sent",
    scope: "Covers",
    way: "By",
    basis: "Basis",
    exported: "What is held is in {}; only you may read it.",
    would_erase: "this would erase {} from {} messages, {} inbound texts and {} offices in the roster, and cannot be undone; the number \
                  is not written to any more. \
                  If its owner has asked for it, add --yes",
    would_renew: "with a new key, numbers that were erased are no longer recognised when a list names them, and would be written to again. \
                  Put a copy of the key back first if there is one; if it is lost for good, add --yes",
    renewed: "A new key is made; {} opt-outs of erased numbers are no longer recognised. Keep a copy of the key apart.",
};

impl Phrases {
    pub(super) fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }
}
