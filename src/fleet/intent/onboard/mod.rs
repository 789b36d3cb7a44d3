//! Plans onboarding: compares each newcomer with what is there, and creates what is missing. Run again, it does what
//! is still missing and nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::{Value, json};

use super::references::{self, Findings, References};
use crate::fleet::delta::{deltas, unmet};
use crate::fleet::edit::structure;
use crate::fleet::rules::{self, Rule};
use crate::fleet::wording::Counted;
use crate::fleet::{
    Assignment, AuthMode, Bound, Change, Delta, Difference, Document, Documents, DomainDetail, DomainKey,
    Excluded, Fleet, Newcomer, ObjectKey, Plan, Query, Scope, Standing, Status, Step, Tag, Target, Timestamp,
    UserKey, UserProfile,
};

/// What has to be read: the domains, who is in them already, and what the newcomers refer to.
pub(super) fn needs(newcomers: &[Newcomer], fleet: &Fleet) -> Vec<Query> {
    let mut needs = BTreeSet::new();
    let existing = Existing::of(fleet);
    for newcomer in newcomers.iter().filter(|newcomer| newcomer.flaws.is_empty()) {
        let (scope, domain) = (&newcomer.user.scope, newcomer.user.domain_key());
        needs.extend(references::needs(&newcomer.edit, scope));
        if let Some(source) = &newcomer.clone_of {
            needs.insert(Query::User(source.clone()));
            needs.extend(references::all_needs(scope));
        }
        if let Some(user) = existing.get(&newcomer.user) {
            needs.insert(Query::User(user.key.clone()));
            if !newcomer.tags.is_empty() {
                needs.insert(Query::Tags(ObjectKey::User(user.key.clone())));
            }
        }
        if let Some(detail) = detail(fleet, &domain).filter(|detail| is_sso(detail)) {
            if let Some(name) = &newcomer.sso_user {
                needs.insert(Query::Person(scope.clone(), name.clone()));
            }
            if let Some(application) = &detail.sso_application {
                needs.insert(Query::Assigned(domain.clone(), application.clone()));
            }
        }
        needs.insert(Query::Domain(domain.clone()));
        needs.insert(Query::Users(domain));
    }
    needs.into_iter().collect()
}

/// Who of them exists already: their tags decide whether they may be let in.
pub(super) fn objects(newcomers: &[Newcomer], fleet: &Fleet) -> Vec<ObjectKey> {
    let existing = Existing::of(fleet);
    newcomers
        .iter()
        .filter_map(|newcomer| existing.get(&newcomer.user))
        .map(|user| ObjectKey::User(user.key.clone()))
        .collect()
}

/// How each newcomer stands to what is there, in their order.
pub(super) fn differences(newcomers: &[Newcomer], fleet: &Fleet, documents: &Documents) -> Vec<Difference> {
    judge(newcomers, fleet, documents, &[]).into_iter().map(|judged| judged.difference).collect()
}

/// Plans to create what is missing.
pub(super) fn plan(newcomers: &[Newcomer], fleet: &Fleet, documents: &Documents, now: Timestamp) -> Plan {
    let mut steps = Vec::new();
    let mut excluded = Vec::new();
    let mut created: BTreeMap<DomainKey, usize> = BTreeMap::new();
    for judged in judge(newcomers, fleet, documents, &[]) {
        if let Some(reason) = judged.difference.exclusion() {
            excluded.push(Excluded {
                is_so: judged.difference.standing == Standing::Equal,
                target: judged.difference.target,
                reason: reason.into(),
            });
            continue;
        }
        let mut after = Vec::new();
        if judged.difference.standing == Standing::Missing {
            let notes = judged.difference.notes.join("; ");
            *created.entry(judged.user.domain_key()).or_default() += 1;
            after.push(steps.len());
            steps.push(Step {
                warning: (!notes.is_empty()).then(|| notes.into()),
                ..Step::new(Change::CreateUser(judged.user, judged.document), Bound::Absent)
            });
        }
        if let Some(assignment) = judged.assignment {
            steps.push(Step { after, ..Step::new(Change::AssignApplication(assignment), Bound::Unbound) });
        }
    }
    let users: Vec<&UserKey> = steps
        .iter()
        .filter_map(|step| match &step.change {
            Change::CreateUser(user, _) => Some(user),
            _ => None,
        })
        .collect();
    let title = title(&users, steps.len() - users.len(), fleet);
    Plan {
        excluded,
        keeps: vec!["Every user profile that exists already, as it is.".to_owned()],
        warnings: warnings(&created, fleet),
        ..Plan::new(title, "create", now, steps)
    }
}

fn title(users: &[&UserKey], others: usize, fleet: &Fleet) -> String {
    let domains: BTreeSet<DomainKey> = users.iter().map(|user| user.domain_key()).collect();
    let place = match domains.first() {
        Some(domain) if domains.len() == 1 => fleet.domain_label(domain).to_owned(),
        _ => Counted(domains.len(), "domain").to_string(),
    };
    match users {
        [] if others == 0 => "Onboard nobody".to_owned(),
        [] => format!("Let {} sign in", Counted(others, "user profile")),
        [user] => format!("Onboard {} into {place}", user.name),
        users => format!("Onboard {} into {place}", Counted(users.len(), "user profile")),
    }
}

/// What to know about the plan as a whole: AWS's quota of user profiles, which no list tells.
fn warnings(created: &BTreeMap<DomainKey, usize>, fleet: &Fleet) -> Vec<String> {
    let mut scopes: BTreeMap<&Scope, usize> = BTreeMap::new();
    for (domain, count) in created {
        *scopes.entry(&domain.scope).or_default() += count;
    }
    scopes
        .into_iter()
        .map(|(scope, count)| {
            let there = fleet.users.iter().filter(|user| user.key.scope == *scope).count();
            format!(
                "{scope} has at least {} then; AWS refuses what is above the quota \"Maximum number of Studio user \
                 profiles allowed per account\" (L-AC46C40F).",
                Counted(there + count, "user profile")
            )
        })
        .collect()
}

/// A newcomer as compared with what is there.
pub(super) struct Judged {
    pub(super) user: UserKey,
    pub(super) difference: Difference,
    /// What the user profile is created with.
    pub(super) document: Document,
    /// The assignment that is missing.
    pub(super) assignment: Option<Assignment>,
}

/// The user profiles there are, by domain and name without case: AWS tells names apart without it.
struct Existing<'a> {
    users: HashMap<(DomainKey, String), &'a UserProfile>,
    /// In which domains of a scope a name is.
    places: HashMap<(Scope, String), Vec<&'a UserProfile>>,
}

impl<'a> Existing<'a> {
    fn of(fleet: &'a Fleet) -> Self {
        let mut users = HashMap::with_capacity(fleet.users.len());
        let mut places: HashMap<_, Vec<_>> = HashMap::new();
        for user in fleet.users.iter() {
            let name = user.key.name.as_str().to_lowercase();
            places.entry((user.key.scope.clone(), name.clone())).or_default().push(user);
            users.insert((user.key.domain_key(), name), user);
        }
        Self { users, places }
    }

    fn get(&self, key: &UserKey) -> Option<&'a UserProfile> {
        self.users.get(&(key.domain_key(), key.name.as_str().to_lowercase())).copied()
    }

    /// A domain of the same scope, other than its own, that has somebody of the name.
    fn elsewhere(&self, key: &UserKey) -> Option<DomainKey> {
        let name = key.name.as_str().to_lowercase();
        let users = self.places.get(&(key.scope.clone(), name))?;
        users.iter().map(|user| user.key.domain_key()).find(|domain| domain.id != key.domain)
    }
}

fn detail<'a>(fleet: &'a Fleet, domain: &DomainKey) -> Option<&'a DomainDetail> {
    fleet.domains.get(domain)?.detail.as_deref()
}

fn is_sso(detail: &DomainDetail) -> bool {
    detail.auth_mode == Some(AuthMode::Sso)
}

/// Compares newcomers with what is there. Lifecycle configurations with the ARNs `expected` count as there.
pub(super) fn judge(
    newcomers: &[Newcomer],
    fleet: &Fleet,
    documents: &Documents,
    expected: &[String],
) -> Vec<Judged> {
    let existing = Existing::of(fleet);
    let mut references = References::new(fleet);
    references.expect(expected.iter().cloned());
    let mut seen: HashMap<(DomainKey, String), Option<usize>> = HashMap::with_capacity(newcomers.len());
    newcomers
        .iter()
        .map(|newcomer| {
            let mut findings = Findings { errors: newcomer.flaws.clone(), warnings: Vec::new() };
            let name = (newcomer.user.domain_key(), newcomer.user.name.as_str().to_lowercase());
            if let Some(first) = seen.get(&name) {
                if findings.errors.is_empty() {
                    let line = first.map(|line| format!(", on line {line}")).unwrap_or_default();
                    findings.errors.push(format!("is in the list already{line}"));
                }
            } else {
                seen.insert(name, newcomer.line);
            }
            judge_one(newcomer, fleet, documents, &existing, &mut references, findings)
        })
        .collect()
}

fn judge_one(
    newcomer: &Newcomer,
    fleet: &Fleet,
    documents: &Documents,
    existing: &Existing<'_>,
    references: &mut References<'_>,
    mut findings: Findings,
) -> Judged {
    let user = &newcomer.user;
    let domain = user.domain_key();
    let is_sound = findings.errors.is_empty();
    let detail = detail(fleet, &domain);
    if is_sound {
        check_values(newcomer, &mut findings);
        check_domain(fleet, &domain, &mut findings);
    }
    let settings = settings(newcomer, documents, references, &mut findings);
    if is_sound {
        let vpc = detail.and_then(|detail| detail.vpc.as_deref());
        references.check(&settings, &user.scope, vpc, &mut findings);
    }
    let principal = detail
        .filter(|_| is_sound)
        .and_then(|detail| check_person(newcomer, fleet, &domain, detail, &mut findings));
    let document = document(newcomer, &settings, detail.is_some_and(is_sso));
    let there = existing.get(user);
    let key = there.map_or(user, |there| &there.key);
    let assignment = principal.map(|(application, principal)| Assignment {
        user: key.clone(),
        application: Some(application),
        principal,
    });
    let (standing, deltas) = if findings.errors.is_empty() {
        if let Some(there) = there {
            stands(there, newcomer, &document, fleet, documents, assignment.is_some())
        } else {
            if let Some(other) = existing.elsewhere(user) {
                findings.warnings.push(format!(
                    "{} has a user profile of that name too; AWS advises against one name in two domains of a region",
                    fleet.domain_label(&other)
                ));
            }
            (Standing::Missing, deltas(&Document::new(), &document))
        }
    } else {
        (Standing::Invalid(findings.errors), Vec::new())
    };
    let acts = matches!(standing, Standing::Missing | Standing::Unassigned);
    Judged {
        user: key.clone(),
        difference: Difference {
            target: Target::Object(ObjectKey::User(key.clone())),
            line: newcomer.line,
            standing,
            deltas,
            notes: findings.warnings,
        },
        document,
        assignment: assignment.filter(|_| acts),
    }
}

/// What AWS would refuse about the newcomer's own values.
fn check_values(newcomer: &Newcomer, findings: &mut Findings) {
    if let Err(flaw) = Rule::UserProfileName.check(newcomer.user.name.as_str()) {
        findings.errors.push(flaw.message);
    }
    findings.errors.extend(newcomer.edit.flaws());
    findings.errors.extend(tag_flaws(&newcomer.tags));
    if newcomer.edit.security_groups.as_ref().is_some_and(|groups| groups.len() == rules::MOST_GROUPS) {
        findings.warnings.push(
            "AWS adds a security group of its own for the home file system, so that a fifth may be refused"
                .to_owned(),
        );
    }
}

/// What AWS would refuse about tags.
pub(super) fn tag_flaws(tags: &[Tag]) -> Vec<String> {
    let mut flaws: Vec<String> = tags
        .iter()
        .flat_map(|tag| [Rule::TagKey.check(&tag.key), Rule::TagValue.check(&tag.value)])
        .filter_map(|result| result.err().map(|flaw| flaw.message))
        .collect();
    if tags.len() > rules::MOST_TAGS {
        flaws.push(format!("AWS takes at most {} tags, these are {}", rules::MOST_TAGS, tags.len()));
    }
    flaws
}

/// Whether the domain takes newcomers, and whether we know who is in it.
fn check_domain(fleet: &Fleet, key: &DomainKey, findings: &mut Findings) {
    let label = fleet.domain_label(key);
    let Some(domain) = fleet.domains.get(key) else {
        findings.errors.push(format!("there is no domain {}", key.id));
        return;
    };
    if !matches!(domain.status, Status::InService | Status::Updating | Status::UpdateFailed) {
        findings.errors.push(format!("the domain {label} is {}", domain.status));
    }
    if domain.detail.is_none() {
        let why = match fleet.failure(&Query::Domain(key.clone())) {
            Some(problem) => format!("could not be read: {problem}"),
            None => "was not read in full".to_owned(),
        };
        findings.errors.push(format!("the domain {label} {why}"));
    }
    let listing = fleet.listing(&Query::Users(key.clone()));
    if !listing.is_some_and(crate::fleet::Listing::is_complete) {
        let why = listing.and_then(|listing| listing.problem.as_ref());
        let why = why.map(|problem| format!(" ({problem})")).unwrap_or_default();
        findings.errors.push(format!("who is in {label} already could not all be read{why}"));
    }
}

/// `UserSettings` of a newcomer: the clone's, with what is set upon them.
fn settings(
    newcomer: &Newcomer,
    documents: &Documents,
    references: &References<'_>,
    findings: &mut Findings,
) -> Document {
    let mut base = Document::new();
    if let Some(source) = &newcomer.clone_of {
        match documents.get(&ObjectKey::User(source.clone())) {
            Ok(document) => {
                base = structure(document, "UserSettings");
                // Two profiles with one POSIX identity would own each other's files.
                if base.shift_remove("CustomPosixUserConfig").is_some() {
                    findings
                        .warnings
                        .push(format!("the POSIX user and group of {} are not taken over", source.name));
                }
            }
            Err(why) => {
                findings.errors.push(format!("{}, whose settings are taken over, {why}", source.name));
            }
        }
    }
    let edit = references.resolved(&newcomer.edit, &newcomer.user.scope, findings);
    edit.applied(&base, &newcomer.user.scope)
}

/// Who the newcomer is at Identity Center, where the domain signs in there: application and person of the
/// assignment that is missing.
fn check_person(
    newcomer: &Newcomer,
    fleet: &Fleet,
    key: &DomainKey,
    detail: &DomainDetail,
    findings: &mut Findings,
) -> Option<(Arc<str>, Arc<str>)> {
    let label = fleet.domain_label(key);
    if !is_sso(detail) {
        if newcomer.sso_user.is_some() {
            findings
                .warnings
                .push(format!("{label} signs in with IAM: the name at Identity Center is not used"));
        }
        return None;
    }
    let Some(name) = &newcomer.sso_user else {
        findings.errors.push(format!(
            "{label} signs in with Identity Center: the person's name there is missing (column sso_user)"
        ));
        return None;
    };
    let person = person(name, fleet, &key.scope, findings)?;
    let Some(application) = &detail.sso_application else {
        findings
            .warnings
            .push(format!("{label} has no application of its own at Identity Center: assign it there"));
        return None;
    };
    let is_assigned = fleet.library.assigned.get(key).is_some_and(|people| people.contains(&person));
    (!is_assigned).then(|| (application.clone(), person))
}

/// The id of a person at the Identity Center of a scope; of one that is not known it says why.
pub(super) fn person(
    name: &Arc<str>,
    fleet: &Fleet,
    scope: &Scope,
    findings: &mut Findings,
) -> Option<Arc<str>> {
    let shown = crate::fleet::harmless(name);
    let key = (scope.clone(), name.clone());
    match fleet.library.people.get(&key) {
        Some(Some(person)) => Some(person.clone()),
        Some(None) => {
            findings.errors.push(format!("nobody signs in to Identity Center as {shown}"));
            None
        }
        None => {
            let why = match fleet.failure(&Query::Person(key.0, key.1)) {
                Some(problem) => format!("could not be looked up ({problem})"),
                None => "was not looked up".to_owned(),
            };
            findings.warnings.push(format!(
                "{shown} {why} at Identity Center: the assignment cannot be made, and without it they cannot sign in"
            ));
            None
        }
    }
}

/// The members `CreateUserProfile` takes besides the names.
pub(super) fn document(newcomer: &Newcomer, settings: &Document, is_sso: bool) -> Document {
    let mut document = Document::new();
    if let Some(name) = newcomer.sso_user.as_deref().filter(|_| is_sso) {
        document.insert("SingleSignOnUserIdentifier".to_owned(), json!("UserName"));
        document.insert("SingleSignOnUserValue".to_owned(), json!(name));
    }
    if !settings.is_empty() {
        document.insert("UserSettings".to_owned(), Value::Object(settings.clone()));
    }
    if !newcomer.tags.is_empty() {
        document.insert("Tags".to_owned(), Tag::list(&newcomer.tags));
    }
    document
}

/// How somebody who is there stands to what is wanted of them.
fn stands(
    there: &UserProfile,
    newcomer: &Newcomer,
    document: &Document,
    fleet: &Fleet,
    documents: &Documents,
    is_unassigned: bool,
) -> (Standing, Vec<Delta>) {
    let object = ObjectKey::User(there.key.clone());
    let known = match documents.get(&object) {
        Ok(known) => known,
        Err(why) => {
            return (Standing::Invalid(vec![format!("exists already, and {why}")]), Vec::new());
        }
    };
    if !matches!(there.status, Status::InService | Status::Updating | Status::Pending | Status::UpdateFailed)
    {
        return (Standing::Invalid(vec![format!("exists already, and is {}", there.status)]), Vec::new());
    }
    let mut wanted = document.clone();
    wanted.shift_remove("Tags");
    let mut deltas = unmet(&wanted, known);
    if !newcomer.tags.is_empty() {
        match fleet.tags_of(&object.into()) {
            Ok(tags) => deltas.extend(tag_deltas(&newcomer.tags, tags)),
            Err(why) => return (Standing::Invalid(vec![format!("exists already, and {why}")]), Vec::new()),
        }
    }
    let standing = match (deltas.is_empty(), is_unassigned) {
        // Who may not sign in is let in, whatever else differs.
        (_, true) => Standing::Unassigned,
        (true, false) => Standing::Equal,
        (false, false) => Standing::Differs,
    };
    (standing, deltas)
}

/// How the name of a tag begins among members that differ.
pub(super) const TAG_MEMBER: &str = "Tags.";

/// The tags that are wanted and not so.
pub(super) fn tag_deltas(wanted: &[Tag], there: &[Tag]) -> Vec<Delta> {
    wanted
        .iter()
        .filter_map(|tag| {
            let known = there.iter().find(|known| known.key == tag.key);
            (known.map(|known| &known.value) != Some(&tag.value)).then(|| Delta {
                member: format!("{TAG_MEMBER}{}", tag.key),
                before: known.map(|known| json!(&*known.value)),
                after: Some(json!(&*tag.value)),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
