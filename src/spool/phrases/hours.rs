//! What is said of a file that could only wait until its time is over.

use super::{Sentence, say};
use crate::model::WaitKind;
use crate::spool::rejection::NeverOpens;

pub(super) fn english(never: &NeverOpens) -> Sentence {
    let NeverOpens { kind, reason, opens, expires_at } = never;
    let why = match kind {
        WaitKind::Moratorium => format!("a moratorium holds ({reason})"),
        _ => "these are quiet hours or days of its class".to_owned(),
    };
    let opens =
        opens.as_ref().map_or("no time to send is in sight".to_owned(), |at| format!("it could first be sent at {at}"));
    say(
        format!("{why}; {opens}, and its time ends at {expires_at}"),
        "give a later `Kedaluwarsa` (`Expires`) or a class that may be sent now, and drop it again; hours stand in the settings, moratoria in \
         `kentongan moratorium list`",
    )
}

pub(super) fn indonesian(never: &NeverOpens) -> Sentence {
    let NeverOpens { kind, reason, opens, expires_at } = never;
    let why = match kind {
        WaitKind::Moratorium => format!("sedang ada moratorium ({reason})"),
        _ => "sekarang jam atau hari tenang untuk kelas ini".to_owned(),
    };
    let opens = opens
        .as_ref()
        .map_or("belum ada waktu untuk mengirimnya".to_owned(), |at| format!("paling cepat dikirim {at}"));
    say(
        format!("{why}; {opens}, padahal masa berlakunya habis {expires_at}"),
        "beri `Kedaluwarsa` yang lebih lambat atau kelas yang boleh dikirim sekarang, lalu masukkan lagi; jamnya ada dalam pengaturan, \
         moratorium dalam `kentongan moratorium list`",
    )
}
