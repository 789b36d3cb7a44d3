//! Sign-in links.

use serde_json::json;

use super::domain::url;
use super::space;
use crate::sim::context::Context;
use crate::sim::rng::Rng;
use crate::sim::wire::{JsonReply, Refusal};
use crate::sim::world::Status;

pub(super) fn create_url(context: &mut Context<'_>) -> JsonReply {
    let scope = context.call.scope;
    let domain = context.required("DomainId");
    let user = context.required("UserProfileName");
    if context.domain(&domain)?.sso {
        return Err(Refusal::validation(
            "CreatePresignedDomainUrl can only be called when the AuthMode of the Domain is IAM.",
        ));
    }
    let (_, profile) = context.profile(&domain, &user)?;
    let user = profile.name().clone();
    if matches!(profile.status, Status::Pending | Status::Failed | Status::Deleting) {
        let status = profile.status.as_str();
        return Err(Refusal::validation(format!("UserProfile [{user}] is in {status} status.")));
    }
    if let Some(name) = context.name("SpaceName") {
        let (_, space) = space::lookup(context, &domain, &name)?;
        let foreign = space.owner.as_deref().is_some_and(|owner| !owner.eq_ignore_ascii_case(&user));
        if space.shared == Some(false) && foreign {
            return Err(Refusal::validation(format!("Space [{name}] is not owned by UserProfile [{user}].")));
        }
    }
    let mut rng = Rng::new(context.world.next_serial() ^ context.now() as u64);
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let token: String = (0..172).map(|_| char::from(letters[rng.below(64) as usize])).collect();
    Ok(json!({ "AuthorizedUrl": format!("{}/auth?token={token}", url(scope, &domain)) }))
}
