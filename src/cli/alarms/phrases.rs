//! What `kentongan alarms` says, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub none: &'static str,
    pub since: &'static str,
    pub level: &'static str,
    pub what: &'static str,
    pub subject: &'static str,
    pub detail: &'static str,
    pub passed: &'static str,
}

impl Phrases {
    pub fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }
}

const INDONESIAN: Phrases = Phrases {
    none: "Tidak ada peringatan.",
    since: "Sejak",
    level: "Tingkat",
    what: "Perihal",
    subject: "Mengenai",
    detail: "Keterangan",
    passed: "Berlalu",
};

const ENGLISH: Phrases = Phrases {
    none: "No alarm stands.",
    since: "Since",
    level: "Level",
    what: "What",
    subject: "About",
    detail: "Detail",
    passed: "Passed",
};
