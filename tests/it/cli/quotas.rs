//! Quotas without a screen: listed, requested by plan, and their history.

use sagedeck::sim::SimulatedAws;
use sagedeck::sim::scenario::Scenario;
use serde_json::Value;

use super::{Home, Served};

fn served() -> Served {
    Served::new(SimulatedAws::builder().scenario(Scenario::Small).build())
}

fn rows(value: &Value) -> &Vec<Value> {
    value.as_array().expect("an array")
}

#[test]
fn limits_are_listed_with_their_use_and_those_of_nothing_only_when_asked_for() {
    let (home, served) = (Home::new(), served());
    let usual = served.run(&home, &["quotas", "list", "-o", "json"]).with_code(0).json();
    let all = served.run(&home, &["quotas", "list", "--all", "-o", "json"]).with_code(0).json();
    assert!(rows(&usual).len() > 8 && rows(&all).len() > rows(&usual).len() * 4, "{}", rows(&usual).len());
    let percents: Vec<f64> = rows(&usual).iter().filter_map(|row| row["percent"].as_f64()).collect();
    assert!(percents.len() > 4 && percents.is_sorted_by(|left, right| left >= right), "the fullest first");
    let hot = served.run(&home, &["quotas", "list", "-f", "heat:hot", "-o", "json"]).with_code(0).json();
    assert!(!rows(&hot).is_empty() && rows(&hot).iter().all(|row| row["percent"].as_f64() >= Some(90.0)));
    let names: Vec<&String> = rows(&all)[0].as_object().expect("an object").keys().collect();
    assert!(names.iter().all(|name| {
        "type instance used limit percent free heat request code account region".contains(name.as_str())
    }));
}

#[test]
fn more_is_requested_only_with_yes_and_an_open_request_is_recognised() {
    let (home, served) = (Home::new(), served());
    let quota = "JupyterLab/ml.g4dn.xlarge";
    let plan = served.shown(&home, &["quotas", "request", quota, "9"]);
    assert!(
        plan.out.contains("Request 9 instead of 8") && plan.out.contains("aws service-quotas"),
        "{}",
        plan.out
    );
    served.run(&home, &["quotas", "request", quota, "9", "--yes"]).with_code(0);
    assert_eq!(served.writes(), ["RequestServiceQuotaIncrease"]);
    let history = served.run(&home, &["quotas", "history", quota, "-o", "json"]).with_code(0).json();
    assert_eq!(rows(&history)[0]["desired"].as_f64(), Some(9.0));
    let again = served.run(&home, &["quotas", "request", quota, "12", "--yes"]);
    assert!(format!("{}{}", again.out, again.err).contains("open request"), "{again:?}");
    assert_eq!(served.writes().len(), 1);
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_sent() {
    let (home, served) = (Home::new(), served());
    served.refuses(&home, &["quotas", "request", "JupyterLab/ml.g4dn.xlarge", "8", "--yes"], "8 already");
    served.refuses(&home, &["quotas", "request", "JupyterLab/ml.nothing", "8", "--yes"], "lists no quota");
    let wrong = served.run(&home, &["quotas", "list", "-f", "percnt>3"]).with_code(2);
    assert!(wrong.err.contains("percent"), "{}", wrong.err);
    let wrong = served.run(&home, &["quotas", "list", "-c", "used,nothing"]).with_code(2);
    assert!(wrong.err.contains("`nothing`"), "{}", wrong.err);
    served.run(&home, &["quotas", "request", "L-1", "-4"]).with_code(2);
}
