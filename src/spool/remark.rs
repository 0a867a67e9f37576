//! What is not done as a file says, and is not wrong enough to refuse it: said in `kentongan check`, kept in the record of its job.

use crate::model::Lang;

/// A wish of a file that is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The header that says it, as written, shortened.
    pub header: String,
    /// What is done instead.
    pub unfollowed: Unfollowed,
}

/// Why a wish is not followed, and what is done instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unfollowed {
    /// A message that shows itself at once and is not kept (class 0).
    Flash,
    /// Which modem, SIM, provider or service centre carries it.
    Carrier,
    /// No delivery report wanted.
    Report,
    /// One message that takes another's place on the telephone.
    Replace,
    /// Parts with numbers of their own, or none.
    Autosplit,
    /// A class that the unit may not use.
    Priority,
    /// The kind of the recipient's number.
    Address,
    /// A national table of characters.
    Language,
    /// Nothing that is known.
    Unknown,
    /// What somebody wrote into a file after it was read; the file's name stands for the header.
    Late,
}

/// Each with its sentence in English and in Indonesian; `{}` stands for the header.
const SENTENCES: [(Unfollowed, &str, &str); 10] = [
    (
        Unfollowed::Flash,
        "`{}`: it is sent as an ordinary message, which stays on the telephone",
        "`{}`: dikirim sebagai SMS biasa yang tersimpan di telepon",
    ),
    (
        Unfollowed::Carrier,
        "`{}`: which SIM and service centre carry it is settled by the daemon ([routing] in its settings)",
        "`{}`: kartu SIM dan pusat layanan yang membawanya ditentukan oleh daemon ([routing] dalam pengaturan)",
    ),
    (Unfollowed::Report, "`{}`: a delivery report is asked for all the same", "`{}`: laporan terkirim tetap diminta"),
    (
        Unfollowed::Replace,
        "`{}`: it stands beside the message before, not in its place",
        "`{}`: SMS ini berdiri di samping SMS sebelumnya, tidak menggantikannya",
    ),
    (
        Unfollowed::Autosplit,
        "`{}`: a long text is sent in parts that the telephone joins",
        "`{}`: teks panjang dikirim dalam bagian yang digabungkan oleh telepon",
    ),
    (
        Unfollowed::Priority,
        "`{}`: this unit may not send as important; it is sent in the unit's ordinary class",
        "`{}`: unit ini tidak boleh mengirim sebagai penting; dikirim dalam kelas biasa unit ini",
    ),
    (
        Unfollowed::Address,
        "`{}`: the number is read as people write numbers here, and sent in its international form",
        "`{}`: nomor dibaca seperti biasa ditulis di sini, dan dikirim dalam bentuk internasional",
    ),
    (
        Unfollowed::Language,
        "`{}`: characters outside the GSM alphabet are sent as UCS-2",
        "`{}`: karakter di luar abjad GSM dikirim sebagai UCS-2",
    ),
    (
        Unfollowed::Unknown,
        "`{}`: this header is not known and says nothing",
        "`{}`: baris kepala ini tidak dikenal dan diabaikan",
    ),
    (
        Unfollowed::Late,
        "`{}` was written to after it was read; what was added or changed is not sent, put it into a file of its own",
        "`{}` ditulisi lagi sesudah dibaca; yang ditambahkan atau diubah tidak dikirim, taruh dalam berkas tersendiri",
    ),
];

impl Remark {
    /// One sentence in the language of the reader.
    pub fn sentence(&self, lang: Lang) -> String {
        let (_, english, indonesian) =
            SENTENCES.iter().find(|(kind, ..)| *kind == self.unfollowed).expect("each has one");
        lang.pick(indonesian, english).replacen("{}", &self.header, 1)
    }

    /// A remark as the record keeps it, in the language of the reader; `None`: it is none of these sentences.
    pub fn told(english: &str, lang: Lang) -> Option<String> {
        let read = |(unfollowed, form, _): &(Unfollowed, &str, &str)| {
            let (before, after) = form.split_once("{}")?;
            let header = english.strip_prefix(before)?.strip_suffix(after)?;
            Some(Remark { header: header.to_owned(), unfollowed: *unfollowed })
        };
        SENTENCES.iter().find_map(read).map(|remark| remark.sentence(lang))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_remark_is_found_again_in_the_other_language() {
        for (unfollowed, ..) in SENTENCES {
            let remark = Remark { header: "Flash: yes".to_owned(), unfollowed };
            let english = remark.sentence(Lang::English);
            assert!(english.contains("`Flash: yes`"), "{english}");
            assert_eq!(Remark::told(&english, Lang::Indonesian), Some(remark.sentence(Lang::Indonesian)));
        }
        assert_eq!(Remark::told("something else", Lang::Indonesian), None);
    }
}
