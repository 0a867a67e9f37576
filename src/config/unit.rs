use super::keys::{classes, plain_name};
use super::section::Section;
use crate::model::{Basis, Class, InDoubt};
use crate::policy::{OverQuota, UnitApproval, UnitRules};

/// `[[unit]]`: one sending office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its name and its folder in the queue directory.
    pub name: String,
    /// The classes it may use.
    pub classes: Vec<Class>,
    /// On what the processing of numbers in its jobs rests, where a job does not say.
    pub basis: Basis,
    /// The Unix group whose members may drop files into its folder; `None`: the folder is left as it is.
    pub group: Option<String>,
    /// What its jobs want in doubt where they do not say; `None`: what their class wants.
    pub in_doubt: Option<InDoubt>,
    /// By what the engine decides.
    pub rules: UnitRules,
}

/// The longest signature: half of a text of one segment.
const SIGNATURE_MAX: usize = 80;

#[derive(Default)]
pub(super) struct Units {
    pub list: Vec<Unit>,
}

impl Units {
    /// `segments_max`: the longest text.
    pub fn add(&mut self, mut section: Section, segments_max: usize) {
        let name = section.required("name", "diskominfo", |name: String| plain_name(&name).map(|()| name));
        let default = vec!["important".to_owned(), "routine".to_owned()];
        let classes = section.checked("classes", default, |list: Vec<String>| classes(&list));
        let basis = section.checked("basis", Basis::Unstated.name().to_owned(), |word: String| word.parse());
        let group = section.optional("group", "damkar", |name: String| plain_name(&name).map(|()| name));
        let signature = section.checked("signature", String::new(), |text: String| {
            let fits = text.chars().count() <= SIGNATURE_MAX && !text.chars().any(char::is_control);
            fits.then_some(text).ok_or_else(|| format!("a signature is one line of at most {SIGNATURE_MAX} characters"))
        });
        let segments_per_day = section.checked("segments_per_day", 0u32, |count: u32| match count {
            1.. if (count as usize) < segments_max => Err(format!(
                "{count} is less than one text may need; write at least {segments_max} (messages.segments_max), or 0 for no limit"
            )),
            _ => Ok(count),
        });
        let over_quota = section.checked("over_quota", "wait".to_owned(), |word: String| match word.as_str() {
            "wait" | "tunggu" => Ok(OverQuota::Wait),
            "refuse" | "tolak" => Ok(OverQuota::Refuse),
            _ => Err(format!("`{word}` is neither wait (tunggu) nor refuse (tolak)")),
        });
        let in_doubt = section.optional("in_doubt", "hold", |word: String| {
            word.parse::<InDoubt>().map_err(|word| format!("`{word}` is neither hold (tahan) nor resend (ulang)"))
        });
        let approval = section.checked("approval", "by_size".to_owned(), |word: String| match word.as_str() {
            "by_size" => Ok(UnitApproval::BySize),
            "always" => Ok(UnitApproval::Always),
            "never" => Ok(UnitApproval::Never),
            _ => Err(format!("`{word}` is none of by_size, always, never")),
        });
        let above = section.take("approval_above", 0u32);
        if let Some((name, line)) = name {
            if self.list.iter().any(|unit| unit.name == name) {
                section.problem(Some(line), "name", format!("`{name}` is used twice; each unit has its own folder"));
            }
            let approval_above = (above > 0).then_some(u64::from(above));
            let rules = UnitRules { signature, segments_per_day, over_quota, approval, approval_above };
            let (group, in_doubt) = (group.map(|(name, _)| name), in_doubt.map(|(word, _)| word));
            self.list.push(Unit { name, classes, basis, group, in_doubt, rules });
        }
        section.finish();
    }
}
