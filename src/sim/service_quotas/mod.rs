//! Service Quotas for `SageMaker` (aws.md 2.5): what it says is what the simulated service enforces.

mod catalogue;

use serde_json::{Value, json};

use self::catalogue::Quota;
use super::context::{Context, Object};
use super::paging::Pager;
use super::query::fingerprint;
use super::validate;
use super::wire::{Call, JsonReply, Refusal};
use super::world::{QuotaRequest, Verdict, World};

const SERVICE: &str = "sagemaker";
/// How many rows a page holds if nothing is asked, and at most.
const PAGE: usize = 100;
/// How many requests may be open at a time.
const MOST_OPEN: usize = 20;

/// Answers a Service Quotas operation.
pub(super) fn answer(world: &mut World, call: &Call<'_>, request: &Value) -> JsonReply {
    let modelled = format!("servicequotas.{}", call.operation);
    if !validate::is_known(&modelled) {
        return Err(Refusal::unknown_operation(call));
    }
    validate::check(&modelled, request)?;
    let mut context = Context { world, call, request };
    let context = &mut context;
    if context.text("ServiceCode").is_some_and(|code| code != SERVICE) {
        return Err(missing("The request failed because the specified service does not exist."));
    }
    match call.operation {
        "ListServiceQuotas" => list(context),
        "GetServiceQuota" => get(context),
        "ListAWSDefaultServiceQuotas" => list_defaults(context),
        "GetAWSDefaultServiceQuota" => get_default(context),
        "RequestServiceQuotaIncrease" => request_increase(context),
        "ListRequestedServiceQuotaChangeHistory" | "ListRequestedServiceQuotaChangeHistoryByQuota" => {
            list_requests(context)
        }
        "GetRequestedServiceQuotaChange" => get_request(context),
        _ => Err(Refusal::unknown_operation(call)),
    }
}

/// The default of a quota by name, if there is such a quota.
pub(super) fn default_of(name: &str) -> Option<usize> {
    catalogue::by_name(name).map(|quota| quota.default)
}

fn missing(said: &str) -> Refusal {
    Refusal::new("NoSuchResourceException", said)
}

fn pager(context: &Context<'_>) -> Result<Pager, Refusal> {
    Pager::from_token(context, "NextToken", PAGE)
        .ok_or_else(|| Refusal::new("InvalidPaginationTokenException", "Invalid pagination token."))
}

/// The quota that a request names.
fn quota(context: &Context<'_>) -> Result<&'static Quota, Refusal> {
    let code = context.text("QuotaCode").unwrap_or_default();
    catalogue::by_code(&context.call.scope.region, code).ok_or_else(|| {
        missing(
            "The request failed because the specified quota code does not exist for the specified service.",
        )
    })
}

/// A quota with its applied value, or why that cannot be told; `None` if none is applied.
fn applied(context: &Context<'_>, quota: &Quota) -> Option<Value> {
    let scope = context.call.scope;
    let desk = context.world.region(scope).map(|region| &region.quota_desk);
    if let Some((code, why)) = desk.and_then(|desk| desk.unreadable.get(quota.name.as_str())) {
        let reason = json!({"ErrorCode": &**code, "ErrorMessage": &**why});
        return Some(described(context, quota).with("ErrorReason", reason).build());
    }
    let limit = context.world.limit(scope, &quota.name)?;
    Some(described(context, quota).with("Value", limit as f64).build())
}

fn described(context: &Context<'_>, quota: &Quota) -> Object {
    let metric = quota.metric.map(|resource| {
        json!({
            "MetricNamespace": "AWS/Usage",
            "MetricName": "ResourceCount",
            "MetricDimensions": {"Class": "None", "Resource": resource, "Service": "SageMaker", "Type": "Resource"},
            "MetricStatisticRecommendation": "Maximum",
        })
    });
    named(context, quota)
        .with("Adjustable", true)
        .text("QuotaAppliedAtLevel", "ACCOUNT")
        .maybe("UsageMetric", metric)
}

/// What quotas and requests have in common.
fn named(context: &Context<'_>, quota: &Quota) -> Object {
    let scope = context.call.scope;
    let arn = format!("arn:aws:servicequotas:{}:{}:{SERVICE}/{}", scope.region, scope.account, quota.code);
    Object::new()
        .text("ServiceCode", SERVICE)
        .text("ServiceName", "Amazon SageMaker")
        .text("QuotaArn", &arn)
        .text("QuotaCode", &quota.code)
        .text("QuotaName", &quota.name)
        .text("Unit", "None")
        .with("GlobalQuota", false)
}

fn list(context: &mut Context<'_>) -> JsonReply {
    let wanted = context.text("QuotaCode");
    let is_of_account = context.text("QuotaAppliedAtLevel") != Some("RESOURCE");
    let scope = context.call.scope;
    let desk = context.world.region(scope).map(|region| &region.quota_desk);
    let is_applied = |quota: &Quota| {
        desk.is_some_and(|desk| desk.unreadable.contains_key(quota.name.as_str()))
            || context.world.limit(scope, &quota.name).is_some()
    };
    let quotas = catalogue::of_region(&scope.region).filter(|quota| {
        is_of_account && wanted.is_none_or(|wanted| wanted == quota.code) && is_applied(quota)
    });
    page(context, quotas, applied)
}

fn list_defaults(context: &mut Context<'_>) -> JsonReply {
    page(context, catalogue::of_region(&context.call.scope.region), |context, quota| {
        Some(default(context, quota))
    })
}

fn page(
    context: &Context<'_>,
    quotas: impl Iterator<Item = &'static Quota>,
    show: impl Fn(&Context<'_>, &Quota) -> Option<Value>,
) -> JsonReply {
    let rows = quotas.map(|quota| ((0, quota.name.clone()), quota)).collect();
    let (rows, token) = pager(context)?.cut(rows, false);
    let rows: Vec<Value> = rows.into_iter().filter_map(|quota| show(context, quota)).collect();
    Ok(Object::new().with("Quotas", rows).maybe("NextToken", token).build())
}

fn get(context: &mut Context<'_>) -> JsonReply {
    let quota = quota(context)?;
    let shown = applied(context, quota).ok_or_else(|| {
        missing("The request failed because no applied quota value exists for the specified quota code.")
    })?;
    Ok(json!({ "Quota": shown }))
}

fn default(context: &Context<'_>, quota: &Quota) -> Value {
    described(context, quota).with("Value", quota.default as f64).build()
}

fn get_default(context: &mut Context<'_>) -> JsonReply {
    let quota = quota(context)?;
    Ok(json!({ "Quota": default(context, quota) }))
}

fn request_increase(context: &mut Context<'_>) -> JsonReply {
    let (scope, now) = (context.call.scope, context.now());
    let quota = quota(context)?;
    let desired = context.request.get("DesiredValue").and_then(Value::as_f64).unwrap_or_default();
    let desk = context.world.region(scope).map(|region| &region.quota_desk);
    if let Some((code, why)) = desk.and_then(|desk| desk.unreadable.get(quota.name.as_str())) {
        let code = if code.contains("ACCESS_DENIED") {
            "DependencyAccessDeniedException"
        } else {
            "ServiceException"
        };
        return Err(Refusal::new(code, &**why));
    }
    let present = context.world.limit(scope, &quota.name).unwrap_or(quota.default) as f64;
    if desired <= present {
        return Err(Refusal::new(
            "IllegalArgumentException",
            format!("You must provide a quota value greater than the current quota value ({present})."),
        ));
    }
    if desired.fract() != 0.0 {
        return Err(Refusal::new(
            "IllegalArgumentException",
            "You must provide a whole number as quota value.",
        ));
    }
    let requests = desk.map(|desk| desk.requests.as_slice()).unwrap_or_default();
    if requests.iter().any(|request| *request.quota == *quota.name && request.is_open(now)) {
        return Err(Refusal::new(
            "ResourceAlreadyExistsException",
            "Only one open service quota increase request is allowed per quota.",
        ));
    }
    if requests.iter().filter(|request| request.is_open(now)).count() >= MOST_OPEN {
        return Err(Refusal::new(
            "QuotaExceededException",
            format!(
                "You have exceeded your service quota: {MOST_OPEN} requests for increases may be open at a time."
            ),
        ));
    }
    let mut request = QuotaRequest::new(&quota.name, desired, present, now);
    let allows_case = context.request.get("SupportCaseAllowed").and_then(Value::as_bool).unwrap_or(true);
    if request.verdict == Verdict::CaseOpened && !allows_case {
        request.verdict = Verdict::NotApproved;
    }
    let serial = context.world.next_serial().to_string();
    request.id =
        format!("{:016x}{:016x}", fingerprint(&[&serial]), fingerprint(&[&serial, &quota.code])).into();
    request.requester = context.call.principal.into();
    let shown = shown(context, &request);
    context.region().quota_desk.requests.push(request);
    Ok(json!({ "RequestedQuota": shown }))
}

fn shown(context: &Context<'_>, request: &QuotaRequest) -> Value {
    let now = context.now();
    let status = request.status(now);
    let case =
        (status == "CASE_OPENED" || status == "DENIED").then(|| format!("{}", fingerprint(&[&request.id])));
    let requester =
        json!({"accountId": &*context.call.scope.account, "callerArn": &*request.requester}).to_string();
    let Some(quota) = catalogue::by_name(&request.quota) else { return Value::Null };
    named(context, quota)
        .text("Id", &request.id)
        .maybe("CaseId", case)
        .with("DesiredValue", request.desired)
        .text("Status", status)
        .time("Created", request.created)
        .time("LastUpdated", if now < request.decided { request.created } else { request.decided })
        .text("Requester", &requester)
        .text("QuotaRequestedAtLevel", "ACCOUNT")
        .build()
}

fn list_requests(context: &mut Context<'_>) -> JsonReply {
    let wanted = match context.text("QuotaCode") {
        Some(_) => Some(quota(context)?),
        None => None,
    };
    let (status, now) = (context.text("Status"), context.now());
    let is_of_account = context.text("QuotaRequestedAtLevel") != Some("RESOURCE");
    let region = context.world.region(context.call.scope);
    let rows = region
        .map(|region| region.quota_desk.requests.as_slice())
        .unwrap_or_default()
        .iter()
        .filter(|request| is_of_account && wanted.is_none_or(|quota| *quota.name == *request.quota))
        .filter(|request| status.is_none_or(|status| status == request.status(now)))
        .map(|request| ((request.created, request.id.to_string()), shown(context, request)))
        .collect();
    let (rows, token) = pager(context)?.cut(rows, true);
    Ok(Object::new().with("RequestedQuotas", rows).maybe("NextToken", token).build())
}

fn get_request(context: &mut Context<'_>) -> JsonReply {
    let id = context.text("RequestId").unwrap_or_default();
    let region = context.world.region(context.call.scope);
    let request =
        region.and_then(|region| region.quota_desk.requests.iter().find(|request| &*request.id == id));
    let shown = request.map(|request| shown(context, request));
    let shown =
        shown.ok_or_else(|| missing("The request failed because the specified request does not exist."))?;
    Ok(json!({ "RequestedQuota": shown }))
}
