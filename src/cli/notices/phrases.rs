//! What tests of the ways out say, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub needs_daemon: &'static str,
    pub mail: &'static str,
    pub taken: &'static str,
    pub waiting: &'static str,
    pub not_taken: &'static str,
    pub not_all: &'static str,
}

impl Phrases {
    pub fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }
}

const INDONESIAN: Phrases = Phrases {
    needs_daemon: "daemon harus berjalan untuk uji coba ini: systemctl start kentongan",
    mail: "surel",
    taken: "terkirim",
    waiting: "masih menunggu",
    not_taken: "gagal",
    not_all: "tidak semuanya terkirim",
};

const ENGLISH: Phrases = Phrases {
    needs_daemon: "the daemon must be running for this test: systemctl start kentongan",
    mail: "mail",
    taken: "taken",
    waiting: "still waiting",
    not_taken: "not taken",
    not_all: "not all of them were taken",
};
