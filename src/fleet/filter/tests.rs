//! The filter language as people write it.

use std::borrow::Cow;
use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

const FIELDS: &[FieldSpec] = &[
    spec(Field::Owner, "owner", &["user"], FieldKind::Text, Needs::NONE),
    spec(Field::Instance, "instance", &[], FieldKind::Text, Needs::NONE),
    spec(Field::Status, "status", &["state"], FieldKind::Text, Needs::NONE),
    spec(Field::Cost, "cost", &["$/h"], FieldKind::Money, Needs::PRICES),
    spec(Field::Age, "age", &[], FieldKind::Time, Needs::NONE),
    spec(Field::Ebs, "ebs", &[], FieldKind::Number, Needs::NONE),
    spec(Field::Idle, "idle", &[], FieldKind::Verdict, Needs::ACTIVITY),
];

const fn spec(
    field: Field,
    name: &'static str,
    aliases: &'static [&'static str],
    kind: FieldKind,
    needs: Needs,
) -> FieldSpec {
    FieldSpec { field, name, aliases, kind, needs, help: "" }
}

/// A row whose fields are said in the test.
#[derive(Default)]
struct Row {
    shown: String,
    text: HashMap<Field, Known<&'static str>>,
    number: HashMap<Field, Known<f64>>,
    tags: Option<HashMap<&'static str, &'static str>>,
}

impl Record for Row {
    fn shown(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.shown)
    }

    fn text(&self, field: Field) -> Known<Cow<'_, str>> {
        self.text.get(&field).copied().unwrap_or(Known::Absent).map(Cow::Borrowed)
    }

    fn number(&self, field: Field) -> Known<f64> {
        self.number.get(&field).copied().unwrap_or(Known::Absent)
    }

    fn tag(&self, key: &str) -> Known<Cow<'_, str>> {
        match &self.tags {
            Some(tags) => tags.get(key).map(|value| Cow::Borrowed(*value)).into(),
            None => Known::Unknown,
        }
    }
}

/// A running app of anna-k, idle for nine hours.
fn idle_row() -> Row {
    let mut row = Row::default();
    for cell in ["anna-k", "research", "JupyterLab", "InService", "ml.g5.12xlarge"] {
        lower_into(&mut row.shown, cell);
    }
    row.text.insert(Field::Owner, Known::Value("anna-k"));
    row.text.insert(Field::Instance, Known::Value("ml.g5.12xlarge"));
    row.text.insert(Field::Status, Known::Value("InService"));
    row.text.insert(Field::Idle, Known::Value("idle"));
    row.number.insert(Field::Idle, Known::Value(9.0 * 3600.0));
    row.number.insert(Field::Cost, Known::Value(7.09));
    row.number.insert(Field::Age, Known::Value(76.0 * 3600.0));
    row.tags = Some(HashMap::from([("team", "nlp"), ("sagemaker:space-arn", "arn:x")]));
    row
}

/// An app of which only the list is known.
fn unread_row() -> Row {
    let mut row = idle_row();
    row.text.insert(Field::Idle, Known::Unknown);
    row.number.insert(Field::Idle, Known::Unknown);
    row.number.insert(Field::Cost, Known::Unknown);
    row.tags = None;
    row
}

fn filter(text: &str) -> Filter {
    Filter::parse(text, FIELDS).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn error(text: &str) -> FilterError {
    match Filter::parse(text, FIELDS) {
        Ok(filter) => panic!("{text} was understood as {filter:?}"),
        Err(error) => error,
    }
}

#[test]
fn every_form_of_the_language_finds_the_row_it_describes() {
    let row = idle_row();
    for text in [
        "",
        "  ",
        "anna",
        "ANNA g512",
        "\"na-k\"",
        "instance:ml.g*",
        "instance:ml.p*,ml.g*",
        "instance=ml.g5.12xlarge",
        "instance!=ml.g5.xlarge",
        "status:failed,inservice",
        "STATE:InService",
        "instance~^ml\\.(g|p)\\d",
        "(instance~(g5|g6) or owner:bo)",
        "owner~\"^anna.k$\"",
        "idle>2h",
        "idle:idle",
        "idle:idle,unknown",
        "cost>=1.5",
        "cost>=$7",
        "cost:7.09",
        "$/h<8",
        "age<7d",
        "age>3d",
        "ebs:none",
        "tag.team:nlp",
        "tag.team:n*",
        "tag.\"sagemaker:space-arn\":arn:*",
        "tag.missing:\"\"",
        "!owner:bo",
        "!(owner:bo or owner:carl)",
        "owner:bo or idle>2h",
        "owner:anna-k and !status:failed",
        "*",
        "!!anna",
    ] {
        assert!(filter(text).matches(&row), "{text}");
    }
    for text in [
        "bob",
        "\"anna research\"",
        "instance:g5",
        "instance:ml.g5",
        "instance=ml.*",
        "idle>10h",
        "idle<=9h owner:bo",
        "idle:active",
        "cost>7.09",
        "ebs>0",
        "tag.team:vision",
        "tag.missing:*",
        "!anna",
        "!idle:idle",
    ] {
        assert!(!filter(text).matches(&row), "{text}");
    }
}

#[test]
fn what_is_not_known_is_neither_shown_by_a_term_nor_by_its_negation() {
    let row = unread_row();
    for text in ["idle>2h", "!idle>2h", "!idle:active", "cost>1", "!cost>1", "tag.team:nlp", "!tag.team:nlp"]
    {
        assert_eq!(filter(text).truth(&row), Truth::Unknown, "{text}");
    }
    for text in ["idle:unknown", "cost:unknown", "idle>2h or anna", "tag.team:unknown", "!(idle>2h bob)"] {
        assert_eq!(filter(text).truth(&row), Truth::True, "{text}");
    }
    assert_eq!(filter("idle>2h bob").truth(&row), Truth::False);
}

#[test]
fn an_error_says_where_it_is_and_what_was_expected() {
    for (text, at, part) in [
        ("anna instnce:ml.*", 5..12, "unknown field `instnce`"),
        ("colour:red", 0..6, "quotes"),
        ("idle>2", 5..6, "a length of time such as `2h`"),
        ("idle>", 5..5, "a length of time"),
        ("cost>=x", 6..7, "an amount of dollars"),
        ("ebs>x", 4..5, "a number"),
        ("owner>2", 5..6, "`:`, `=` or `~`: owner is text"),
        ("cost~1", 4..5, "`cost` is not text"),
        ("owner:", 6..6, "expected a value"),
        ("owner:a,", 8..8, "expected a value"),
        ("owner~", 6..6, "expected a regular expression"),
        ("owner~[", 6..7, "expected a regular expression: unclosed character class"),
        (":x", 0..1, "expected a field before `:`"),
        ("\"anna", 0..5, "closing quote"),
        ("(anna", 0..1, "expected a `)`"),
        ("anna)", 4..5, "nothing opens"),
        ("()", 1..2, "expected a term before `)`"),
        ("or x", 0..2, "expected a term before `or`"),
        ("x or", 4..4, "expected a term here"),
        ("x and", 5..5, "expected a term here"),
        ("!", 1..1, "expected a term here"),
        ("tag.:x", 0..4, "expected a tag key"),
        ("tag.\"a b\"", 9..9, "after the tag key"),
    ] {
        let error = error(text);
        assert_eq!(error.span, at, "{text}: {error}");
        assert!(error.message.contains(part), "{text}: {error}");
    }
    assert_eq!(error("instnce:ml.*").to_string(), "unknown field `instnce`; did you mean `instance`?");
}

#[test]
fn parentheses_without_end_are_refused_before_they_exhaust_the_stack() {
    assert!(error(&"(".repeat(100_000)).message.contains("fewer parentheses"));
    assert!(filter(&format!("{}anna", "!".repeat(100_000))).matches(&idle_row()));
}

#[test]
fn a_filter_tells_which_details_it_depends_on() {
    assert_eq!(filter("anna status:failed").needs(), Needs::NONE);
    assert_eq!(filter("anna or !(idle>2h tag.team:x)").needs(), Needs::ACTIVITY.and(Needs::TAGS));
    assert_eq!(filter("cost>1").needs(), Needs::PRICES);
}

#[test]
fn one_more_letter_or_term_narrows_and_anything_else_does_not() {
    for (new, old) in [
        ("anna", ""),
        ("anna", "ann"),
        ("anna", "aa"),
        ("anna idle>2h", "anna"),
        ("\"anna-k\"", "\"anna\""),
        ("\"anna\"", "ana"),
        ("idle>3h", "idle>2h"),
        ("idle>3h", "idle>=3h"),
        ("cost<1", "cost<=2"),
        ("owner:a x", "owner:a or owner:b"),
        ("owner:a", "owner:b or owner:a"),
        ("!owner:a ann", "!owner:a an"),
    ] {
        assert!(filter(new).narrows(&filter(old)), "{new} narrows {old}");
    }
    for (new, old) in [
        ("", "anna"),
        ("ann", "anna"),
        ("anna", "\"anna\""),
        ("idle>1h", "idle>2h"),
        ("idle>=2h", "idle>2h"),
        ("cost<2", "idle<2h"),
        ("owner:a or owner:b", "owner:a"),
        ("!anna", "!ann"),
    ] {
        assert!(!filter(new).narrows(&filter(old)), "{new} does not narrow {old}");
    }
}

/// Text that is often nearly a filter.
fn nearly_a_filter() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("owner:".to_owned()),
        Just("idle>".to_owned()),
        Just("instance~".to_owned()),
        Just("tag.".to_owned()),
        Just(" or ".to_owned()),
        Just("!=".to_owned()),
        "[ ()!*\",:=~<>\\\\]{1,2}",
        "[a-z0-9$.]{1,4}",
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Filters that are understood, of every form.
fn a_filter() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[A-Za-z0-9ZÜß東-]{1,6}",
        "\\*?!?(or|AND|a*b)",
        "\"[a-z \\\\\\\\:()]{0,6}\""
            .prop_filter("an escaped quote does not close", |text| !text.ends_with("\\\"")),
        "(owner|status|instance):[a-zA-ZÄ*.,-]{0,5}[a-z*]",
        "instance=[a-z*.]{1,5}",
        "user!=[a-z]{1,3}",
        "owner~(a\\.b|\\(x\\)|[a-z]\\+)",
        "(idle|age)(>|<|>=|<=)[0-9]{1,4}(\\.[0-9])?[smhdw]",
        "cost(>=|<|:)\\$?[0-9]{1,3}\\.[0-9]{1,4}",
        "ebs(>|:)[0-9]{1,6}",
        "(idle|cost|ebs):unknown",
        "tag\\.(team|\"a:b c\"):[a-z*]{1,4}",
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("!{a}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("{a} and {b}")),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic_and_errors_lie_within_it(text in nearly_a_filter()) {
        match Filter::parse(&text, FIELDS) {
            Ok(filter) => {
                let printed = filter.to_string();
                let again = Filter::parse(&printed, FIELDS);
                prop_assert_eq!(again, Ok(filter), "{} was printed as {}", text, printed);
            }
            Err(error) => {
                prop_assert!(error.span.start <= error.span.end && error.span.end <= text.len());
                prop_assert!(text.is_char_boundary(error.span.start) && text.is_char_boundary(error.span.end));
            }
        }
    }

    #[test]
    fn what_is_printed_parses_to_the_same_filter(text in a_filter()) {
        // Some random values are empty alternatives or negated stars, which are refused.
        if let Ok(filter) = Filter::parse(&text, FIELDS) {
            let printed = filter.to_string();
            prop_assert_eq!(Filter::parse(&printed, FIELDS), Ok(filter), "{} as {}", text, printed);
        }
    }

    #[test]
    fn a_narrower_filter_never_shows_a_row_the_wider_one_hides(a in a_filter(), b in a_filter()) {
        let (Ok(a), Ok(b)) = (Filter::parse(&a, FIELDS), Filter::parse(&b, FIELDS)) else { return Ok(()) };
        for row in [idle_row(), unread_row(), Row::default()] {
            prop_assert!(!a.narrows(&b) || !a.matches(&row) || b.matches(&row), "{} / {}", a, b);
        }
    }
}
