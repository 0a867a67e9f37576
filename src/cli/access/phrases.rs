//! What `kentongan account` and `kentongan token` say, in two languages.

use crate::model::Lang;

pub(super) struct Phrases {
    pub no_account: &'static str,
    pub no_token: &'static str,
    pub role: &'static str,
    pub rights: &'static str,
    pub units: &'static str,
    pub all: &'static str,
    pub since: &'static str,
    pub until: &'static str,
    pub open: &'static str,
    pub closed: &'static str,
    pub revoked: &'static str,
    pub over: &'static str,
    pub ask_password: &'static str,
    pub ask_again: &'static str,
    pub not_the_same: &'static str,
    pub shown_once: &'static str,
}

impl Phrases {
    pub fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }
}

const INDONESIAN: Phrases = Phrases {
    no_account: "Belum ada akun. Yang pertama: kentongan account add NAMA --role administrator",
    no_token: "Belum ada token.",
    role: "Peran",
    rights: "Hak",
    units: "Unit",
    all: "semua",
    since: "Sejak",
    until: "Sampai",
    open: "aktif",
    closed: "ditutup",
    revoked: "dicabut",
    over: "sudah lewat",
    ask_password: "Kata sandi untuk {}: ",
    ask_again: "Sekali lagi: ",
    not_the_same: "kedua kata sandi tidak sama; tidak ada yang diubah",
    shown_once: "Token ini hanya ditampilkan sekali; simpanlah sekarang, di tempat yang hanya dapat dibaca oleh program yang memakainya:",
};

const ENGLISH: Phrases = Phrases {
    no_account: "There is no account yet. The first: kentongan account add NAME --role administrator",
    no_token: "There is no token yet.",
    role: "Role",
    rights: "Rights",
    units: "Units",
    all: "all",
    since: "Since",
    until: "Until",
    open: "open",
    closed: "closed",
    revoked: "revoked",
    over: "over",
    ask_password: "Password for {}: ",
    ask_again: "Once more: ",
    not_the_same: "the two passwords differ; nothing is changed",
    shown_once: "This token is shown once; keep it now, where only the program that uses it can read it:",
};
