//! What `kentongan submit` and `kentongan send` say, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub job_made: &'static str,
    pub job_made_of: &'static str,
    pub rejected: &'static str,
    pub not_known_yet: &'static str,
    pub lost_touch: &'static str,
    pub too_large: &'static str,
    pub not_brought: &'static str,
}

impl Phrases {
    pub fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }
}

const INDONESIAN: Phrases = Phrases {
    job_made: "Pekerjaan {}: {} pesan, {} penerima dikecualikan. Keadaannya: kentongan job {}",
    job_made_of: "Pekerjaan {} diterima. Keadaannya: kentongan job {}",
    rejected: "{}: {}",
    not_known_yet: "{} sudah diterima dan masih dibaca; `kentongan jobs` menampilkannya setelah selesai",
    lost_touch: "daemon tidak menjawab lagi ({}); belum pasti apakah pekerjaan ini diterima: lihat `kentongan jobs` bila daemon berjalan \
                 lagi, sebelum mengirimnya sekali lagi",
    too_large: "{} terlalu besar: {} oktet, paling banyak {} (intake.file_mb_max)",
    not_brought: "tidak diserahkan: {}",
};

const ENGLISH: Phrases = Phrases {
    job_made: "Job {}: {} messages, {} recipients excluded. To follow it: kentongan job {}",
    job_made_of: "Job {} is accepted. To follow it: kentongan job {}",
    rejected: "{}: {}",
    not_known_yet: "{} is taken in and still being read; `kentongan jobs` shows it when that is done",
    lost_touch: "the daemon does not answer any more ({}); whether it has taken this job is not known: look at `kentongan jobs` when it \
                 runs again, before you send it once more",
    too_large: "{} is too large: {} octets, {} at most (intake.file_mb_max)",
    not_brought: "not brought: {}",
};
