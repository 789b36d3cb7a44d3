//! Tests of the configuration: what it says, and where it is wrong.

use super::*;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(Path::new("config.toml"), text)
}

#[test]
fn an_empty_file_is_the_defaults() {
    assert_eq!(parse("").unwrap(), Config::default());
}

#[test]
fn every_key_is_heeded() {
    let config = parse(
        r#"
        theme = "nord"
        ascii = true
        mouse = false
        refresh_seconds = 0
        view = "gpu"
        profiles = ["prod", "dev"]
        regions = ["eu-west-1", "us-gov-west-1"]
        read_only = true
        idle_minutes = 90
        [keys]
        stop = ["ctrl-t"]
        [accounts.prod-ml]
        protected = true
        [accounts.210987654321]
        [limits]
        steps = 20
        percent = 5
        [quotas]
        warn = 60
        hot = 80
        [views.gpu]
        pane = "apps"
        filter = "instance:ml.g*"
        "#,
    )
    .unwrap();
    let defaults = Config::default();
    assert_eq!(config.theme.as_deref(), Some("nord"));
    assert_ne!(config.ascii, defaults.ascii);
    assert_ne!(config.mouse, defaults.mouse);
    assert_eq!((config.refresh_seconds, config.idle_minutes), (0, 90));
    assert_eq!(config.profiles, [ProfileName::new("prod"), ProfileName::new("dev")]);
    assert_eq!(config.regions, [Region::new("eu-west-1"), Region::new("us-gov-west-1")]);
    assert!(config.read_only);
    assert_eq!(config.keys["stop"], ["ctrl-t"]);
    assert_eq!(config.protected(), ["prod-ml"]);
    assert_eq!(config.limits, Limits { steps: 20, percent: 5 });
    assert_eq!(config.quotas, Thresholds { warn: 60, hot: 80 });
    assert_eq!(config.views["gpu"], View { pane: Pane::Apps, filter: "instance:ml.g*".to_owned() });
    assert_eq!(config.view, "gpu");
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (text, place, told) in [
        ("thme = \"nord\"\n", (1, 1), "did you mean `theme`?"),
        ("ascii = true\n  mouse = 3\n", (2, 11), "expected a boolean"),
        ("theme = \"nord", (1, 14), ""),
        ("mouse = true\nmouse = true\n", (2, 1), "duplicate"),
        ("[limits]\nstep = 3\n", (2, 1), "did you mean `steps`?"),
        ("[limits]\npercent = 101\n", (2, 11), "1 to 100"),
        ("refresh_seconds = 1", (1, 19), "or 0 for never"),
        ("idle_minutes = -5", (1, 16), "invalid value"),
        ("view = \"aps\"", (1, 8), "did you mean `apps`?"),
        ("regions = [\"eu-west-1\", \"Ireland\"]", (1, 25), "`eu-west-1`"),
        ("[views.gpu]\npane = \"app\"", (2, 8), "did you mean `apps`?"),
        ("[views.gpu]\npane = \"apps\"\nfilter = \"instnce:x\"", (3, 10), "`instance`"),
        ("[views.gpu]\nfilter = \"x\"", (1, 1), "missing field `pane`"),
        ("[views.gpu]\npane = \"overview\"\nfilter = \"x\"", (3, 10), "no rows to filter"),
        ("[accounts.prod]\nprotect = true", (2, 1), "did you mean `protected`?"),
        ("[keys]\nstpo = [\"x\"]", (2, 1), "did you mean `stop`?"),
        ("[keys]\nrefresh = [\"r\"]\nstop = [\"nokey\"]", (3, 1), "nokey"),
        ("[keys]\nstop = [\"q\"]", (2, 1), "`quit`"),
        ("[keys]\nstop = \"x\"", (2, 8), "expected a sequence"),
    ] {
        let error = parse(text).unwrap_err();
        let at = error.place.as_ref().map(|place| (place.line, place.column));
        assert_eq!(at, Some(place), "{text}\n{error}");
        assert!(error.message.contains(told), "{text}\n{error}");
    }
}

#[test]
fn an_error_shows_the_line_and_points_at_it() {
    let error = parse("mouse = true\nthme = \"nord\"\n").unwrap_err().to_string();
    let expected = "config.toml:2:1: unknown field `thme`";
    assert!(error.starts_with(expected), "{error}");
    assert!(error.ends_with("\n   |\n 2 | thme = \"nord\"\n   | ^^^^"), "{error}");
}

#[test]
fn a_file_that_is_no_text_or_no_configuration_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    assert_eq!(Config::read(&file, false).unwrap(), Config::default());
    assert!(
        Config::read(&file, true).unwrap_err().place.is_none(),
        "a file asked for by name has to be there"
    );
    std::fs::write(&file, b"mouse = true\ntheme = \"\xff\"\n").unwrap();
    let error = Config::read(&file, false).unwrap_err();
    assert_eq!(error.place.map(|place| (place.line, place.column)), Some((2, 10)));
    std::fs::write(&file, "#".repeat(1 << 21)).unwrap();
    assert!(Config::read(&file, false).unwrap_err().to_string().contains("1 MiB"));
}

#[test]
fn regions_are_told_from_other_words() {
    for good in ["eu-west-1", "us-gov-east-1", "cn-north-1", "ap-southeast-2", "us-iso-east-1"] {
        assert!(region(good).is_ok(), "{good}");
    }
    for bad in ["", "eu", "eu-west", "EU-WEST-1", "eu-west-1a", "eu--1", "-1", "eu west 1"] {
        assert!(region(bad).is_err(), "{bad}");
    }
}
