//! Whether the files are there in which secrets lie: said when the settings are read, and not only when one is needed at night.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Config, Problem};
use crate::model::SecretFile;

/// What should be looked at.
pub(super) fn remarks(config: &Config) -> Vec<Problem> {
    let hooks =
        config.webhooks.iter().zip(1..).map(|(hook, place)| (format!("webhook[{place}].secret_file"), &hook.secret));
    let sign_in = config.mail.iter().filter_map(|mail| mail.sign_in.as_ref());
    let mail = sign_in.map(|(_, secret)| ("alarms.mail.password_file".to_owned(), secret));
    let remark = |(key, secret): (String, &SecretFile)| {
        let message = fault(secret)?;
        let line = config.settings.iter().find(|setting| setting.key == key).and_then(|setting| setting.line);
        Some(Problem { line, key, message })
    };
    hooks.chain(mail).filter_map(remark).collect()
}

/// What is wrong with the file, as far as whoever asks can see.
fn fault(secret: &SecretFile) -> Option<String> {
    let path = match secret {
        SecretFile::Path(path) => path.clone(),
        // systemd hands credentials to the daemon, and to nobody who only looks at its settings.
        SecretFile::Credential(name) => Path::new(&std::env::var_os("CREDENTIALS_DIRECTORY")?).join(name),
    };
    let shown = path.display();
    match fs::metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Some(format!("there is no file {shown}; as long as there is none, nothing is told this way"))
        }
        // The folder is another user's.
        Err(_) => None,
        Ok(about) if !about.is_file() => Some(format!("{shown} is no file; nothing is told this way")),
        Ok(about) if about.permissions().mode() & 0o077 != 0 => {
            Some(format!("others may read {shown}, so that it is not used; take that away: chmod 600"))
        }
        Ok(_) => match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                Some(format!("whoever asks here may not read {shown}; the user of the daemon must be able to"))
            }
            _ => None,
        },
    }
}
