//! EC2, as far as networks go: four reads of its query protocol. Its own SDK, of nearly a million lines, would
//! double a clean build for them, so they are asked through the parts that the SDK's clients are made of.

mod client;
mod rows;
mod xml;

use std::fmt::{Debug, Write as _};
use std::sync::Arc;

pub(super) use self::client::Client;
use super::caller::{Caller, PATIENCE};
use super::walk::{Sheet, all};
use crate::fleet::{Network, Problem, SecurityGroup};

/// The most rows AWS gives in a page. Source: EC2 API reference, `DescribeVpcs` and its kin.
const PAGE_ROWS: &str = "1000";

/// The EC2 of one account in one region.
#[derive(Debug)]
pub(super) struct Ec2 {
    pub(super) client: Client,
    pub(super) caller: Caller,
}

/// A condition on what is described: a name, and the values of which one has to match (`*` stands for anything).
type Filter<'a> = (&'a str, &'a [String]);

impl Ec2 {
    /// The VPCs, subnets and security groups.
    pub(super) async fn network(&self) -> Result<Network, Problem> {
        let (vpcs, subnets, groups) = futures_util::future::try_join3(
            self.described("DescribeVpcs", None, rows::vpcs),
            self.described("DescribeSubnets", None, rows::subnets),
            self.described("DescribeSecurityGroups", None, rows::groups),
        )
        .await?;
        Ok(Network { vpcs, subnets, groups })
    }

    /// The security groups whose name matches one of these.
    pub(super) async fn groups_named(&self, names: &[String]) -> Result<Vec<SecurityGroup>, Problem> {
        self.described("DescribeSecurityGroups", Some(("group-name", names)), rows::groups).await
    }

    /// The ids of the network interfaces with one of these values.
    pub(super) async fn interfaces_with(&self, filter: Filter<'_>) -> Result<Vec<Arc<str>>, Problem> {
        self.described("DescribeNetworkInterfaces", Some(filter), rows::interfaces).await
    }

    /// All that an operation describes, page by page.
    async fn described<R: Debug + Send + Sync + 'static>(
        &self,
        operation: &'static str,
        filter: Option<Filter<'_>>,
        read: fn(&str) -> xml::Page<R>,
    ) -> Result<Vec<R>, Problem> {
        all(|token| async move {
            let form = form(operation, filter, token.as_deref());
            let ask = || self.client.ask(operation, form.clone(), read);
            let (rows, next) = self.caller.call(operation, PATIENCE, ask).await?;
            Ok(Sheet::new(rows.into_iter(), next))
        })
        .await
    }
}

/// The members of a request.
fn form(operation: &str, filter: Option<Filter<'_>>, token: Option<&str>) -> String {
    let mut form = format!("Action={operation}&Version=2016-11-15&MaxResults={PAGE_ROWS}");
    let mut put = |name: &str, value: &str| {
        form.push('&');
        form.push_str(name);
        form.push('=');
        form.push_str(&percent_encoded(value));
    };
    if let Some((name, values)) = filter {
        put("Filter.1.Name", name);
        for (index, value) in values.iter().enumerate() {
            put(&format!("Filter.1.Value.{}", index + 1), value);
        }
    }
    if let Some(token) = token {
        put("NextToken", token);
    }
    form
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_form_and_nothing_in_it_can_add_a_member() {
        assert_eq!(
            form("DescribeVpcs", None, None),
            "Action=DescribeVpcs&Version=2016-11-15&MaxResults=1000"
        );
        let values = ["*d-one*".to_owned(), "a&Action=DeleteVpc ü".to_owned()];
        assert_eq!(
            form("DescribeNetworkInterfaces", Some(("description", &values)), Some("t/1=")),
            "Action=DescribeNetworkInterfaces&Version=2016-11-15&MaxResults=1000&Filter.1.Name=description\
             &Filter.1.Value.1=%2Ad-one%2A&Filter.1.Value.2=a%26Action%3DDeleteVpc%20%C3%BC&NextToken=t%2F1%3D"
        );
    }
}
