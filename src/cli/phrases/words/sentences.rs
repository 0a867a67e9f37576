//! What the engine and the modems say, and the same in Indonesian.

/// The longer of two forms that fit stands first.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "the spreadsheet has cut the number short (like 6,28E+11); format the column as text and enter it again",
        "nomor terpotong oleh lembar kerja (seperti 6,28E+11); format kolom sebagai teks dan isi lagi",
    ),
    (
        "job {} is cancelled; what had left stays in its account",
        "pekerjaan {} dibatalkan; yang sudah berangkat tetap tercatat",
    ),
    ("job {} is approved", "pekerjaan {} disetujui"),
    ("job {} is refused; nothing of it is sent", "pekerjaan {} ditolak; tidak ada yang dikirim"),
    (
        "job {} is from {}; somebody else must approve it",
        "pekerjaan {} berasal dari {}; orang lain yang harus menyetujuinya",
    ),
    ("job {} does not wait for a second person", "pekerjaan {} tidak menunggu persetujuan"),
    ("{}; its time is over before that", "{}; masa berlakunya habis sebelum itu"),
    ("quiet hours of class {}", "jam tenang kelas {}"),
    ("class {} is not sent on this day", "kelas {} tidak dikirim pada hari ini"),
    ("moratorium: {}", "moratorium: {}"),
    (
        "unit {} has sent what it may in a day, {} segments; {} recipient(s) are left",
        "unit {} sudah mengirim jatahnya sehari, {} bagian; tersisa {} penerima",
    ),
    (
        "it goes to {} people, more than {}: a second person must agree: kentongan job approve {}",
        "penerimanya {} orang, lebih dari {}: harus disetujui orang kedua: kentongan job approve {}",
    ),
    (
        "every job of unit {} waits for a second person: kentongan job approve {}",
        "setiap pekerjaan unit {} harus disetujui orang kedua: kentongan job approve {}",
    ),
    ("moratorium {} is entered", "moratorium {} dicatat"),
    ("moratorium {} is ended", "moratorium {} diakhiri"),
    ("a moratorium needs a reason", "moratorium harus punya alasan"),
    (
        "its end is over already, or lies before its beginning",
        "akhirnya sudah lewat, atau lebih awal daripada mulainya",
    ),
    ("there is no moratorium {} that holds or is to come", "tidak ada moratorium {} yang berlaku atau akan datang"),
    (
        "there is no group {}; make it (sudo groupadd {}) and restart the daemon",
        "tidak ada grup {}; buat dahulu (sudo groupadd {}), lalu jalankan ulang daemon",
    ),
    ("{} is not of group {}; give it to it: sudo chgrp -R {}", "{} bukan milik grup {}; serahkan: sudo chgrp -R {}"),
    (
        "everybody may look into {} or write there; end that: sudo chmod 2770 {}",
        "semua orang dapat melihat atau menulis di {}; tutup: sudo chmod 2770 {}",
    ),
    (
        "group {} may not work in {}, or what is made there is not its own; sudo chmod 2770 {}",
        "grup {} tidak dapat bekerja di {}, atau berkas di sana bukan miliknya; sudo chmod 2770 {}",
    ),
    (
        "members of group {} get no way through {}, if they are in no other group of its; sudo chmod o+x {}",
        "anggota grup {} tidak dapat melewati {} bila tidak ada dalam grupnya; sudo chmod o+x {}",
    ),
    ("job {} is {}", "pekerjaan {}: {}"),
    (
        "of the first {} messages {} arrived, {} failed, {} brought no report; the rest waits for: {}",
        "dari {} pesan pertama, {} sampai, {} gagal, {} tanpa laporan; sisanya menunggu: {}",
    ),
    (
        "{}: in modem {}: of {} accepted messages {} arrived, {} failed, {} brought no report",
        "{}: di modem {}: dari {} pesan yang diterima operator, {} sampai, {} gagal, {} tanpa laporan",
    ),
    (
        "in modem {}: of {} accepted messages {} arrived, {} failed, {} brought no report",
        "di modem {}: dari {} pesan yang diterima operator, {} sampai, {} gagal, {} tanpa laporan",
    ),
    (
        "in modem {}: {} of {} accepted messages arrived, others fare better",
        "di modem {}: {} dari {} pesan yang diterima operator sampai, kartu lain lebih baik",
    ),
    (
        "{} of {} accepted messages arrived, others fare better",
        "{} dari {} pesan yang diterima operator sampai, kartu lain lebih baik",
    ),
    (
        "{}: of {} accepted messages {} arrived, {} failed, {} brought no report",
        "{}: dari {} pesan yang diterima operator, {} sampai, {} gagal, {} tanpa laporan",
    ),
    (
        "of {} accepted messages {} arrived, {} failed, {} brought no report",
        "dari {} pesan yang diterima operator, {} sampai, {} gagal, {} tanpa laporan",
    ),
    ("there is no job {}", "pekerjaan {} tidak ada"),
    ("there is no modem {} with a SIM", "tidak ada modem {} yang berisi kartu SIM"),
    ("modem {} is in use already", "modem {} memang sedang dipakai"),
    (
        "the SIM in modem {} is not taken out; it is the modem that is not at work",
        "kartu SIM di modem {} tidak sedang dikeluarkan; modemnya sendiri yang tidak bekerja",
    ),
    ("modem {} is in use again", "modem {} dipakai lagi"),
    (
        "it could have gone out {} h ago and the daemon was stopped for long meanwhile; is it still wanted?",
        "seharusnya dapat dikirim {} jam yang lalu, tetapi daemon lama berhenti; apakah masih diperlukan?",
    ),
    (
        "{} job(s) wait for a person after a long stop: kentongan jobs, then kentongan job resume N, or kentongan resume --held",
        "{} pekerjaan menunggu keputusan setelah daemon lama berhenti: kentongan jobs, lalu kentongan job resume N, atau kentongan resume --held",
    ),
    (
        "{} job(s) wait for a person since a backup was put back: kentongan jobs, then kentongan job resume N or kentongan job cancel N, each by itself",
        "{} pekerjaan menunggu keputusan sejak cadangan dipasang kembali: kentongan jobs, lalu kentongan job resume N atau kentongan job cancel N, satu per satu",
    ),
    (
        "{} job(s) wait because a backup was put back; look at each, then kentongan job resume N or kentongan job cancel N",
        "{} pekerjaan menunggu karena cadangan dipasang kembali; periksa satu per satu, lalu kentongan job resume N atau kentongan job cancel N",
    ),
    (
        "a backup was put back; the ledger before it says that {} message(s) were not sent or are in doubt; is it still wanted?",
        "cadangan dipasang kembali; menurut basis data sebelumnya {} pesan belum dikirim atau belum pasti; apakah masih diperlukan?",
    ),
    (
        "a backup of {} was put back; nobody knows which of {} message(s) were sent since then",
        "cadangan dari {} dipasang kembali; tidak diketahui yang mana dari {} pesan sudah dikirim sejak itu",
    ),
    (
        "no backup could be made: {}; see that its disk is there and has room, and that the daemon may write to it",
        "cadangan tidak dapat dibuat: {}; periksa apakah disknya ada dan cukup luang, dan apakah daemon boleh menulis di sana",
    ),
    ("no job waits because of a long stop", "tidak ada pekerjaan yang menunggu karena daemon lama berhenti"),
    (
        "{} job(s) go on that waited after a long stop",
        "{} pekerjaan yang menunggu setelah daemon lama berhenti dilanjutkan",
    ),
    (
        "the SIM in modem {} is taken out; see to it, then kentongan modem resume {}",
        "kartu SIM dalam modem {} dikeluarkan; urus dahulu, lalu kentongan modem resume {}",
    ),
    ("modem {} is being tested already (self-test {})", "modem {} sedang diuji (uji {})"),
    (
        "the number of the SIM in modem {} is not known; give it with --number, or write it as number in its [[modem]]",
        "nomor kartu SIM dalam modem {} belum diketahui; sebutkan dengan --number, atau tulis sebagai number dalam [[modem]]",
    ),
    ("self-test {} failed: {}", "uji {} gagal: {}"),
    ("the report says that it was not delivered", "menurut laporan pesan itu tidak sampai"),
    (
        "this modem hands on no reports; see whether it takes AT+CNMI",
        "modem ini tidak meneruskan laporan; periksa apakah AT+CNMI diterima",
    ),
    (
        "no report came within {} minutes; ask the operator whether this SIM gets reports",
        "tidak ada laporan dalam {} menit; tanyakan pada operator apakah kartu ini mendapat laporan",
    ),
    (
        "no copy came within {} minutes; is {} the number of this SIM?",
        "tidak ada salinan dalam {} menit; benarkah {} nomor kartu SIM ini?",
    ),
    (
        "it was not handed over within {} minutes; see the limits and the state of the modem",
        "pesan tidak diserahkan dalam {} menit; periksa batas dan keadaan modem",
    ),
    ("the message is {}: {}", "pesan {}: {}"),
    ("it came from {}", "datang dari {}"),
    (
        "the copy came in through {}; the number is that SIM's",
        "salinan masuk lewat {}; nomor itu milik kartu SIM di sana",
    ),
    (
        "{} of {} characters came back otherwise; the first is {} for {}",
        "{} dari {} karakter kembali berbeda; yang pertama {} untuk {}",
    ),
    (
        "{} characters came back for {}; character {} is {} for {}",
        "{} karakter kembali dari {}; karakter {} adalah {} untuk {}",
    ),
    ("the daemon was stopped", "daemon dihentikan"),
    ("in modem {}: credit {} is below {}", "di modem {}: pulsa {} kurang dari {}"),
    ("credit {} is below {}", "pulsa {} kurang dari {}"),
    ("in modem {}: the active period ends on {}", "di modem {}: masa aktif habis pada {}"),
    (
        "in modem {}: {} answers in a row did not say the credit; dial the code with kentongan ussd and compare the answer with \
         the pattern in [[credit]]",
        "di modem {}: {} jawaban berturut-turut tidak menyebut pulsa; jalankan kodenya dengan kentongan ussd dan bandingkan \
         jawabannya dengan pola dalam [[credit]]",
    ),
    ("modem {} is not ready; see kentongan modems", "modem {} belum siap; lihat kentongan modems"),
    (
        "modem {} is dialling another USSD code; try again in a minute",
        "modem {} sedang menjalankan kode USSD lain; coba lagi sebentar lagi",
    ),
    (
        "one code and at most {} keys can be dialled at a time",
        "sekali jalan hanya satu kode dengan paling banyak {} pilihan",
    ),
    (
        "the network ended the menu before all keys were given; leave the last --then away",
        "jaringan menutup menu sebelum semua pilihan diberikan; hilangkan --then yang terakhir",
    ),
    (
        "the network ended it without a word; try again in a minute",
        "jaringan memutusnya tanpa jawaban; coba lagi sebentar lagi",
    ),
    (
        "another program or phone with this SIM took the answer; stop it and try again",
        "jawabannya diambil program atau ponsel lain dengan kartu SIM ini; hentikan itu lalu coba lagi",
    ),
    (
        "the network does not know this code on this SIM; check the code with the operator (LTE-only SIMs have no USSD)",
        "jaringan tidak mengenal kode ini pada kartu SIM ini; tanyakan kodenya pada operator (kartu khusus LTE tidak punya USSD)",
    ),
    (
        "the network did not answer its own menu in time; try again in a minute",
        "jaringan terlambat menjawab menunya sendiri; coba lagi sebentar lagi",
    ),
    (
        "no answer came in time; try again, and look at signal and registration (kentongan modems)",
        "tidak ada jawaban pada waktunya; coba lagi, dan periksa sinyal serta pendaftaran (kentongan modems)",
    ),
    (
        "the modem refused the code ({}); look at its registration (kentongan modems)",
        "modem menolak kode itu ({}); periksa pendaftarannya (kentongan modems)",
    ),
    (
        "the modem was needed for an emergency; try again when that is sent",
        "modem diperlukan untuk pesan darurat; coba lagi setelah pesan itu terkirim",
    ),
    ("the daemon is stopping; try again when it runs", "daemon sedang berhenti; coba lagi setelah berjalan"),
    (
        "the modem went away before the answer came; try again when it is back",
        "modem hilang sebelum jawabannya datang; coba lagi setelah modem kembali",
    ),
    (
        "the modem had messages in hand for {} minutes; try again later, or pause first",
        "modem terus mengirim pesan selama {} menit; coba lagi nanti, atau tahan dahulu (pause)",
    ),
    ("there is an account {} already", "sudah ada akun {}"),
    ("account {} is open", "akun {} aktif"),
    ("account {} is changed", "akun {} diubah"),
    (
        "account {} has a new password; whoever was signed in with it is signed out",
        "akun {} punya kata sandi baru; siapa pun yang masuk dengannya telah dikeluarkan",
    ),
    ("account {} is closed", "akun {} ditutup"),
    ("there is no open account {}", "tidak ada akun aktif {}"),
    ("there is, or was, a token {}; take another name", "token {} sudah ada atau pernah ada; pakai nama lain"),
    ("token {} is made", "token {} dibuat"),
    ("token {} is revoked", "token {} dicabut"),
    ("there is no token {} that holds", "tidak ada token {} yang masih berlaku"),
    (
        "`{}` cannot be a name; use 1 to 40 letters, digits, dots, dashes, underlines",
        "`{}` tidak bisa menjadi nama; pakai 1 sampai 40 huruf, angka, titik, tanda hubung, garis bawah",
    ),
    (
        "a password has at least {} characters; a few words are easy to keep in mind",
        "kata sandi paling sedikit {} karakter; beberapa kata mudah diingat",
    ),
    (
        "this is too easy to guess; take a few words that have nothing to do with you or the office",
        "ini terlalu mudah ditebak; pakai beberapa kata yang tidak ada hubungannya dengan Anda atau kantor",
    ),
    ("{} may not do this; it needs the right `{}`", "{} tidak berhak melakukan ini; perlu hak `{}`"),
    ("{} does not act for unit {}", "{} tidak bertindak untuk unit {}"),
    (
        "you are in no group that may; become a member of the daemon's group (kentongan) or of your unit's, or use sudo",
        "Anda tidak ada dalam grup yang berhak; minta dimasukkan ke grup daemon (kentongan) atau grup unit Anda, atau gunakan sudo",
    ),
    (
        "another file named {} lies in the unit's folder; name this list otherwise",
        "berkas lain bernama {} sudah ada di folder unit; beri daftar ini nama lain",
    ),
    (
        "another file was put under the name of a list at this moment, and the job may have been read with it; look at `kentongan jobs` before \
         you send it again",
        "berkas lain baru saja diletakkan dengan nama daftar itu, dan pekerjaan mungkin dibaca dengannya; lihat `kentongan jobs` sebelum \
         mengirimnya lagi",
    ),
    ("two files of the form are named {}", "dua berkas bernama {}; beri nama lain"),
    ("`{}` is no list; a list is .csv or .xlsx", "`{}` bukan daftar; daftar berakhiran .csv atau .xlsx"),
    ("a text brings at most {} lists along", "satu teks membawa paling banyak {} daftar"),
    (
        "a form is at most {} octets (2 × intake.file_mb_max)",
        "semua berkas bersama paling banyak {} oktet (2 × intake.file_mb_max)",
    ),
    (
        "too many files are being checked at this moment; try again in a minute",
        "terlalu banyak berkas sedang diperiksa; coba lagi sebentar",
    ),
    (
        "this key was used for another request; each request has its own",
        "kunci ini sudah dipakai untuk permintaan lain; tiap permintaan punya kunci sendiri",
    ),
    ("there is no job {}, or it is another unit's", "pekerjaan {} tidak ada, atau milik unit lain"),
    ("there is no such thing here, or it is another unit's", "tidak ada di sini, atau milik unit lain"),
    (
        "`{}` is no job file; name it .txt, .csv or .xlsx by what is in it",
        "`{}` bukan berkas pekerjaan; beri akhiran .txt, .csv, atau .xlsx menurut isinya",
    ),
    ("the daemon cannot answer now; its log says why", "daemon tidak dapat menjawab sekarang; alasannya ada di lognya"),
    (
        "this touches every unit, and {} acts for some only",
        "ini menyangkut semua unit, sedangkan {} hanya untuk beberapa",
    ),
    ("{} is paused already", "{} sudah ditahan sebelumnya"),
    ("{} is not paused", "{} tidak sedang ditahan"),
    ("{} is paused", "{} ditahan"),
    ("{} goes on", "{} dilanjutkan"),
    ("{} has opted out already", "{} sudah menolak SMS sebelumnya"),
    ("{} has not opted out", "{} tidak menolak SMS"),
    ("{} is not written to any more", "{} tidak dikirimi lagi"),
    ("{} may be written to again", "{} boleh dikirimi lagi"),
    ("{} gets life-safety messages only", "{} hanya menerima peringatan bahaya"),
    ("how {} came in is on record", "asal {} sudah dicatat"),
    ("nothing is held of {}", "tidak ada data tentang {}"),
    ("there is no inbound text {}", "SMS masuk {} tidak ada"),
    ("inbound text {} is not new", "SMS masuk {} tidak berstatus baru"),
    ("inbound text {} is read", "SMS masuk {} sudah dibaca"),
    ("inbound text {} is answered already", "SMS masuk {} sudah dijawab"),
    ("inbound text {} is nobody's who could be answered", "pengirim SMS masuk {} tidak dapat dijawab"),
    ("inbound text {} is a keyword; the machine sees to those", "SMS masuk {} adalah kata kunci; itu dijawab mesin"),
    ("{} has opted out since inbound text {} came", "{} menolak SMS setelah mengirim SMS masuk {}"),
    ("the answer to inbound text {} is on its way", "jawaban untuk SMS masuk {} sedang dikirim"),
    (
        "the answer to inbound text {} waits for its SIM, which no modem has ready now",
        "jawaban untuk SMS masuk {} menunggu kartu SIM-nya, yang sekarang tidak siap di modem mana pun",
    ),
    ("the text is empty", "isinya kosong"),
    ("the export of {} is on record", "penyalinan data {} sudah dicatat"),
    (
        "{}; it is taken out of these archives as soon as they can be opened: {}",
        "{}; dari arsip berikut dihapus begitu arsipnya dapat dibuka: {}",
    ),
    (
        "{} is erased: {} messages, {} inbound texts and {} offices in the roster no longer name it; these files still do: {}",
        "{} dihapus: {} pesan, {} SMS masuk dan {} jabatan di daftar tidak lagi memuatnya; berkas ini masih memuatnya: {}",
    ),
    (
        "{} is erased: {} messages, {} inbound texts and {} offices in the roster no longer name it",
        "{} dihapus: {} pesan, {} SMS masuk dan {} jabatan di daftar tidak lagi memuatnya",
    ),
    (
        "{} is whole and has the details of {} jobs; they leave the database bit by bit (kentongan archives)",
        "{} sudah utuh dan memuat rincian {} pekerjaan; rincian itu keluar dari basis data sedikit demi sedikit (kentongan archives)",
    ),
    (
        "only jobs that have been over for 30 days can be archived; name an earlier day",
        "hanya pekerjaan yang sudah selesai 30 hari dapat diarsipkan; pilih tanggal yang lebih awal",
    ),
    ("{} is being made; see kentongan archives", "{} sedang dibuat; lihat kentongan archives"),
    (
        "the archive {} could not be made ({}); nothing was taken out of the database",
        "arsip {} tidak dapat dibuat ({}); tidak ada yang dikeluarkan dari basis data",
    ),
    ("there is a file of this name", "sudah ada berkas dengan nama ini"),
    (
        "no job that ended before that day can leave: there is nothing to archive",
        "tidak ada pekerjaan yang selesai sebelum hari itu yang dapat dipindahkan: tidak ada yang diarsipkan",
    ),
    ("message {} is not in doubt", "pesan {} tidak berstatus belum pasti"),
    ("{} segment(s) of message {} taken as sent", "{} bagian pesan {} dianggap terkirim"),
    (
        "{} segment(s) of message {} taken as not sent; its job has ended, so it is not sent again",
        "{} bagian pesan {} dianggap tidak terkirim; pekerjaannya sudah berakhir, jadi tidak dikirim lagi",
    ),
    ("{} segment(s) of message {} queued again", "{} bagian pesan {} masuk antrean lagi"),
    ("the same number as number {} in row {}", "nomor yang sama dengan nomor ke-{} di baris {}"),
    ("the same number as in row {}", "nomor yang sama dengan baris {}"),
    ("the same person as in row {}", "orang yang sama dengan baris {}"),
    (
        "messages to it failed again and again; see kentongan roster corrections",
        "SMS ke nomor ini berulang kali gagal; lihat kentongan roster corrections",
    ),
    (
        "the roster was changed meanwhile; look at the difference again",
        "daftar pejabat sudah berubah; lihat lagi perbedaannya",
    ),
    (
        "this import was not begun, or another has begun since; begin it again",
        "impor ini belum dimulai, atau impor lain sudah dimulai; mulai lagi",
    ),
    (
        "what is left of an import that was broken off is being removed; try again in a moment",
        "sisa impor yang terputus sedang dihapus; coba lagi sebentar",
    ),
    ("there is nothing to change", "tidak ada yang perlu diubah"),
    (
        "{} of {} lines cannot be used; look at the columns, mend them and import again",
        "{} dari {} baris tidak dapat dipakai; periksa kolomnya, perbaiki, lalu impor lagi",
    ),
    (
        "the difference is not the one that was agreed to (now {}); look at it again without --apply",
        "perbedaannya bukan lagi yang disetujui (sekarang {}); lihat lagi tanpa --apply",
    ),
    ("roster import {} is applied: {} steps", "impor {} diterapkan: {} langkah"),
    (
        "a name has 1 to 40 letters, digits, - or _, without spaces, such as rw-utara",
        "nama terdiri atas 1 sampai 40 huruf, angka, - atau _, tanpa spasi, misalnya rw-utara",
    ),
    ("audience {} is saved", "sasaran {} disimpan"),
    ("there is no audience {}", "sasaran {} tidak ada"),
    (
        "audience {} is forgotten; jobs that were accepted with it stay as they are",
        "sasaran {} dihapus; pekerjaan yang sudah diterima dengannya tidak berubah",
    ),
    ("{} is not suspended", "{} tidak sedang ditangguhkan"),
    ("{} is sent to again", "{} dikirimi lagi"),
    ("neither the row nor the job has a text", "baris dan pekerjaan tidak punya isi"),
    ("the text needs {} and the row has nothing there", "isi memerlukan {}, tetapi kosong di baris ini"),
    ("the text needs {} segments, at most {} are allowed", "isi memerlukan {} bagian, paling banyak {}"),
    ("the text needs {} segments", "isi memerlukan {} bagian"),
    ("the number is empty", "nomor kosong"),
    (
        "the spreadsheet has cut the number short (6.28E+11); format the column as text and enter it again",
        "lembar kerja memotong nomor (6.28E+11); jadikan kolomnya teks dan ketik ulang",
    ),
    (
        "there is a letter in the number; write digits only (0, not O)",
        "ada huruf dalam nomor; tulis angka saja (0, bukan O)",
    ),
    ("the character {} does not belong in a number", "karakter {} tidak boleh ada dalam nomor"),
    ("there seem to be two numbers; write one a row", "tampaknya ada dua nomor; tulis satu nomor per baris"),
    ("the number is too short", "nomor terlalu pendek"),
    ("the number is too long", "nomor terlalu panjang"),
    ("this is a short code, not a mobile number", "ini kode pendek, bukan nomor seluler"),
    ("this is not a mobile number", "ini bukan nomor seluler"),
    (
        "no operator has numbers like this; count the digits",
        "tidak ada operator dengan nomor seperti ini; periksa jumlah angkanya",
    ),
    ("the SIM asks for its PIN; turn the PIN off in a phone", "kartu SIM meminta PIN; matikan PIN lewat ponsel"),
    (
        "the SIM is blocked and asks for its PUK; unblock it in a phone",
        "kartu SIM terblokir dan meminta PUK; buka lewat ponsel",
    ),
    ("no SIM is found; insert one or clean its contacts", "kartu SIM tidak ditemukan; pasang atau bersihkan kontaknya"),
    ("the SIM does not get ready", "kartu SIM tidak kunjung siap"),
    ("the modem is searching for a network", "modem mencari jaringan"),
    ("the network refuses this SIM or this modem", "jaringan menolak kartu SIM atau modem ini"),
    ("the modem is not registered with a network", "modem tidak terdaftar di jaringan"),
    ("the modem does not answer AT", "modem tidak menjawab AT"),
    (
        "the modem does not answer AT, and no other port of its device does ({}); see kentongan doctor",
        "modem tidak menjawab AT, begitu pula port lainnya ({}); lihat kentongan doctor",
    ),
    (
        "no port of this device takes AT commands ({}); see kentongan doctor",
        "tidak ada port perangkat ini yang menerima perintah AT ({}); lihat kentongan doctor",
    ),
    ("{}; left alone until {}", "{}; dibiarkan sampai {}"),
    ("rests until {}: {}", "beristirahat sampai {}: {}"),
    ("the SIM cannot send: {}", "kartu SIM tidak dapat mengirim: {}"),
    ("a command of ours was refused: {}", "satu perintah kami ditolak: {}"),
    ("the storage is full: {}", "penyimpanan penuh: {}"),
    ("busy {} times in a row, last {}", "sibuk {} kali berturut-turut, terakhir {}"),
    ("{} temporary refusals in a row, last {}", "{} penolakan sementara berturut-turut, terakhir {}"),
    ("{} recipients refused in a row, last {}", "{} penerima berturut-turut ditolak, terakhir {}"),
    ("{} hand-overs failed: {}", "{} kali pengiriman ke modem gagal: {}"),
    ("{} hand-overs in a row without an answer, last: {}", "{} pengiriman berturut-turut tanpa jawaban, terakhir: {}"),
    ("there is no port {}; is the modem plugged in?", "port {} tidak ada; apakah modem terpasang?"),
    (
        "{} is in use by process {} (kentongan); see kentongan modems",
        "{} sedang dipakai proses {} (kentongan); lihat kentongan modems",
    ),
    (
        "{} is in use by process {} (ModemManager); install the udev rules, which keep it off modems",
        "{} sedang dipakai proses {} (ModemManager); pasang aturan udev, yang menjauhkannya dari modem",
    ),
    ("{} is in use by process {} ({}); stop it first", "{} sedang dipakai proses {} ({}); hentikan dulu"),
    (
        "{} is in use by another program; `sudo fuser -v {}` names it",
        "{} sedang dipakai program lain; `sudo fuser -v {}` menyebutkannya",
    ),
    (
        "{} may not be opened by this user; add it to the group dialout: sudo usermod -a -G dialout USER, then log in anew",
        "{} tidak boleh dibuka oleh pengguna ini; masukkan ke grup dialout: sudo usermod -a -G dialout PENGGUNA, lalu masuk lagi",
    ),
    (
        "{} cannot be opened: {}; is it a serial port, and does the modem get enough power?",
        "{} tidak dapat dibuka: {}; apakah itu port serial, dan cukupkah daya modem?",
    ),
    ("no modem is at work since {}", "tidak ada modem yang bekerja sejak {}"),
    ("{} messages wait, the oldest of job {} since {}", "{} pesan menunggu, yang terlama dari pekerjaan {} sejak {}"),
    ("{} MB of {} MB are left", "tersisa {} MB dari {} MB"),
    ("{} people opted out within an hour", "{} orang berhenti dalam satu jam"),
    ("it answered {}", "jawabannya {}"),
    (
        "nobody is told of alarms; name somebody in [alarms] of the configuration",
        "belum ada yang diberi tahu tentang peringatan; isi [alarms] dalam pengaturan",
    ),
    ("there is no webhook {}", "tidak ada webhook {}"),
    ("the daemon is stopping", "daemon berhenti"),
    ("the port is gone ({})", "port hilang ({})"),
];
