//! Every sentence that the queue directory says to staff, in Indonesian and in English.
//!
//! Two functions, one a language, each with one `match` over every fault: a missing sentence does not compile. A
//! sentence says what was found; a remedy says what the person at the desk can do about it.

mod audience;
mod hours;
mod smstools;

pub use audience::{expression_error, place_error};

use super::rejection::{ExcludedCounts, Fault, Rejection, Size};
use crate::model::{Class, Lang, NumberError, character};

/// The words around a sentence.
struct Frame {
    rejected: &'static str,
    reason: &'static str,
    remedy: &'static str,
    in_list: &'static str,
    line: &'static str,
    column: &'static str,
    nothing_sent: &'static str,
}

const INDONESIAN: Frame = Frame {
    rejected: "Berkas ditolak",
    reason: "Alasan",
    remedy: "Yang dapat dilakukan",
    in_list: "berkas",
    line: "baris",
    column: "kolom",
    nothing_sent: "Tidak ada SMS yang dikirim dari berkas ini.",
};

const ENGLISH: Frame = Frame {
    rejected: "File rejected",
    reason: "Reason",
    remedy: "What to do",
    in_list: "file",
    line: "line",
    column: "column",
    nothing_sent: "No SMS was sent from this file.",
};

struct Sentence {
    what: String,
    remedy: String,
}

fn say(what: impl Into<String>, remedy: impl Into<String>) -> Sentence {
    Sentence { what: what.into(), remedy: remedy.into() }
}

fn of(lang: Lang) -> (&'static Frame, fn(&Fault) -> Sentence) {
    match lang {
        Lang::Indonesian => (&INDONESIAN, indonesian),
        Lang::English => (&ENGLISH, english),
    }
}

/// Place, what is wrong and what to do, in one line.
pub(super) fn line(rejection: &Rejection, lang: Lang) -> String {
    let remedy = of(lang).1(&rejection.fault).remedy;
    match what(rejection, lang) {
        what if what.ends_with('?') => format!("{what} {}", capital(&remedy)),
        what => format!("{what}; {remedy}"),
    }
}

/// Place and what is wrong, in one line.
pub(super) fn what(rejection: &Rejection, lang: Lang) -> String {
    let (frame, sentence) = of(lang);
    let what = sentence(&rejection.fault).what;
    match place(rejection, frame) {
        place if place.is_empty() => what,
        place => format!("{place}: {what}"),
    }
}

/// A sentence that is a question already ends itself.
fn ended(sentence: &str) -> String {
    if sentence.ends_with('?') { sentence.to_owned() } else { format!("{sentence}.") }
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The whole text of `NAME.reason.txt`.
pub(super) fn notice(rejection: &Rejection, file: &str) -> String {
    let mut text = String::new();
    for lang in [Lang::Indonesian, Lang::English] {
        let (frame, sentence) = of(lang);
        let remedy = sentence(&rejection.fault).remedy;
        if !text.is_empty() {
            text.push('\n');
        }
        text += &format!("{}: {file}\n", frame.rejected);
        text += &format!("{}: {}\n", frame.reason, ended(&what(rejection, lang)));
        text += &format!("{}: {}\n", frame.remedy, ended(&remedy));
        text += frame.nothing_sent;
        text.push('\n');
    }
    text
}

fn place(rejection: &Rejection, frame: &Frame) -> String {
    let mut parts = Vec::new();
    if let Some(list) = &rejection.list {
        parts.push(format!("{} {list}", frame.in_list));
    }
    if let Some(line) = rejection.line {
        parts.push(format!("{} {line}", frame.line));
    }
    if let Some(column) = &rejection.column {
        parts.push(format!("{} {column}", frame.column));
    }
    parts.join(", ")
}

fn list(names: &[String]) -> String {
    match names.is_empty() {
        true => "-".to_owned(),
        false => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}

/// How many recipients are excluded for which reason.
fn reasons(excluded: &ExcludedCounts, name: impl Fn(&'static str) -> String) -> String {
    excluded.iter().map(|(why, count)| format!("{count} {}", name(why))).collect::<Vec<_>>().join("; ")
}

/// Rows with what is wrong with each, those of the same fault together. `row`: the word for one, and for several.
fn rows(examples: &[(u32, NumberError)], row: [&str; 2], said: impl Fn(&NumberError) -> String) -> String {
    let mut groups: Vec<(&NumberError, Vec<String>)> = Vec::new();
    for (place, why) in examples {
        match groups.iter_mut().find(|(known, _)| *known == why) {
            Some((_, places)) => places.push(place.to_string()),
            None => groups.push((why, vec![place.to_string()])),
        }
    }
    let told = groups.iter().map(|(why, places)| {
        let row = row[usize::from(places.len() > 1)];
        format!("{row} {}: {}", places.join(", "), said(why))
    });
    told.collect::<Vec<_>>().join("; ")
}

fn classes(classes: &[Class], name: fn(Class) -> &'static str) -> String {
    classes.iter().map(|class| name(*class)).collect::<Vec<_>>().join(", ")
}

fn english(fault: &Fault) -> Sentence {
    match fault {
        Fault::Empty => say("the file is empty", "put the recipients and the text in and drop it again"),
        Fault::TooLarge { size, limit } => say(
            format!("the file has {} and at most {} are taken", Size(*size), Size(*limit)),
            "divide the list into several files",
        ),
        Fault::Binary => say(
            "this is no text, or a damaged one: there are octets that no text has",
            "save the file as text (.txt), as CSV UTF-8 (.csv) or as an Excel workbook (.xlsx)",
        ),
        Fault::Workbook => say(
            "this is an Excel workbook (or an archive), but its name says otherwise",
            "if it is a workbook, let its name end in .xlsx",
        ),
        Fault::OldWorkbook => say(
            "this is a workbook in the old Excel format, or one with a password",
            "in Excel choose Save As, Excel Workbook (.xlsx), without a password",
        ),
        Fault::Kind { extension } if extension.is_empty() => {
            say("the name of this file has no ending", "let it end in .txt, .csv or .xlsx, by what is in it")
        }
        Fault::Kind { extension } => {
            say(format!("files ending in `{extension}` are not known here"), "use .txt, .csv or .xlsx")
        }
        Fault::Name => {
            say("the file's name has characters that cannot be kept", "give it a name of letters, digits, - and _")
        }
        Fault::Encoding { encoding } => say(
            format!("there are octets that are not {encoding}; the text is damaged here"),
            "open the file, mend the line and save it as UTF-8",
        ),
        Fault::NoHeaders => say(
            "the file does not begin with headers",
            "write `Kepada: 0812...` (or `To:`) in the first line, then an empty line, then the text",
        ),
        Fault::UnknownHeader { name, near: Some(near) } => say(
            format!("the header `{name}` is not known"),
            format!(
                "did you mean `{near}`? Known are Kepada/To, Kelas/Class, Kirim/Not-Before, Kedaluwarsa/Expires, Ragu/In-Doubt, Ulang/Again, Dasar/Basis"
            ),
        ),
        Fault::UnknownHeader { name, near: None } => say(
            format!("the header `{name}` is not known"),
            "known are Kepada/To, Kelas/Class, Kirim/Not-Before, Kedaluwarsa/Expires, Ragu/In-Doubt, Ulang/Again, Dasar/Basis; \
             put an empty line before the text",
        ),
        Fault::StrayLine => {
            say("this line is neither a header nor a number", "put an empty line between the headers and the text")
        }
        Fault::RepeatedHeader { name } => say(format!("the header `{name}` stands there twice"), "keep one of them"),
        Fault::NoRecipients => say(
            "no recipient is named",
            "write numbers, the name of a list file, or whom by role and area (peran=RW dan kecamatan=Coblong) after `Kepada:`",
        ),
        Fault::NoText => say("there is no text to send", "put an empty line after the headers and the text below it"),
        Fault::Class { word } => {
            say(format!("`{word}` is no class"), "write darurat, penting or umum (emergency, important, routine)")
        }
        Fault::ClassNotAllowed { class, unit, allowed } => say(
            format!("the unit {unit} may not send as {class}"),
            format!("use {}, or ask the administrator", classes(allowed, Class::name)),
        ),
        Fault::Time { word } => say(
            format!("`{word}` is no time"),
            "write a time such as 2026-11-24 18:00, 24/11/2026 18.00 or 18:00, or a span such as 2 jam or 90 menit",
        ),
        Fault::TimeOver { word } => {
            say(format!("`{word}` is over today"), "write the date as well, such as 2026-11-25 18:00")
        }
        Fault::NoHour { word } => {
            say(format!("`{word}` has no hour"), "write the hour as well, such as besok 08.00 or 2026-11-25 08:00")
        }
        Fault::InDoubt { word } => {
            say(format!("`{word}` says nothing about what to do in doubt"), "write tahan or ulang (hold, resend)")
        }
        Fault::Basis { word } => say(
            format!("`{word}` is no legal basis"),
            "write consent, contract, legal_duty, vital_interest, public_task, legitimate_interest or unstated",
        ),
        Fault::YesNo { word } => say(format!("`{word}` is neither yes nor no"), "write ya or tidak (yes, no)"),
        Fault::ListMissing { name } => say(
            format!("the list file `{name}` is not in this folder"),
            "drop the list first, then the text that names it",
        ),
        Fault::ListGone { name, folder } => say(
            format!(
                "the list file `{name}` is not in this folder any more; one of this name went to {folder}/ with another text"
            ),
            "if it is the one you mean, copy it back into this folder and drop the text again; drop texts that share a list together",
        ),
        Fault::ListName { name } => say(
            format!("`{name}` cannot be a list file"),
            "name a .csv, .xlsx or .txt file in this same folder, without folders before it",
        ),
        Fault::TooManyLists { limit } => {
            say(format!("more than {limit} list files are named"), "put the lists together in one")
        }
        Fault::NoNumberColumn { found } => say(
            format!("no column for the number is there; the first row has {}", list(found)),
            "name the column with the phone numbers `nomor`",
        ),
        Fault::NoColumnNames => say(
            "the first row has numbers instead of the columns' names",
            "put a row above it that names the columns, with `nomor` for the phone numbers",
        ),
        Fault::AmbiguousColumn { first, second } => {
            say(format!("both `{first}` and `{second}` could be meant"), "rename or remove the one that is not meant")
        }
        Fault::OpenQuote => say(
            "a quotation mark (\") is opened here and not closed before the end of the file",
            "remove the mark or close it",
        ),
        Fault::LongCell { limit } => say(
            format!("a cell has more than {limit} characters; perhaps a quotation mark (\") is not closed"),
            "look for the mark and shorten the cell",
        ),
        Fault::TooManyColumns { limit } => {
            say(format!("there are more than {limit} columns"), "keep the number, the name and what the text needs")
        }
        Fault::ExtraCells { cells, columns } => say(
            format!("this row has {cells} cells, but the row with the columns' names has only {columns}"),
            "put a text that contains the separator (; or ,) in quotation marks (\"...\"), \
             and give every column that is used a name",
        ),
        Fault::NoTextColumn { job, list } => say(
            "there is no column with the text to send",
            format!(
                "add a column `pesan`, or drop `{job}` beside it with the line `Kepada: {list}`, an empty line and the text"
            ),
        ),
        Fault::UnknownPlaceholder { name, found } => say(
            format!("the text has {{{name}}}, but no column of that name is there; there are {}", list(found)),
            format!("mend the name, or write {{{{{name}}}}} if the brackets are meant to be sent"),
        ),
        Fault::PlaceholderWithoutTable { name } => say(
            format!("the text has {{{name}}}, but the recipients are numbers only"),
            format!(
                "name a list file with the column `{name}`, or write {{{{{name}}}}} if the brackets are meant to be sent"
            ),
        ),
        Fault::NoRows => say("there is no row below the columns' names", "put the recipients in and drop it again"),
        Fault::TooManyRows { limit } => {
            say(format!("there are more than {limit} rows"), "divide the list into several files")
        }
        Fault::MostlyUnusable { unusable, named, examples } => say(
            format!(
                "{unusable} of {named} numbers cannot be used ({})",
                rows(examples, ["row", "rows"], ToString::to_string)
            ),
            "see whether the right column is named `nomor`, format it as text, and mend the numbers",
        ),
        Fault::DamagedWorkbook { detail } => say(
            format!("the workbook cannot be read ({detail})"),
            "open it in Excel, save it anew as .xlsx, or save it as CSV UTF-8",
        ),
        Fault::Unpacked { limit } => say(
            format!("the workbook unpacks to more than {}", Size(*limit)),
            "keep the sheet with the recipients only, without pictures",
        ),
        Fault::NoSheet => say("the workbook has no sheet with cells", "put the recipients on its first sheet"),
        Fault::NotATable => {
            say("a list of office-holders is a table", "save it as CSV UTF-8 (.csv) or as an Excel workbook (.xlsx)")
        }
        Fault::NoRoleColumn { found } => say(
            format!("no column says in what capacity people stand here; there are {}", list(found)),
            "name a column `peran` (RT, RW, lurah, camat, OPD, warga), or say it for all with --role",
        ),
        Fault::NoRoster => say(
            "the recipients are named by role or area, but no list of office-holders was imported yet",
            "import one first: kentongan roster import",
        ),
        Fault::NobodyMeant => say(
            "nobody in the roster is meant by this expression",
            "look who is in it: kentongan roster list; and see whom the expression means: kentongan audience count",
        ),
        Fault::Audience(error) => {
            let (what, remedy) = expression_error(error, Lang::English);
            say(what, remedy)
        }
        Fault::NotAFile => {
            say("this is a link, a pipe or a device, not a file", "copy the file itself into the folder")
        }
        Fault::ManyNames => say(
            "this file has a second name elsewhere (a hard link) and might change under our hands",
            "copy the file instead of linking it",
        ),
        Fault::ResultName => say(
            "this is the name of a report (.report.csv) or of a reason (.reason.txt), which the daemon writes itself",
            "if it is to be sent, give it another name and drop it again",
        ),
        Fault::Unreadable => {
            say("the daemon may not read this file", "give its user the right to read it (chmod g+r) and drop it again")
        }
        Fault::UnknownUnit { units } => say(
            "this folder belongs to no unit",
            format!("drop the file into the folder of one of these units: {}", list(units)),
        ),
        Fault::SentBefore { job, at } => say(
            format!("the same content was accepted before, as job {job} on {at}"),
            "if it is to be sent again on purpose, write the header `Ulang: ya` (for a list: in a .txt job that names it)",
        ),
        Fault::Nobody { excluded, longest: Some((segments, limit)), .. } if excluded.len() == 1 => say(
            format!("the text needs {segments} segments, at most {limit} are allowed"),
            "shorten it; characters that an ordinary SMS does not have (“ ” – …, emoji) make it longer",
        ),
        Fault::Nobody { recipients, excluded, longest } => say(
            format!(
                "none of the {recipients} recipients is left: {}",
                reasons(excluded, |why| match (why, longest) {
                    ("invalid", _) => "with a number that cannot be used".to_owned(),
                    ("duplicate", _) => "named twice".to_owned(),
                    ("opted_out", _) => "opted out".to_owned(),
                    ("suspended", _) => "suspended, since messages to it failed again and again".to_owned(),
                    ("no_text", _) => "without a text, or without a value that it needs".to_owned(),
                    ("too_long", Some((segments, limit))) =>
                        format!("with a text of up to {segments} segments, at most {limit} are allowed"),
                    (other, _) => other.to_owned(),
                })
            ),
            "look at the list with `kentongan check`",
        ),
        Fault::TooLate { expires_at } => say(
            format!("the time to send by has passed ({expires_at})"),
            "give a later `Kedaluwarsa` (`Expires`) and drop it again",
        ),
        Fault::Smstools(fault) => smstools::english(fault),
        Fault::NeverOpens(never) => hours::english(never),
        Fault::OverQuota { segments, left } => say(
            format!("it needs {segments} segments and {left} are left of the unit's day"),
            "send less, or drop it again on another day; the quota stands in the unit's settings (`segments_per_day`)",
        ),
    }
}

fn indonesian(fault: &Fault) -> Sentence {
    match fault {
        Fault::Empty => say("berkas kosong", "isi penerima dan teksnya, lalu masukkan lagi"),
        Fault::TooLarge { size, limit } => say(
            format!("ukuran berkas {}, sedangkan batasnya {}", Size(*size), Size(*limit)),
            "bagi daftar menjadi beberapa berkas",
        ),
        Fault::Binary => say(
            "ini bukan teks, atau teksnya rusak: ada isi yang tidak mungkin ada dalam teks",
            "simpan sebagai teks (.txt), CSV UTF-8 (.csv), atau buku kerja Excel (.xlsx)",
        ),
        Fault::Workbook => say(
            "ini buku kerja Excel (atau arsip), tetapi namanya menyatakan lain",
            "jika memang buku kerja Excel, beri nama yang berakhiran .xlsx",
        ),
        Fault::OldWorkbook => say(
            "ini buku kerja dengan format Excel lama, atau memakai kata sandi",
            "di Excel pilih Simpan Sebagai, Buku Kerja Excel (.xlsx), tanpa kata sandi",
        ),
        Fault::Kind { extension } if extension.is_empty() => {
            say("berkas ini tanpa akhiran", "beri nama yang berakhiran .txt, .csv, atau .xlsx menurut isinya")
        }
        Fault::Kind { extension } => {
            say(format!("berkas berakhiran `{extension}` tidak dikenal di sini"), "gunakan .txt, .csv, atau .xlsx")
        }
        Fault::Name => {
            say("nama berkas memuat karakter yang tidak dapat disimpan", "beri nama dengan huruf, angka, - dan _ saja")
        }
        Fault::Encoding { encoding } => say(
            format!("ada isi yang bukan {encoding}; teksnya rusak di sini"),
            "buka berkas, perbaiki baris itu, dan simpan sebagai UTF-8",
        ),
        Fault::NoHeaders => say(
            "berkas tidak diawali baris kepala",
            "tulis `Kepada: 0812...` di baris pertama, lalu satu baris kosong, lalu teksnya",
        ),
        Fault::UnknownHeader { name, near: Some(near) } => say(
            format!("baris kepala `{name}` tidak dikenal"),
            format!("apakah maksudnya `{near}`? Yang dikenal: Kepada, Kelas, Kirim, Kedaluwarsa, Ragu, Ulang, Dasar"),
        ),
        Fault::UnknownHeader { name, near: None } => say(
            format!("baris kepala `{name}` tidak dikenal"),
            "yang dikenal: Kepada, Kelas, Kirim, Kedaluwarsa, Ragu, Ulang, Dasar; beri satu baris kosong sebelum teks",
        ),
        Fault::StrayLine => {
            say("baris ini bukan baris kepala dan bukan nomor", "beri satu baris kosong antara baris kepala dan teks")
        }
        Fault::RepeatedHeader { name } => say(format!("baris kepala `{name}` ditulis dua kali"), "sisakan satu saja"),
        Fault::NoRecipients => say(
            "penerima belum disebutkan",
            "tulis nomor-nomornya, nama berkas daftar, atau peran dan wilayah (peran=RW dan kecamatan=Coblong) setelah `Kepada:`",
        ),
        Fault::NoText => {
            say("tidak ada teks yang akan dikirim", "beri satu baris kosong setelah baris kepala, lalu tulis teksnya")
        }
        Fault::Class { word } => say(format!("`{word}` bukan kelas"), "tulis darurat, penting, atau umum"),
        Fault::ClassNotAllowed { class, unit, allowed } => say(
            format!("unit {unit} tidak boleh mengirim sebagai {}", class.name_id()),
            format!("gunakan {}, atau hubungi administrator", classes(allowed, Class::name_id)),
        ),
        Fault::Time { word } => say(
            format!("`{word}` bukan waktu"),
            "tulis waktu seperti 2026-11-24 18:00, 24/11/2026 18.00 atau 18:00, atau lama seperti 2 jam atau 90 menit",
        ),
        Fault::TimeOver { word } => {
            say(format!("`{word}` sudah lewat hari ini"), "tulis juga tanggalnya, misalnya 2026-11-25 18:00")
        }
        Fault::NoHour { word } => {
            say(format!("`{word}` tanpa jam"), "tulis juga jamnya, misalnya besok 08.00 atau 2026-11-25 08:00")
        }
        Fault::InDoubt { word } => {
            say(format!("`{word}` tidak menjelaskan apa yang dilakukan bila ragu"), "tulis tahan atau ulang")
        }
        Fault::Basis { word } => say(
            format!("`{word}` bukan dasar pemrosesan"),
            "tulis persetujuan, perjanjian, kewajiban hukum, kepentingan vital, tugas publik, kepentingan sah atau belum disebut",
        ),
        Fault::YesNo { word } => say(format!("`{word}` bukan ya dan bukan tidak"), "tulis ya atau tidak"),
        Fault::ListMissing { name } => say(
            format!("berkas daftar `{name}` tidak ada di folder ini"),
            "masukkan dulu daftarnya, baru teks yang menyebutnya",
        ),
        Fault::ListGone { name, folder } => say(
            format!(
                "berkas daftar `{name}` tidak ada lagi di folder ini; yang bernama sama sudah pindah ke {folder}/ bersama teks lain"
            ),
            "jika itu yang dimaksud, salin kembali ke folder ini lalu masukkan lagi teksnya; teks dengan daftar yang sama masukkan bersamaan",
        ),
        Fault::ListName { name } => say(
            format!("`{name}` tidak dapat dipakai sebagai berkas daftar"),
            "sebut berkas .csv, .xlsx, atau .txt di folder yang sama, tanpa nama folder di depannya",
        ),
        Fault::TooManyLists { limit } => {
            say(format!("lebih dari {limit} berkas daftar disebutkan"), "gabungkan daftarnya menjadi satu")
        }
        Fault::NoNumberColumn { found } => say(
            format!("tidak ada kolom nomor; baris pertama berisi {}", list(found)),
            "beri nama `nomor` pada kolom nomor telepon",
        ),
        Fault::NoColumnNames => say(
            "baris pertama berisi nomor, bukan nama kolom",
            "tambahkan baris di atasnya yang berisi nama kolom, `nomor` untuk nomor telepon",
        ),
        Fault::AmbiguousColumn { first, second } => say(
            format!("`{first}` dan `{second}` sama-sama mungkin dimaksud"),
            "ganti nama atau hapus kolom yang tidak dimaksud",
        ),
        Fault::OpenQuote => say(
            "tanda kutip (\") dibuka di sini dan tidak ditutup sampai akhir berkas",
            "hapus tanda itu atau tutuplah",
        ),
        Fault::LongCell { limit } => say(
            format!("satu sel berisi lebih dari {limit} karakter; mungkin tanda kutip (\") tidak ditutup"),
            "cari tanda itu dan pendekkan selnya",
        ),
        Fault::TooManyColumns { limit } => {
            say(format!("ada lebih dari {limit} kolom"), "sisakan nomor, nama, dan yang diperlukan teks")
        }
        Fault::ExtraCells { cells, columns } => say(
            format!("baris ini berisi {cells} sel, padahal baris nama kolom hanya {columns}"),
            "beri tanda kutip (\"...\") pada teks yang memuat tanda pemisah (; atau ,), \
             dan beri nama setiap kolom yang dipakai",
        ),
        Fault::NoTextColumn { job, list } => say(
            "tidak ada kolom berisi teks yang akan dikirim",
            format!(
                "tambahkan kolom `pesan`, atau masukkan `{job}` di sampingnya berisi baris `Kepada: {list}`, satu baris kosong, dan teksnya"
            ),
        ),
        Fault::UnknownPlaceholder { name, found } => say(
            format!("teks memuat {{{name}}}, tetapi tidak ada kolom bernama itu; yang ada {}", list(found)),
            format!("perbaiki namanya, atau tulis {{{{{name}}}}} jika kurung itu memang ingin dikirim"),
        ),
        Fault::PlaceholderWithoutTable { name } => say(
            format!("teks memuat {{{name}}}, tetapi penerima hanya berupa nomor"),
            format!(
                "sebut berkas daftar yang memiliki kolom `{name}`, atau tulis {{{{{name}}}}} jika kurung itu memang ingin dikirim"
            ),
        ),
        Fault::NoRows => say("tidak ada baris di bawah nama kolom", "isi penerimanya, lalu masukkan lagi"),
        Fault::TooManyRows { limit } => {
            say(format!("ada lebih dari {limit} baris"), "bagi daftar menjadi beberapa berkas")
        }
        Fault::MostlyUnusable { unusable, named, examples } => say(
            format!(
                "{unusable} dari {named} nomor tidak dapat dipakai ({})",
                rows(examples, ["baris"; 2], number_error)
            ),
            "periksa apakah kolom yang benar bernama `nomor`, format kolom itu sebagai teks, dan perbaiki nomornya",
        ),
        Fault::DamagedWorkbook { detail } => say(
            format!("buku kerja tidak dapat dibaca ({detail})"),
            "buka di Excel, simpan lagi sebagai .xlsx, atau simpan sebagai CSV UTF-8",
        ),
        Fault::Unpacked { limit } => say(
            format!("isi buku kerja setelah dibuka lebih dari {}", Size(*limit)),
            "sisakan lembar berisi penerima saja, tanpa gambar",
        ),
        Fault::NoSheet => say("buku kerja tidak memiliki lembar berisi sel", "letakkan penerima di lembar pertama"),
        Fault::NotATable => {
            say("daftar pejabat harus berupa tabel", "simpan sebagai CSV UTF-8 (.csv) atau buku kerja Excel (.xlsx)")
        }
        Fault::NoRoleColumn { found } => say(
            format!("tidak ada kolom yang menyebut peran orang-orang ini; yang ada {}", list(found)),
            "beri nama `peran` pada kolomnya (RT, RW, lurah, camat, OPD, warga), atau sebut untuk semua dengan --role",
        ),
        Fault::NoRoster => say(
            "penerima disebut menurut peran atau wilayah, tetapi belum ada daftar pejabat yang diimpor",
            "impor dulu: kentongan roster import",
        ),
        Fault::NobodyMeant => say(
            "tidak ada seorang pun dalam daftar pejabat yang dimaksud ungkapan ini",
            "lihat isinya: kentongan roster list; dan siapa yang dimaksud ungkapan: kentongan audience count",
        ),
        Fault::Audience(error) => {
            let (what, remedy) = expression_error(error, Lang::Indonesian);
            say(what, remedy)
        }
        Fault::NotAFile => {
            say("ini tautan, pipa, atau perangkat, bukan berkas", "salin berkasnya sendiri ke folder ini")
        }
        Fault::ManyNames => say(
            "berkas ini memiliki nama kedua di tempat lain (hard link) dan dapat berubah saat dibaca",
            "salin berkasnya, jangan ditautkan",
        ),
        Fault::ResultName => say(
            "ini nama laporan (.report.csv) atau alasan (.reason.txt), yang ditulis oleh Kentongan sendiri",
            "bila memang akan dikirim, beri nama lain lalu taruh lagi",
        ),
        Fault::Unreadable => {
            say("layanan ini tidak berhak membaca berkas ini", "beri hak baca (chmod g+r), lalu masukkan lagi")
        }
        Fault::UnknownUnit { units } => say(
            "folder ini bukan milik unit mana pun",
            format!("masukkan berkas ke folder salah satu unit ini: {}", list(units)),
        ),
        Fault::SentBefore { job, at } => say(
            format!("isi yang sama sudah diterima, sebagai pekerjaan {job} pada {at}"),
            "jika memang ingin dikirim lagi, tulis baris kepala `Ulang: ya` (untuk daftar: dalam berkas .txt yang menyebutnya)",
        ),
        Fault::Nobody { excluded, longest: Some((segments, limit)), .. } if excluded.len() == 1 => say(
            format!("isi memerlukan {segments} bagian, paling banyak {limit}"),
            "pendekkan isinya; huruf yang tidak ada dalam SMS biasa (“ ” – …, emoji) membuatnya lebih panjang",
        ),
        Fault::Nobody { recipients, excluded, longest } => say(
            format!(
                "dari {recipients} penerima tidak ada yang tersisa: {}",
                reasons(excluded, |why| match (why, longest) {
                    ("invalid", _) => "dengan nomor yang tidak dapat dipakai".to_owned(),
                    ("duplicate", _) => "disebut dua kali".to_owned(),
                    ("opted_out", _) => "menolak SMS".to_owned(),
                    ("suspended", _) => "ditangguhkan karena SMS ke nomornya berulang kali gagal".to_owned(),
                    ("no_text", _) => "tanpa isi, atau tanpa isian yang diperlukan isi".to_owned(),
                    ("too_long", Some((segments, limit))) =>
                        format!("dengan isi sampai {segments} bagian, paling banyak {limit}"),
                    (other, _) => other.to_owned(),
                })
            ),
            "periksa daftarnya dengan `kentongan check`",
        ),
        Fault::TooLate { expires_at } => say(
            format!("batas waktu pengiriman sudah lewat ({expires_at})"),
            "beri `Kedaluwarsa` yang lebih lambat, lalu masukkan lagi",
        ),
        Fault::Smstools(fault) => smstools::indonesian(fault),
        Fault::NeverOpens(never) => hours::indonesian(never),
        Fault::OverQuota { segments, left } => say(
            format!("pekerjaan ini perlu {segments} bagian, padahal jatah unit hari itu tinggal {left}"),
            "kurangi penerimanya, atau masukkan lagi pada hari lain; jatahnya ada dalam pengaturan unit (`segments_per_day`)",
        ),
    }
}

/// Why a number cannot be used, in Indonesian; the English is the error's own.
pub(super) fn number_error(error: &NumberError) -> String {
    match error {
        NumberError::Empty => "nomor kosong".to_owned(),
        NumberError::Exponent => {
            "nomor terpotong oleh lembar kerja (seperti 6,28E+11); format kolom sebagai teks dan isi lagi".to_owned()
        }
        NumberError::Letters => "ada huruf dalam nomor; tulis angka saja (0, bukan O)".to_owned(),
        NumberError::Character(code) => format!("karakter {} tidak boleh ada dalam nomor", character(*code)),
        NumberError::Several => "tampaknya ada dua nomor; tulis satu nomor per baris".to_owned(),
        NumberError::TooShort => "nomor terlalu pendek".to_owned(),
        NumberError::TooLong => "nomor terlalu panjang".to_owned(),
        NumberError::ShortCode => "ini kode pendek, bukan nomor seluler".to_owned(),
        NumberError::NotMobile => "ini bukan nomor seluler".to_owned(),
        NumberError::Unassigned => "tidak ada operator dengan nomor seperti ini; periksa jumlah angkanya".to_owned(),
    }
}
