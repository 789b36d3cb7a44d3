//! Tests of rosters: what is read, and how what is wrong is named.

use serde_json::json;

use super::*;
use crate::fleet::AppType;

fn parse(text: &str, format: RosterFormat) -> Roster {
    Roster::parse(text, format).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn errors(text: &str, format: RosterFormat) -> Vec<String> {
    Roster::parse(text, format).unwrap_err().iter().map(ToString::to_string).collect()
}

fn names(roster: &Roster) -> Vec<&str> {
    roster.rows.iter().map(|row| &*row.name).collect()
}

#[test]
fn columns_are_known_by_many_names_in_any_order_and_separated_as_they_are() {
    let text = "E-Mail;User Profile Name;Execution Role;Groups;tag:team;Tags;Idle Minutes;instance\n\
                a@x;anna;arn:aws:iam::123456789012:role/S;sg-1,sg-2;nlp;env=dev|cost=7;120;ml.t3.medium\n\
                ;ben;;;;;off;\n";
    let roster = parse(text, RosterFormat::Csv);
    let [anna, ben] = &roster.rows[..] else { panic!("{roster:?}") };
    assert_eq!(anna.flaws, []);
    assert_eq!((anna.line, &*anna.name, anna.sso_user.as_deref()), (2, "anna", Some("a@x")));
    assert_eq!(anna.edit.role.as_deref(), Some("arn:aws:iam::123456789012:role/S"));
    assert_eq!(anna.edit.security_groups, Some(vec!["sg-1".into(), "sg-2".into()]));
    let tags: Vec<String> = anna.tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect();
    assert_eq!(tags, ["team=nlp", "env=dev", "cost=7"]);
    assert_eq!(anna.edit.idle[&AppType::CodeEditor].timeout_minutes, Some(120));
    assert_eq!(anna.edit.instances.len(), 2);
    assert_eq!(ben.edit.idle[&AppType::JupyterLab].enabled, Some(false));
    assert_eq!((ben.sso_user.clone(), ben.edit.role.clone(), ben.tags.len()), (None, None, 0));
}

#[test]
fn unknown_missing_and_repeated_columns_are_named_by_place() {
    assert_eq!(
        errors("nane,rolle\nx,y\n", RosterFormat::Csv),
        [
            "1:1: unknown column `nane`; did you mean `name`?",
            "1:6: unknown column `rolle`; did you mean `role`?",
            "1:1: no column gives the name of the user profile: one of name, user, user_profile_name",
        ]
    );
    assert_eq!(
        errors("name,role,user\n", RosterFormat::Csv),
        ["1:11: the columns `name` and `user` give the same"]
    );
    assert_eq!(errors("", RosterFormat::Csv), ["1:1: there is nobody in it"]);
    assert_eq!(errors("name,role\n# none\n", RosterFormat::Csv), ["1:1: there is nobody in it"]);
}

#[test]
fn a_faulty_row_stops_no_other_and_says_where_it_is_faulty() {
    let text = "name,role,idle\nanna,,\nben_x,arn:aws:iam::1:role/x,30\nANNA,,\ncara,,,\ndora\n";
    let roster = parse(text, RosterFormat::Csv);
    assert_eq!(names(&roster), ["anna", "ben_x", "ANNA", "cara", "dora"]);
    assert_eq!(roster.faulty(), 4);
    let flaws: Vec<String> = roster.rows.iter().flat_map(|row| &row.flaws).map(ToString::to_string).collect();
    assert_eq!(
        flaws,
        [
            "3:4: a user profile's name has only letters a to z, digits and hyphens; character 4 is `_`",
            "3:20: a role's ARN looks like arn:aws:iam::123456789012:role/NAME",
            "3:29: an idle timeout is 60 to 525600 minutes; this is 30",
            "4:1: ANNA is on line 2 already",
            "5:8: has 4 cells where the header has 3: a delimiter too many, or the line is cut off",
            "6:1: has 1 cell where the header has 3: a delimiter too many, or the line is cut off",
        ]
    );
}

#[test]
fn an_interrupted_paste_is_refused_as_a_whole() {
    let errors = errors("name,role\nanna,x\nben,\"arn:aws:iam", RosterFormat::Pasted);
    assert_eq!(errors, ["3:5: this quote is never closed: the text breaks off here, or a quote is too many"]);
}

#[test]
fn pasted_names_need_no_header() {
    let roster = parse("anna\n  ben, cara;dora\n\n# remark\ne_f\n", RosterFormat::Pasted);
    assert_eq!(names(&roster), ["anna", "ben", "cara", "dora", "e_f"]);
    assert_eq!(roster.rows[4].flaws[0].line, 5);
    assert_eq!(roster.rows[4].flaws[0].column, 2);
    let roster = parse("name\trole\nanna\tScientist\n", RosterFormat::Pasted);
    assert_eq!(roster.rows[0].edit.role.as_deref(), Some("Scientist"));
}

#[test]
fn toml_and_yaml_give_defaults_for_all_and_say_more_for_one() {
    let toml = r#"
domain = "research"
template = "scientist"
[tags]
team = "nlp"
[[user]]
name = "anna"
idle_shutdown = { jupyterlab = 90 }
[[user]]
name = "ben"
template = "engineer"
tags = { team = "cv", env = "dev" }
[user.settings]
StudioWebPortal = "DISABLED"
"#;
    let yaml = "
domain: research
template: scientist
tags: {team: nlp}
users:
  - name: anna
    idle_shutdown: {jupyterlab: 90}
  - name: ben
    template: engineer
    tags: {team: cv, env: dev}
    settings: {StudioWebPortal: DISABLED}
";
    for (text, format, lines) in [(toml, RosterFormat::Toml, [7, 10]), (yaml, RosterFormat::Yaml, [6, 8])] {
        let roster = parse(text, format);
        let [anna, ben] = &roster.rows[..] else { panic!("{roster:?}") };
        assert_eq!([anna.line, ben.line], lines);
        assert_eq!(roster.faulty(), 0, "{roster:?}");
        assert_eq!((anna.domain.as_deref(), anna.template.as_deref()), (Some("research"), Some("scientist")));
        assert_eq!(anna.edit.idle[&AppType::JupyterLab].timeout_minutes, Some(90));
        assert_eq!(ben.template.as_deref(), Some("engineer"));
        assert_eq!(ben.tags.len(), 2);
        assert_eq!(&*ben.tags[0].value, "cv");
        assert_eq!(ben.edit.settings["StudioWebPortal"], json!("DISABLED"));
    }
    let roster = parse("- anna\n- name: ben\n- 7\n- role: x\n", RosterFormat::Yaml);
    assert_eq!(names(&roster), ["anna", "ben", "", ""]);
    assert!(roster.rows[2].flaws[0].message.contains("write it in quotes"), "{roster:?}");
    assert_eq!(roster.rows[3].flaws[0].to_string(), "4:1: has no name");
}

#[test]
fn what_is_wrong_in_a_tree_is_named_by_place() {
    assert_eq!(
        errors("domain = \"x\"\n", RosterFormat::Toml),
        ["1:1: there is no list of people: `[[user]]` tables in TOML, a list `users` in YAML"]
    );
    assert_eq!(
        errors("name = \"x\"\n[[user]]\nname = \"a\"\nroles = 1\n", RosterFormat::Toml),
        [
            "1:1: `name` is one person's, and cannot be said for all",
            "4:1: unknown column `roles`; did you mean `role`?",
        ]
    );
    assert_eq!(
        errors("- name: a\n  user: b\n", RosterFormat::Yaml),
        ["2:3: `user` says again what another key said"]
    );
}

#[test]
fn ten_thousand_rows_are_read_and_a_name_that_comes_again_is_found() {
    use std::fmt::Write as _;
    let mut text = String::from("name,email,role,tags\n");
    for number in 0..10_000 {
        let _ = writeln!(
            text,
            "user-{number},user-{number}@example.com,Scientist,\"team=t{};env=dev\"",
            number % 7
        );
    }
    text.push_str("USER-1234,,,\n");
    let roster = Roster::read(text.as_bytes(), RosterFormat::Csv).unwrap();
    assert_eq!((roster.rows.len(), roster.faulty()), (10_001, 1));
    assert_eq!(roster.rows[10_000].flaws[0].message, "USER-1234 is on line 1236 already");
    let mut yaml = String::from("users:\n");
    for number in 0..10_000 {
        let _ = writeln!(yaml, "  - name: user-{number}\n    role: Scientist");
    }
    let roster = Roster::read(yaml.as_bytes(), RosterFormat::Yaml).unwrap();
    assert_eq!((roster.rows.len(), roster.faulty()), (10_000, 0));
}
