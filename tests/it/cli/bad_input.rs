//! Bad input: each names the thing, where it is and what to do; and nothing was asked of AWS.

use sagedeck::sim::SimulatedAws;

use super::{Home, Served};

#[test]
fn wrong_usage_is_named_and_ends_with_2() {
    let home = Home::new();
    for (arguments, told) in [
        (&["--demo", "apps", "list", "-f", "instnce:x"][..], &["--filter", "`instance`", "^^^^^^^"][..]),
        (&["--demo", "apps", "list", "-f", "idle>"], &["--filter"]),
        (&["--demo", "apps", "list", "-s", "cst"], &["--sort", "did you mean `cost`?"]),
        (&["--demo", "apps", "list", "-c", "ownr"], &["--columns", "did you mean `owner`?"]),
        (&["--demo", "apps", "stop", "-f", " "], &["--filter", "all of them"]),
        (&["--demo", "--region", "Ireland", "apps", "list"], &["--region Ireland", "eu-west-1"]),
        (&["--demo=tiny"], &["small", "broken"]),
        (&["--reigon", "eu-west-1"], &["--region"]),
        (&["--demo"], &["not a terminal", "sagedeck apps list"]),
        (&["sim", "--listen", "0.0.0.0:0"], &["--listen 0.0.0.0:0", "loopback"]),
    ] {
        let ran = home.run(arguments).with_code(2);
        assert_eq!(ran.out, "", "{arguments:?}");
        for told in told {
            assert!(ran.err.contains(told), "{arguments:?}: {}", ran.err);
        }
    }
}

#[test]
fn a_wrong_configuration_is_named_with_its_place_and_nothing_is_asked() {
    let served = Served::new(SimulatedAws::builder().build());
    let home = Home::with_config("mouse = true\nthme = \"nord\"\n");
    for arguments in [&["apps", "list"][..], &["apps", "stop", "-f", "x"], &["config", "check"], &["keys"]] {
        let ran = served.run(&home, arguments).with_code(2);
        assert!(ran.err.contains("config.toml:2:1: unknown field `thme`"), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains("did you mean `theme`?") && ran.err.contains("^^^^"), "{}", ran.err);
    }
    assert!(served.aws.requests().all().is_empty());
}

#[test]
fn a_configuration_asked_for_by_name_has_to_be_there() {
    let ran = Home::new().run(&["--config", "/nowhere/sagedeck.toml", "--demo", "apps", "list"]).with_code(2);
    assert!(ran.err.contains("/nowhere/sagedeck.toml"), "{}", ran.err);
}

#[test]
fn a_wrong_theme_is_named_with_its_place() {
    let home = Home::new();
    let themes = home.path().join("config").join("sagedeck").join("themes");
    std::fs::create_dir_all(&themes).expect("a folder");
    std::fs::write(themes.join("mine.toml"), "schema = 1\nname = \"Mine\"\nvariant = \"dusk\"\n")
        .expect("a file");
    for arguments in [&["themes", "list"][..], &["config", "check"]] {
        let ran = home.run(arguments).with_code(2);
        assert!(ran.err.contains("mine.toml:3:"), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn credentials_that_do_not_hold_end_with_3() {
    let served = Served::new(SimulatedAws::builder().build());
    for key in ["AKIAEXPIRED", "AKIAINVALID"] {
        let output = served.command(&Home::new(), &["apps", "list"]).env("AWS_ACCESS_KEY_ID", key).output();
        let ran = super::Ran::from(output.expect("the program runs")).with_code(3);
        assert!(ran.out.is_empty() && ran.err.contains("aws sso login"), "{ran:?}");
    }
}

#[test]
fn a_profile_that_is_not_there_is_named() {
    let served = Served::new(SimulatedAws::builder().build());
    let home = Home::new();
    std::fs::create_dir_all(home.path().join(".aws")).expect("a folder");
    std::fs::write(home.path().join(".aws").join("config"), "[profile prod]\nregion = eu-west-1\n")
        .expect("a file");
    let ran = served.run(&home, &["--profile", "prdo", "apps", "list"]).with_code(3);
    assert!(ran.err.contains("no profile `prdo`; did you mean `prod`?"), "{}", ran.err);
    assert!(served.aws.requests().all().is_empty());
}

#[test]
fn no_region_is_wrong_usage_and_says_where_one_can_be_named() {
    let served = Served::new(SimulatedAws::builder().build());
    let output = served.command(&Home::new(), &["apps", "list"]).env_remove("AWS_REGION").output();
    let ran = super::Ran::from(output.expect("the program runs")).with_code(2);
    assert!(ran.err.contains("--region") && ran.err.contains("AWS_REGION"), "{}", ran.err);
}

#[test]
fn an_endpoint_that_is_not_secure_is_refused_before_anything_is_sent() {
    let served = Served::new(SimulatedAws::builder().build());
    let home = Home::new();
    let ran = served.run(&home, &["--endpoint-url", "http://example.invalid", "apps", "list"]).with_code(1);
    assert!(ran.err.contains("https://"), "{}", ran.err);
}

#[test]
fn the_log_is_private_and_holds_no_secret() {
    let served = Served::new(SimulatedAws::builder().build());
    let home = Home::new();
    let output = served
        .command(&home, &["apps", "list"])
        .env("AWS_SECRET_ACCESS_KEY", "verysecretindeed")
        .env("SAGEDECK_LOG", "trace")
        .output();
    super::Ran::from(output.expect("the program runs")).with_code(0);
    let folder = home.path().join("state").join("sagedeck");
    let logs: Vec<_> =
        std::fs::read_dir(&folder).expect("the folder").map(|entry| entry.expect("one").path()).collect();
    assert_eq!(logs.len(), 1, "{logs:?}");
    let text = std::fs::read_to_string(&logs[0]).expect("the log");
    assert!(!text.contains("verysecretindeed") && !text.to_lowercase().contains("authorization:"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode =
            |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&logs[0])), (0o700, 0o600));
    }
    let output = served.command(&home, &["apps", "list"]).env("SAGEDECK_LOG", "loud").output();
    let ran = super::Ran::from(output.expect("the program runs")).with_code(0);
    assert!(ran.err.contains("SAGEDECK_LOG") && ran.err.contains("`loud`"), "{}", ran.err);
}
