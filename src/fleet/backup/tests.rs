//! Tests of backups: all or nothing, and what is in them.

use serde_json::json;

use super::*;
use crate::fleet::SheetValue;
use crate::fleet::{Answer, LifecycleConfig, Problem, ProblemKind, Sharing, sample};

/// A domain with a user and a space, all of it read.
fn known() -> (Fleet, Documents) {
    let mut going = sample::user("zoe");
    going.status = Status::Deleting;
    let users = vec![sample::user("anna"), going];
    let spaces = vec![sample::space("lab", "anna", Sharing::Private)];
    let mut fleet = sample::fleet(users, spaces, vec![]);
    let mut documents = Documents::default();
    let key = LifecycleConfigKey { scope: sample::scope(), name: Name::new("install") };
    let config = LifecycleConfig {
        arn: key.arn().into(),
        key,
        app_type: Some("JupyterLab".into()),
        created: None,
        modified: None,
    };
    let query = Query::LifecycleConfigs(sample::scope());
    fleet.absorb(&query, Answer::LifecycleConfigs(vec![config.clone()]), sample::now());
    for query in backup_needs(&fleet, &sample::domain_key()) {
        match query {
            Query::Tags(object) => {
                let tags = vec![Tag { key: "team".into(), value: object.name().into() }];
                fleet.absorb(&Query::Tags(object), Answer::Tags(tags), sample::now());
            }
            Query::Domain(key) => documents.note(
                ObjectKey::Domain(key),
                Ok(&json!({ "DomainName": "research", "AuthMode": "IAM" }).to_string()),
            ),
            Query::User(key) => {
                documents
                    .note(ObjectKey::User(key), Ok(r#"{"HomeEfsFileSystemUid":"200005","UserSettings":{}}"#));
            }
            Query::Space(key) => {
                let space = json!({
                    "HomeEfsFileSystemUid": "200010",
                    "SpaceSettings": { "JupyterLabAppSettings": { "DefaultResourceSpec": {
                        "SageMakerImageArn": sample::scope().arn("image/gone")
                    } } }
                });
                documents.note(ObjectKey::Space(key), Ok(&space.to_string()));
            }
            Query::Images(scope) => {
                fleet.absorb(&Query::Images(scope), Answer::Images("{\"Images\":[]}".into()), sample::now());
            }
            query @ Query::LifecycleConfig(_) => {
                let answer = Answer::LifecycleConfig(Box::new(config.clone()), "#!/bin/bash\n".into());
                fleet.absorb(&query, answer, sample::now());
            }
            query @ Query::ConfigTags(_) => {
                let tags = vec![Tag { key: "for".into(), value: "all".into() }];
                fleet.absorb(&query, Answer::Tags(tags), sample::now());
            }
            Query::Users(_) | Query::Spaces(_) | Query::LifecycleConfigs(_) => {}
            other => panic!("{other:?}"),
        }
    }
    (fleet, documents)
}

fn take(fleet: &Fleet, documents: &Documents) -> Result<Backup, Vec<String>> {
    Backup::take(fleet, documents, &sample::domain_key(), "sagedeck 1", sample::now())
}

#[test]
fn a_backup_holds_everything_and_reads_back_as_it_was() {
    let (fleet, documents) = known();
    let backup = take(&fleet, &documents).unwrap();
    assert_eq!((backup.name(), backup.users.len(), backup.spaces.len()), ("research", 1, 1));
    assert_eq!(backup.users[0].efs_uid(), Some("200005"));
    assert_eq!(&*backup.spaces[0].tags[0].value, "lab");
    assert_eq!(backup.lifecycle_configs[0].script, "#!/bin/bash\n");
    assert_eq!(&*backup.lifecycle_configs[0].tags[0].value, "all");
    assert_eq!(
        backup.left_out,
        [
            "The user profile zoe was being deleted.",
            "The space lab referred to images that were not there: image/gone.",
        ]
    );
    assert_eq!(Backup::parse(&backup.to_text()), Ok(backup.clone()));
    let newer = backup.to_text().replace("\"format\": 2", "\"format\": 3");
    assert!(Backup::parse(&newer).unwrap_err().contains("a newer version wrote it"));
    let mut older: Value = serde_json::from_str(&backup.to_text()).unwrap();
    older["format"] = json!(1);
    older["lifecycle_configs"][0].as_object_mut().unwrap().remove("tags");
    assert!(Backup::parse(&older.to_string()).unwrap().lifecycle_configs[0].tags.is_empty());
    let strange = backup.to_text().replace("\"made_by\"", "\"mode_by\"");
    assert!(Backup::parse(&strange).unwrap_err().contains("line 3"));
    assert!(Backup::parse("{").unwrap_err().contains("this is no backup"));
    let sheet = backup.homes(&fleet, None).sheet();
    assert_eq!(sheet.rows[0][2], SheetValue::Text("200005".to_owned()));
    assert_eq!((&sheet.rows[1][3], sheet.rows.len()), (&SheetValue::Unknown, 2));
}

#[test]
fn what_is_missing_is_named_and_there_is_no_backup() {
    let (mut fleet, mut documents) = known();
    let problem = || Problem::new(ProblemKind::AccessDenied, "not allowed", "");
    let anna = ObjectKey::User(sample::user("anna").key);
    documents.note(anna.clone(), Err(problem()));
    fleet.fail(&Query::Tags(anna), problem());
    fleet.fail(&Query::Spaces(sample::domain_key()), problem());
    fleet.library.scripts.clear();
    fleet.library.images.clear();
    fleet.library.config_tags.clear();
    let missing = take(&fleet, &documents).unwrap_err();
    assert_eq!(missing.len(), 6, "{missing:?}");
    let text = missing.join("\n");
    for part in [
        "the spaces of d-research",
        "user anna of d-research",
        "user-profile",
        "tags of arn",
        "install",
        "the images of",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}
