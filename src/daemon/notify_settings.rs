use std::sync::Arc;

use super::Clock;
use crate::config::{self, Config};
use crate::notify::{HookSettings, MailSettings, MailTls, Settings};

/// What the shells that tell others need, out of the whole configuration.
pub(super) fn notify_settings(config: &Config, clock: Clock) -> Settings {
    let mail = |mail: &config::Mail| MailSettings {
        host: mail.host.clone(),
        port: mail.port,
        tls: match mail.tls {
            config::MailTls::Tls => MailTls::Tls,
            config::MailTls::StartTls => MailTls::StartTls,
            config::MailTls::None => MailTls::None,
        },
        sign_in: mail.sign_in.clone(),
        from: mail.from.clone(),
        to: mail.to.clone(),
    };
    let hook = |webhook: &config::Webhook| HookSettings {
        name: webhook.hook.name.clone(),
        url: webhook.url.clone(),
        secret: webhook.secret.clone(),
        insecure: webhook.insecure,
        facts: webhook.hook.facts.iter().copied().collect(),
        unit: webhook.hook.unit.clone(),
    };
    Settings {
        database: config.paths.database.clone(),
        mail: config.mail.as_ref().map(mail),
        hooks: config.webhooks.iter().map(hook).collect(),
        now: Arc::new(move || clock.now()),
    }
}
