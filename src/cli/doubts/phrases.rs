//! What `kentongan doubts` says, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub segment: &'static str,
    pub through: &'static str,
    pub said: &'static str,
    pub not_heard: &'static str,
    pub nothing_said: &'static str,
    pub submitted: &'static str,
    pub evidence: &'static str,
    pub report: &'static str,
    pub next_number: &'static str,
    pub card: &'static str,
    pub no_evidence: &'static str,
    pub person: &'static str,
    pub resent: &'static str,
}

impl Phrases {
    pub fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }
}

const INDONESIAN: Phrases = Phrases {
    segment: "{}, bagian {} dari {}",
    through: "{} lewat {}, kartu SIM {}",
    said: "Kata modem terakhir",
    not_heard: "tidak ada yang mendengarnya",
    nothing_said: "tidak ada",
    submitted: "{}: sudah dikirim modem ke jaringan; apakah diterima, hanya laporan status yang tahu",
    evidence: "Bukti yang masih mungkin",
    report: "laporan status sampai {}",
    next_number: "nomor urut SMS berikutnya lewat kartu ini",
    card: "nomor urut terakhir di kartu SIM (EF_SMSS)",
    no_evidence: "tidak ada lagi",
    person: "menunggu keputusan orang",
    resent: "dikirim lagi pada {}; bisa diterima dua kali",
};

const ENGLISH: Phrases = Phrases {
    segment: "{}, segment {} of {}",
    through: "{} through {}, SIM {}",
    said: "Last on the line",
    not_heard: "nobody was there to hear it",
    nothing_said: "nothing",
    submitted: "{}: the modem has sent it to the network; whether it was taken, only a status report can say",
    evidence: "What may still tell",
    report: "a status report until {}",
    next_number: "the number of the next message through this SIM",
    card: "the last number on the SIM (EF_SMSS)",
    no_evidence: "nothing any more",
    person: "a person decides",
    resent: "sent again at {}; it may arrive twice",
};
