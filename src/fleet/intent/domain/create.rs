//! Plans a new domain, checked against the network, the roles and what is there before anything is sent.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fleet::intent::onboard::tag_flaws;
use crate::fleet::intent::references::{self, Findings, References};
use crate::fleet::{
    AuthMode, Bound, Change, Document, DomainId, DomainKey, Fleet, Network, NetworkAccess, NewDomain, Plan,
    Query, Step, Timestamp,
};

/// Below so many free addresses a subnet is named: Studio takes one per running instance, and more for its own.
const FEW_ADDRESSES: u32 = 16;

/// What has to be read: the domains of the scope, its network and what the settings refer to.
pub(in crate::fleet::intent) fn needs(domain: &NewDomain) -> Vec<Query> {
    let scope = &domain.scope;
    let mut needs: BTreeSet<Query> = references::needs(&domain.user_defaults, scope).into_iter().collect();
    needs.extend(references::needs(&domain.space_defaults, scope));
    needs.insert(Query::Domains(scope.clone()));
    needs.insert(Query::Network(scope.clone()));
    needs.insert(Query::Roles(scope.account().clone()));
    needs.into_iter().collect()
}

/// Plans a new domain.
///
/// # Errors
///
/// Everything that AWS would refuse, as sentences.
pub(in crate::fleet::intent) fn plan(
    domain: &NewDomain,
    fleet: &Fleet,
    now: Timestamp,
) -> Result<Plan, String> {
    let mut findings = Findings::default();
    findings.errors.extend(domain.flaws().into_iter().map(|(_, flaw)| flaw));
    findings.errors.extend(tag_flaws(&domain.tags));
    check_name(fleet, domain, &mut findings);
    check_network(fleet, domain, &mut findings);
    let mut references = References::new(fleet);
    let mut settings = |edit, findings: &mut Findings| {
        let edit = references.resolved(edit, &domain.scope, findings);
        let settings = edit.applied(&Document::new(), &domain.scope);
        references.check(&settings, &domain.scope, Some(&domain.vpc), findings);
        settings
    };
    let user_settings = settings(&domain.user_defaults, &mut findings);
    let mut space_settings = settings(&domain.space_defaults, &mut findings);
    if !space_settings.is_empty() && !space_settings.contains_key("ExecutionRole") {
        // Shared spaces do not inherit the role of user profiles.
        space_settings.extend(
            user_settings.get("ExecutionRole").map(|role: &Value| ("ExecutionRole".to_owned(), role.clone())),
        );
    }
    if !findings.errors.is_empty() {
        findings.errors.dedup();
        return Err(format!("{}.", findings.errors.join(". ")));
    }
    let key = DomainKey { scope: domain.scope.clone(), id: DomainId::to_be(&domain.name) };
    let document = domain.document(user_settings, space_settings);
    let step = Step::new(Change::CreateDomain(key, document), Bound::Absent);
    let mut warnings: Vec<String> = findings.warnings.iter().map(|warning| sentence(warning)).collect();
    warnings
        .push("How people sign in, the VPC and the key of the storage cannot be changed later.".to_owned());
    if domain.auth_mode == AuthMode::Sso {
        warnings.push(
            "Identity Center has to be enabled in this region or connected to it, and who may sign in is assigned \
             person by person: onboarding does that."
                .to_owned(),
        );
    }
    if domain.network == NetworkAccess::VpcOnly {
        warnings.push(
            "Apps reach AWS only through the VPC: it needs endpoints or a NAT gateway, and its security groups have \
             to let apps reach each other."
                .to_owned(),
        );
    }
    Ok(Plan {
        warnings,
        ..Plan::new(
            format!("Create the domain {} in {}", domain.name, domain.scope),
            "create",
            now,
            vec![step],
        )
    })
}

/// A clause as a sentence.
pub(super) fn sentence(clause: &str) -> String {
    let mut chars = clause.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

fn check_name(fleet: &Fleet, domain: &NewDomain, findings: &mut Findings) {
    let same = fleet.domains.iter().find(|known| {
        known.key.scope == domain.scope
            && known.name.as_ref().is_some_and(|name| name.as_str() == &*domain.name)
    });
    if let Some(same) = same {
        findings.errors.push(format!(
            "there is a domain called {} in {} already: {}",
            domain.name, domain.scope, same.key.id
        ));
    }
}

fn check_network(fleet: &Fleet, domain: &NewDomain, findings: &mut Findings) {
    let query = Query::Network(domain.scope.clone());
    let Some(network) = fleet.library.networks.get(&domain.scope) else {
        let why = match fleet.failure(&query) {
            Some(problem) => format!("could not be read ({problem})"),
            None => "were not read".to_owned(),
        };
        findings.warnings.push(format!("whether VPC and subnets exist is not known: the networks {why}"));
        return;
    };
    check_subnets(network, domain, findings);
}

fn check_subnets(network: &Network, domain: &NewDomain, findings: &mut Findings) {
    if !network.vpcs.iter().any(|vpc| vpc.id == domain.vpc) {
        findings.errors.push(format!("there is no VPC {} in {}", domain.vpc, domain.scope));
        return;
    }
    let mut zones = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for id in &domain.subnets {
        if !seen.insert(id) {
            findings.errors.push(format!("the subnet {id} is given twice"));
            continue;
        }
        let Some(subnet) = network.subnets.iter().find(|subnet| subnet.id == *id) else {
            findings.errors.push(format!("there is no subnet {id} in {}", domain.scope));
            continue;
        };
        if subnet.vpc != domain.vpc {
            findings
                .errors
                .push(format!("the subnet {id} is in {}, and the domain in {}", subnet.vpc, domain.vpc));
        }
        zones.extend(subnet.zone.clone());
        if let Some(free) = subnet.free_addresses.filter(|free| *free < FEW_ADDRESSES) {
            findings.warnings.push(format!(
                "the subnet {id} has only {free} free addresses, and Studio takes one per running instance"
            ));
        }
    }
    if zones.len() == 1 {
        findings.warnings.push(
            "all subnets are in one availability zone: where that fails, all of Studio does".to_owned(),
        );
    }
}
