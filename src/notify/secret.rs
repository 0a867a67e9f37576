//! Secrets: read when they are needed, so that a new one holds at once, and kept nowhere.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::model::SecretFile;

/// Longer ones are no secrets but a wrong file.
const OCTETS_MAX: u64 = 4096;

/// A secret; it is printed nowhere.
pub(super) struct Secret(Vec<u8>);

impl Secret {
    /// Reads it. Errors: why it cannot be used, without a word of it.
    pub fn read(place: &SecretFile) -> Result<Self, String> {
        let path = match place {
            SecretFile::Path(path) => path.clone(),
            SecretFile::Credential(name) => match std::env::var_os("CREDENTIALS_DIRECTORY") {
                Some(folder) => PathBuf::from(folder).join(name),
                None => {
                    return Err(format!(
                        "the credential {name} is missing: systemd has handed none over (LoadCredential=)"
                    ));
                }
            },
        };
        Self::read_file(&path)
    }

    fn read_file(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let failed = |error: std::io::Error| format!("the secret {shown} cannot be read: {error}");
        let file = std::fs::File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if !about.is_file() {
            return Err(format!("the secret {shown} is no file"));
        }
        if about.permissions().mode() & 0o077 != 0 {
            return Err(format!("others may read the secret {shown}; take that away: chmod 600"));
        }
        let mut octets = Vec::new();
        file.take(OCTETS_MAX + 1).read_to_end(&mut octets).map_err(failed)?;
        if octets.len() as u64 > OCTETS_MAX {
            return Err(format!("the secret {shown} is longer than {OCTETS_MAX} octets; is it the right file?"));
        }
        while octets.last().is_some_and(|octet| matches!(octet, b'\n' | b'\r')) {
            octets.pop();
        }
        if octets.is_empty() { Err(format!("the secret {shown} is empty")) } else { Ok(Self(octets)) }
    }

    /// The octets, for what needs them and for nothing else.
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_only_where_nobody_else_can() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let read = || Secret::read(&SecretFile::Path(path.clone())).map(|secret| secret.octets().to_vec());
        let allow = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert!(read().unwrap_err().contains("cannot be read"));
        std::fs::write(&path, "kentongan bertalu\r\n").unwrap();
        for open in [0o640, 0o604, 0o660] {
            allow(open);
            let error = read().unwrap_err();
            assert!(error.contains("chmod 600") && !error.contains("bertalu"), "{error}");
        }
        allow(0o600);
        assert_eq!(read().unwrap(), b"kentongan bertalu");
        std::fs::write(&path, "\n").unwrap();
        assert!(read().unwrap_err().contains("is empty"));
        std::fs::write(&path, [b'x'; 5000]).unwrap();
        assert!(read().unwrap_err().contains("longer"));
    }
}
