use super::args::CheckConfig;
use super::phrases::fill;
use super::screen::{print, print_json};
use super::{Context, Failure};
use crate::config::Config;

/// `kentongan check-config`.
pub(super) fn run(context: &Context, how: &CheckConfig) -> Result<(), Failure> {
    let say = context.say;
    let config = match &how.file {
        Some(file) => &Config::load(file).map_err(Failure::refused)?,
        None => context.config()?,
    };
    if how.json {
        return Ok(print_json(&config.settings)?);
    }
    let width = config.settings.iter().map(|setting| setting.key.len()).max().unwrap_or(0);
    let mut text = String::new();
    for setting in &config.settings {
        let origin = match setting.line {
            Some(line) => fill(say.config_line, &[&line]),
            None => say.config_default.to_owned(),
        };
        text.push_str(&format!("{:width$} = {}   # {origin}\n", setting.key, setting.value));
    }
    print(&text)?;
    for remark in &config.remarks {
        print(&format!("{}: {remark}\n", config.file.display()))?;
    }
    print(&format!("{}\n", fill(say.config_good, &[&config.file.display()])))?;
    Ok(())
}
