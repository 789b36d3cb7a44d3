//! Whose files are where after a restore: AWS gives what is created again another id on the home file system, and the
//! files stay under the old one until they are copied.

use std::sync::Arc;

use serde_json::Value;

use super::{Backup, BackupObject};
use crate::fleet::filter::FieldKind;
use crate::fleet::wording::Counted;
use crate::fleet::{
    DomainKey, Fleet, Name, ObjectKey, Query, Sheet, SheetColumn, SheetValue, SpaceKey, UserKey,
};

/// The home directories of a backup, and what became of them in a domain restored from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Homes {
    /// The home file system (EFS) of the backup's domain.
    pub old_file_system: Option<Arc<str>>,
    /// That of the restored domain.
    pub new_file_system: Option<Arc<str>>,
    /// Those who have a home directory: user profiles, then spaces.
    pub rows: Vec<Home>,
}

/// Who had which id on the old home file system, and has which on the new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// `user profile` or `space`.
    pub kind: &'static str,
    /// Its name.
    pub name: Name,
    /// Its id when the backup was taken.
    pub old_uid: Option<Arc<str>>,
    /// Its id now; `None` where it is not there, or was not read.
    pub new_uid: Option<Arc<str>>,
}

impl Home {
    /// Whether its files are where it does not find them.
    pub fn moved(&self, homes: &Homes) -> bool {
        match (&self.old_uid, &self.new_uid) {
            (Some(old), Some(new)) => old != new || homes.old_file_system != homes.new_file_system,
            _ => false,
        }
    }
}

impl Homes {
    /// How many there are whose files have to be copied.
    pub fn moved(&self) -> usize {
        self.rows.iter().filter(|home| home.moved(self)).count()
    }

    /// In a line: where the directories are, and how many have to be copied.
    pub fn heading(&self) -> String {
        let id = |file_system: &Option<Arc<str>>| match file_system {
            Some(id) => id.to_string(),
            None => "unknown".to_owned(),
        };
        let (old, new) = (id(&self.old_file_system), id(&self.new_file_system));
        let place =
            if old == new { format!("on {old}") } else { format!("old ids on {old}, new ids on {new}") };
        format!("Home directories (EFS) {place}: {} to copy", self.moved())
    }

    /// As rows: with the directory of each id, from the root of its file system.
    pub fn sheet(&self) -> Sheet {
        let columns = ["kind", "name", "old_uid", "new_uid", "old_path", "new_path"]
            .map(|name| SheetColumn { name, kind: FieldKind::Text });
        let text =
            |text: Option<&str>| text.map_or(SheetValue::Unknown, |text| SheetValue::Text(text.to_owned()));
        let path = |uid: Option<&str>| text(uid.map(|uid| format!("/{uid}")).as_deref());
        let row = |home: &Home| {
            let (old, new) = (home.old_uid.as_deref(), home.new_uid.as_deref());
            vec![
                text(Some(home.kind)),
                text(Some(home.name.as_str())),
                text(old),
                text(new),
                path(old),
                path(new),
            ]
        };
        Sheet { columns: columns.to_vec(), rows: self.rows.iter().map(row).collect() }
    }

    /// What there is to do before everybody finds their files again, as sentences in their order.
    /// Source: the backup and recovery of Studio that AWS describes (copy to the new id, then chown as root).
    pub fn advice(&self) -> Vec<String> {
        let moved = self.moved();
        let unknown =
            self.rows.iter().filter(|home| home.old_uid.is_some() && home.new_uid.is_none()).count();
        let mut advice = Vec::new();
        if unknown > 0 {
            advice.push(format!(
                "Of {} the new id is not known: not created yet, or not read. The same restore into the domain shows it \
                 once it is there.",
                Counted(unknown, "row")
            ));
        }
        if moved == 0 {
            if unknown == 0 && !self.rows.is_empty() {
                advice.push("All home directories are where they were: nothing is to be copied.".to_owned());
            }
            return advice;
        }
        let name = |file_system: &Option<Arc<str>>| match file_system {
            Some(id) => id.to_string(),
            None => "the file system of the domain".to_owned(),
        };
        let (old, new) = (name(&self.old_file_system), name(&self.new_file_system));
        let mount = if old == new {
            format!("Mount {old} on a machine in its VPC (NFS, TCP 2049), as root.")
        } else {
            format!(
                "Mount {old} and {new} on a machine that reaches both (NFS, TCP 2049), as root; or use AWS DataSync."
            )
        };
        advice.extend([
            mount,
            "For each line whose ids differ, copy the old directory to the new one and give it to the new id: `mkdir -p \
             NEW/NEW_UID; cp -a OLD/OLD_UID/. NEW/NEW_UID/; chown -R NEW_UID NEW/NEW_UID`. The new directory may not be \
             there before the first sign-in."
                .to_owned(),
            format!("Until then the files stay on {old} under the old ids; keep it until everybody has seen theirs."),
        ]);
        advice
    }
}

impl Backup {
    /// What has to be read to know the new ids of what a restored domain has, as far as that is not known yet.
    pub fn homes_needs(&self, fleet: &Fleet, restored: &DomainKey) -> Vec<Query> {
        let mut needs = Vec::new();
        if fleet.domains.get(restored).is_none_or(|domain| domain.detail.is_none()) {
            needs.push(Query::Domain(restored.clone()));
        }
        needs.extend(
            self.users
                .iter()
                .map(|user| user_key(restored, user))
                .filter(|key| fleet.users.get(key).is_some_and(|user| user.detail.is_none()))
                .map(|key| ObjectKey::User(key).describe()),
        );
        needs.extend(
            self.spaces
                .iter()
                .filter(|space| space.efs_uid().is_some())
                .map(|space| space_key(restored, space))
                .filter(|key| fleet.spaces.get(key).is_some_and(|space| space.detail.is_none()))
                .map(|key| ObjectKey::Space(key).describe()),
        );
        needs
    }

    /// Who had which id on the old home file system, and has which on that of a domain restored from it.
    pub fn homes(&self, fleet: &Fleet, restored: Option<&DomainKey>) -> Homes {
        let known = restored.and_then(|key| fleet.domains.get(key)).and_then(|domain| domain.detail.as_ref());
        let mut rows = Vec::new();
        for user in &self.users {
            let key = restored.map(|domain| user_key(domain, user));
            let detail = key.and_then(|key| fleet.users.get(&key)).and_then(|user| user.detail.as_ref());
            rows.push(home("user profile", user, detail.and_then(|detail| detail.efs_uid.clone())));
        }
        for space in &self.spaces {
            let key = restored.map(|domain| space_key(domain, space));
            let detail = key.and_then(|key| fleet.spaces.get(&key)).and_then(|space| space.detail.as_ref());
            rows.push(home("space", space, detail.and_then(|detail| detail.efs_uid.clone())));
        }
        Homes {
            old_file_system: self.document.get("HomeEfsFileSystemId").and_then(Value::as_str).map(Arc::from),
            new_file_system: known.and_then(|detail| detail.home_file_system.clone()),
            rows,
        }
    }
}

fn home(kind: &'static str, object: &BackupObject, new_uid: Option<Arc<str>>) -> Home {
    Home { kind, name: object.name.clone(), old_uid: object.efs_uid().map(Arc::from), new_uid }
}

fn user_key(domain: &DomainKey, user: &BackupObject) -> UserKey {
    UserKey { scope: domain.scope.clone(), domain: domain.id.clone(), name: user.name.clone() }
}

fn space_key(domain: &DomainKey, space: &BackupObject) -> SpaceKey {
    SpaceKey { scope: domain.scope.clone(), domain: domain.id.clone(), name: space.name.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn homes(old: &str, new: &str, uids: &[(&str, Option<&str>)]) -> Homes {
        let home = |(old, new): &(&str, Option<&str>)| Home {
            kind: "user profile",
            name: Name::new("anna"),
            old_uid: Some(Arc::from(*old)),
            new_uid: new.map(Arc::from),
        };
        Homes {
            old_file_system: Some(old.into()),
            new_file_system: Some(new.into()),
            rows: uids.iter().map(home).collect(),
        }
    }

    #[test]
    fn files_have_to_be_copied_where_the_id_or_the_file_system_is_another() {
        let same = homes("fs-1", "fs-1", &[("1", Some("1")), ("2", Some("7"))]);
        assert_eq!(same.moved(), 1);
        let text = same.advice().join("\n");
        assert!(text.starts_with("Mount fs-1 on") && text.contains("chown -R NEW_UID"), "{text}");
        assert_eq!(homes("fs-1", "fs-2", &[("1", Some("1"))]).moved(), 1);
        let still = homes("fs-1", "fs-1", &[("1", Some("1"))]).advice();
        assert!(matches!(&still[..], [one] if one.contains("nothing is to be copied")), "{still:?}");
    }

    #[test]
    fn who_has_no_new_id_is_told_and_not_taken_for_moved() {
        let homes = homes("fs-1", "fs-1", &[("1", None)]);
        assert_eq!((homes.moved(), homes.sheet().rows[0][5].clone()), (0, SheetValue::Unknown));
        assert!(homes.advice()[0].starts_with("Of 1 row the new id is not known"), "{:?}", homes.advice());
    }
}
