//! Writing answers in the protocol of their service. Knows no operation.

use serde_json::{Value, json};

use super::dialect::Dialect;
use super::wire::{JsonReply, Refusal, Service, Xml, XmlReply};
use super::world::Name;

/// What is sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) request_id: String,
    /// `X-Amzn-ErrorType`, which tells the error of a REST service.
    pub(super) error_type: Option<Name>,
    pub(super) body: String,
}

/// What a handler gave, or a refusal.
#[derive(Debug)]
pub(super) enum Reply {
    /// The body of a JSON service.
    Json(JsonReply),
    /// The inside of the answer of a Query service.
    Xml(XmlReply),
}

impl Reply {
    /// A refusal in a protocol.
    pub(super) fn refusal(dialect: Dialect, refusal: Refusal) -> Self {
        match dialect {
            Dialect::Json | Dialect::Rest => Self::Json(Err(refusal)),
            Dialect::Query | Dialect::Ec2 => Self::Xml(Err(refusal)),
        }
    }

    /// The code of the refusal, if it is one.
    pub(super) fn error(&self) -> Option<&Name> {
        match self {
            Self::Json(Err(refusal)) | Self::Xml(Err(refusal)) => Some(&refusal.code),
            _ => None,
        }
    }
}

/// Writes what a handler gave. The service is absent if none could be made out.
pub(super) fn write(
    dialect: Dialect,
    service: Option<Service>,
    operation: &str,
    reply: Reply,
    request_id: String,
) -> Answer {
    let written = match (dialect, reply) {
        (Dialect::Rest, Reply::Json(reply)) => rest(reply),
        (Dialect::Ec2, Reply::Xml(reply)) => ec2(operation, reply, &request_id),
        (_, Reply::Json(reply)) => json(reply),
        (_, Reply::Xml(reply)) => query(service.unwrap_or(Service::Sts), operation, reply, &request_id),
    };
    Answer { request_id, ..written }
}

fn answer(status: u16, content_type: &'static str, body: String) -> Answer {
    Answer { status, content_type, request_id: String::new(), error_type: None, body }
}

fn json(reply: JsonReply) -> Answer {
    let (status, body) = match reply {
        Ok(body) => (200, body),
        Err(Refusal { status, code, message }) => (status, json!({ "__type": &*code, "message": message })),
    };
    // Operations without output answer with an empty body.
    let body = if body.is_null() { String::new() } else { body.to_string() };
    answer(status, "application/x-amz-json-1.1", body)
}

fn rest(reply: JsonReply) -> Answer {
    match reply {
        Ok(body) => answer(200, "application/json", body.to_string()),
        Err(Refusal { status, code, message }) => {
            // EFS names its own errors in the body too, and spells the member of the common ones small.
            let body: Value = if code.ends_with("Exception") {
                json!({ "message": message })
            } else {
                json!({ "ErrorCode": &*code, "Message": message })
            };
            Answer { error_type: Some(code), ..answer(status, "application/json", body.to_string()) }
        }
    }
}

fn query(service: Service, operation: &str, reply: XmlReply, request_id: &str) -> Answer {
    let namespace = match service {
        Service::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
        _ => "https://sts.amazonaws.com/doc/2011-06-15/",
    };
    let (status, root, inner) = match reply {
        Ok(result) => {
            let metadata = Xml::new().text("RequestId", request_id);
            let inner = match result {
                Some(result) => Xml::new().element(&format!("{operation}Result"), result),
                None => Xml::new(),
            };
            (200, format!("{operation}Response"), inner.element("ResponseMetadata", metadata))
        }
        Err(Refusal { status, code, message }) => {
            let blame = if status < 500 { "Sender" } else { "Receiver" };
            let error = Xml::new().text("Type", blame).text("Code", &code).text("Message", &message);
            let inner = Xml::new().element("Error", error).text("RequestId", request_id);
            (status, "ErrorResponse".to_owned(), inner)
        }
    };
    answer(status, "text/xml", format!("<{root} xmlns=\"{namespace}\">{}</{root}>", inner.into_string()))
}

fn ec2(operation: &str, reply: XmlReply, request_id: &str) -> Answer {
    const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
    match reply {
        Ok(result) => {
            let inner = Xml::new().text("requestId", request_id).into_string();
            let result = result.unwrap_or_default().into_string();
            let namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";
            let root = format!("{operation}Response");
            let body = format!("{DECLARATION}<{root} xmlns=\"{namespace}\">{inner}{result}</{root}>");
            answer(200, "text/xml;charset=UTF-8", body)
        }
        Err(Refusal { status, code, message }) => {
            let error = Xml::new().text("Code", &code).text("Message", &message);
            let errors = Xml::new().element("Errors", Xml::new().element("Error", error));
            let root = Xml::new().element("Response", errors.text("RequestID", request_id));
            answer(status, "text/xml;charset=UTF-8", format!("{DECLARATION}{}", root.into_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(dialect: Dialect, service: Service, operation: &str, reply: Reply) -> String {
        write(dialect, Some(service), operation, reply, "id".into()).body
    }

    #[test]
    fn xml_is_escaped_and_wrapped() {
        let reply = Reply::Xml(Ok(Some(Xml::new().text("Name", "a<b"))));
        assert_eq!(
            body(Dialect::Query, Service::Iam, "GetRole", reply),
            "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Name>a&lt;b</Name>\
             </GetRoleResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetRoleResponse>"
        );
    }

    #[test]
    fn ec2_wraps_its_errors_in_a_list_and_its_answers_in_nothing() {
        let refused = Reply::Xml(Err(Refusal::new("InvalidVpcID.NotFound", "gone")));
        assert!(body(Dialect::Ec2, Service::Ec2, "DescribeVpcs", refused).ends_with(
            "<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>gone</Message></Error></Errors>\
             <RequestID>id</RequestID></Response>"
        ));
        let reply = Reply::Xml(Ok(Some(Xml::new().element("vpcSet", Xml::new()))));
        assert!(
            body(Dialect::Ec2, Service::Ec2, "DescribeVpcs", reply)
                .ends_with("<requestId>id</requestId><vpcSet></vpcSet></DescribeVpcsResponse>")
        );
    }

    #[test]
    fn a_rest_service_names_the_error_in_a_header() {
        let refused = Reply::Json(Err(Refusal::new("FileSystemNotFound", "gone").with_status(404)));
        let answer = write(Dialect::Rest, Some(Service::Efs), "DescribeFileSystems", refused, "id".into());
        assert_eq!((answer.status, answer.error_type.as_deref()), (404, Some("FileSystemNotFound")));
        assert_eq!(answer.body, r#"{"ErrorCode":"FileSystemNotFound","Message":"gone"}"#);
    }
}
