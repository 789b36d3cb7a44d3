//! The calls to `SageMaker`, one file per noun: one call and one conversion each. Conversions are total: a field
//! that is missing is `None`, a value that is not known is kept as AWS spelled it.

pub(super) mod app;
pub(super) mod domain;
mod images;
mod lifecycle_config;
mod mlflow;
mod settings;
pub(super) mod space;
pub(super) mod tags;
pub(super) mod user;

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;

use super::caller::Caller;
use crate::fleet::{Scope, Timestamp, harmless};

/// The most rows AWS gives in a page. Left out, it gives ten.
const PAGE_ROWS: i32 = 100;

/// The `SageMaker` of one account in one region.
#[derive(Debug, Clone)]
pub(super) struct SageMaker {
    pub(super) client: aws_sdk_sagemaker::Client,
    pub(super) caller: Caller,
    pub(super) scope: Scope,
}

/// Remote text, made harmless.
fn text(text: Option<&str>) -> Option<Arc<str>> {
    text.filter(|text| !text.is_empty()).map(harmless)
}

fn texts(texts: &[String]) -> Vec<Arc<str>> {
    texts.iter().map(|text| harmless(text)).collect()
}

pub(super) fn time(time: Option<&DateTime>) -> Option<Timestamp> {
    Timestamp::from_nanosecond(time?.as_nanos()).ok()
}

fn whole(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

/// Keeps the body of an answer as AWS sent it, for the raw view.
#[derive(Debug, Clone, Default)]
struct Raw(Arc<Mutex<Arc<str>>>);

impl Raw {
    /// The JSON text of the last answer. Characters that could steer a terminal are written as JSON escapes,
    /// so that it means the same.
    fn take(&self) -> Arc<str> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Intercept for Raw {
    fn name(&self) -> &'static str {
        "RawAnswer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(body) = context.response().body().bytes() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = escaped(&String::from_utf8_lossy(body));
        }
        Ok(())
    }
}

fn escaped(json: &str) -> Arc<str> {
    let is_plain = |c: char| matches!(c, ' '..='~' | '\n' | '\t' | '\r');
    if json.chars().all(is_plain) {
        return Arc::from(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    let (mut bytes, mut units) = ([0; 4], [0; 2]);
    for c in json.chars() {
        if is_plain(c) || *harmless(c.encode_utf8(&mut bytes)) == *c.encode_utf8(&mut [0; 4]) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    Arc::from(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_in_raw_json_become_escapes_of_the_same_meaning() {
        let json = "{\"a\":\"x\u{202e}y\u{e0041}\u{7f} Zürich\",\n\"b\":1}";
        let escaped = escaped(json);
        assert_eq!(&*escaped, "{\"a\":\"x\\u202ey\\udb40\\udc41\\u007f Zürich\",\n\"b\":1}");
        let (before, after): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(json).unwrap(), serde_json::from_str(&escaped).unwrap());
        assert_eq!(before, after);
    }

    #[test]
    fn times_keep_their_fraction_and_impossible_ones_are_unknown() {
        let half = DateTime::from_fractional_secs(1_700_000_000, 0.5);
        assert_eq!(time(Some(&half)).unwrap().as_millisecond(), 1_700_000_000_500);
        assert_eq!(time(Some(&DateTime::from_secs(i64::MAX))), None);
        assert_eq!(time(None), None);
    }
}
