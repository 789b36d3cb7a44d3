//! The configuration file explained: every key with its meaning and its default, from one table.

use std::fmt::Write as _;

use crate::console::{Action, Context};

/// A key of the configuration file.
struct Entry {
    key: &'static str,
    default: &'static str,
    help: &'static [&'static str],
}

const fn entry(key: &'static str, default: &'static str, help: &'static [&'static str]) -> Entry {
    Entry { key, default, help }
}

const TOP: &[Entry] = &[
    entry(
        "theme",
        "\"sagedeck-dark\"",
        &[
            "The theme; `sagedeck themes list` names them. While this is commented out, the theme chosen last in the",
            "picker is used, or else one that suits the terminal's background.",
        ],
    ),
    entry("ascii", "false", &["Draw with ASCII characters only."]),
    entry("mouse", "true", &["Wheel, clicks on rows and headings. Without it the terminal selects text."]),
    entry(
        "refresh_seconds",
        "60",
        &["After how many seconds a complete list is read again; 0 for never by itself."],
    ),
    entry("view", "\"overview\"", &["The pane or saved view the console starts with."]),
    entry(
        "profiles",
        "[]",
        &["AWS profiles; none for the AWS CLI's default one. --profile and AWS_PROFILE win."],
    ),
    entry("regions", "[]", &["Regions; none for the profile's own one. --region and AWS_REGION win."]),
    entry("read_only", "false", &["Change nothing, and do not let it be unlocked."]),
    entry(
        "idle_minutes",
        "60",
        &["Without activity for longer than so many minutes, an app counts as idle."],
    ),
    entry(
        "protected_tags",
        "[]",
        &[
            "No plan touches an object with one of these tags, such as [\"keep\", \"env=prod\"], nor one whose tags",
            "cannot be read.",
        ],
    ),
];

const COST: &[Entry] = &[entry(
    "services",
    "[\"Amazon SageMaker\"]",
    &["The services that count, as Cost Explorer names them; none for all."],
)];

const LIMITS: &[Entry] = &[
    entry("steps", "100", &["So many steps."]),
    entry("percent", "10", &["Such a part of what there is: of all running apps, of a domain's users."]),
];

const QUOTAS: &[Entry] =
    &[entry("warn", "75", &["From here on it is warm."]), entry("hot", "90", &["From here on it is hot."])];

/// The template that `sagedeck config template` prints.
pub fn template() -> String {
    let mut out = String::from(
        "# Configuration of sagedeck. Everything is optional; what stands here are the defaults.\n\
         # Arguments win over the environment, the environment over this file.\n",
    );
    entries(&mut out, TOP);
    section(
        &mut out,
        "limits",
        &["A plan larger than this asks for the number of steps to be typed (--count)."],
    );
    entries(&mut out, LIMITS);
    section(&mut out, "cost", &["What AWS has billed: the cost pane and `sagedeck cost report`."]);
    entries(&mut out, COST);
    section(
        &mut out,
        "quotas",
        &["From which part of a quota on the header and the quotas pane warn, in percent."],
    );
    entries(&mut out, QUOTAS);
    section(
        &mut out,
        "keys",
        &["Keys by action. An action named here has these keys and no others; [] leaves it none."],
    );
    for context in [
        Context::Everywhere,
        Context::Rows,
        Context::Table,
        Context::Cost,
        Context::Quotas,
        Context::Details,
        Context::Operations,
    ] {
        for action in Action::ALL.iter().filter(|action| action.context() == context) {
            let keys: Vec<String> = action.default_keys().iter().map(|key| quoted(key)).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(out, "#{} = [{}] # {}", action.id(), keys.join(", "), action.help());
        }
    }
    out.push_str(
        "\n# An account, by alias or id. A protected one is marked in the header, and the command line changes it\n\
         # only when it is named with --account, and with a --reason.\n\
         #\n\
         #     [accounts.prod-ml]\n\
         #     protected = true\n\
         \n# A saved view, for the palette, `view` and --view.\n\
         #\n\
         #     [views.idle-gpu]\n\
         #     pane = \"apps\"\n\
         #     filter = \"idle>2h instance:ml.g*\"\n",
    );
    out
}

fn section(out: &mut String, name: &str, help: &[&str]) {
    out.push('\n');
    for line in help {
        let _ = writeln!(out, "# {line}");
    }
    let _ = writeln!(out, "#[{name}]");
}

fn entries(out: &mut String, entries: &[Entry]) {
    for Entry { key, default, help } in entries {
        out.push('\n');
        for line in *help {
            let _ = writeln!(out, "# {line}");
        }
        let _ = writeln!(out, "#{key} = {default}");
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::cli::config::Config;
    use crate::console::Keymap;

    /// The template with its settings in force: `#key = ...` is one, `# words` are not.
    fn in_force(template: &str) -> String {
        let uncomment = |line: &str| match line.strip_prefix('#') {
            Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => format!("{rest}\n"),
            _ => format!("{line}\n"),
        };
        template.lines().map(uncomment).collect()
    }

    #[test]
    fn the_template_is_the_defaults_commented_or_not() {
        let parse = |text: &str| Config::parse(Path::new("template"), text).unwrap();
        assert_eq!(parse(&template()), Config::default());
        let mut spelt_out = parse(&in_force(&template()));
        let keys = std::mem::take(&mut spelt_out.keys);
        assert_eq!(keys.len(), Action::ALL.len(), "every action is named");
        let (named, usual) = (Keymap::new(&keys).unwrap(), Keymap::new(&BTreeMap::new()).unwrap());
        for action in Action::ALL {
            assert_eq!(named.keys(*action), usual.keys(*action), "{}", action.id());
        }
        assert_eq!(spelt_out.theme.take().as_deref(), Some("sagedeck-dark"));
        assert_eq!(spelt_out, Config::default());
    }

    #[test]
    fn the_template_names_every_key() {
        let text = template();
        for probe in ["?=1", "[limits]\n?=1", "[accounts.x]\n?=1", "[views.x]\n?=1"] {
            let error = Config::parse(Path::new("probe"), &probe.replace('?', "\"?\"")).unwrap_err();
            let known = error.message.split("expected").nth(1).unwrap_or_default();
            let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
            assert!(!known.is_empty(), "{error}");
            for key in known {
                let named = text.lines().map(|line| line.trim_start_matches(['#', ' ', '[']));
                let begins =
                    |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.starts_with([' ', ']', '.']));
                assert!(named.into_iter().any(begins), "`{key}` is not in the template");
            }
        }
    }

    #[test]
    fn the_examples_of_the_template_are_right() {
        let text: String =
            template().lines().filter_map(|line| line.strip_prefix("#     ")).collect::<Vec<_>>().join("\n");
        let config = Config::parse(Path::new("examples"), &text).unwrap();
        assert_eq!(config.protected(), ["prod-ml"]);
        assert_eq!(config.views.len(), 1);
    }
}
