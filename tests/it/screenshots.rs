//! The pictures of the README: every pane in two themes, and stopping idle GPUs as an animation, all drawn
//! from the demo. `SAGEDECK_BLESS=1` draws them anew; without it they must be what the program draws.

use std::fmt::Write as _;
use std::time::Duration;

use sagedeck::console::{Course, Dialog, Message};
use sagedeck::fleet::Ask;

use crate::flows::bench::{Bench, Setup};
use crate::picture::{gif, keep, png, svg, unpaintable};

/// Themes with the word for them in the names of files.
const THEMES: [(&str, &str); 2] = [("sagedeck-dark", "dark"), ("sagedeck-light", "light")];

/// Names of pictures, and the keys that lead there from the apps.
const PICTURES: [(&str, &str); 13] = [
    ("overview", "1"),
    ("domains", "2"),
    ("users", "3"),
    ("spaces", "4"),
    ("apps", "/ \"status:InService\" enter j j"),
    ("details", "d"),
    ("raw", "y"),
    ("help", "?"),
    ("plan", "/ \"idle>2h instance:ml.g*\" enter ctrl-a ctrl-d"),
    ("menu", "3 / \"domain:research\" enter a"),
    ("onboard-one", "3 / \"domain:nlp\" enter n"),
    ("new-domain", "2 n"),
    ("delete-domain", "2 / \"name:risk*\" enter ctrl-d"),
];

async fn demo(theme: &'static str, size: (u16, u16)) -> Bench {
    Bench::start(Setup { size, theme, records: false, ..Setup::default() }).await
}

fn drawn(bench: &mut Bench) -> String {
    bench.draw();
    assert_eq!(unpaintable(bench.buffer()), Vec::<char>::new(), "the font has all glyphs");
    svg(bench.buffer(), "sagedeck --demo")
}

fn keep_both(name: &str, picture: &str) {
    keep(&format!("{name}.svg"), picture.as_bytes());
    keep(&format!("{name}.png"), &png(picture));
}

#[tokio::test(start_paused = true)]
async fn every_pane_has_its_picture_in_two_themes() {
    for (theme, word) in THEMES {
        for (name, keys) in PICTURES {
            let mut bench = demo(theme, (140, 36)).await;
            bench.press(keys);
            bench.settle().await;
            keep_both(&format!("{name}-{word}"), &drawn(&mut bench));
        }
    }
}

/// Bills are asked for, and then looked at, at the width of a desk, of a small terminal and of a wide one; and where
/// glyphs alone have to tell the groups apart.
#[tokio::test(start_paused = true)]
async fn costs_have_their_picture_in_two_themes_and_without_colour_at_three_widths() {
    let [small, desk, wide] = [((80, 24), "cost-80x24"), ((140, 36), "cost"), ((200, 50), "cost-200x50")];
    for (theme, word, sizes) in [
        (THEMES[0].0, THEMES[0].1, &[small, desk, wide][..]),
        (THEMES[1].0, THEMES[1].1, &[small, desk][..]),
        ("mono", "mono", &[small, wide][..]),
    ] {
        for (size, name) in sizes {
            let mut bench = demo(theme, *size).await;
            bench.press("6");
            bench.settle().await;
            bench.press("f");
            bench.settle().await;
            keep_both(&format!("{name}-{word}"), &drawn(&mut bench));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn quotas_have_their_pictures_in_two_themes_and_two_widths() {
    for (theme, word) in THEMES {
        for (size, width) in [((80, 24), "80x24"), ((160, 40), "160x40")] {
            let mut bench = demo(theme, size).await;
            bench.press("7");
            bench.wait(Duration::from_mins(1)).await;
            bench.settle().await;
            keep_both(&format!("quotas-{width}-{word}"), &drawn(&mut bench));
            bench.press("m");
            keep_both(&format!("quota-matrix-{width}-{word}"), &drawn(&mut bench));
            bench.press("m / \"type:JupyterLab instance:ml.g5.12xlarge\" enter d");
            keep_both(&format!("quota-facts-{width}-{word}"), &drawn(&mut bench));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn operations_have_their_picture_in_two_themes() {
    for (theme, word) in THEMES {
        let mut bench = demo(theme, (140, 36)).await;
        stop_idle_gpus(&mut bench, &mut |_, _| {}).await;
        keep_both(&format!("operations-{word}"), &drawn(&mut bench));
    }
}

#[tokio::test(start_paused = true)]
async fn a_small_terminal_has_its_picture() {
    let mut bench = demo("sagedeck-dark", (80, 24)).await;
    keep_both("apps-80x24", &drawn(&mut bench));
}

#[tokio::test(start_paused = true)]
async fn stopping_idle_gpus_is_an_animation() {
    let mut bench = demo("sagedeck-dark", (120, 30)).await;
    let mut frames: Vec<(String, u16)> = Vec::new();
    let mut shoot = |bench: &mut Bench, hundredths: u16| frames.push((drawn(bench), hundredths));
    shoot(&mut bench, 150);
    stop_idle_gpus(&mut bench, &mut shoot).await;
    keep("stop-idle-gpus.gif", &gif(&frames));
}

/// Thirty people of a team as somebody would send them, two of them not as AWS wants them.
fn team() -> String {
    let first = ["ada", "bela", "cleo", "dora", "emil", "fynn", "gwen", "hank", "iris", "jule"];
    let mut list = String::from("name,tag:team,instance\n");
    for (index, letter) in ["a", "b", "c"].iter().enumerate() {
        for (row, name) in first.iter().enumerate() {
            let name = match (index, row) {
                (1, 3) => "dora.b".to_owned(),
                (2, 7) => "hank c".to_owned(),
                _ => format!("{name}-{letter}"),
            };
            let _ = writeln!(list, "{name},vision,ml.t3.medium");
        }
    }
    list
}

#[tokio::test(start_paused = true)]
async fn onboarding_thirty_users_is_an_animation() {
    let mut bench = demo("sagedeck-dark", (120, 30)).await;
    let mut frames: Vec<(String, u16)> = Vec::new();
    bench.press("3 / \"domain:research\" enter");
    bench.settle().await;
    frames.push((drawn(&mut bench), 150));
    bench.press("shift-i");
    bench.settle().await;
    frames.push((drawn(&mut bench), 150));
    bench.press("tab tab");
    bench.give(Message::Paste(team()));
    bench.settle().await;
    frames.push((drawn(&mut bench), 300));
    bench.press("ctrl-s");
    bench.settle().await;
    frames.push((drawn(&mut bench), 300));
    if !matches!(bench.console.dialogs.last(), Some(Dialog::Confirm(_))) {
        bench.press("ctrl-s");
        bench.settle().await;
        frames.push((drawn(&mut bench), 300));
    }
    watch(&mut bench, &mut frames).await;
    assert_eq!(bench.sent("CreateUserProfile"), 28, "two of the thirty are not as AWS wants them");
    keep("onboard-30.gif", &gif(&frames));
}

#[tokio::test(start_paused = true)]
async fn deleting_a_domain_is_an_animation() {
    let mut bench = demo("sagedeck-dark", (120, 30)).await;
    let mut frames: Vec<(String, u16)> = Vec::new();
    bench.press("2 / \"name:risk*\" enter");
    bench.settle().await;
    frames.push((drawn(&mut bench), 150));
    bench.press("ctrl-d");
    bench.settle().await;
    frames.push((drawn(&mut bench), 350));
    bench.press("pagedown pagedown");
    frames.push((drawn(&mut bench), 250));
    watch(&mut bench, &mut frames).await;
    assert_eq!(bench.sent("DeleteDomain"), 1);
    keep("delete-domain.gif", &gif(&frames));
}

/// One step at a time, since the order of lines is in the picture; and so narrow that AWS's request ids are not: they
/// count all requests, whose order the disk decides too.
#[tokio::test(start_paused = true)]
async fn the_audit_trail_has_its_picture() {
    let protected = vec!["prod-ml".to_owned()];
    let size = (100, 24);
    let mut bench = Bench::start(Setup { size, protected, ..Setup::default() }).await;
    bench.press("/ \"idle>2h instance:ml.g*\" enter");
    for reason in [
        "cost alarm of Tuesday, ticket 4711",
        "the same alarm, agreed with the owner",
        "the same alarm, nobody answers for it",
    ] {
        bench.press("ctrl-d");
        bench.wait(Duration::from_millis(600)).await;
        bench.press(&format!("\"{reason}\" enter"));
        bench.press("y");
        bench.wait(Duration::from_mins(10)).await;
        bench.settle().await;
    }
    bench.press("9 a");
    bench.settle().await;
    keep_both("audit-dark", &drawn(&mut bench));
}

/// Confirms the plan on screen as it asks, and watches it being carried out.
async fn watch(bench: &mut Bench, frames: &mut Vec<(String, u16)>) {
    bench.wait(Duration::from_millis(600)).await;
    let Some(Dialog::Confirm(confirm)) = bench.console.dialogs.last() else { panic!("{}", bench.screen()) };
    let Ask::Phrases(phrases) = confirm.confirmation.ask.clone() else { panic!("phrases are asked for") };
    for phrase in phrases {
        bench.press(&format!("\"{}\"", phrase.text));
        frames.push((drawn(bench), 120));
        bench.press("enter");
    }
    bench.press("9");
    for _ in 0..12 {
        bench.wait(Duration::from_secs(5)).await;
        frames.push((drawn(bench), 50));
    }
    for _ in 0..60 {
        bench.wait(Duration::from_mins(1)).await;
        if bench.console.operations.list[0].course == Course::Ended {
            break;
        }
    }
    bench.settle().await;
    frames.push((drawn(bench), 300));
}

/// Filters the idle GPUs, marks and stops them, and watches; `shoot` takes a picture, shown for so long.
async fn stop_idle_gpus(bench: &mut Bench, shoot: &mut dyn FnMut(&mut Bench, u16)) {
    bench.press("/");
    for word in ["\"idle\"", "\">2h\"", "\" inst\"", "\"ance:\"", "\"ml.g*\""] {
        bench.press(word);
        shoot(bench, 30);
    }
    bench.press("enter");
    bench.settle().await;
    shoot(bench, 100);
    bench.press("ctrl-a");
    shoot(bench, 180);
    bench.press("ctrl-d");
    bench.wait(Duration::from_millis(600)).await;
    shoot(bench, 250);
    let count = bench.console.table().map_or(0, |table| table.marks.len());
    bench.press(&format!("\"stop {count}\""));
    shoot(bench, 100);
    bench.press("enter");
    if !bench.console.dialogs.is_empty() {
        // Above the ceiling the number is asked for as well.
        shoot(bench, 100);
        bench.press(&format!("\"{count}\" enter"));
    }
    bench.press("9");
    for _ in 0..8 {
        bench.wait(Duration::from_secs(4)).await;
        shoot(bench, 60);
    }
    bench.wait(Duration::from_mins(10)).await;
    bench.settle().await;
    shoot(bench, 300);
}
