//! Writing to people: the form, what it would become, and sending it. The form becomes a job file, and goes the way of all job files.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::page::{Here, Page};
use super::preview::Preview;
use super::trouble::{Trouble, rendered};
use super::upload::Upload;
use super::viewer::{Viewer, lead};
use super::words::Words;
use super::{inbox, moment};
use crate::check::{Question, Source, check};
use crate::cli::phrases::{fill, words};
use crate::config::Config;
use crate::model::{Class, Right};
use crate::store::{AudienceView, SubmissionView};
use crate::web::submit::{self, Brought, at_hand};
use crate::web::{Problem, Web};

/// Characters of a title that are kept.
const TITLE_MAX: usize = 80;

/// What stands in the form.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    unit: String,
    class: String,
    title: String,
    way: String,
    numbers: String,
    expression: String,
    saved: String,
    text: String,
    not_before: String,
    expires: String,
    #[serde(skip)]
    again: bool,
}

/// One way of saying whom it is for.
struct Way {
    value: &'static str,
    label: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "compose.html", config = "src/web/pages/askama.toml")]
struct ComposePage {
    page: Page,
    form: Form,
    /// Their name for this request: sent again, it brings nothing twice.
    key: String,
    units: Vec<String>,
    classes: Vec<&'static str>,
    ways: Vec<Way>,
    audiences: Vec<AudienceView>,
    wrong: Option<String>,
    preview: Option<Preview>,
}

#[derive(Template)]
#[template(path = "preview_part.html", config = "src/web/pages/askama.toml")]
struct PreviewPart {
    page: Page,
    preview: Preview,
}

impl Form {
    fn of(upload: &Upload) -> Self {
        let get = |name: &str| upload.get(name).trim().to_owned();
        Self {
            unit: get("unit"),
            class: get("class"),
            title: get("title"),
            way: get("way"),
            numbers: get("numbers"),
            expression: get("expression"),
            saved: get("saved"),
            text: upload.get("text").replace("\r\n", "\n").trim().to_owned(),
            not_before: get("not_before"),
            expires: get("expires"),
            again: upload.get("again") == "yes",
        }
    }

    /// The job file that says the same; `list`: the name under which a list lies beside it. Errors: what is wrong, for the reader.
    fn as_file(&self, w: &Words, zone: &TimeZone, list: Option<&str>) -> Result<String, String> {
        let class: Class = self.class.parse().map_err(|_| w.no_class.to_owned())?;
        // One line each: what is typed in a field never becomes a header of its own.
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let to = match self.way.as_str() {
            "expression" => one_line(&self.expression),
            "saved" if self.saved.is_empty() => String::new(),
            "saved" => format!("@{}", one_line(&self.saved)),
            "file" => list.unwrap_or_default().to_owned(),
            _ => {
                let numbers = self.numbers.split(['\n', ',', ';']).map(one_line).filter(|number| !number.is_empty());
                numbers.collect::<Vec<_>>().join(", ")
            }
        };
        if to.is_empty() {
            return Err(if self.way == "file" { w.no_file } else { w.nobody_named }.to_owned());
        }
        if self.text.is_empty() {
            return Err(w.no_text.to_owned());
        }
        let mut file = format!("Kepada: {to}\nKelas: {}\n", class.name());
        for (header, typed) in [("Kirim", &self.not_before), ("Kedaluwarsa", &self.expires)] {
            if typed.is_empty() {
                continue;
            }
            let at = moment(typed, zone).ok_or_else(|| fill(w.bad_time, &[typed]))?;
            let there = at.to_zoned_datetime(zone.clone());
            file += &format!("{header}: {}\n", there.strftime("%Y-%m-%d %H:%M"));
        }
        if self.again {
            file += "Ulang: ya\n";
        }
        Ok(format!("{file}\n{}\n", self.text))
    }

    /// A name for the file, made of the title.
    fn file_name(&self) -> String {
        let plain = |c: char| if c.is_control() || c == '/' || c == '\\' { ' ' } else { c };
        let title: String = self.title.chars().map(plain).take(TITLE_MAX).collect();
        // Names are counted in octets.
        let mut title: String = title.trim_start_matches(['.', ' ']).trim().to_owned();
        while title.len() > TITLE_MAX {
            title.pop();
        }
        if title.is_empty() { "pesan.txt".to_owned() } else { format!("{title}.txt") }
    }
}

/// The name of a list in the unit's folder, by the form's own key. Errors: it is none that can be read.
fn list_name(w: &Words, key: &str, file: &str) -> Result<String, String> {
    let kind = file.rsplit_once('.').map(|(_, kind)| kind.to_lowercase()).unwrap_or_default();
    match kind.as_str() {
        "csv" | "xlsx" => Ok(format!("daftar-{}.{kind}", key.get(..16).unwrap_or(key))),
        _ => Err(w.no_list.to_owned()),
    }
}

/// A key as the form had it; a new one where that is none of ours.
fn key_of(upload: &Upload) -> Result<String, Problem> {
    let key = upload.get("key");
    match key.len() == 64 && key.bytes().all(|octet| octet.is_ascii_hexdigit()) {
        true => Ok(key.to_owned()),
        false => super::random(),
    }
}

fn classes(config: &Config, unit: &str) -> Vec<&'static str> {
    let may = config.unit(unit).map(|unit| unit.classes.as_slice()).unwrap_or_default();
    Class::ALL.into_iter().filter(|class| may.is_empty() || may.contains(class)).map(Class::name).rev().collect()
}

struct Shown {
    form: Form,
    key: String,
    wrong: Option<String>,
    preview: Option<Preview>,
}

async fn page_of(web: &Web, page: Page, shown: Shown) -> Result<Response, Trouble> {
    let Shown { mut form, key, wrong, preview } = shown;
    let units = inbox::units(web, &page);
    if form.unit.is_empty() {
        form.unit = units.first().cloned().unwrap_or_default();
    }
    let mut all: Vec<&'static str> = units.iter().flat_map(|unit| classes(&web.config, unit)).collect();
    let order = |name: &&str| Class::ALL.into_iter().rev().position(|class| class.name() == *name);
    all.sort_by_key(order);
    all.dedup();
    if form.class.is_empty() {
        form.class = classes(&web.config, &form.unit).first().copied().unwrap_or("routine").to_owned();
    }
    let audiences = web.questions.ask(|reader| reader.audiences()).await?;
    if form.way.is_empty() {
        form.way = "numbers".to_owned();
    }
    let w = page.w;
    let ways =
        [("numbers", w.way_numbers), ("expression", w.way_expression), ("saved", w.way_saved), ("file", w.way_file)];
    let ways = ways.map(|(value, label)| Way { value, label, chosen: form.way == value }).into();
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let html = rendered(&ComposePage { page, form, key, units, classes: all, ways, audiences, wrong, preview });
    Ok((status, html).into_response())
}

/// The empty form.
pub(super) async fn show(
    State(web): State<Web>,
    viewer: Viewer,
    Query(form): Query<Form>,
) -> Result<Response, Trouble> {
    let page = viewer.page(&web, Here::Compose, Right::Submit).await?;
    let key = super::random()?;
    page_of(&web, page, Shown { form, key, wrong: None, preview: None }).await
}

/// What it would become. Errors: what is wrong with the form, for the reader.
async fn judge(
    web: &Web,
    page: &Page,
    form: &Form,
    upload: &Upload,
    key: &str,
) -> Result<Result<Preview, String>, Problem> {
    let (w, config) = (page.w, web.config.clone());
    let unit = config.unit(&form.unit).filter(|unit| page.caller.units.has(&unit.name)).cloned();
    let Some(unit) = unit else { return Ok(Err(w.no_unit.to_owned())) };
    let list = match upload.file.as_ref().filter(|_| form.way == "file") {
        Some((name, content)) => match list_name(w, key, name) {
            Ok(list) => Some((list, content.to_vec())),
            Err(wrong) => return Ok(Err(wrong)),
        },
        None => None,
    };
    let content = match form.as_file(w, config.time_zone(), list.as_ref().map(|(name, _)| name.as_str())) {
        Ok(content) => content,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let (name, lang, now) = (form.file_name(), page.lang, page.now);
    let asked = web.checks.ask(move |reader| {
        let lists: Vec<_> = list.into_iter().collect();
        let source = Source::Octets { name: &name, content: content.as_bytes(), lists: &lists };
        let question = Question { config: &config, unit: &unit, source, lang, excluded_max: 0, now };
        check(&question, Some(reader), &mut |_| {})
    });
    Ok(Ok(Preview::of(page, &asked.await?)))
}

/// What the form would become, alone: for the script, while it is written.
pub(super) async fn preview(State(web): State<Web>, upload: Upload) -> Result<Response, Trouble> {
    upload.viewer.asker.must(Right::Submit)?;
    let (form, key) = (Form::of(&upload), key_of(&upload)?);
    let page = frame(&web, &upload).await?;
    let preview = match judge(&web, &page, &form, &upload, &key).await? {
        Ok(preview) => preview,
        Err(wrong) => Preview::refused(wrong),
    };
    Ok(rendered(&PreviewPart { page, preview }))
}

/// What is wrong, with a word on the list where one came along: no browser keeps a chosen file over an answer.
fn with_list(w: &Words, upload: &Upload, wrong: &str) -> String {
    match upload.file {
        Some(_) => format!("{} {}", wrong.trim_end(), w.file_again),
        None => wrong.to_owned(),
    }
}

/// The frame, while what was uploaded stays at hand.
async fn frame(web: &Web, upload: &Upload) -> Result<Page, Trouble> {
    upload.viewer.again().page(web, Here::Compose, Right::Submit).await
}

/// Sends it, or shows what it would become.
pub(super) async fn send(State(web): State<Web>, upload: Upload) -> Result<Response, Trouble> {
    let (form, key) = (Form::of(&upload), key_of(&upload)?);
    upload.viewer.asker.must(Right::Submit)?;
    let page = frame(&web, &upload).await?;
    let w = page.w;
    let judged = judge(&web, &page, &form, &upload, &key).await?;
    if upload.get("do") != "send" {
        let (wrong, preview) = match judged {
            Ok(preview) => (upload.file.is_some().then(|| w.choose_again.to_owned()), Some(preview)),
            Err(wrong) => (Some(with_list(w, &upload, &wrong)), None),
        };
        return page_of(&web, page, Shown { form, key, wrong, preview }).await;
    }
    let preview = match judged {
        Ok(preview) => preview,
        Err(wrong) => {
            let wrong = Some(with_list(w, &upload, &wrong));
            return page_of(&web, page, Shown { form, key, wrong, preview: None }).await;
        }
    };
    upload.viewer.asker.must_for(Right::Submit, &form.unit)?;
    let list = match upload.file.clone().filter(|_| form.way == "file") {
        Some((name, content)) => {
            let list = list_name(w, &key, &name).map_err(Problem::unusable)?;
            Some((list, content))
        }
        None => None,
    };
    let content = form.as_file(w, web.config.time_zone(), list.as_ref().map(|(name, _)| name.as_str()));
    let content = content.map_err(Problem::unusable)?;
    let brought = Brought { unit: form.unit.clone(), name: form.file_name(), key: Some(key.clone()) };
    let sent = async {
        let new = submit::Request::new(&web, upload.viewer.caller(), brought)?;
        let content = new.write(at_hand(content)).await?;
        let list = match list {
            Some((name, octets)) => Some((name, new.write(at_hand(octets)).await?)),
            None => None,
        };
        new.submit(&web, upload.viewer.caller(), content, list.into_iter().collect()).await
    };
    let (wrong, key) = match sent.await {
        Ok(SubmissionView { job: Some(job), .. }) => {
            return Ok(lead(&web, &format!("/jobs/{job}"), true, &fill(w.job_made, &[&job])));
        }
        Ok(SubmissionView { refusal: Some(refusal), .. }) => {
            // What was refused is mended and sent again: that is another request. The preview says it in the reader's language.
            (preview.refusal.clone().unwrap_or_else(|| words::reason(page.lang, &refusal)), super::random()?)
        }
        Ok(_) => return Ok(lead(&web, "/jobs", true, w.taken_in)),
        // The engine refuses a request for one reason only.
        Err(problem) if problem.status == 409 => (w.key_used.to_owned(), super::random()?),
        Err(problem) if problem.status == 422 => (words::sentence(page.lang, &problem.detail), key),
        Err(problem) => return Err(problem.into()),
    };
    let wrong = Some(with_list(w, &upload, &wrong));
    page_of(&web, page, Shown { form, key, wrong, preview: Some(preview) }).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Lang;

    fn form() -> Form {
        Form { class: "important".to_owned(), text: "Rapat pukul 19.".to_owned(), ..Form::default() }
    }

    fn file(form: &Form) -> String {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        form.as_file(Words::of(Lang::English), &zone, Some("daftar-1.csv")).unwrap_or_else(|wrong| wrong)
    }

    #[test]
    fn the_form_becomes_the_job_file_that_staff_would_write() {
        let numbers = Form {
            numbers: "0812 1, 0812-2\n0812 3;\n".to_owned(),
            not_before: "2026-11-27T08:00".to_owned(),
            again: true,
            ..form()
        };
        let expected =
            "Kepada: 0812 1, 0812-2, 0812 3\nKelas: important\nKirim: 2026-11-27 08:00\nUlang: ya\n\nRapat pukul 19.\n";
        assert_eq!(file(&numbers), expected);
        let way = |way: &str| {
            file(&Form {
                way: way.to_owned(),
                expression: "peran=RW\ndan rw=1".to_owned(),
                saved: "utara".to_owned(),
                ..form()
            })
        };
        let to = |file: String| file.lines().next().unwrap().to_owned();
        assert_eq!(to(way("expression")), "Kepada: peran=RW dan rw=1");
        assert_eq!(to(way("saved")), "Kepada: @utara");
        assert_eq!(to(way("file")), "Kepada: daftar-1.csv");
        let w = Words::of(Lang::English);
        assert_eq!(file(&form()), w.nobody_named);
        assert_eq!(file(&Form { numbers: "0812".to_owned(), text: String::new(), ..form() }), w.no_text);
        // A browser forgets the file with every answer.
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        let forgotten = Form { way: "file".to_owned(), ..form() }.as_file(w, &zone, None).unwrap_err();
        assert_eq!(forgotten, w.no_file);
    }

    #[test]
    fn nothing_that_is_typed_becomes_a_header_or_a_path() {
        let sly = Form { numbers: "0812\nKelas: darurat".to_owned(), ..form() };
        assert!(file(&sly).starts_with("Kepada: 0812, Kelas: darurat\nKelas: important\n\n"));
        let sly = Form { way: "saved".to_owned(), saved: "x\nUlang: ya".to_owned(), ..form() };
        assert!(file(&sly).starts_with("Kepada: @x Ulang: ya\nKelas: important\n\n"));
        let name = |title: &str| Form { title: title.to_owned(), ..form() }.file_name();
        assert_eq!(name("../../etc/passwd"), "etc passwd.txt");
        assert_eq!(name(" .. "), "pesan.txt");
        assert_eq!(name("<b>Undangan</b>"), "<b>Undangan< b>.txt");
        assert!(name(&"é".repeat(200)).len() <= TITLE_MAX + 4);
        let w = Words::of(Lang::English);
        assert_eq!(list_name(w, &"ab".repeat(32), "Data RW.XLSX").unwrap(), "daftar-abababababababab.xlsx");
        assert!(list_name(w, "k", "x.exe").is_err());
    }
}
