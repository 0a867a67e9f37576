//! What `kentongan routes` says, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub modem: &'static str,
    pub state: &'static str,
    pub operator: &'static str,
    pub group: &'static str,
    pub classes: &'static str,
    pub left: &'static str,
    pub arrived: &'static str,
    pub by_operator: &'static str,
}

impl Phrases {
    pub fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }
}

const INDONESIAN: Phrases = Phrases {
    modem: "Modem",
    state: "Keadaan",
    operator: "Operator",
    group: "Jaringan",
    classes: "Kelas",
    left: "Sisa 24 jam (darurat / lainnya)",
    arrived: "Sampai",
    by_operator: "Sampai menurut operator tujuan",
};

const ENGLISH: Phrases = Phrases {
    modem: "Modem",
    state: "State",
    operator: "Operator",
    group: "Network",
    classes: "Classes",
    left: "Left of 24 h (emergency / other)",
    arrived: "Arrived",
    by_operator: "Arrived by operator",
};
