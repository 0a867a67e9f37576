//! What is said of a file of smstools that is not sent.

use super::{Sentence, say};
use crate::spool::rejection::NotSmstools;

pub(super) fn english(fault: &NotSmstools) -> Sentence {
    match fault {
        NotSmstools::Alphabet { word } => say(
            format!("`{word}` is no text that can be sent as an SMS for people"),
            "write the text as UTF-8 (`Alphabet: UTF-8`), ISO or UCS2; binary messages are not sent here",
        ),
        NotSmstools::GsmCodes => say(
            "the text is in codes of the GSM alphabet that mean something else in ordinary text",
            "write it as UTF-8 (`Alphabet: UTF-8`)",
        ),
        NotSmstools::Validity { word } => say(
            format!("`{word}` is no length of time"),
            "write a number from 0 to 255 as smstools does, or a count and a word, such as `2 days`, `1 hour`, `30 min`",
        ),
        NotSmstools::Hold => say(
            "the file says `Hold: yes`: it is not to be sent for now",
            "take that line out when it is to be sent, and drop it again",
        ),
        NotSmstools::NoText { word } => say(
            format!("`{word}` asks for something that is no ordinary text message, and that is not sent here"),
            "send the text as it is to be read, without that line",
        ),
        NotSmstools::Done { word } => say(
            format!("`{word}` says that smstools has sent this file already, or received it"),
            "take that line out if it is to be sent all the same, and drop it again",
        ),
    }
}

pub(super) fn indonesian(fault: &NotSmstools) -> Sentence {
    match fault {
        NotSmstools::Alphabet { word } => say(
            format!("`{word}` bukan teks yang dapat dikirim sebagai SMS untuk dibaca"),
            "tulis teksnya sebagai UTF-8 (`Alphabet: UTF-8`), ISO, atau UCS2; pesan biner tidak dikirim di sini",
        ),
        NotSmstools::GsmCodes => say(
            "teks ditulis dengan kode abjad GSM yang artinya lain dalam teks biasa",
            "tulis sebagai UTF-8 (`Alphabet: UTF-8`)",
        ),
        NotSmstools::Validity { word } => say(
            format!("`{word}` bukan lama waktu"),
            "tulis angka 0 sampai 255 seperti di smstools, atau jumlah dan satuannya, misalnya `2 days`, `1 hour`, `30 min`",
        ),
        NotSmstools::Hold => say(
            "berkas berisi `Hold: yes`: belum boleh dikirim",
            "hapus baris itu bila sudah boleh dikirim, lalu masukkan lagi",
        ),
        NotSmstools::NoText { word } => say(
            format!("`{word}` meminta sesuatu yang bukan SMS teks biasa, dan itu tidak dikirim di sini"),
            "kirim teksnya seperti yang akan dibaca, tanpa baris itu",
        ),
        NotSmstools::Done { word } => say(
            format!("menurut `{word}`, berkas ini sudah dikirim atau diterima oleh smstools"),
            "hapus baris itu bila tetap harus dikirim, lalu masukkan lagi",
        ),
    }
}
