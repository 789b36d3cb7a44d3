//! The quotas pane on the screen: in every face, at two sizes, without colour and in ASCII.

use super::fixture::{answer, console, failure, fresh, now, press, scope, type_text};
use super::{draw, screen, text};
use crate::console::{Console, Dialog, Pane, QuotaFace, WriteMode};
use crate::fleet::{
    Answer, Limited, Name, Problem, ProblemKind, Query, Quota, QuotaCode, QuotaList, QuotaRequest,
    RequestStatus,
};
use crate::ui::theme::{Catalogue, Depth, SymbolSet};

fn quota(number: usize, name: &str, value: Option<f64>) -> Quota {
    let code = format!("L-{number:08}");
    Quota {
        limits: Limited::parse(&code, name).unwrap(),
        code: QuotaCode::new(&code),
        name: Name::new(name),
        value,
        adjustable: number != 3,
        error: value.is_none().then(|| "DEPENDENCY_THROTTLING_ERROR".into()),
    }
}

/// The limits of the fixture's fleet: some full, some with room, one that AWS could not tell.
fn limits() -> Vec<Quota> {
    [
        ("Total domains", Some(20.0)),
        ("Maximum number of Studio user profiles allowed per account", Some(12.0)),
        ("Maximum number of Studio spaces allowed per account", Some(50.0)),
        ("Maximum number of running Studio apps allowed per account", Some(40.0)),
        ("Total EBS volume size in GB across all Studio Spaces", None),
        ("Studio JupyterLab Apps running on ml.g5.12xlarge instances", Some(2.0)),
        ("Studio JupyterLab Apps running on ml.t3.medium instances", Some(10.0)),
        ("Studio CodeEditor Apps running on ml.t3.medium instances", Some(3.0)),
        ("Studio KernelGateway Apps running on ml.t3.medium instance", Some(1.0)),
        ("Studio JupyterLab Apps running on ml.p5.48xlarge instances", Some(0.0)),
        ("Studio CodeEditor Apps running on ml.p5.48xlarge instances", Some(0.0)),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, (name, value))| quota(number, name, value))
    .collect()
}

fn request() -> QuotaRequest {
    QuotaRequest {
        id: "request-1".into(),
        case: Some("case-77".into()),
        code: QuotaCode::new("L-00000005"),
        name: None,
        desired: Some(8.0),
        status: RequestStatus::CaseOpened,
        created: Some(now()),
        updated: None,
        requester: Some("123456789012".into()),
    }
}

/// The pane with its limits read.
fn read() -> Console {
    let mut console = console(Pane::Quotas);
    let list = QuotaList { rows: limits(), read_at: console.now };
    answer(&mut console, Query::Quotas(scope()), Answer::Quotas(list));
    answer(&mut console, Query::QuotaRequests(scope()), Answer::QuotaRequests(vec![request()]));
    press(&mut console, "home");
    console
}

#[test]
fn the_quotas_at_80_columns() {
    insta::assert_snapshot!(screen(&mut read(), 80, 24));
}

#[test]
fn the_quotas_at_200_columns() {
    insta::assert_snapshot!(screen(&mut read(), 200, 30));
}

#[test]
fn the_matrix_at_80_columns() {
    let mut console = read();
    press(&mut console, "m");
    insta::assert_snapshot!(screen(&mut console, 80, 24));
}

#[test]
fn the_facts_of_a_quota_say_what_can_still_start_and_who_has_it() {
    let mut console = read();
    press(&mut console, "/");
    type_text(&mut console, "code:L-00000005");
    press(&mut console, "enter d");
    insta::assert_snapshot!(screen(&mut console, 100, 32));
}

#[test]
fn heat_is_told_without_colour_and_in_ascii() {
    let mono = Catalogue::new(SymbolSet::Ascii, []).theme("mono", Depth::NoColor).unwrap();
    let mut console = read();
    for keys in ["home", "m"] {
        press(&mut console, keys);
        let shown = text(&draw(&mut console, &mono, 80, 24).0);
        // Only a least count has a sign of its own.
        assert!(shown.replace('≥', ">").is_ascii(), "{shown}");
        assert!(shown.contains("hot"), "{shown}");
    }
}

#[test]
fn an_unreadable_limit_is_unknown_on_every_face_and_never_zero() {
    let mut console = read();
    press(&mut console, "/");
    type_text(&mut console, "type:\"space storage\"");
    press(&mut console, "enter");
    let shown = screen(&mut console, 120, 24);
    assert!(shown.contains("unknown"), "{shown}");
    press(&mut console, "d");
    let shown = screen(&mut console, 120, 24);
    assert!(shown.contains("AWS could not tell the limit: DEPENDENCY_THROTTLING_ERROR"), "{shown}");
}

#[test]
fn before_anything_is_read_and_where_nothing_can_be_read_the_pane_says_so() {
    let shown = screen(&mut fresh(Pane::Quotas, WriteMode::Locked), 80, 24);
    assert!(shown.contains("reading quotas from AWS"), "{shown}");
    let mut console = console(Pane::Quotas);
    let denied =
        Problem::new(ProblemKind::AccessDenied, "not authorized", "Ask for servicequotas:ListServiceQuotas");
    failure(&mut console, Query::Quotas(scope()), denied);
    let shown = screen(&mut console, 120, 24);
    for said in ["not authorized", "servicequotas:ListServiceQuotas", "unknown"] {
        assert!(shown.contains(said), "`{said}`:\n{shown}");
    }
}

#[test]
fn the_cursor_stays_with_its_limit_between_table_and_matrix() {
    let mut console = read();
    press(&mut console, "/");
    type_text(&mut console, "type:CodeEditor");
    press(&mut console, "enter");
    let id = console.selected_quota().map(crate::fleet::QuotaRow::id);
    press(&mut console, "m");
    assert_eq!(console.quotas.face, QuotaFace::Matrix);
    assert_eq!(console.selected_quota().map(crate::fleet::QuotaRow::id), id);
    press(&mut console, "m");
    assert_eq!(console.selected_quota().map(crate::fleet::QuotaRow::id), id);
}

#[test]
fn what_cannot_be_raised_says_why_and_opens_no_form() {
    for (code, said) in [("L-00000003", "does not raise"), ("L-00000005", "open request request-1 for 8")] {
        let mut console = read();
        press(&mut console, "/");
        type_text(&mut console, &format!("code:{code}"));
        press(&mut console, "enter n");
        assert!(console.dialogs.is_empty());
        let shown = screen(&mut console, 160, 24);
        assert!(shown.contains(said), "`{said}`:\n{shown}");
    }
    let mut console = read();
    press(&mut console, "/");
    type_text(&mut console, "code:L-00000006");
    press(&mut console, "enter n");
    assert!(matches!(console.dialogs.last(), Some(Dialog::Form(_))));
    let shown = screen(&mut console, 80, 24);
    assert!(shown.contains("New limit") && shown.contains("of 10 apps used"), "{shown}");
}

#[test]
fn enter_leads_to_the_apps_that_hold_it() {
    let mut console = read();
    press(&mut console, "/");
    type_text(&mut console, "code:L-00000005");
    press(&mut console, "enter");
    let used = console.selected_quota().and_then(|row| row.used).unwrap();
    press(&mut console, "enter");
    let table = console.table().unwrap();
    assert_eq!(
        table.filter.text(),
        "type:JupyterLab instance:ml.g5.12xlarge status:Pending,InService,Deleting"
    );
    assert_eq!(table.rows.len() as u64, used.count);
}

#[test]
fn the_overview_and_the_header_lead_to_what_is_hot() {
    let mut console = read();
    press(&mut console, "1");
    let shown = screen(&mut console, 200, 60);
    let (hot, _) = console.quotas.heats;
    assert!(
        hot > 0 && shown.contains(&format!("quotas {hot} hot")) && shown.contains("fullest quotas"),
        "{shown}"
    );
}
