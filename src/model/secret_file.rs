use std::path::{Path, PathBuf};

/// Where a secret lies: a file of its own, or a credential that systemd hands to the daemon (`LoadCredential=`). Not the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretFile {
    /// A file that only the daemon's user can read.
    Path(PathBuf),
    /// The name of a credential.
    Credential(String),
}

impl SecretFile {
    /// Reads a path that begins with `/`, or the name of a credential. Errors: what it should be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if Path::new(text).is_absolute() {
            Ok(SecretFile::Path(text.into()))
        } else if !text.is_empty() && !text.starts_with('.') && text.chars().all(plain) {
            Ok(SecretFile::Credential(text.to_owned()))
        } else {
            Err("write the path of a file that only the daemon can read, such as /etc/kentongan/mail.secret, or the name of a \
                 credential of systemd"
                .to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_lies_in_a_file_or_is_a_credential() {
        assert_eq!(SecretFile::parse("/etc/k/s"), Ok(SecretFile::Path("/etc/k/s".into())));
        assert_eq!(SecretFile::parse("mail"), Ok(SecretFile::Credential("mail".to_owned())));
        for wrong in ["", "../s", "a/b", ".hidden", "two words"] {
            assert!(SecretFile::parse(wrong).is_err(), "{wrong}");
        }
    }
}
