//! Objects put in the place of others of the same name: what a test does between a look and a deletion.
//! Their creation time is the present one, as if the service had forgotten the old ones at once.

use super::{App, AppKey, Name, Profile, Scope, Space, World};

impl World {
    /// Replaces an app by a new one in service under the same key; false if there is none.
    pub fn replace_app(&mut self, scope: &Scope, key: &AppKey) -> bool {
        let now = self.now();
        let apps = &mut self.region_mut(scope).apps;
        let Some(old) = apps.find(key).and_then(|id| apps.remove(id)) else { return false };
        let app = App { tags: old.tags, ..App::new(old.key, old.spec, now) };
        self.insert_app(scope, app).is_some()
    }

    /// Replaces a user profile by a new one in service of the same name; false if there is none.
    pub fn replace_profile(&mut self, scope: &Scope, domain: &Name, name: &Name) -> bool {
        let now = self.now();
        let uid = 200_000 + (self.next_serial() as u32 % 1_000_000) * 5;
        let profiles = &mut self.region_mut(scope).profiles;
        let found = profiles.find(&Profile::key_of(domain, name));
        let Some(old) = found.and_then(|id| profiles.remove(id)) else { return false };
        let new = Profile {
            uid,
            sso_user: old.sso_user,
            settings: old.settings,
            tags: old.tags,
            ..Profile::new(old.domain, old.name, now)
        };
        profiles.insert(new).is_some()
    }

    /// Replaces a space by a new one in service of the same name; false if there is none.
    pub fn replace_space(&mut self, scope: &Scope, domain: &Name, name: &Name) -> bool {
        let now = self.now();
        let uid = 200_000 + (self.next_serial() as u32 % 1_000_000) * 5;
        let spaces = &mut self.region_mut(scope).spaces;
        let found = spaces.find(&(domain.clone(), name.clone()));
        let Some(old) = found.and_then(|id| spaces.remove(id)) else { return false };
        let new = Space {
            uid,
            owner: old.owner,
            shared: old.shared,
            display_name: old.display_name,
            settings: old.settings,
            tags: old.tags,
            ..Space::new(old.domain, old.name, now)
        };
        spaces.insert(new).is_some()
    }

    /// Takes an app away without a trace, as when the service has forgotten a stopped one; false if there is
    /// none.
    pub fn remove_app(&mut self, scope: &Scope, key: &AppKey) -> bool {
        let apps = &mut self.region_mut(scope).apps;
        apps.find(key).and_then(|id| apps.remove(id)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AppType, Owner, Settings, Status};
    use super::*;

    #[test]
    fn an_app_in_the_place_of_another_is_younger_and_otherwise_alike() {
        let mut world = World::new("123456789012", 5_000);
        let scope = Scope::new("123456789012", "eu-west-1");
        let key = AppKey {
            domain: "d-1".into(),
            owner: Owner::Space("lab".into()),
            app_type: AppType::JupyterLab,
            name: "default".into(),
        };
        assert!(!world.replace_app(&scope, &key));
        let spec = Settings::new(serde_json::json!({"InstanceType": "ml.g5.xlarge"}));
        world.insert_app(&scope, App::new(key.clone(), spec, 1_000)).unwrap();
        assert!(world.replace_app(&scope, &key));
        let apps = &world.region_mut(&scope).apps;
        let app = apps.get(apps.find(&key).unwrap()).unwrap();
        assert_eq!((app.created, app.status), (5_000, Status::InService));
        assert_eq!(app.instance_type(), Some("ml.g5.xlarge"));
        assert!(world.remove_app(&scope, &key) && !world.remove_app(&scope, &key));
    }
}
