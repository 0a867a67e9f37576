//! What `kentongan webhooks` says, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub none: &'static str,
    pub name: &'static str,
    pub state: &'static str,
    pub position: &'static str,
    pub behind: &'static str,
    pub reached: &'static str,
    pub next: &'static str,
    pub skipped: &'static str,
    pub trouble: &'static str,
}

impl Phrases {
    pub fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }
}

const INDONESIAN: Phrases = Phrases {
    none: "Tidak ada webhook; lihat [[webhook]] dalam pengaturan.",
    name: "Nama",
    state: "Keadaan",
    position: "Sampai",
    behind: "Tertinggal",
    reached: "Terakhir diterima",
    next: "Dicoba lagi",
    skipped: "Dilewati",
    trouble: "Gangguan",
};

const ENGLISH: Phrases = Phrases {
    none: "There is no webhook; see [[webhook]] in the configuration.",
    name: "Name",
    state: "State",
    position: "Up to",
    behind: "Behind",
    reached: "Last taken",
    next: "Next try",
    skipped: "Given up",
    trouble: "Trouble",
};
