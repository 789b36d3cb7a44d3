//! What goes between the protocols and the handlers of operations: calls, refusals, XML. Knows no operation.

use std::collections::BTreeMap;

use serde_json::Value;

use super::clock::Millis;
use super::dialect::Dialect;
use super::world::{Name, Scope};

/// The services that are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// `sagemaker`, JSON.
    SageMaker,
    /// `sts`, Query.
    Sts,
    /// `iam`, Query.
    Iam,
    /// `pricing`, JSON.
    Pricing,
    /// `sso`: the administration of Identity Center, JSON.
    Sso,
    /// `identitystore`, JSON.
    IdentityStore,
    /// `ec2`, the EC2 kind of Query.
    Ec2,
    /// `elasticfilesystem`, REST.
    Efs,
    /// `ce`: Cost Explorer, JSON.
    CostExplorer,
    /// `servicequotas`, JSON.
    ServiceQuotas,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 10] = [
        Self::SageMaker,
        Self::Sts,
        Self::Iam,
        Self::Pricing,
        Self::Sso,
        Self::IdentityStore,
        Self::Ec2,
        Self::Efs,
        Self::CostExplorer,
        Self::ServiceQuotas,
    ];

    /// The signing name, which is the prefix of IAM actions too.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SageMaker => "sagemaker",
            Self::Sts => "sts",
            Self::Iam => "iam",
            Self::Pricing => "pricing",
            Self::Sso => "sso",
            Self::IdentityStore => "identitystore",
            Self::Ec2 => "ec2",
            Self::Efs => "elasticfilesystem",
            Self::CostExplorer => "ce",
            Self::ServiceQuotas => "servicequotas",
        }
    }

    /// The protocol it speaks.
    pub(super) fn dialect(self) -> Dialect {
        match self {
            Self::SageMaker
            | Self::Pricing
            | Self::Sso
            | Self::IdentityStore
            | Self::CostExplorer
            | Self::ServiceQuotas => Dialect::Json,
            Self::Sts | Self::Iam => Dialect::Query,
            Self::Ec2 => Dialect::Ec2,
            Self::Efs => Dialect::Rest,
        }
    }

    /// What it says when there were too many requests (aws.md 2.4, 2.5).
    pub(super) fn throttled(self) -> Refusal {
        match self {
            Self::CostExplorer => Refusal::new("LimitExceededException", "Rate exceeded"),
            Self::ServiceQuotas => Refusal::new("TooManyRequestsException", "Rate exceeded"),
            other => other.dialect().throttled(),
        }
    }
}

/// A request that was authenticated and decoded, on its way to the handler of its operation.
#[derive(Debug)]
pub struct Call<'a> {
    /// The service.
    pub service: Service,
    /// The operation, such as `ListApps`.
    pub operation: &'a str,
    /// The caller's account and the region of the endpoint.
    pub scope: &'a Scope,
    /// The caller's access key id.
    pub access_key: &'a str,
    /// The ARN of the caller.
    pub principal: &'a str,
    /// The virtual time.
    pub now: Millis,
    /// What becomes of the work that it starts.
    pub fate: Fate,
}

/// What becomes of work that the service does after it has answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// What the state of the world leads to.
    #[default]
    Usual,
    /// It fails for this reason.
    Fails(Name),
    /// It never ends.
    Hangs,
}

/// The members of a Query request, such as `RoleName` or `Filter.member.1`.
pub type Form = BTreeMap<String, String>;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// The error code as this service spells it.
    pub code: Name,
    /// The message.
    pub message: String,
}

impl Refusal {
    /// A refusal with HTTP status 400, as most are.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { status: 400, code: code.into(), message: message.into() }
    }

    /// The same with another HTTP status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// `ValidationException`.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// `ResourceNotFound`.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new("ResourceNotFound", message)
    }

    /// `ResourceInUse`.
    pub fn in_use(message: impl Into<String>) -> Self {
        Self::new("ResourceInUse", message)
    }

    /// The operation is none of this service's.
    pub fn unknown_operation(call: &Call<'_>) -> Self {
        call.service.dialect().unknown_operation(call.service.as_str(), call.operation)
    }
}

/// What a handler of a JSON service gives: the body of the answer.
pub type JsonReply = Result<Value, Refusal>;

/// What a handler of a Query service gives: the XML inside `<XResult>`, `None` if there is no such element.
pub type XmlReply = Result<Option<Xml>, Refusal>;

/// XML under construction.
#[derive(Debug, Default)]
pub struct Xml(String);

impl Xml {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an element with a text.
    #[must_use]
    pub fn text(mut self, name: &str, text: &str) -> Self {
        self.tag("<", name);
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\r' => self.0.push_str("&#xD;"),
                other => self.0.push(other),
            }
        }
        self.tag("</", name);
        self
    }

    fn tag(&mut self, open: &str, name: &str) {
        self.0.push_str(open);
        self.0.push_str(name);
        self.0.push('>');
    }

    /// Adds an element with a text, if there is one.
    #[must_use]
    pub fn optional(self, name: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// Adds an element with other elements in it.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "elements are built where they are put")]
    pub fn element(mut self, name: &str, inner: Self) -> Self {
        self.tag("<", name);
        self.0.push_str(&inner.0);
        self.tag("</", name);
        self
    }

    /// Adds a list: `<name><member>..</member>..</name>`.
    #[must_use]
    pub fn members(self, name: &str, members: impl IntoIterator<Item = Self>) -> Self {
        let inner = members.into_iter().fold(Self::new(), |list, member| list.element("member", member));
        self.element(name, inner)
    }

    /// Adds a list as EC2 writes it: `<name><item>..</item>..</name>`.
    #[must_use]
    pub fn items(self, name: &str, items: impl IntoIterator<Item = Self>) -> Self {
        let inner = items.into_iter().fold(Self::new(), |list, item| list.element("item", item));
        self.element(name, inner)
    }

    /// Adds an element that is `true` or `false`.
    #[must_use]
    pub fn flag(self, name: &str, value: bool) -> Self {
        self.text(name, if value { "true" } else { "false" })
    }

    /// The text of it.
    pub fn into_string(self) -> String {
        self.0
    }
}
