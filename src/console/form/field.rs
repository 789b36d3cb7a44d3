//! One field of a form: what it is called, what stands in it, and what is wrong with it.

use tui_input::Input;

use super::{Area, Control, Findings, Options, Pairs};
use crate::fleet::rules::Rule;

/// Which field it is; a form has each at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum FieldId {
    About,
    Name,
    DisplayName,
    Scope,
    Domain,
    Owner,
    Sharing,
    SsoUser,
    Template,
    CloneOf,
    Role,
    Groups,
    Auth,
    Network,
    RemoteAccess,
    Vpc,
    Subnets,
    KmsKey,
    Propagation,
    AsDefault,
    RoleIdentity,
    Output,
    OutputPath,
    OutputKey,
    AppType,
    JupyterLab,
    CodeEditor,
    KernelGateway,
    Instance,
    Idle,
    IdleMinutes,
    IdleMin,
    IdleMax,
    LifecycleConfigs,
    Landing,
    SpaceSize,
    MaxSize,
    File,
    Format,
    Rows,
    Found,
    Script,
    Tags,
    RemoveTags,
    Limit,
}

/// A field.
#[derive(Debug, Clone)]
pub struct Field {
    /// Which one it is.
    pub id: FieldId,
    /// The heading it stands under; empty for none.
    pub section: &'static str,
    /// What it is called, in AWS's words.
    pub label: &'static str,
    /// What it means, in a sentence or two.
    pub help: &'static str,
    /// What an empty field says: an example, or what then holds.
    pub empty: &'static str,
    /// Whether it must be filled in.
    pub required: bool,
    /// AWS's rule for what is typed, where it has one.
    pub rule: Option<Rule>,
    /// How it is filled in.
    pub control: Control,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What else is known of it, such as what its value means.
    pub note: Option<String>,
    /// Whether it has no place in the form as it is filled in now.
    pub hidden: bool,
    /// Whether the person has filled it in.
    pub touched: bool,
}

impl Field {
    fn new(id: FieldId, label: &'static str, control: Control) -> Self {
        Self {
            id,
            section: "",
            label,
            help: "",
            empty: "",
            required: false,
            rule: None,
            control,
            error: None,
            note: None,
            hidden: false,
            touched: false,
        }
    }

    /// A line of text.
    pub(super) fn line(id: FieldId, label: &'static str) -> Self {
        Self::new(id, label, Control::Text { input: Input::default() })
    }

    /// A whole number within bounds.
    pub(super) fn whole(
        id: FieldId,
        label: &'static str,
        (least, most): (u32, u32),
        unit: &'static str,
    ) -> Self {
        Self::new(id, label, Control::Number { input: Input::default(), least, most, unit })
    }

    /// One of the options.
    pub(super) fn choice(id: FieldId, label: &'static str, options: Options) -> Self {
        Self::new(id, label, Control::Choice { value: String::new(), options })
    }

    /// Up to so many of the options.
    pub(super) fn several(id: FieldId, label: &'static str, most: usize, options: Options) -> Self {
        Self::new(id, label, Control::Several { chosen: Vec::new(), options, most })
    }

    /// Text of many lines.
    pub(super) fn lines(id: FieldId, label: &'static str) -> Self {
        Self::new(id, label, Control::Area(Area::default()))
    }

    /// Keys with values.
    pub(super) fn pairs(id: FieldId, label: &'static str) -> Self {
        Self::new(id, label, Control::Pairs(Pairs::new()))
    }

    /// What was found out about each row of a text.
    pub(super) fn findings(id: FieldId, label: &'static str) -> Self {
        Self::new(id, label, Control::Findings(Findings::default()))
    }

    /// A value that cannot be changed.
    pub(super) fn fixed(
        id: FieldId,
        label: &'static str,
        value: impl Into<String>,
        reason: &'static str,
    ) -> Self {
        Self::new(id, label, Control::Fixed { value: value.into(), reason })
    }

    /// The heading it stands under.
    pub(super) fn under(mut self, section: &'static str) -> Self {
        self.section = section;
        self
    }

    /// What it means.
    pub(super) fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }

    /// What it says while it is empty.
    pub(super) fn empty(mut self, empty: &'static str) -> Self {
        self.empty = empty;
        self
    }

    /// What is typed into it is held to AWS's rule.
    pub(super) fn rule(mut self, rule: Rule) -> Self {
        self.rule = Some(rule);
        self
    }

    /// It must be filled in.
    pub(super) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// With a value from the start.
    pub(super) fn with(mut self, value: &str) -> Self {
        self.set(value);
        self
    }

    /// What stands in it, without blanks around.
    pub fn text(&self) -> String {
        match &self.control {
            Control::Text { input } | Control::Number { input, .. } => input.value().trim().to_owned(),
            Control::Choice { value, .. } | Control::Fixed { value, .. } => value.trim().to_owned(),
            Control::Several { chosen, .. } => chosen.join(", "),
            Control::Switch { on } => if *on { "yes" } else { "no" }.to_owned(),
            Control::Area(area) => area.text(),
            Control::Pairs(_) | Control::Findings(_) => String::new(),
        }
    }

    /// Whether nothing is filled in.
    pub fn is_empty(&self) -> bool {
        match &self.control {
            Control::Text { input } | Control::Number { input, .. } => input.value().trim().is_empty(),
            Control::Choice { value, .. } => value.trim().is_empty(),
            Control::Several { chosen, .. } => chosen.is_empty(),
            Control::Area(area) => area.is_blank(),
            Control::Pairs(pairs) => pairs.filled().next().is_none(),
            Control::Switch { .. } | Control::Fixed { .. } | Control::Findings(_) => false,
        }
    }

    /// Whether it must be filled in and is not.
    pub fn is_missing(&self) -> bool {
        self.required && self.is_empty()
    }

    /// Puts a value in.
    pub(super) fn set(&mut self, text: &str) {
        match &mut self.control {
            Control::Text { input } | Control::Number { input, .. } => {
                if input.value() != text {
                    *input = Input::new(text.to_owned());
                }
            }
            Control::Choice { value, .. } | Control::Fixed { value, .. } => text.clone_into(value),
            Control::Several { chosen, .. } => {
                *chosen = text
                    .split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned)
                    .collect();
            }
            Control::Switch { on } => *on = text == "yes",
            Control::Area(area) => area.set(text),
            Control::Pairs(_) | Control::Findings(_) => {}
        }
    }

    /// Its options, if it has some.
    pub fn options(&self) -> Option<&Options> {
        match &self.control {
            Control::Choice { options, .. } | Control::Several { options, .. } => Some(options),
            _ => None,
        }
    }

    /// Its text, if it is one of many lines.
    pub fn area(&self) -> Option<&Area> {
        match &self.control {
            Control::Area(area) => Some(area),
            _ => None,
        }
    }

    /// Its rows, if it is one of tags.
    pub fn tags(&self) -> Option<&Pairs> {
        match &self.control {
            Control::Pairs(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// What was found out, if it is a field of that.
    pub fn found(&self) -> Option<&Findings> {
        match &self.control {
            Control::Findings(findings) => Some(findings),
            _ => None,
        }
    }

    /// Why it cannot be changed; empty if it can.
    pub fn reason(&self) -> &'static str {
        match &self.control {
            Control::Fixed { reason, .. } => reason,
            _ => "",
        }
    }

    /// Gives it its options.
    pub(super) fn offer(&mut self, offered: Options) {
        if let Control::Choice { options, .. } | Control::Several { options, .. } = &mut self.control {
            *options = offered;
        }
    }

    /// Looks for what is wrong with it by itself.
    pub(super) fn check(&mut self) {
        if self.is_empty() {
            self.error = None;
            return;
        }
        let flaw = |text: &str| self.rule.and_then(|rule| rule.check(text).err()).map(|flaw| flaw.message);
        self.error = match &self.control {
            Control::Text { input } => flaw(input.value().trim()),
            Control::Number { input, least, most, unit } => {
                within(input.value().trim(), *least, *most, unit).err()
            }
            Control::Choice { value, options } => options.refusal(value, self.rule),
            Control::Several { chosen, options, most } => {
                if chosen.len() > *most {
                    Some(format!("AWS takes at most {most} here, and {} are chosen", chosen.len()))
                } else {
                    chosen.iter().find_map(|value| options.refusal(value, self.rule))
                }
            }
            Control::Area(area) => area.fault(),
            Control::Pairs(pairs) => pairs.fault(),
            Control::Switch { .. } | Control::Fixed { .. } | Control::Findings(_) => None,
        };
    }
}

fn within(text: &str, least: u32, most: u32, unit: &str) -> Result<(), String> {
    match text.parse::<u32>() {
        Ok(number) if (least..=most).contains(&number) => Ok(()),
        Ok(_) => Err(format!("must be {least} to {most} {unit}")),
        Err(_) if text.chars().all(|c| c.is_ascii_digit()) => {
            Err(format!("must be {least} to {most} {unit}"))
        }
        Err(_) => Err(format!("`{text}` is not a whole number of {unit}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_held_to_its_bounds_and_named_with_its_unit() {
        let mut field = Field::whole(FieldId::SpaceSize, "EBS volume", (5, 16_384), "GB");
        for (text, wrong) in [
            ("5", None),
            ("16384", None),
            ("4", Some("must be 5 to 16384 GB")),
            ("99999999999999", Some("must be 5 to 16384 GB")),
            ("12.5", Some("`12.5` is not a whole number of GB")),
            ("", None),
        ] {
            field.set(text);
            field.check();
            assert_eq!(field.error.as_deref(), wrong, "{text}");
        }
    }
}
