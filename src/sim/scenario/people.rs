//! Names of people, teams and their work. Data only.

/// The first names people go by.
pub(super) const FIRST_NAMES: [&str; 150] = [
    "anna", "ben", "carla", "david", "elena", "felix", "grace", "henry", "irene", "jonas", "katrin", "leo",
    "maria", "nils", "olivia", "paul", "quentin", "rosa", "samuel", "tanja", "ulrich", "vera", "walter",
    "xenia", "yara", "zoe", "adam", "beatriz", "chloe", "diego", "emma", "fabian", "giulia", "hugo", "ines",
    "jakub", "klara", "lukas", "mila", "noah", "oscar", "petra", "rafael", "sofia", "thomas", "ursula",
    "viktor", "wanda", "yannick", "zuzana", "alina", "bruno", "celia", "daniel", "esther", "frank", "greta",
    "hannah", "ivan", "julia", "karl", "laura", "marco", "nora", "otto", "paula", "rita", "simon", "teresa",
    "uwe", "valeria", "willem", "yvonne", "aaron", "bianca", "conrad", "dora", "emil", "flora", "georg",
    "helena", "igor", "jana", "kilian", "lena", "mateo", "nadia", "omar", "pia", "robin", "stella", "tobias",
    "uma", "vincent", "wilma", "yusuf", "amir", "birgit", "cosmo", "dilan", "edgar", "fatima", "gustav",
    "heidi", "ida", "jasper", "kenji", "lara", "moritz", "nina", "ole", "priya", "ravi", "sara", "tarek",
    "umut", "viola", "wen", "yuki", "ali", "bea", "chen", "dina", "erik", "fiona", "gabriel", "hiro",
    "isabel", "joana", "kai", "linus", "mei", "nico", "olga", "pedro", "ruth", "sven", "theo", "ulla",
    "vlad", "wim", "yasmin", "alba", "bjorn", "carmen", "dario", "elif", "finn", "gaia", "hana",
];

/// What private spaces are called after their owner.
pub(super) const WORK: [&str; 10] =
    ["lab", "train", "notebook", "eval", "features", "scratch", "gpu", "report", "pipeline", "review"];

/// What shared spaces are called.
pub(super) const SHARED: [&str; 8] = [
    "forecast-shared",
    "model-review",
    "data-quality",
    "onboarding",
    "benchmarks",
    "annotation",
    "war-room",
    "demo",
];

/// Teams, their projects and their cost centres.
pub(super) const TEAMS: [(&str, &str, &str); 8] = [
    ("research", "foundation", "cc-4100"),
    ("nlp", "assistant", "cc-4110"),
    ("vision", "defects", "cc-4120"),
    ("risk", "credit-scoring", "cc-5200"),
    ("fraud", "card-alerts", "cc-5210"),
    ("pricing", "elasticity", "cc-6300"),
    ("logistics", "routing", "cc-6310"),
    ("marketing", "uplift", "cc-7400"),
];

/// What domains are called.
pub(super) const DOMAINS: [&str; 10] = [
    "research",
    "nlp",
    "vision",
    "risk-analytics",
    "fraud",
    "pricing",
    "logistics",
    "marketing",
    "genomics",
    "platform",
];

/// A person's name such as `anna-k`; different for every index below 26 times the number of first names.
pub(super) fn name(index: usize) -> String {
    let (round, first) = (index / FIRST_NAMES.len(), index % FIRST_NAMES.len());
    let initial = char::from(b'a' + ((round * 11 + first * 7 + 10) % 26) as u8);
    format!("{}-{initial}", FIRST_NAMES[first])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everybody_has_a_name_of_their_own() {
        assert_eq!(name(0), "anna-k");
        assert_eq!(
            (0..26 * FIRST_NAMES.len()).map(name).collect::<BTreeSet<_>>().len(),
            26 * FIRST_NAMES.len()
        );
    }
}
