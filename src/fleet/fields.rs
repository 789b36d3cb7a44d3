//! The fields each kind of object offers to filters, sorting and export. A table; the values are in `record/`.

use super::{Field, FieldKind, FieldSpec, Needs, ObjectKind};

/// The fields of a kind of object.
pub fn fields(kind: ObjectKind) -> &'static [FieldSpec] {
    match kind {
        ObjectKind::Domain => DOMAIN,
        ObjectKind::User => USER,
        ObjectKind::Space => SPACE,
        ObjectKind::App => APP,
    }
}

/// The fields of a kind that a plain word is looked for in, unless a view says otherwise: what is text and shown.
pub fn shown_fields(kind: ObjectKind) -> &'static [Field] {
    match kind {
        ObjectKind::Domain => &[
            Field::Domain,
            Field::DomainId,
            Field::Status,
            Field::Auth,
            Field::Network,
            Field::Region,
            Field::Account,
        ],
        ObjectKind::User => &[
            Field::Name,
            Field::Domain,
            Field::Status,
            Field::Role,
            Field::Sso,
            Field::Region,
            Field::Account,
        ],
        ObjectKind::Space => &[
            Field::Name,
            Field::Owner,
            Field::Domain,
            Field::Sharing,
            Field::Type,
            Field::Status,
            Field::Region,
            Field::Account,
        ],
        ObjectKind::App => &[
            Field::Owner,
            Field::Domain,
            Field::Type,
            Field::Name,
            Field::Status,
            Field::Instance,
            Field::Idle,
            Field::Region,
            Field::Account,
        ],
    }
}

const COST: Needs = Needs::PRICES;
const IDLE_COST: Needs = Needs::PRICES.and(Needs::ACTIVITY);
const INHERITED: Needs = Needs::USER.and(Needs::DOMAIN);

const DOMAIN: &[FieldSpec] = &[
    text(Field::Domain, "name", &["domain"], "name of the domain"),
    text(Field::DomainId, "id", &["domain-id"], "id of the domain, d-..."),
    text(Field::Status, "status", &["state"], "state, such as InService"),
    text(Field::Auth, "auth", &["auth-mode"], "IAM or SSO").needing(Needs::DOMAIN),
    text(Field::Network, "network", &["net"], "VpcOnly or PublicInternetOnly").needing(Needs::DOMAIN),
    text(Field::Vpc, "vpc", &[], "id of the VPC").needing(Needs::DOMAIN),
    text(Field::Kms, "kms", &["key"], "key that encrypts the storage").needing(Needs::DOMAIN),
    number(Field::Users, "users", &["profiles"], "user profiles"),
    number(Field::Spaces, "spaces", &[], "spaces"),
    number(Field::Apps, "apps", &["running"], "running apps"),
    number(Field::AllApps, "all-apps", &[], "apps that are not over"),
    money(Field::Cost, "cost", &["$/h", "burn", "price"], "dollars per hour").needing(COST),
    money(Field::IdleCost, "idlecost", &["idle$/h", "idle-cost"], "dollars per hour of idle apps")
        .needing(IDLE_COST),
    duration(Field::Age, "age", &["created"], "time since creation"),
    text(Field::Region, "region", &[], "region"),
    text(Field::Account, "account", &["acct"], "account, by alias or id"),
    text(Field::Reason, "reason", &["failure"], "why it failed").needing(Needs::DOMAIN),
];

const USER: &[FieldSpec] = &[
    text(Field::Name, "name", &["user", "owner", "profile"], "name of the user profile"),
    text(Field::Domain, "domain", &[], "name of the domain"),
    text(Field::DomainId, "domain-id", &["domainid"], "id of the domain"),
    text(Field::Status, "status", &["state"], "state, such as InService"),
    text(Field::Role, "role", &["execution-role"], "execution role in effect").needing(INHERITED),
    text(Field::Sso, "sso", &["sso-id"], "Identity Center user").needing(Needs::USER),
    number(Field::Apps, "apps", &["running"], "running apps"),
    number(Field::AllApps, "all-apps", &[], "apps that are not over"),
    number(Field::Spaces, "spaces", &[], "spaces owned"),
    money(Field::Cost, "cost", &["$/h", "burn", "price"], "dollars per hour").needing(COST),
    money(Field::IdleCost, "idlecost", &["idle$/h", "idle-cost"], "dollars per hour of idle apps")
        .needing(IDLE_COST),
    time(Field::Activity, "activity", &["active", "last"], "time since the last use")
        .needing(Needs::ACTIVITY),
    text(Field::Shutdown, "shutdown", &["idle-shutdown"], "idle shutdown: on, off or partly")
        .needing(INHERITED),
    duration(Field::Age, "age", &["created"], "time since creation"),
    text(Field::Region, "region", &[], "region"),
    text(Field::Account, "account", &["acct"], "account, by alias or id"),
    text(Field::Reason, "reason", &["failure"], "why it failed").needing(Needs::USER),
];

const SPACE: &[FieldSpec] = &[
    text(Field::Name, "name", &["space"], "name of the space"),
    text(Field::Owner, "owner", &["user"], "user profile that owns it"),
    text(Field::Domain, "domain", &[], "name of the domain"),
    text(Field::DomainId, "domain-id", &["domainid"], "id of the domain"),
    text(Field::Sharing, "sharing", &["shared"], "Private or Shared"),
    text(Field::Type, "type", &["app-type"], "type of app that runs in it"),
    text(Field::Status, "status", &["state"], "state, such as InService"),
    number(Field::Ebs, "ebs", &["gb", "size"], "GB of its volume"),
    money(Field::Storage, "storage", &["$/month"], "dollars per month of its volume").needing(Needs::PRICES),
    text(Field::App, "app", &["app-status"], "state of its app"),
    text(Field::Instance, "instance", &["inst"], "instance type of its running app"),
    number(Field::Apps, "apps", &["running"], "running apps"),
    money(Field::Cost, "cost", &["$/h", "burn", "price"], "dollars per hour").needing(COST),
    time(Field::Activity, "activity", &["active", "last", "used"], "time since the last use")
        .needing(Needs::ACTIVITY),
    duration(Field::Age, "age", &["created"], "time since creation"),
    text(Field::Region, "region", &[], "region"),
    text(Field::Account, "account", &["acct"], "account, by alias or id"),
    text(Field::Reason, "reason", &["failure"], "why it failed").needing(Needs::SPACE),
];

const APP: &[FieldSpec] = &[
    text(Field::Owner, "owner", &[], "user profile, or shared space"),
    text(Field::User, "user", &["profile"], "user profile, also of a shared space"),
    text(Field::Space, "space", &[], "space it runs in"),
    text(Field::Domain, "domain", &[], "name of the domain"),
    text(Field::DomainId, "domain-id", &["domainid"], "id of the domain"),
    text(Field::Type, "type", &["app-type"], "app type, such as JupyterLab"),
    text(Field::Name, "name", &["app"], "name of the app"),
    text(Field::Status, "status", &["state"], "state, such as InService"),
    text(Field::Instance, "instance", &["inst"], "instance type"),
    money(Field::Cost, "cost", &["$/h", "burn", "price"], "dollars per hour").needing(COST),
    money(Field::IdleCost, "idlecost", &["idle$/h", "idle-cost"], "dollars per hour if idle")
        .needing(IDLE_COST),
    duration(Field::Uptime, "uptime", &["up"], "time since creation, while it runs"),
    duration(Field::Age, "age", &["created"], "time since creation"),
    time(Field::Activity, "activity", &["active", "last"], "time since the last use")
        .needing(Needs::ACTIVITY),
    FieldSpec {
        field: Field::Idle,
        name: "idle",
        aliases: &[],
        kind: FieldKind::Verdict,
        needs: Needs::ACTIVITY,
        help: "idle, active or unknown; or how long idle",
    },
    text(Field::Image, "image", &["img"], "image"),
    text(Field::LifecycleConfig, "lcc", &["lifecycle"], "lifecycle configuration"),
    text(Field::Sharing, "sharing", &["shared"], "Private or Shared"),
    number(Field::Ebs, "ebs", &["gb"], "GB of its space's volume"),
    text(Field::Region, "region", &[], "region"),
    text(Field::Account, "account", &["acct"], "account, by alias or id"),
    text(Field::Reason, "reason", &["failure"], "why it failed").needing(Needs::ACTIVITY),
];

/// The fields of the rows of the cost pane.
pub const COST_FIELDS: &[FieldSpec] = &[
    text(Field::Name, "name", &["group", "tag"], "the group: a tag's value, a user, an instance type ..."),
    text(Field::Group, "then", &["second"], "the second group"),
    text(Field::Domain, "domain", &[], "name of the domain"),
    text(Field::Type, "type", &["app-type"], "what was billed, such as JupyterLab"),
    text(Field::Value, "value", &["arn"], "the group as AWS spells it"),
    money(Field::Cost, "cost", &["mtd", "amount"], "billed in the period, before credits"),
    money(Field::Before, "before", &["same-days"], "billed in the same days of the month before"),
    money(Field::Change, "change", &[], "the difference to the same days of the month before"),
    number(Field::Growth, "growth", &["change%"], "the change in percent"),
    money(Field::Previous, "previous", &["last-month"], "billed in the whole month before"),
    money(Field::Forecast, "forecast", &[], "our forecast for the whole month"),
    number(Field::Share, "share", &["%"], "percent of the total"),
    text(Field::Account, "account", &["acct"], "account, by alias or id"),
    text(Field::Region, "region", &[], "region"),
];

impl FieldSpec {
    const fn needing(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }
}

const fn spec(
    field: Field,
    name: &'static str,
    aliases: &'static [&'static str],
    kind: FieldKind,
    help: &'static str,
) -> FieldSpec {
    FieldSpec { field, name, aliases, kind, needs: Needs::NONE, help }
}

const fn text(
    field: Field,
    name: &'static str,
    aliases: &'static [&'static str],
    help: &'static str,
) -> FieldSpec {
    spec(field, name, aliases, FieldKind::Text, help)
}

const fn number(
    field: Field,
    name: &'static str,
    aliases: &'static [&'static str],
    help: &'static str,
) -> FieldSpec {
    spec(field, name, aliases, FieldKind::Number, help)
}

const fn money(
    field: Field,
    name: &'static str,
    aliases: &'static [&'static str],
    help: &'static str,
) -> FieldSpec {
    spec(field, name, aliases, FieldKind::Money, help)
}

const fn duration(
    field: Field,
    name: &'static str,
    aliases: &'static [&'static str],
    help: &'static str,
) -> FieldSpec {
    spec(field, name, aliases, FieldKind::Duration, help)
}

const fn time(
    field: Field,
    name: &'static str,
    aliases: &'static [&'static str],
    help: &'static str,
) -> FieldSpec {
    spec(field, name, aliases, FieldKind::Time, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_means_two_fields_and_all_are_lower_case() {
        for kind in ObjectKind::ALL {
            let mut names: Vec<_> = fields(kind)
                .iter()
                .flat_map(|spec| std::iter::once(&spec.name).chain(spec.aliases))
                .collect();
            assert!(names.iter().all(|name| **name == name.to_lowercase()));
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{kind:?}");
        }
    }

    #[test]
    fn shown_fields_are_text_that_the_kind_has() {
        for kind in ObjectKind::ALL {
            for field in shown_fields(kind) {
                let spec = fields(kind).iter().find(|spec| spec.field == *field);
                let is_text =
                    spec.is_some_and(|spec| matches!(spec.kind, FieldKind::Text | FieldKind::Verdict));
                assert!(is_text, "{kind:?} {field:?}");
            }
        }
    }
}
