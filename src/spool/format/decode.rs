//! What a file is made of: its digest, its encoding, and its octets as UTF-8.
//!
//! Two passes over the octets, neither of which keeps them: [`inspect`] looks at everything once, [`Utf8`] hands it
//! out decoded, each line ended by one line feed. Guessing follows what Excel and Notepad write: a byte order mark, else UTF-16 by its NULs, else UTF-8
//! if all of it is, else one of the Windows code pages.

use std::io::{self, Read, SeekFrom};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use sha2::{Digest, Sha256};

use super::{Octets, ReadError};
use crate::spool::rejection::{Fault, Rejection};

/// Octets read at a time.
const CHUNK: usize = 64 * 1024;

/// What one look at all the octets has shown.
pub(super) struct Inspection {
    /// SHA-256.
    pub digest: [u8; 32],
    /// What the first octets say.
    pub container: Container,
    /// For text: its encoding, and the octets of the byte order mark.
    encoding: &'static Encoding,
    mark: u64,
    /// Whether there is anything but blanks.
    pub blank: bool,
    /// Whether there are octets that no text has.
    pub binary: bool,
}

/// What the first octets of a file say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// Text, as far as they show.
    Text,
    /// A zip archive, such as an Excel workbook.
    Zip,
    /// The container of old Office files and of workbooks with a password.
    Ole,
}

impl Inspection {
    /// Refuses what cannot be read as text.
    pub(super) fn expect_text(&self) -> Result<(), Rejection> {
        match self.container {
            Container::Zip => Err(Fault::Workbook.into()),
            Container::Ole => Err(Fault::OldWorkbook.into()),
            Container::Text if self.blank => Err(Fault::Empty.into()),
            Container::Text if self.binary => Err(Fault::Binary.into()),
            Container::Text => Ok(()),
        }
    }
}

/// Reads everything once. Errors: [`Fault::TooLarge`]; the reader's own.
pub(super) fn inspect(content: &mut dyn Octets, limit: u64) -> Result<Inspection, ReadError> {
    content.seek(SeekFrom::Start(0))?;
    let mut look = Look::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        let filled = fill(content, &mut chunk)?;
        if filled == 0 {
            break;
        }
        look.take(&chunk[..filled]);
        if look.size > limit {
            // The size for the message; the octets beyond are not read.
            let size = content.seek(SeekFrom::End(0))?;
            return Err(Rejection::from(Fault::TooLarge { size, limit }).into());
        }
    }
    let (encoding, mark) = match look.encoding() {
        Some(found) => found,
        None => (guess(content, &mut chunk)?, 0),
    };
    let wide = encoding == UTF_16LE || encoding == UTF_16BE;
    let binary = !wide && (look.nuls() > 0 || look.controls > 8 && look.controls * 20 > look.size);
    Ok(Inspection {
        digest: look.digest.finalize().into(),
        container: look.container.unwrap_or(Container::Text),
        encoding,
        mark,
        blank: look.blank,
        binary,
    })
}

/// Fills the chunk as far as there is something.
fn fill(content: &mut (impl Read + ?Sized), chunk: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < chunk.len() {
        match content.read(&mut chunk[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The code page of a text that is neither UTF-8 nor UTF-16.
fn guess(content: &mut dyn Octets, chunk: &mut [u8]) -> io::Result<&'static Encoding> {
    content.seek(SeekFrom::Start(0))?;
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    loop {
        let filled = fill(content, chunk)?;
        detector.feed(&chunk[..filled], filled == 0);
        if filled == 0 {
            return Ok(detector.guess(Some(b"id"), Utf8Detection::Deny));
        }
    }
}

struct Look {
    digest: Sha256,
    size: u64,
    container: Option<Container>,
    mark: Option<(&'static Encoding, u64)>,
    /// NULs at even and odd places of the first chunk, which is where UTF-16 shows.
    early_nuls: [u64; 2],
    early_size: u64,
    late_nuls: u64,
    controls: u64,
    blank: bool,
    utf8: bool,
    /// The beginning of a UTF-8 character at the end of the last chunk.
    rest: Vec<u8>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            digest: Sha256::new(),
            size: 0,
            container: None,
            mark: None,
            early_nuls: [0; 2],
            early_size: 0,
            late_nuls: 0,
            controls: 0,
            blank: true,
            utf8: true,
            rest: Vec::new(),
        }
    }
}

impl Look {
    fn take(&mut self, chunk: &[u8]) {
        let first = self.size == 0;
        self.digest.update(chunk);
        self.size += chunk.len() as u64;
        if first {
            self.container = Some(match chunk {
                [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Container::Zip,
                [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => Container::Ole,
                _ => Container::Text,
            });
            self.mark = Encoding::for_bom(chunk).map(|(encoding, length)| (encoding, length as u64));
            self.early_size = chunk.len() as u64;
            for (place, octet) in chunk.iter().enumerate() {
                self.early_nuls[place % 2] += u64::from(*octet == 0);
            }
        } else {
            self.late_nuls += chunk.iter().map(|octet| u64::from(*octet == 0)).sum::<u64>();
        }
        // Ctrl-Z and ESC stay data; many of them are no text.
        self.controls += chunk
            .iter()
            .map(|octet| u64::from(*octet < 0x20 && !matches!(octet, 0 | b'\t' | b'\n' | b'\r' | 0x0C)))
            .sum::<u64>();
        let start = if first { self.mark.map_or(0, |(_, length)| length as usize) } else { 0 };
        self.blank &= chunk[start..].iter().all(|octet| matches!(octet, 0 | b' ' | b'\t' | b'\n' | b'\r'));
        self.check_utf8(chunk);
    }

    fn check_utf8(&mut self, chunk: &[u8]) {
        if !self.utf8 {
            return;
        }
        let mut skip = 0;
        while !self.rest.is_empty() && skip < chunk.len() {
            self.rest.push(chunk[skip]);
            skip += 1;
            match std::str::from_utf8(&self.rest) {
                Ok(_) => self.rest.clear(),
                Err(error) if error.error_len().is_none() => {}
                Err(_) => {
                    self.utf8 = false;
                    return;
                }
            }
        }
        match std::str::from_utf8(&chunk[skip..]) {
            Ok(_) => {}
            Err(error) if error.error_len().is_none() => {
                self.rest.extend_from_slice(&chunk[skip + error.valid_up_to()..]);
            }
            Err(_) => self.utf8 = false,
        }
    }

    fn nuls(&self) -> u64 {
        self.early_nuls[0] + self.early_nuls[1] + self.late_nuls
    }

    /// The encoding and the length of the byte order mark; `None` where it must be guessed.
    fn encoding(&self) -> Option<(&'static Encoding, u64)> {
        if self.mark.is_some() {
            return self.mark;
        }
        let [even, odd] = self.early_nuls;
        let half = self.early_size / 2;
        if half > 0 && even.max(odd) * 10 > half * 4 && even.min(odd) * 10 < half {
            return Some((if odd > even { UTF_16LE } else { UTF_16BE }, 0));
        }
        (self.utf8 && self.rest.is_empty() || self.nuls() > 0).then_some((UTF_8, 0))
    }
}

/// The octets of a text, decoded to UTF-8 a chunk at a time.
///
/// What cannot be decoded is an error, never a replacement character: half a name is not sent.
pub(super) struct Utf8<'a> {
    content: &'a mut dyn Octets,
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    raw_from: usize,
    raw_to: usize,
    ended: bool,
    /// A carriage return has been handed out as a line feed; one that follows belongs to it.
    returned: bool,
    line: u32,
}

impl<'a> Utf8<'a> {
    /// Starts behind the byte order mark.
    pub(super) fn new(content: &'a mut dyn Octets, inspection: &Inspection) -> io::Result<Self> {
        content.seek(SeekFrom::Start(inspection.mark))?;
        let decoder = inspection.encoding.new_decoder_without_bom_handling();
        Ok(Self {
            content,
            decoder,
            raw: vec![0; CHUNK],
            raw_from: 0,
            raw_to: 0,
            ended: false,
            returned: false,
            line: 1,
        })
    }

    /// Everything that is left. Errors: as [`Read::read`].
    pub(super) fn whole(mut self) -> io::Result<String> {
        let mut text = Vec::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            match self.read(&mut chunk)? {
                0 => return String::from_utf8(text).map_err(io::Error::other),
                count => text.extend_from_slice(&chunk[..count]),
            }
        }
    }

    /// Turns CR LF and CR into LF in place; gives the new length.
    fn end_lines(&mut self, out: &mut [u8]) -> usize {
        if !self.returned && !out.contains(&b'\r') {
            return out.len();
        }
        let mut to = 0;
        for from in 0..out.len() {
            let octet = out[from];
            let belongs = self.returned && octet == b'\n';
            self.returned = octet == b'\r';
            if !belongs {
                out[to] = if self.returned { b'\n' } else { octet };
                to += 1;
            }
        }
        to
    }
}

impl Read for Utf8<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // One character may take four octets, and the decoder wants some room besides.
        if out.len() < 16 {
            return Err(io::Error::other("a text is read in larger pieces"));
        }
        loop {
            if self.raw_from == self.raw_to && !self.ended {
                self.raw_to = fill(self.content, &mut self.raw)?;
                self.raw_from = 0;
                self.ended = self.raw_to == 0;
            }
            let source = &self.raw[self.raw_from..self.raw_to];
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(source, out, self.ended);
            self.raw_from += read;
            let written = self.end_lines(&mut out[..written]);
            self.line += out[..written].iter().map(|octet| u32::from(*octet == b'\n')).sum::<u32>();
            if let DecoderResult::Malformed(..) = result {
                return Err(io::Error::other(Malformed { line: self.line, encoding: self.decoder.encoding().name() }));
            }
            let done = self.ended && matches!(result, DecoderResult::InputEmpty);
            if written > 0 || done {
                if done {
                    // A decoder that has seen its end must not be asked again.
                    self.decoder = UTF_8.new_decoder_without_bom_handling();
                }
                return Ok(written);
            }
        }
    }
}

/// Octets that are not text in the file's encoding; travels inside an [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("line {line} has octets that are not {encoding}")]
pub(super) struct Malformed {
    line: u32,
    encoding: &'static str,
}

impl Malformed {
    /// The rejection inside an error of [`Utf8`], if that is what it carries.
    pub(super) fn within(error: &io::Error) -> Option<Rejection> {
        let malformed = error.get_ref()?.downcast_ref::<Malformed>()?;
        Some(Rejection::from(Fault::Encoding { encoding: malformed.encoding }).at_line(malformed.line))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn decoded(octets: &[u8]) -> Result<String, String> {
        let mut content = Cursor::new(octets.to_vec());
        let inspection = inspect(&mut content, 1 << 20).map_err(|error| error.to_string())?;
        inspection.expect_text().map_err(|rejection| rejection.to_string())?;
        let text = Utf8::new(&mut content, &inspection).unwrap().whole();
        text.map_err(|error| Malformed::within(&error).unwrap().to_string())
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn what_notepad_and_excel_write_is_the_same_text_in_every_encoding() {
        let text = "nomor;nama\r\n0812;Ibu Réni “Neng” – 😀\r\n";
        let marked = format!("\u{FEFF}{text}");
        for octets in [
            text.as_bytes().to_vec(),
            marked.as_bytes().to_vec(),
            utf16(&marked, u16::to_le_bytes),
            utf16(&marked, u16::to_be_bytes),
            utf16(text, u16::to_le_bytes),
            utf16(text, u16::to_be_bytes),
        ] {
            assert_eq!(decoded(&octets), Ok(text.replace("\r\n", "\n")));
        }
        assert_eq!(
            decoded(b"Kepada: 0812\r\n\r\nCaf\xE9 \x93Neng\x94 \x96 tarif 5 \x80\r\n").as_deref(),
            Ok("Kepada: 0812\n\nCafé “Neng” – tarif 5 €\n")
        );
        assert_eq!(decoded(b"a\rb\r\nc\n\rd\r\r\ne\r").as_deref(), Ok("a\nb\nc\n\nd\n\ne\n"));
    }

    #[test]
    fn a_character_on_the_border_of_two_chunks_is_whole() {
        for shift in 0..4 {
            let text = format!("{}é😀 selesai", "x".repeat(CHUNK - shift));
            assert_eq!(decoded(text.as_bytes()), Ok(text));
        }
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_kind() {
        let check = |octets: &[u8], expected: &str| {
            let error = decoded(octets).unwrap_err();
            assert!(error.contains(expected), "{octets:?}: {error}");
        };
        check(b"", "empty");
        check(b" \r\n\t\r\n", "empty");
        check(b"\xEF\xBB\xBF\r\n", "empty");
        check(b"\x7fELF\x02\x01\x01\x00\x00\x00\x00abcdefg\x00\x01", "no text");
        check(&[0; 300], "empty");
        check(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "no text");
        check(b"PK\x03\x04....", "Excel workbook");
        check(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1....", "old Excel format");
        check(b"\xEF\xBB\xBFnomor\n\xFF\n", "line 2: there are octets that are not UTF-8");
        check(b"\xFF\xFEn\x00\n\x00\x3D\xD8", "not UTF-16LE");
        let mut large = Cursor::new(vec![b'x'; 2000]);
        let error = inspect(&mut large, 1000).map(drop).unwrap_err().to_string();
        assert!(error.contains("2 kB") && error.contains("1 kB"), "{error}");
    }

    #[test]
    fn ctrl_z_in_a_text_stays_data() {
        assert_eq!(decoded(b"To: 0812\n\na\x1Ab\x1B").as_deref(), Ok("To: 0812\n\na\x1Ab\x1B"));
    }
}
