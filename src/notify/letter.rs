//! Letters about alarms, one after the other, to the mail server of the settings.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, SystemTime};

use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::time::Instant;

use super::ledger::Ledger;
use super::secret::Secret;
use super::{Lines, MailSettings, MailTls};
use crate::engine::event::{Event, NoticeEnd};
use crate::model::Timestamp;
use crate::policy::alarms::patience;
use crate::store::NoticeView;

/// How long the server may take for one command.
const COMMAND_MAX: Duration = Duration::from_secs(15);
/// And for the whole letter.
const LETTER_MAX: Duration = Duration::from_secs(60);
/// Letters looked at together.
const LETTERS: usize = 20;
/// After a fault of the ledger.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// What became of a letter of which the ledger may not know yet.
enum Fate {
    Ended,
    Failed { tries: u32, next_at: Timestamp },
}

pub(super) async fn run(settings: MailSettings, mut ledger: Ledger, mut lines: Lines) {
    let stop = lines.stop.clone();
    let mut fates: BTreeMap<i64, Fate> = BTreeMap::new();
    while !stop.is_cancelled() {
        lines.changes.borrow_and_update();
        let waiting = ledger.ask(|reader| reader.waiting_notices("mail", "mail", LETTERS)).await;
        let mut again = waiting.is_none().then(|| Instant::now() + LOOK_AGAIN);
        let waiting = waiting.unwrap_or_default();
        fates.retain(|id, _| waiting.iter().any(|letter| letter.id == *id));
        for letter in &waiting {
            let now = (lines.now)();
            let (tries, next_at) = match fates.get(&letter.id) {
                Some(Fate::Ended) => continue,
                Some(Fate::Failed { tries, next_at }) => (*tries, Some(*next_at)),
                None => (letter.tries, letter.next_try_at),
            };
            if let Some(next) = next_at.filter(|next| *next > now) {
                let at = Instant::now() + Duration::try_from(next.duration_since(now)).unwrap_or_default();
                again = Some(again.map_or(at, |again| again.min(at)));
                continue;
            }
            let sent = tokio::select! {
                biased;
                // A letter on its way when the daemon ends is sent again after the start, under the same id.
                () = stop.cancelled() => break,
                sent = tokio::time::timeout(LETTER_MAX, send(&settings, letter)) => sent,
            };
            let sent = sent.unwrap_or_else(|_| Err("the mail server took too long".to_owned()));
            let end = match sent {
                Ok(()) => {
                    fates.insert(letter.id, Fate::Ended);
                    NoticeEnd::Sent
                }
                Err(trouble) => {
                    let tries = tries.saturating_add(1);
                    let next_at = now.saturating_add(patience(tries, fastrand::f64())).unwrap_or(now);
                    let fate = if letter.test { Fate::Ended } else { Fate::Failed { tries, next_at } };
                    fates.insert(letter.id, fate);
                    NoticeEnd::Failed { tries, next_at, trouble }
                }
            };
            lines.tell(Event::Notice { id: letter.id, end }).await;
        }
        if !lines.look_again(again).await {
            return;
        }
    }
}

/// Hands one letter to the server. Errors: why it was not taken, one line.
async fn send(settings: &MailSettings, letter: &NoticeView) -> Result<(), String> {
    let host = settings.host.as_str();
    let message = written(settings, letter)?;
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(settings.port)
        .timeout(Some(COMMAND_MAX))
        .tls(match settings.tls {
            MailTls::None => Tls::None,
            MailTls::Tls => Tls::Wrapper(parameters(host)?),
            MailTls::StartTls => Tls::Required(parameters(host)?),
        });
    if let Some((user, password)) = &settings.sign_in {
        let secret = Secret::read(password)?;
        let password = String::from_utf8(secret.octets().to_vec());
        let password = password.map_err(|_| "the password of the mail server is no text".to_owned())?;
        transport = transport.credentials(Credentials::new(user.clone(), password));
    }
    transport.build().send(message).await.map(drop).map_err(|error| told(&error))
}

fn parameters(host: &str) -> Result<TlsParameters, String> {
    TlsParameters::new(host.to_owned()).map_err(|error| told(&error))
}

fn written(settings: &MailSettings, letter: &NoticeView) -> Result<Message, String> {
    let seconds = Duration::from_secs(u64::try_from(letter.at.as_second()).unwrap_or_default());
    // The same id for the same letter, however often it is sent: servers and readers know it by that.
    let id = format!("<{}.{}@kentongan.{}>", letter.id, letter.at.as_millisecond(), settings.from.email.domain());
    let mut message = Message::builder()
        .from(settings.from.clone())
        .subject(letter.subject.clone())
        .date(SystemTime::UNIX_EPOCH + seconds)
        .message_id(Some(id))
        .header(ContentType::TEXT_PLAIN);
    for to in &settings.to {
        message = message.to(to.clone());
    }
    message.body(letter.text.clone()).map_err(|error| told(&error))
}

/// An error and what it came of, on one line.
fn told(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_line = cause.to_string();
        if !line.contains(&cause_line) {
            line = format!("{line}: {cause_line}");
        }
        source = cause.source();
    }
    line.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
}
