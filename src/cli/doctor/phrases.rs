//! What `kentongan doctor` says, in two languages.

use crate::model::{Lang, Registration};
use crate::modem::choice::Why;
use crate::modem::probe::Card;
use crate::modem::usb::Trouble;

pub(super) struct Phrases {
    pub lang: Lang,
    pub nothing: &'static str,
    pub asking: &'static str,
    pub chosen: &'static str,
    pub none_answers: &'static str,
    pub not_asked: &'static str,
    pub held: &'static str,
    pub silent: &'static str,
    pub babble: &'static str,
    pub failed: &'static str,
    pub modem: &'static str,
    pub announces: &'static str,
    pub keeps_quiet: &'static str,
    pub modem_line: &'static str,
    pub sim_line: &'static str,
    pub network_line: &'static str,
    pub unknown: &'static str,
    pub rule: &'static str,
    pub rule_spares: &'static str,
    pub section: &'static str,
    pub modem_manager: &'static str,
    pub defaults: &'static str,
    only: &'static str,
    named: &'static str,
    commands: &'static str,
    best: &'static str,
    storage: &'static str,
    network_only: &'static str,
    not_configured: &'static str,
    no_driver: &'static str,
    cards: [&'static str; 6],
    registrations: [&'static str; 5],
}

const INDONESIAN: Phrases = Phrases {
    lang: Lang::Indonesian,
    nothing: "Tidak ada port serial USB dan tidak ada modem dalam pengaturan. Apakah modem terpasang? `lsusb` menampilkan \
              yang terlihat; modem yang muncul sebagai disk memerlukan paket usb-modeswitch.",
    asking: "Menanyai port, paling lama sekitar 10 detik untuk setiap port yang diam …",
    chosen: "pakai {}: {}",
    none_answers: "tidak ada port yang menjawab AT",
    not_asked: "tidak dibuka",
    held: "tidak diketahui: portnya tidak dapat dibuka sekarang",
    silent: "diam",
    babble: "bukan port AT ({} oktet lain)",
    failed: "gagal: {}",
    modem: "menjawab AT",
    announces: ", memberi tahu pesan masuk",
    keeps_quiet: ", tidak menawarkan AT+CNMI",
    modem_line: "modem: {} {}, firmware {}, IMEI {}",
    sim_line: "SIM: {}, ICCID {}",
    network_line: "jaringan: {}, operator {}, sinyal {} dari 31",
    unknown: "tidak diketahui",
    rule: "aturan udev belum mengenalnya; tulis baris ini dalam /etc/udev/rules.d/69-kentongan-local.rules, lalu \
           `sudo udevadm control --reload && sudo udevadm trigger`:",
    rule_spares: "daemon menemukannya sendiri dengan bertanya setiap kali dipasang; agar tidak perlu bertanya lagi, tulis baris ini \
                  dalam /etc/udev/rules.d/69-kentongan-local.rules, lalu `sudo udevadm control --reload`, cabut dan pasang lagi:",
    section: "nama sendiri dalam pengaturan, bila diinginkan (begitu satu [[modem]] ditulis, hanya yang ditulis yang dipakai):",
    modem_manager: "Perhatian: ModemManager berjalan. Aturan udev menjauhkannya dari modem yang dikenal; bila server ini tidak \
                    memerlukannya: sudo systemctl disable --now ModemManager",
    defaults: "Perhatian: pengaturan tidak terbaca, dipakai nilai bawaan: {}",
    only: "satu-satunya yang menjawab AT",
    named: "disebut oleh aturan udev atau pengaturan, dan menjawab AT",
    commands: "menyebut dirinya port perintah (PCUI)",
    best: "menjawab AT dan memberi tahu pesan masuk; yang lain untuk data",
    storage: "masih berupa disk: pasang paket usb-modeswitch dan usb-modeswitch-data, cabut dan pasang lagi",
    network_only: "hanya kartu jaringan (HiLink atau sejenisnya) tanpa port AT: tidak dapat dipakai sebelum diubah ke mode serial",
    not_configured: "tidak diaktifkan oleh kernel: pengendali USB penuh atau daya kurang; lihat `dmesg` (\"Not enough host \
                     controller resources\"), pakai port USB lain atau hub berdaya",
    no_driver: "kernel tidak punya driver untuk port-portnya; lihat `dmesg`, perbarui kernel, atau beri tahu lewat new_id",
    cards: [
        "siap",
        "minta PIN: matikan PIN di telepon",
        "minta PUK: buka blokirnya di telepon",
        "terkunci",
        "tidak ada",
        "tidak diketahui",
    ],
    registrations: ["terdaftar", "terdaftar (roaming)", "mencari", "ditolak", "tidak terdaftar"],
};

const ENGLISH: Phrases = Phrases {
    lang: Lang::English,
    nothing: "No USB serial port is there, and the configuration names no modem. Is a modem plugged in? `lsusb` shows what \
              the machine sees; a modem that shows up as a disk there needs the package usb-modeswitch.",
    asking: "Asking the ports, at most about 10 seconds for each that keeps silent …",
    chosen: "use {}: {}",
    none_answers: "no port answers AT",
    not_asked: "not opened",
    held: "unknown: its port cannot be opened now",
    silent: "silent",
    babble: "no AT port ({} other octets)",
    failed: "failed: {}",
    modem: "answers AT",
    announces: ", announces messages",
    keeps_quiet: ", offers no AT+CNMI",
    modem_line: "modem: {} {}, firmware {}, IMEI {}",
    sim_line: "SIM: {}, ICCID {}",
    network_line: "network: {}, operator {}, signal {} of 31",
    unknown: "unknown",
    rule: "the udev rules do not know it; write this line into /etc/udev/rules.d/69-kentongan-local.rules, then \
           `sudo udevadm control --reload && sudo udevadm trigger`:",
    rule_spares: "the daemon finds it by asking each time it is plugged in; to spare it that, write this line into \
                  /etc/udev/rules.d/69-kentongan-local.rules, then `sudo udevadm control --reload`, unplug it and plug it in again:",
    section: "a name of its own in the configuration, if wanted (once one [[modem]] is listed, only those listed are used):",
    modem_manager: "Note: ModemManager is running. The udev rules keep it off the modems they know; if this server does not need \
                    it: sudo systemctl disable --now ModemManager",
    defaults: "Note: the configuration cannot be read, so defaults are used: {}",
    only: "the only one that answers AT",
    named: "named by the udev rules or the configuration, and it answers AT",
    commands: "it calls itself the port for commands (PCUI)",
    best: "it answers AT and announces messages; the others are for data",
    storage: "still a disk: install the packages usb-modeswitch and usb-modeswitch-data, then unplug it and plug it in again",
    network_only: "a network card only (HiLink or its like), without an AT port: of no use until it is put into serial mode",
    not_configured: "not set up by the kernel: the USB controller is full or the power too weak; see `dmesg` (\"Not enough host \
                     controller resources\"), use another USB port or a powered hub",
    no_driver: "the kernel has no driver for its ports; see `dmesg`, update the kernel, or tell it through new_id",
    cards: [
        "ready",
        "asks for its PIN: turn the PIN off in a phone",
        "asks for its PUK: unblock it in a phone",
        "locked",
        "none",
        "unknown",
    ],
    registrations: ["registered", "registered (roaming)", "searching", "refused", "not registered"],
};

impl Phrases {
    pub(super) fn of(lang: Lang) -> &'static Phrases {
        lang.pick(&INDONESIAN, &ENGLISH)
    }

    pub(super) fn why(&self, why: Why) -> &'static str {
        match why {
            Why::Only => self.only,
            Why::Named => self.named,
            Why::Commands => self.commands,
            Why::Best => self.best,
        }
    }

    pub(super) fn trouble(&self, trouble: Trouble) -> &'static str {
        match trouble {
            Trouble::Storage => self.storage,
            Trouble::NetworkOnly => self.network_only,
            Trouble::NotConfigured => self.not_configured,
            Trouble::NoDriver => self.no_driver,
        }
    }

    pub(super) fn registration(&self, registration: Registration) -> &'static str {
        let place = match registration {
            Registration::Home => 0,
            Registration::Roaming => 1,
            Registration::Searching => 2,
            Registration::Denied => 3,
            Registration::None => 4,
        };
        self.registrations[place]
    }

    pub(super) fn card(&self, card: Card) -> &'static str {
        let place = match card {
            Card::Ready => 0,
            Card::Pin => 1,
            Card::Puk => 2,
            Card::Locked => 3,
            Card::Missing => 4,
            Card::Unknown => 5,
        };
        self.cards[place]
    }
}
