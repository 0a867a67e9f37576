//! What `kentongan modems history` says, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub no_such_modem: &'static str,
    pub none: &'static str,
    pub day: &'static str,
    pub signal: &'static str,
    pub range: &'static str,
    pub served: &'static str,
    pub operator: &'static str,
    pub sim: &'static str,
    pub credit: &'static str,
    pub unread: &'static str,
    /// When, and the words.
    pub last_unread: &'static str,
    pub legend: &'static str,
}

impl Phrases {
    pub fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }
}

const INDONESIAN: Phrases = Phrases {
    no_such_modem: "tidak ada modem {}; lihat kentongan modems",
    none: "Belum ada riwayat sejak {}.",
    day: "Hari",
    signal: "Sinyal tiap jam, 0 s.d. 23",
    range: "Terlemah-terkuat",
    served: "Terdaftar",
    operator: "Operator",
    sim: "Kartu SIM",
    credit: "Pulsa",
    unread: "{} tidak terbaca",
    last_unread: "Terakhir ({}) pulsa tidak terbaca: {}",
    legend: "▁ lemah, █ kuat; - tanpa jaringan, ? sinyal tidak diketahui, kosong: tidak tercatat.",
};

const ENGLISH: Phrases = Phrases {
    no_such_modem: "there is no modem {}; see kentongan modems",
    none: "There is no history since {}.",
    day: "Day",
    signal: "Signal by the hour, 0 to 23",
    range: "Lowest-highest",
    served: "Registered",
    operator: "Operator",
    sim: "SIM",
    credit: "Credit",
    unread: "{} not read",
    last_unread: "The last answer ({}) does not say the credit: {}",
    legend: "▁ weak, █ strong; - no network, ? signal unknown, blank: nothing on record.",
};
