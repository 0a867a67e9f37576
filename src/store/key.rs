//! The key of a ledger: what lets it know an erased number again without holding it.
//!
//! 32 octets, drawn once in the life of a ledger and kept in a file beside it that only the daemon's user may read (`DB.key`). Digests
//! with it stand in the ledger in place of erased numbers. There are so few numbers that a digest without a key could be
//! tried out; so whoever has the ledger alone, a backup for one, learns nothing, and whoever has both can. Nothing that is decided
//! depends on the key's octets: a story replays with any.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::model::{Msisdn, hex};

/// A ledger's key. Has no `Debug`: it goes nowhere.
pub(super) struct Key([u8; 32]);

impl Key {
    /// Where the key of a ledger lies.
    pub(super) fn path(database: &Path) -> PathBuf {
        let mut name = database.as_os_str().to_owned();
        name.push(".key");
        PathBuf::from(name)
    }

    /// Reads a key; `None` where there is no file. Errors: also for a file that holds anything but 64 hexadecimal digits.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut text = String::new();
        match File::open(path) {
            Ok(file) => file.take(80).read_to_string(&mut text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let digits = text.trim();
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "it does not hold 64 hexadecimal digits");
        if digits.len() != 64 || !digits.is_ascii() {
            return Err(wrong());
        }
        let mut key = [0; 32];
        for (place, octet) in key.iter_mut().enumerate() {
            *octet = u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).map_err(|_| wrong())?;
        }
        Ok(Some(Self(key)))
    }

    /// Draws a key and keeps it, durable before this returns.
    pub(super) fn make(path: &Path) -> io::Result<Self> {
        let mut key = [0; 32];
        File::open("/dev/urandom")?.read_exact(&mut key)?;
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        let digits = hex(key);
        writeln!(file, "{digits}")?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        Ok(Self(key))
    }

    /// The digest of a number.
    pub(super) fn number(&self, number: Msisdn) -> [u8; 32] {
        self.digest("number", &number.as_u64().to_be_bytes())
    }

    /// What names this key without telling it.
    pub(super) fn check(&self) -> [u8; 32] {
        self.digest("check", b"")
    }

    /// A keyed digest (HMAC-SHA-256) of octets; digests made for different purposes have nothing in common.
    pub(super) fn digest(&self, purpose: &str, octets: &[u8]) -> [u8; 32] {
        hmac(&self.0, &[purpose.as_bytes(), &[0], octets])
    }
}

fn hmac(key: &[u8], pieces: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    pieces.iter().for_each(|piece| mac.update(piece));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// RFC 4231, test cases 1 and 2.
    #[test]
    fn the_digest_is_hmac_sha_256() {
        let check = |key: &[u8], pieces: &[&[u8]], expected| assert_eq!(hex(hmac(key, pieces)), expected);
        check(&[0x0b; 20], &[b"Hi There"], "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        let pieces: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        check(b"Jefe", &pieces, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_key_is_for_its_owner_alone_and_is_read_as_it_was_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = Key::path(&folder.path().join("k.db"));
        assert!(Key::read(&path).unwrap().is_none());
        let made = Key::make(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = Key::read(&path).unwrap().unwrap();
        let number = Msisdn::from_u64(6281200000001);
        assert_eq!(read.number(number), made.number(number));
        assert_ne!(read.number(number), read.number(Msisdn::from_u64(6281200000002)));
        assert_ne!(Key::make(&folder.path().join("b")).unwrap().number(number), made.number(number));
        for wrong in ["", "12", &"x".repeat(64), &"é".repeat(32), &"0".repeat(66)] {
            std::fs::write(&path, wrong).unwrap();
            assert!(Key::read(&path).is_err(), "{wrong}");
        }
    }
}
