//! `domains delete`.

use super::arguments::DomainDelete;
use super::change::{Asked, may_apply};
use super::exit::Exit;
use super::failure::Failure;
use super::gather::{Gathered, Wanted};
use super::setup::Setup;
use crate::aws::Gateway;
use crate::fleet::{DomainKey, HomeFiles, Intent, Needs, ObjectKind};

/// `domains delete`.
///
/// # Errors
///
/// Why there is no plan, or why it is not carried out.
pub(super) async fn delete(arguments: &DomainDelete, setup: &Setup) -> Result<Exit, Failure> {
    may_apply(&arguments.change, setup)?;
    let gateway = Gateway::new(setup.settings.clone());
    let (gathered, domain) = one(&arguments.domain, &gateway).await?;
    let files = if arguments.delete_files { HomeFiles::Delete } else { HomeFiles::Retain };
    let how = &arguments.change;
    let asked = Asked { setup, gateway: &gateway, how, is_cascade: true, is_aside: false };
    Ok(asked.apply(gathered, &Intent::DeleteDomain(domain, files)).await?.exit)
}

/// The one domain of a name or id, and its lists.
pub(super) async fn one(text: &str, gateway: &Gateway) -> Result<(Gathered, DomainKey), Failure> {
    let wanted =
        Wanted { kind: ObjectKind::Domain, needs: Needs::PRICES, domain: Some(text), is_for_plan: true };
    let gathered = Gathered::lists(gateway, wanted).await?;
    let domain = gathered.domain(text)?;
    Ok((gathered, domain))
}
