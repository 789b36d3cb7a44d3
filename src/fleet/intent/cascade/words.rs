//! What a deletion says about what is lost.

use std::fmt::Write as _;

use crate::fleet::intent::stop;
use crate::fleet::wording::{Count, Counted, Money};
use crate::fleet::{App, AppType, Fleet, Known, Phrase, Sharing, Space, storage_price};

/// What is lost with these apps and spaces, as sentences.
pub(super) fn loses(fleet: &Fleet, apps: &[&App], spaces: &[&Space]) -> Vec<String> {
    let mut loses = stop::loses(apps);
    loses.extend(volumes(fleet, spaces));
    loses
}

/// The volumes that go with these spaces, and what their end saves.
fn volumes(fleet: &Fleet, spaces: &[&Space]) -> Option<String> {
    let spaces: Vec<&Space> = spaces.iter().copied().filter(|space| !has_no_volume(space)).collect();
    if spaces.is_empty() {
        return None;
    }
    let unsized_spaces = spaces.iter().filter(|space| space.ebs_gb.is_none()).count();
    let known: Vec<_> = spaces.iter().filter_map(|space| Some((space, space.ebs_gb?))).collect();
    let gb: u64 = known.iter().map(|(_, gb)| u64::from(*gb)).sum();
    // Writing to a String cannot fail.
    let mut text = format!("All files of {}", Counted(spaces.len(), "space"));
    if gb > 0 {
        let _ = write!(text, ", {} GB", Count(gb));
    }
    text.push_str(": their volumes (EBS) are destroyed, and AWS keeps no copy.");
    if unsized_spaces > 0 {
        let _ = write!(text, " Of {unsized_spaces} of them AWS does not say the size.");
    }
    let dollars = known.iter().map(|(space, gb)| monthly(fleet, space, *gb));
    if let Some(dollars) = dollars.sum::<Option<f64>>().filter(|dollars| *dollars > 0.0) {
        let _ = write!(text, " That ends {} of storage per month.", Money(dollars));
    }
    Some(text)
}

/// Whether a space is one of Studio Classic, whose files are on the domain's file system.
pub(super) fn has_no_volume(space: &Space) -> bool {
    space.ebs_gb.is_none() && space.app_type.as_ref().is_some_and(AppType::is_classic)
}

/// Dollars per month of a space's volume.
pub(super) fn monthly(fleet: &Fleet, space: &Space, gb: u32) -> Option<f64> {
    match storage_price(fleet, space.key.scope.region(), gb) {
        Known::Value(dollars) => Some(dollars),
        Known::Unknown | Known::Absent => None,
    }
}

/// Which of these spaces others use too, as a sentence.
pub(super) fn shared(spaces: &[&Space]) -> Option<String> {
    let is_shared = |space: &&&Space| space.sharing.as_ref().is_some_and(|kind| *kind != Sharing::Private);
    let names: Vec<&str> = spaces.iter().filter(is_shared).map(|space| space.key.name.as_str()).collect();
    if names.is_empty() {
        return None;
    }
    let shared = Counted(names.len(), "shared space");
    Some(format!("{shared} among them ({}): everybody who uses them loses their files.", some(&names)))
}

/// What is typed to delete things with what is in them: the name of one, or how many of what.
pub(super) fn phrase(verb: &str, kind: &'static str, names: &[&str], why: &str) -> Vec<Phrase> {
    let (what, text) = match names {
        [] => return Vec::new(),
        [name] => (format!("the name of the {kind}"), (*name).to_owned()),
        names => ("the words".to_owned(), format!("{verb} {}", Counted(names.len(), kind))),
    };
    vec![Phrase { what, text, why: why.to_owned() }]
}

/// The first of many names: "a, b, c and 12 more".
pub(super) fn some(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let mut text = names[..names.len().min(SHOWN)].join(", ");
    if names.len() > SHOWN {
        let _ = write!(text, " and {} more", Count((names.len() - SHOWN) as u64));
    }
    text
}
