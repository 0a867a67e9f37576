//! What is said of archives, in two languages.

use crate::model::Lang;

pub(in crate::cli) struct Phrases {
    pub only_read: &'static str,
    pub no_socket: &'static str,
    pub details_in: &'static str,
    pub before: &'static str,
    pub made: &'static str,
    pub jobs: &'static str,
    pub bytes: &'static str,
    pub trouble: &'static str,
    pub none: &'static str,
    pub asked: &'static str,
    pub leaving: &'static str,
    pub done: &'static str,
    pub failed: &'static str,
    pub in_archive: &'static str,
    pub unreadable: &'static str,
    pub lost: &'static str,
    pub may_name: &'static str,
}

const INDONESIAN: Phrases = Phrases {
    only_read: "dari arsip hanya dapat dibaca: jobs, job N, job N --csv, audit",
    no_socket: "arsip dibaca dari berkasnya, bukan lewat daemon; hilangkan --socket (atau KENTONGAN_SOCKET)",
    details_in: "Rinciannya ada di arsip {} sejak {}; baca dengan: kentongan --archive {} job {} --csv",
    before: "Selesai sebelum",
    made: "Dibuat",
    jobs: "Pekerjaan",
    bytes: "Ukuran (B)",
    trouble: "Kendala",
    none: "Belum ada arsip.",
    asked: "sedang dibuat",
    leaving: "rincian sedang dipindahkan",
    done: "selesai",
    failed: "gagal",
    in_archive: "Arsip {} (dibuat {})",
    unreadable: "Arsip {} (dibuat {}) tidak dapat dibaca: {}",
    lost: "siapa yang dihapus sejak {} tidak dapat dicari lagi di dalamnya: kuncinya hilang",
    may_name: "Arsip berikut mungkin masih memuat nomor yang sudah dihapus; hapus lagi nomor itu (kentongan person erase): {}",
};

const ENGLISH: Phrases = Phrases {
    only_read: "an archive is only read: jobs, job N, job N --csv, audit",
    no_socket: "an archive is read from its file and not through a daemon; leave --socket (or KENTONGAN_SOCKET) out",
    details_in: "Its details lie in the archive {} since {}; read them with: kentongan --archive {} job {} --csv",
    before: "Ended before",
    made: "Made",
    jobs: "Jobs",
    bytes: "Size (B)",
    trouble: "Trouble",
    none: "There is no archive.",
    asked: "being made",
    leaving: "details are leaving",
    done: "done",
    failed: "failed",
    in_archive: "Archive {} (made {})",
    unreadable: "Archive {} (made {}) cannot be read: {}",
    lost: "who was erased since {} cannot be found in it any more: the key is lost",
    may_name: "These archives may still name numbers that were erased; erase those again (kentongan person erase): {}",
};

impl Phrases {
    pub(in crate::cli) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::Indonesian => &INDONESIAN,
            Lang::English => &ENGLISH,
        }
    }

    /// The state of an archive.
    pub(in crate::cli) fn state<'s>(&self, stored: &'s str) -> &'s str {
        match stored {
            "asked" => self.asked,
            "leaving" => self.leaving,
            "done" => self.done,
            "failed" => self.failed,
            other => other,
        }
    }
}
