//! What `kentongan moratorium` says, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub none: &'static str,
    pub number: &'static str,
    pub from: &'static str,
    pub until: &'static str,
    pub holds: &'static str,
    pub all: &'static str,
    pub now: &'static str,
    pub later: &'static str,
    pub over: &'static str,
}

impl Phrases {
    pub fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }
}

const INDONESIAN: Phrases = Phrases {
    none: "Tidak ada moratorium.",
    number: "No.",
    from: "Mulai",
    until: "Sampai",
    holds: "Berlaku",
    all: "semua",
    now: "sekarang",
    later: "nanti",
    over: "sudah lewat",
};

const ENGLISH: Phrases = Phrases {
    none: "There is no moratorium.",
    number: "No.",
    from: "From",
    until: "Until",
    holds: "Holds",
    all: "all",
    now: "now",
    later: "later",
    over: "over",
};
