//! Newcomers: people to onboard, with their domain found and their template taken in.

use std::sync::Arc;

use super::roster::{Roster, RosterRow};
use super::{Template, Templates};
use crate::fleet::{
    AccountId, DomainId, DomainKey, Fleet, Name, Region, Scope, Tag, UserEdit, UserKey, suggestion,
};

/// A person to onboard.
#[derive(Debug, Clone, PartialEq)]
pub struct Newcomer {
    /// The user profile there is to be.
    pub user: UserKey,
    /// The line of the roster, where there is one.
    pub line: Option<usize>,
    /// The name at Identity Center, for domains where people sign in there.
    pub sso_user: Option<Arc<str>>,
    /// The user profile whose settings are the beginning.
    pub clone_of: Option<UserKey>,
    /// The template that is part of [`edit`](Self::edit), by name.
    pub template: Option<Arc<str>>,
    /// What is set, upon the clone.
    pub edit: UserEdit,
    /// Tags.
    pub tags: Vec<Tag>,
    /// What is wrong already; such a newcomer is left out.
    pub flaws: Vec<String>,
}

impl Newcomer {
    /// Somebody with this user profile and no settings of their own.
    pub fn new(user: UserKey) -> Self {
        Self {
            user,
            line: None,
            sso_user: None,
            clone_of: None,
            template: None,
            edit: UserEdit::default(),
            tags: Vec::new(),
            flaws: Vec::new(),
        }
    }

    /// With a template below what is set already.
    #[must_use]
    pub fn with_template(mut self, template: &Template) -> Self {
        self.edit = self.edit.over(&template.edit);
        for tag in &template.tags {
            if !self.tags.iter().any(|own| own.key == tag.key) {
                self.tags.push(tag.clone());
            }
        }
        self.template = Some(template.name.clone());
        self
    }
}

impl Roster {
    /// The people of the roster; those whose row names no domain go into `default`. What is wrong with a row, or
    /// cannot be found, is a flaw of its newcomer.
    pub fn newcomers(
        &self,
        fleet: &Fleet,
        default: Option<&DomainKey>,
        templates: &Templates,
    ) -> Vec<Newcomer> {
        self.rows.iter().map(|row| newcomer(row, fleet, default, templates)).collect()
    }
}

fn newcomer(row: &RosterRow, fleet: &Fleet, default: Option<&DomainKey>, templates: &Templates) -> Newcomer {
    let mut flaws: Vec<String> = row.flaws.iter().map(ToString::to_string).collect();
    let domain = match (&row.domain, default) {
        (Some(text), _) => find_domain(fleet, text, default),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err("no domain is given, in the row or for all".to_owned()),
    };
    let domain = domain.unwrap_or_else(|flaw| {
        flaws.push(flaw);
        unknown_domain(fleet, row.domain.as_deref(), default)
    });
    let in_domain = |name: &str| UserKey {
        scope: domain.scope.clone(),
        domain: domain.id.clone(),
        name: Name::new(name),
    };
    let mut newcomer = Newcomer {
        line: Some(row.line),
        sso_user: row.sso_user.clone(),
        clone_of: row.clone_of.as_deref().map(in_domain),
        edit: row.edit.clone(),
        tags: row.tags.clone(),
        ..Newcomer::new(in_domain(&row.name))
    };
    if let Some(name) = &row.template {
        match templates.get(name) {
            Some(Ok(template)) => newcomer = newcomer.with_template(template),
            Some(Err(error)) => {
                flaws.push(format!("the template {name} cannot be used: {name}.toml:{error}"));
            }
            None => {
                let near = suggestion(name, templates.keys().map(|name| &**name));
                flaws.push(format!("there is no template `{}`{near}", crate::fleet::harmless(name)));
            }
        }
    }
    newcomer.flaws = flaws;
    newcomer
}

/// A domain by its id or its name.
fn find_domain(fleet: &Fleet, text: &str, default: Option<&DomainKey>) -> Result<DomainKey, String> {
    let shown = crate::fleet::harmless(text);
    let found: Vec<&DomainKey> = fleet
        .domains
        .iter()
        .filter(|domain| {
            domain.key.id.as_str() == text || domain.name.as_ref().is_some_and(|name| name.as_str() == text)
        })
        .map(|domain| &domain.key)
        .collect();
    match found[..] {
        [one] => Ok(one.clone()),
        // Of several of one name, the one that the rest of the roster goes into is meant.
        [_, _, ..] => match default.filter(|default| found.contains(default)) {
            Some(default) => Ok(default.clone()),
            None => Err(format!("{} domains are called {shown}: give the id of one", found.len())),
        },
        [] => {
            let names = fleet.domains.iter().filter_map(|domain| domain.name.as_ref()).map(Name::as_str);
            Err(format!("there is no domain `{shown}`{}", suggestion(text, names)))
        }
    }
}

/// A key for a domain that was not found, so that the row can still be named.
fn unknown_domain(fleet: &Fleet, text: Option<&str>, default: Option<&DomainKey>) -> DomainKey {
    let scope = default
        .map(|default| default.scope.clone())
        .or_else(|| fleet.domains.at(0).map(|domain| domain.key.scope.clone()))
        .unwrap_or_else(|| Scope::new(AccountId::new(""), Region::new("")));
    DomainKey { scope, id: DomainId::new(text.unwrap_or_default()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{RosterFormat, TextError, sample};

    #[test]
    fn a_row_finds_its_domain_and_template_or_says_why_not() {
        let fleet = sample::fleet(vec![], vec![], vec![]);
        let template = Template::parse("scientist.toml", "role = \"S\"\n[tags]\nteam = \"nlp\"\n").unwrap();
        let broken = TextError { line: 3, column: 1, message: "unknown key `x`".to_owned() };
        let templates: Templates =
            [("scientist".into(), Ok(Arc::new(template))), ("broken".into(), Err(broken))].into();
        let text = "name,domain,template,role,tag:team,clone_of\n\
                    anna,research,scientist,,,ben\nben,d-research,scientist,R,cv,\ncara,reserch,scientst,,,\n\
                    dora,,broken,,,\n";
        let roster = Roster::parse(text, RosterFormat::Csv).unwrap();
        let [anna, ben, cara, dora] = &roster.newcomers(&fleet, None, &templates)[..] else { panic!() };
        assert_eq!((&anna.flaws[..], anna.user.domain_key()), (&[][..], sample::domain_key()));
        assert_eq!((anna.edit.role.as_deref(), &*anna.tags[0].value), (Some("S"), "nlp"));
        assert_eq!(anna.clone_of.as_ref().map(|user| user.name.as_str()), Some("ben"));
        assert_eq!((ben.edit.role.as_deref(), &*ben.tags[0].value, ben.tags.len()), (Some("R"), "cv", 1));
        assert_eq!(
            cara.flaws,
            [
                "there is no domain `reserch`; did you mean `research`?",
                "there is no template `scientst`; did you mean `scientist`?"
            ]
        );
        assert_eq!(
            dora.flaws,
            [
                "no domain is given, in the row or for all",
                "the template broken cannot be used: broken.toml:3:1: unknown key `x`"
            ]
        );
        let default = roster.newcomers(&fleet, Some(&sample::domain_key()), &templates);
        assert_eq!(default[3].flaws.len(), 1);
    }
}
