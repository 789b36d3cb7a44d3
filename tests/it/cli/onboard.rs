//! `users onboard`: a roster compared, what is missing created, bad rows named with their place.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

use sagedeck::sim::SimulatedAws;
use sagedeck::sim::faults::{Fault, Target};
use sagedeck::sim::world::Scope;

use super::{Home, Ran, Served};

fn served() -> Served {
    Served::new(SimulatedAws::builder().speed(600.0).build())
}

/// Writes a file into a home and gives its path.
fn file(home: &Home, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = home.path().join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, content).expect("a file");
    path.display().to_string()
}

#[test]
fn what_is_missing_is_created_once_and_a_bad_row_stops_no_other() {
    let (served, home) = (served(), Home::new());
    let roster = file(
        &home,
        "people.csv",
        "name,role,tag:team\nzoe-a,,nlp\nbad name,,\nanna-k,,\nyara-b,NoSuchRole,\nxenia-c,,nlp\n",
    );
    let sheet = home.path().join("handover.csv").display().to_string();
    let onboard = ["users", "onboard", &roster, "--domain", "research", "--handover", &sheet];
    let ran = served.shown(&home, &onboard);
    assert!(ran.out.contains("zoe-a") && ran.out.contains("create-user-profile"), "{}", ran.out);
    assert!(ran.err.contains("people.csv:3:"), "{}", ran.err);
    assert!(ran.err.contains("people.csv:5: ") && ran.err.contains("NoSuchRole"), "{}", ran.err);
    assert!(!std::path::Path::new(&sheet).exists(), "nothing to hand over yet");

    let yes = [&onboard[..], &["--yes", "-o", "json"]].concat();
    let outcome = served.run(&home, &yes).with_code(4).json();
    assert_eq!(outcome["tally"]["done"], 2, "{outcome}");
    let rows = outcome["rows"].as_array().expect("rows");
    let standings: Vec<&str> = rows.iter().filter_map(|row| row["standing"].as_str()).collect();
    assert_eq!(standings, ["create", "invalid", "equal", "invalid", "create"], "{outcome}");
    assert_eq!(served.writes(), ["CreateUserProfile", "CreateUserProfile"]);
    let handed = std::fs::read_to_string(&sheet).expect("the sheet");
    assert!(handed.contains("zoe-a") && handed.contains("xenia-c") && handed.contains("created"), "{handed}");

    served.run(&home, &yes).with_code(4);
    assert_eq!(served.writes().len(), 2, "run again, it does nothing twice");
}

#[test]
fn a_roster_of_bad_rows_alone_comes_to_nothing() {
    let (served, home) = (served(), Home::new());
    let roster = file(&home, "people.csv", "name,role\nbad name,\nyara-b,NoSuchRole\n");
    served.run(&home, &["users", "onboard", &roster, "--domain", "research", "--yes"]).with_code(5);
    assert!(served.writes().is_empty());
}

#[test]
fn people_of_identity_center_are_let_in() {
    let (served, home) = (served(), Home::new());
    served.aws.with_world(|world| {
        let region = world.region_mut(&Scope::new("123456789012", "eu-west-1"));
        region.identity_center.as_mut().expect("Identity Center").add_user("zoe-a@example.com");
    });
    let roster = file(
        &home,
        "people.csv",
        "name,sso_user\nzoe-a,zoe-a@example.com\nnew-amir,amir-t@example.com\nnobody,no@example.com\n",
    );
    let outcome = served
        .run(&home, &["users", "onboard", &roster, "--domain", "nlp", "--yes", "-o", "json"])
        .with_code(4)
        .json();
    // One is new, one may sign in already, and one is nobody there.
    let mut writes = served.writes();
    writes.sort();
    let expected = ["CreateApplicationAssignment", "CreateUserProfile", "CreateUserProfile"];
    assert_eq!(writes, expected, "{outcome}");
    assert_eq!(outcome["rows"][2]["standing"], "invalid", "{outcome}");
}

#[test]
fn a_template_a_role_and_a_clone_are_for_rows_that_name_none() {
    let (served, home) = (served(), Home::new());
    file(
        &home,
        "config/sagedeck/templates/scientist.toml",
        "landing = \"studio::\"\n[tags]\nteam = \"nlp\"\n",
    );
    file(&home, "config/sagedeck/templates/broken.toml", "landing = \"studio::\"\nlandin = 1\n");
    let roster = file(&home, "people.txt", "zoe-a\nyara-b\n");
    let onboard = ["users", "onboard", &roster, "--domain", "research"];
    let json = served
        .run(&home, &[&onboard[..], &["--template", "scientist", "--clone", "anna-k", "-o", "json"]].concat())
        .with_code(0)
        .json();
    let settings = &json["steps"][0]["request"]["UserSettings"];
    assert_eq!(settings["DefaultLandingUri"], "studio::", "{json}");
    assert_eq!(json["steps"][1]["request"]["Tags"][0]["Value"], "nlp", "{json}");
    for (name, told) in [("broken", "templates/broken.toml:2:1"), ("scientst", "did you mean `scientist`?")] {
        let ran = served.run(&home, &[&onboard[..], &["--template", name]].concat()).with_code(2);
        assert!(ran.err.contains(told), "{}", ran.err);
    }
    assert!(served.aws.requests().writes().is_empty());
}

#[test]
fn rosters_that_cannot_be_read_are_named_with_line_and_column_and_nothing_is_asked() {
    let (served, home) = (served(), Home::new());
    let utf16: Vec<u8> = "name\nzoe\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, content, told) in [
        ("unknown.csv", b"name,rolle\nzoe-a,x\n".to_vec(), "unknown.csv:1:6: "),
        ("twice.csv", b"name,user\nzoe-a,x\n".to_vec(), "twice.csv:1:6: "),
        ("missing.csv", b"role\nx\n".to_vec(), "missing.csv:1:1: "),
        ("open.csv", b"name,role\nzoe-a,\"x\n".to_vec(), "open.csv:2:7: "),
        ("latin.csv", b"name\nz\xf6e\n".to_vec(), "latin.csv:2:2: "),
        ("wide.csv", [vec![0xff, 0xfe], utf16].concat(), "UTF-16"),
        ("broken.toml", b"[[user]]\nname = \n".to_vec(), "broken.toml:2:"),
        ("key.toml", b"[[user]]\nname = \"zoe-a\"\nrol = 1\n".to_vec(), "key.toml:3:1: "),
        ("broken.yaml", b"- name: [\n".to_vec(), "broken.yaml:"),
        ("empty.csv", b"name\n".to_vec(), "nobody"),
        ("people.xlsx", b"PK".to_vec(), "--format"),
    ] {
        let path = file(&home, name, content);
        let ran =
            served.run(&home, &["users", "onboard", &path, "--domain", "research", "--yes"]).with_code(2);
        assert!(ran.err.contains(told), "{name}: {}", ran.err);
    }
    let ran = served.run(&home, &["users", "onboard", "/nowhere.csv", "--domain", "research"]).with_code(2);
    assert!(ran.err.contains("/nowhere.csv: "), "{}", ran.err);
    assert!(served.aws.requests().all().is_empty());
}

#[test]
fn a_roster_can_come_from_a_pipe() {
    let (served, home) = (served(), Home::new());
    let mut child = served
        .command(&home, &["users", "onboard", "-", "--domain", "research"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"zoe-a\nyara-b\n").expect("it is read");
    drop(stdin);
    let ran = Ran::from(child.wait_with_output().expect("an end")).with_code(0);
    assert!(ran.out.contains("2 create"), "{}", ran.out);
}

#[test]
fn ten_thousand_rows_are_compared_and_only_a_count_lets_them_through() {
    let (served, home) = (served(), Home::new());
    let mut text = String::from("name\n");
    for number in 0..10_000 {
        let _ = writeln!(text, "person-{number}");
    }
    let roster = file(&home, "many.csv", text);
    let onboard = ["users", "onboard", &roster, "--domain", "research", "-o", "json"];
    let json = served.run(&home, &onboard).with_code(0).json();
    let steps = json["steps"].as_array().map(Vec::len).unwrap_or_default();
    let rows = json["rows"].as_array().map(Vec::len).unwrap_or_default();
    assert_eq!(rows, 10_000);
    if steps > 100 {
        served.refuses(&home, &[&onboard[..], &["--yes"]].concat(), "add --count");
    }
}

#[test]
fn what_aws_refuses_is_told_in_its_own_words() {
    let (served, home) = (served(), Home::new());
    let refused = Fault::Refuse("ValidationException".into(), "the subnet is full".into());
    served.aws.faults().add_times(Target::operation("CreateUserProfile"), refused, 1);
    let roster = file(&home, "people.txt", "zoe-a\nyara-b\n");
    let sheet = home.path().join("handover.json").display().to_string();
    let ran = served
        .run(&home, &["users", "onboard", &roster, "--domain", "research", "--yes", "--handover", &sheet])
        .with_code(4);
    assert!(ran.out.contains("the subnet is full"), "{}", ran.out);
    let handed = std::fs::read_to_string(&sheet).expect("the sheet");
    assert!(handed.contains("the subnet is full"), "{handed}");
}
