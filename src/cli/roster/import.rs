//! `kentongan roster import`: what a list changes, looked at first, then applied whole or not at all.

mod show;

use std::io::{self, BufRead, IsTerminal, Write};

use super::super::args::RosterImport;
use super::super::phrases::fill;
use super::super::screen::print;
use super::super::{Context, Failure};
use super::phrases::Phrases;
use crate::check::other_difference;
use crate::cli::answers::{Answers, NewList};
use crate::model::Lang;
use crate::policy::Coverage;

pub(super) fn run(context: &Context, how: &RosterImport) -> Result<(), Failure> {
    let answers = Answers::of(context)?;
    let coverage = match (how.add_only, how.complete) {
        (true, _) => Coverage::Additions,
        (false, true) => Coverage::Complete,
        (false, false) => Coverage::Listed,
    };
    let list = NewList { file: &how.file, role: how.role, coverage, source: &how.source, basis: &how.basis };
    // Shown is what is said in the language asked for; in JSON in English.
    let lang = if how.json { Lang::English } else { context.lang };
    let comparison = answers.compare(&list, lang, !how.json)?;
    let agreed_to = how.apply.as_deref().unwrap_or_default();
    let refusal = comparison.refusal.clone().or_else(|| other_difference(&comparison.digest, agreed_to));
    let nothing = comparison.changing() == 0;
    if !how.json {
        show::paper(context, &comparison)?;
    }
    let say = Phrases::of(context.lang);
    let agreed = match &refusal {
        Some(_) => false,
        None if nothing => false,
        None if how.apply.is_some() => true,
        None if how.json || !io::stdin().is_terminal() => false,
        None => ask(say)?,
    };
    let applied = if agreed { Some(answers.import(&list, &comparison.digest)?) } else { None };
    if how.json {
        show::json(&comparison, applied.is_some())?;
    }
    match (refusal, applied) {
        (Some(why), _) => Err(context.refused_in_words(&why)),
        (None, _) if how.json => Ok(()),
        (None, Some(line)) => Ok(print(&format!("\n{line}\n"))?),
        (None, None) if nothing => Ok(print(&format!("\n{}\n", say.nothing_to_change))?),
        (None, None) => {
            let short = &comparison.digest[..comparison.digest.len().min(12)];
            let next = fill(say.to_apply, &[&how.file.display(), &short]);
            Ok(print(&format!("\n{}\n{next}\n", say.not_applied))?)
        }
    }
}

fn ask(say: &Phrases) -> Result<bool, Failure> {
    let mut out = io::stdout().lock();
    out.write_all(b"\n")?;
    out.write_all(say.question.as_bytes())?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "ya" | "yes"))
}
