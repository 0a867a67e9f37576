//! What `kentongan modems` says beside its list, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub needs_daemon: &'static str,
    pub begins: &'static str,
    pub passed: &'static str,
    pub failed: &'static str,
    pub cut_off: &'static str,
    pub ok: &'static str,
    pub not_ok: &'static str,
    pub skipped: &'static str,
    /// What each step shows, by its stored name.
    pub steps: [(&'static str, &'static str); 6],
}

impl Phrases {
    pub fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }

    /// What a step shows.
    pub fn step<'s>(&self, name: &'s str) -> &'s str {
        self.steps.iter().find(|(known, _)| *known == name).map_or(name, |(_, told)| told)
    }

    /// How a step ended.
    pub fn state(&self, state: &str) -> &'static str {
        match state {
            "ok" => self.ok,
            "skipped" => self.skipped,
            _ => self.not_ok,
        }
    }
}

const INDONESIAN: Phrases = Phrases {
    needs_daemon: "daemon tidak berjalan, padahal modem ada padanya; jalankan dahulu (systemctl start kentongan)",
    begins: "Uji {} untuk modem {}: modem mengirim SMS ke nomornya sendiri, {}.",
    passed: "Lulus.",
    failed: "modem {} tidak lulus; langkah yang gagal tertulis di atas",
    cut_off: "daemon berhenti sebelum uji selesai",
    ok: "baik",
    not_ok: "GAGAL",
    skipped: "dilewati",
    steps: [
        ("send", "pusat SMS menerima pesan"),
        ("report", "laporan penyampaian datang"),
        ("copy", "salinannya masuk kembali"),
        ("long", "pesan tiga bagian kembali utuh dan berurutan"),
        ("gsm7", "semua karakter GSM-7 kembali"),
        ("ucs2", "pesan UCS-2 kembali"),
    ],
};

const ENGLISH: Phrases = Phrases {
    needs_daemon: "the daemon is not running, and the modems are its; start it first (systemctl start kentongan)",
    begins: "Self-test {} of modem {}: it writes to its own number, {}.",
    passed: "Passed.",
    failed: "modem {} has not passed; the step that failed stands above",
    cut_off: "the daemon stopped before the test had ended",
    ok: "ok",
    not_ok: "FAILED",
    skipped: "skipped",
    steps: [
        ("send", "the service centre takes a message"),
        ("report", "its delivery report comes"),
        ("copy", "its copy comes back"),
        ("long", "a text of three segments comes back whole and in order"),
        ("gsm7", "every GSM-7 character comes back"),
        ("ucs2", "a UCS-2 text comes back"),
    ],
};
