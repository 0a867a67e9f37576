//! What a request is made of: paths, and content that is read as it is sent.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};

use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Bytes, Frame};

/// How much of a file is read at a time, in octets.
const PIECE: usize = 64 * 1024;

pub(in crate::cli) type Body = UnsyncBoxBody<Bytes, io::Error>;

pub(super) fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// What is brought.
pub(in crate::cli) struct Content {
    pub(super) kind: String,
    /// In octets, about.
    pub(in crate::cli) size: u64,
    pub(super) body: Body,
}

/// A part of what is brought.
pub(in crate::cli) enum Piece {
    /// What is at hand.
    Octets(Vec<u8>),
    /// A file, read to its end when its turn comes.
    File(File),
}

impl Content {
    pub(in crate::cli) fn json(body: Vec<u8>) -> Self {
        let (size, body) = (body.len() as u64, Full::new(Bytes::from(body)));
        let body = body.map_err(|never| match never {}).boxed_unsync();
        Self { kind: "application/json".to_owned(), size, body }
    }

    /// Pieces one after the other; none of them is held as a whole.
    pub(in crate::cli) fn pieces(kind: &str, pieces: Vec<Piece>) -> Self {
        let size = pieces.iter().map(|piece| match piece {
            Piece::Octets(octets) => octets.len() as u64,
            Piece::File(file) => file.metadata().map_or(0, |about| about.len()),
        });
        let size = size.sum();
        let read = pieces.into_iter().flat_map(read);
        let body = StreamBody::new(stream::iter(read.map(|read| read.map(Frame::data)))).boxed_unsync();
        Self { kind: kind.to_owned(), size, body }
    }

    /// A form of files: each its name and its content, in this order.
    pub(in crate::cli) fn form(files: Vec<(String, File)>) -> Self {
        // Nothing in a file is taken for it: 128 bits of chance.
        let mark = format!("kentongan-{:032x}", fastrand::u128(..));
        let mut pieces = Vec::new();
        for (place, (name, file)) in files.into_iter().enumerate() {
            let name = name.replace(['"', '\r', '\n'], "_");
            let break_before = if place > 0 { "\r\n" } else { "" };
            let head = format!(
                "{break_before}--{mark}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
            );
            pieces.extend([Piece::Octets(head.into_bytes()), Piece::File(file)]);
        }
        pieces.push(Piece::Octets(format!("\r\n--{mark}--\r\n").into_bytes()));
        Self::pieces(&format!("multipart/form-data; boundary={mark}"), pieces)
    }
}

fn read(piece: Piece) -> Box<dyn Iterator<Item = io::Result<Bytes>> + Send> {
    match piece {
        Piece::Octets(octets) => Box::new(std::iter::once(Ok(Bytes::from(octets)))),
        Piece::File(mut file) => Box::new(std::iter::from_fn(move || {
            let mut octets = vec![0; PIECE];
            match file.read(&mut octets) {
                Ok(0) => None,
                Ok(read) => {
                    octets.truncate(read);
                    Some(Ok(Bytes::from(octets)))
                }
                Err(error) => Some(Err(error)),
            }
        })),
    }
}

/// A path of these parts, each written so that nothing in it is taken for more than a name.
pub(in crate::cli) fn path(parts: &[&dyn std::fmt::Display]) -> String {
    parts.iter().fold(String::new(), |path, part| format!("{path}/{}", encoded(&part.to_string())))
}

/// A path with what stands behind `?`.
pub(in crate::cli) fn with_query(path: &str, query: &[(&str, String)]) -> String {
    let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// Octets that mean nothing in a URI as they are, all others by their numbers (RFC 3986 §2).
fn encoded(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for octet in text.bytes() {
        match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => written.push(char::from(octet)),
            // Writing to a String does not fail.
            octet => drop(write!(written, "%{octet:02X}")),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_is_taken_for_more_than_a_name() {
        assert_eq!(path(&[&"modems", &"a/../b c", &"history"]), "/modems/a%2F..%2Fb%20c/history");
        assert_eq!(with_query("/jobs", &[]), "/jobs");
        let query = [("unit", "a&b".to_owned()), ("name", "é.csv".to_owned())];
        assert_eq!(with_query("/jobs", &query), "/jobs?unit=a%26b&name=%C3%A9.csv");
    }

    #[tokio::test]
    async fn a_form_has_its_files_in_their_order_under_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &str| {
            std::fs::write(folder.path().join(name), content).unwrap();
            (format!("{name}\"\r\nx"), File::open(folder.path().join(name)).unwrap())
        };
        let form = Content::form(vec![file("a.txt", "Kepada: b.csv"), file("b.csv", "nomor\n")]);
        let mark = form.kind.split_once("boundary=").unwrap().1.to_owned();
        let sent = String::from_utf8(form.body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        let part = |name: &str, content: &str| {
            format!(
                "--{mark}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}___x\"\r\n\r\n{content}\r\n"
            )
        };
        assert_eq!(sent, format!("{}{}--{mark}--\r\n", part("a.txt", "Kepada: b.csv"), part("b.csv", "nomor\n")));
    }
}
