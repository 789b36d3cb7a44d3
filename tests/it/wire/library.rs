//! What a change can refer to: roles, networks, lifecycle configurations, images, people, and what stays behind.

use std::fmt::Write as _;
use std::sync::Arc;

use sagedeck::fleet::{
    AccountId, Answer, Documents, LifecycleConfigKey, Name, Network, ObjectKey, Problem, ProblemKind, Query,
};
use serde_json::{Value, json};

use super::canned::{Asked, Canned};
use super::{ACCOUNT, app_key, domain, scope};

const APPLICATION: &str = "arn:aws:sso::123456789012:application/ssoins-1/apl-1";

/// A set of items as EC2 sends it.
fn set(operation: &str, set: &str, items: &[&str], next: Option<&str>) -> String {
    let items = items.iter().fold(String::new(), |mut text, item| {
        let _ = write!(text, "<item>{item}</item>");
        text
    });
    let next = next.map(|next| format!("<nextToken>{next}</nextToken>")).unwrap_or_default();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{operation}Response \
         xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r-1</requestId><{set}>{items}</{set}>\
         {next}</{operation}Response>"
    )
}

fn ec2_error(code: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code>\
         <Message>You are not authorized &amp; so on</Message></Error></Errors><RequestID>r-2</RequestID></Response>"
    )
}

fn networks(asked: &Asked) -> String {
    match (asked.operation(), asked.member("NextToken")) {
        ("DescribeVpcs", None) => {
            let items = ["<vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/16</cidrBlock><isDefault>true</isDefault>\
                          <tagSet><item><key>Name</key><value>main &amp; more</value></item></tagSet>"];
            set("DescribeVpcs", "vpcSet", &items, Some("page/2"))
        }
        ("DescribeVpcs", Some("page%2F2")) => set("DescribeVpcs", "vpcSet", &["<vpcId>vpc-2</vpcId>"], None),
        ("DescribeSubnets", None) => {
            let items = ["<subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>\
                          <availabilityZone>eu-west-1a</availabilityZone>\
                          <availableIpAddressCount>251</availableIpAddressCount>"];
            set("DescribeSubnets", "subnetSet", &items, None)
        }
        ("DescribeSecurityGroups", None) => {
            let items = ["<groupId>sg-1</groupId><groupName>evil&#x202e;name</groupName>"];
            set("DescribeSecurityGroups", "securityGroupInfo", &items, None)
        }
        other => panic!("{other:?}"),
    }
}

async fn network(aws: &Canned) -> Result<Network, Problem> {
    match aws.gateway().await.ask(&Query::Network(scope())).await? {
        Answer::Network(network) => Ok(*network),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn networks_are_read_page_by_page_over_signed_requests() {
    let aws = Canned::new(|asked| (200, networks(asked)));
    let gateway = aws.gateway().await;
    let answer = gateway.ask(&Query::Network(scope())).await.unwrap();
    let Answer::Network(network) = answer else { panic!("{answer:?}") };
    assert!(gateway.rates().iter().any(|rate| rate.partition.operation == "DescribeVpcs"));
    let [first, second] = &network.vpcs[..] else { panic!("{network:?}") };
    assert_eq!((&*first.id, first.name.as_deref(), first.is_default), ("vpc-1", Some("main & more"), true));
    assert_eq!((&*second.id, &second.name, &second.cidr, second.is_default), ("vpc-2", &None, &None, false));
    assert_eq!((network.subnets[0].free_addresses, &*network.subnets[0].vpc), (Some(251), "vpc-1"));
    assert_eq!(network.groups[0].name.as_deref(), Some("evil\\u{202e}name"));
    let asked = aws.asked();
    assert_eq!(asked.len(), 4);
    for asked in asked {
        assert_eq!((&*asked.method, &*asked.uri), ("POST", "https://ec2.eu-west-1.amazonaws.com/"));
        assert_eq!(asked.header("content-type"), "application/x-www-form-urlencoded");
        assert_eq!(asked.member("Version"), Some("2016-11-15"));
        assert!(asked.header("authorization").contains("/eu-west-1/ec2/aws4_request"));
        assert_eq!(asked.signed_with(), asked.signature());
        assert!(asked.header("user-agent").contains("rust"), "{}", asked.header("user-agent"));
    }
}

#[tokio::test(start_paused = true)]
async fn what_ec2_refuses_is_told_as_anything_else_is() {
    for (status, code, kind) in [
        (403, "UnauthorizedOperation", ProblemKind::AccessDenied),
        (401, "AuthFailure", ProblemKind::AccessDenied),
        (400, "InvalidVpcID.NotFound", ProblemKind::NotFound),
        (400, "InvalidParameterValue", ProblemKind::Invalid),
        (400, "RequestExpired", ProblemKind::ExpiredCredentials),
        (503, "RequestLimitExceeded", ProblemKind::Throttled),
        (500, "InternalError", ProblemKind::Network),
    ] {
        let problem = network(&Canned::saying(status, &ec2_error(code))).await.unwrap_err();
        assert_eq!((problem.kind, problem.code.as_deref()), (kind, Some(code)), "{problem}");
        assert_eq!(problem.request_id.as_deref(), Some("request-1"));
        assert!(problem.message.contains("not authorized & so on"), "{problem}");
    }
    let problem = network(&Canned::saying(403, &ec2_error("UnauthorizedOperation"))).await.unwrap_err();
    assert!(problem.hint.contains("ec2:Describe"), "{}", problem.hint);
}

#[tokio::test(start_paused = true)]
async fn half_a_list_of_networks_is_asked_for_again_and_never_taken_for_all() {
    let whole = set("DescribeVpcs", "vpcSet", &["<vpcId>vpc-1</vpcId>", "<vpcId>vpc-2</vpcId>"], None);
    let half = whole[..whole.len() / 2 + 60].to_owned();
    assert!(half.contains("vpc-1</vpcId>"));
    let broken = Canned::new(move |asked| match asked.operation() {
        "DescribeVpcs" => (200, half.clone()),
        _ => (200, networks(asked)),
    });
    let problem = network(&broken).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Network, "{problem}");
    assert!(broken.asked().iter().filter(|asked| asked.operation() == "DescribeVpcs").count() > 2);
    let page = Canned::saying(200, "<html><body>Sign in</body></html>");
    assert!(network(&page).await.is_err());
}

fn role(name: &str, trust: &str) -> String {
    format!(
        "<member><Path>/</Path><RoleName>{name}</RoleName><RoleId>AROA1</RoleId>\
         <Arn>arn:aws:iam::123456789012:role/{name}</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate>{trust}</member>"
    )
}

#[tokio::test(start_paused = true)]
async fn roles_come_from_all_pages_and_say_whether_they_trust_sagemaker() {
    let trust = "<AssumeRolePolicyDocument>%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A\
                 %7B%22Service%22%3A%22sagemaker.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D\
                 </AssumeRolePolicyDocument>";
    let answer = |roles: String, more: &str| {
        format!(
            "<ListRolesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListRolesResult><Roles>{roles}\
             </Roles>{more}</ListRolesResult></ListRolesResponse>"
        )
    };
    let first = answer(role("zoe", trust), "<IsTruncated>true</IsTruncated><Marker>m-1</Marker>");
    let last = answer(role("anna", ""), "<IsTruncated>false</IsTruncated>");
    let aws = Canned::new(move |asked| match asked.member("Marker") {
        None => (200, first.clone()),
        Some("m-1") => (200, last.clone()),
        other => panic!("{other:?}"),
    });
    let answer = aws.gateway().await.ask(&Query::Roles(AccountId::new(ACCOUNT))).await.unwrap();
    let Answer::Roles(roles) = answer else { panic!("{answer:?}") };
    let seen: Vec<_> = roles.iter().map(|role| (&*role.name, role.trusts_sagemaker)).collect();
    assert_eq!(seen, [("anna", None), ("zoe", Some(true))]);
    assert_eq!(&*roles[1].arn, "arn:aws:iam::123456789012:role/zoe");
    assert!(aws.asked().iter().all(|asked| asked.member("MaxItems") == Some("1000")));
}

#[tokio::test(start_paused = true)]
async fn lifecycle_configurations_come_from_all_pages_and_their_scripts_as_they_are() {
    let aws = Canned::new(|asked| {
        let row = |name: &str| {
            json!({
                "StudioLifecycleConfigName": name,
                "StudioLifecycleConfigArn": format!("arn:aws:sagemaker:eu-west-1:1:studio-lifecycle-config/{name}"),
            })
        };
        let answer = match (asked.operation(), asked.json()["NextToken"].as_str()) {
            ("ListStudioLifecycleConfigs", None) => {
                json!({ "StudioLifecycleConfigs": [row("b")], "NextToken": "t" })
            }
            ("ListStudioLifecycleConfigs", Some("t")) => json!({ "StudioLifecycleConfigs": [row("a")] }),
            ("DescribeStudioLifecycleConfig", _) => {
                assert_eq!(asked.json(), json!({ "StudioLifecycleConfigName": "a" }));
                let mut whole = row("a");
                whole["StudioLifecycleConfigContent"] = "IyEvYmluL3NoDQplY2hvIMO8\n".into();
                whole["StudioLifecycleConfigAppType"] = "JupyterLab".into();
                whole
            }
            other => panic!("{other:?}"),
        };
        (200, answer.to_string())
    });
    let gateway = aws.gateway().await;
    let Ok(Answer::LifecycleConfigs(configs)) = gateway.ask(&Query::LifecycleConfigs(scope())).await else {
        panic!("there are two")
    };
    let names: Vec<_> = configs.iter().map(|config| config.key.name.as_str()).collect();
    assert_eq!((names, &configs[0].app_type), (vec!["a", "b"], &None));
    let key = LifecycleConfigKey { scope: scope(), name: Name::new("a") };
    let answer = gateway.ask(&Query::LifecycleConfig(key)).await.unwrap();
    let Answer::LifecycleConfig(config, script) = answer else { panic!("{answer:?}") };
    assert_eq!((config.app_type.as_deref(), &*script), (Some("JupyterLab"), "#!/bin/sh\r\necho ü"));
}

#[tokio::test(start_paused = true)]
async fn images_come_whole_with_members_we_do_not_know_and_without_what_has_gone() {
    let aws = Canned::new(|asked| {
        let request = asked.json();
        let answer = match asked.operation() {
            "ListImages" => json!({ "Images": [{ "ImageName": "gone" }, { "ImageName": "own" }] }),
            "DescribeImage" | "ListImageVersions" if request["ImageName"] == "gone" => {
                return (
                    400,
                    json!({ "__type": "ResourceNotFound", "message": "no such image" }).to_string(),
                );
            }
            "DescribeImage" => json!({ "ImageName": "own", "OfNextYear": [1.5], "Description": "x\u{202e}" }),
            "ListImageVersions" if request["NextToken"].is_null() => {
                json!({ "ImageVersions": [{ "Version": 2 }], "NextToken": "t" })
            }
            "ListImageVersions" => json!({ "ImageVersions": [{ "Version": 1 }] }),
            "DescribeImageVersion" => json!({ "Version": request["Version"], "BaseImage": "b" }),
            "ListAppImageConfigs" => json!({ "AppImageConfigs": [{ "AppImageConfigName": "lab" }] }),
            "DescribeAppImageConfig" => json!({ "AppImageConfigName": request["AppImageConfigName"] }),
            other => panic!("{other:?}"),
        };
        (200, answer.to_string())
    });
    let answer = aws.gateway().await.ask(&Query::Images(scope())).await.unwrap();
    let Answer::Images(text) = answer else { panic!("{answer:?}") };
    assert!(!text.contains('\u{202e}') && text.contains("\\u202e"));
    let whole: Value = serde_json::from_str(&text).unwrap();
    let expected = json!({
        "Images": [{ "ImageName": "own", "OfNextYear": [1.5], "Description": "x\u{202e}" }],
        "ImageVersions": [{ "Version": 2, "BaseImage": "b" }, { "Version": 1, "BaseImage": "b" }],
        "AppImageConfigs": [{ "AppImageConfigName": "lab" }]
    });
    assert_eq!(whole, expected);
}

fn identity_center(asked: &Asked) -> (u16, String) {
    let answer = match asked.operation() {
        "ListInstances" => json!({ "Instances": [{}, { "IdentityStoreId": "d-9067" }] }),
        "GetUserId" => {
            let name = &asked.json()["AlternateIdentifier"]["UniqueAttribute"];
            assert_eq!(
                (&name["AttributePath"], &asked.json()["IdentityStoreId"]),
                (&"userName".into(), &"d-9067".into())
            );
            match name["AttributeValue"].as_str().unwrap() {
                "anna" => json!({ "IdentityStoreId": "d-9067", "UserId": "id-anna" }),
                "denied" => return (400, json!({ "__type": "AccessDeniedException" }).to_string()),
                _ => return (400, json!({ "__type": "ResourceNotFoundException" }).to_string()),
            }
        }
        other => panic!("{other:?}"),
    };
    (200, answer.to_string())
}

#[tokio::test(start_paused = true)]
async fn a_person_is_found_by_name_nobody_is_no_problem_and_the_store_is_looked_up_once() {
    let aws = Canned::new(identity_center);
    let gateway = aws.gateway().await;
    let ask = async |name: &str| gateway.ask(&Query::Person(scope(), name.into())).await;
    assert_eq!(ask("anna").await, Ok(Answer::Person(Some("id-anna".into()))));
    assert_eq!(ask("nobody").await, Ok(Answer::Person(None)));
    let denied = ask("denied").await.unwrap_err();
    assert_eq!(denied.kind, ProblemKind::AccessDenied);
    assert!(denied.hint.contains("identitystore:GetUserId"), "{}", denied.hint);
    let asked = aws.asked();
    assert_eq!(asked.iter().filter(|asked| asked.operation() == "ListInstances").count(), 1);
    assert!(
        asked[0].uri.starts_with("https://sso.eu-west-1.")
            && asked[1].uri.contains("//identitystore.eu-west-1.")
    );
    assert!(asked.iter().all(|asked| asked.signed_with() == asked.signature()));
}

#[tokio::test(start_paused = true)]
async fn without_an_identity_center_nobody_is_said_not_to_be_there() {
    let aws = Canned::saying(200, "{}");
    let problem = aws.gateway().await.ask(&Query::Person(scope(), "anna".into())).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::NotFound);
    assert!(problem.message.contains("no Identity Center"), "{problem}");
}

#[tokio::test(start_paused = true)]
async fn who_is_assigned_comes_from_all_pages_and_groups_are_no_people() {
    let aws = Canned::new(|asked| {
        let row = |id: &str, kind: &str| json!({ "ApplicationArn": APPLICATION, "PrincipalId": id, "PrincipalType": kind });
        assert_eq!(asked.json()["ApplicationArn"], APPLICATION);
        let answer = match asked.json()["NextToken"].as_str() {
            None => {
                let rows = [row("a", "USER"), row("g", "GROUP")];
                json!({ "ApplicationAssignments": rows, "NextToken": "t" })
            }
            Some(_) => json!({ "ApplicationAssignments": [row("b", "USER")] }),
        };
        (200, answer.to_string())
    });
    let answer = aws.gateway().await.ask(&Query::Assigned(domain(), APPLICATION.into())).await;
    assert_eq!(answer, Ok(Answer::Assigned(vec!["a".into(), "b".into()])));
}

fn leftovers(asked: &Asked) -> (u16, String) {
    let of = |id: &str, arn: &str| {
        let tags = json!([{ "Key": "ManagedByAmazonSageMakerResource", "Value": arn }]);
        json!({ "FileSystemId": id, "OwnerId": "1", "CreationToken": "t", "CreationTime": 1.0,
                "LifeCycleState": "available", "NumberOfMountTargets": 1, "PerformanceMode": "generalPurpose",
                "SizeInBytes": { "Value": 6144 }, "Tags": tags })
    };
    let answer = match asked.operation() {
        "DescribeFileSystems" if asked.uri.contains("FileSystemId=fs-gone") => {
            return (404, json!({ "__type": "FileSystemNotFound", "Message": "gone" }).to_string());
        }
        "DescribeFileSystems" if asked.uri.contains("FileSystemId=fs-1") => {
            json!({ "FileSystems": [of("fs-1", "whatever")] })
        }
        "DescribeFileSystems" if asked.uri.contains("Marker=m") => {
            json!({ "FileSystems": [of("fs-2", &domain().arn())] })
        }
        "DescribeFileSystems" => json!({ "FileSystems": [of("fs-other", "arn:other")], "NextMarker": "m" }),
        "DescribeSecurityGroups" => {
            assert_eq!(asked.member("Filter.1.Name"), Some("group-name"));
            assert_eq!(asked.member("Filter.1.Value.1"), Some("security-group-for-%2A-nfs-d-one"));
            let items =
                ["<groupId>sg-1</groupId><groupName>security-group-for-inbound-nfs-d-one</groupName>"];
            return (200, set("DescribeSecurityGroups", "securityGroupInfo", &items, None));
        }
        "DescribeNetworkInterfaces" => {
            let items = if let Some("description") = asked.member("Filter.1.Name") {
                ["<networkInterfaceId>eni-2</networkInterfaceId>"; 1]
            } else {
                assert_eq!(asked.member("Filter.1.Value.1"), Some("sg-1"));
                ["<networkInterfaceId>eni-1</networkInterfaceId><groupSet><item/></groupSet>"]
            };
            return (200, set("DescribeNetworkInterfaces", "networkInterfaceSet", &items, None));
        }
        "ListMlflowTrackingServers" => {
            json!({ "TrackingServerSummaries": [{ "TrackingServerName": "experiments" }] })
        }
        other => panic!("{other:?}"),
    };
    (200, answer.to_string())
}

async fn left(aws: &Canned, file_system: Option<&str>) -> sagedeck::fleet::Leftovers {
    let query = Query::Leftovers(domain(), file_system.map(Arc::from));
    match aws.gateway().await.ask(&query).await {
        Ok(Answer::Leftovers(leftovers)) => *leftovers,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_domain_leaves_behind_is_found_by_id_or_by_whose_it_says_it_is() {
    let aws = Canned::new(leftovers);
    let found = left(&aws, None).await;
    assert_eq!(found.file_systems, [("fs-2".into(), Some(6144))]);
    assert_eq!(found.interfaces, ["eni-1".into(), "eni-2".into()]);
    assert_eq!(found.groups, [("sg-1".into(), "security-group-for-inbound-nfs-d-one".into())]);
    assert_eq!((found.mlflow_servers, found.unknown), (vec!["experiments".into()], Vec::new()));
    let described = |aws: &Canned| {
        let by_description = |asked: &&Asked| asked.member("Filter.1.Name") == Some("description");
        aws.asked().iter().find(by_description).unwrap().body.clone()
    };
    assert!(described(&aws).contains("%2Ad-one%2A") && described(&aws).contains("%2Afs-2%2A"));
    assert_eq!(left(&Canned::new(leftovers), Some("fs-1")).await.file_systems, [("fs-1".into(), Some(6144))]);
    let gone = left(&Canned::new(leftovers), Some("fs-gone")).await;
    assert_eq!((gone.file_systems, gone.unknown), (Vec::new(), Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn a_part_that_may_not_be_looked_for_is_said_and_the_rest_is_found() {
    let aws = Canned::new(|asked| match asked.operation() {
        "DescribeFileSystems" => {
            (403, json!({ "__type": "AccessDeniedException", "Message": "no, not you" }).to_string())
        }
        "DescribeNetworkInterfaces" => (403, ec2_error("UnauthorizedOperation")),
        _ => leftovers(asked),
    });
    let found = left(&aws, Some("fs-1")).await;
    let [files, interfaces] = &found.unknown[..] else { panic!("{:?}", found.unknown) };
    assert!(
        files.starts_with("The file systems (EFS) could not be looked for: DescribeFileSystems"),
        "{files}"
    );
    assert!(interfaces.starts_with("The network interfaces could not be looked for"), "{interfaces}");
    assert_eq!((found.groups.len(), found.mlflow_servers.len(), found.file_systems.len()), (1, 1, 0));
    let expired = Canned::new(|asked| match asked.operation() {
        "DescribeSecurityGroups" => (400, ec2_error("RequestExpired")),
        _ => leftovers(asked),
    });
    let problem = expired.gateway().await.ask(&Query::Leftovers(domain(), None)).await.unwrap_err();
    assert!(problem.is_credentials(), "{problem}");
}

#[tokio::test(start_paused = true)]
async fn a_description_becomes_a_document_that_means_the_same() {
    let said = json!({
        "DomainId": "d-one", "CreationTime": 1_700_000_000.123, "Status": "InService",
        "ResourceSpec": { "OfNextYear": { "a": [0.1, 9_007_199_254_740_993_i64, null, "ü \u{202e}\u{7}\"\\"] } }
    });
    let aws = Canned::saying(200, &said.to_string());
    let key = app_key("space-0000");
    let answer = aws.gateway().await.ask(&Query::App(key.clone())).await.unwrap();
    let Answer::App(_, raw) = answer else { panic!("{answer:?}") };
    let mut documents = Documents::default();
    documents.note(ObjectKey::App(key.clone()), Ok(&raw));
    assert_eq!(&Value::Object(documents.get(&ObjectKey::App(key)).unwrap().clone()), &said);
}

#[tokio::test(start_paused = true)]
async fn the_simulated_aws_answers_every_one_of_them_over_the_same_wire() {
    let sim = super::sim_of(sagedeck::sim::scenario::Scenario::Small);
    let gateway = super::gateway(&sim).await;
    let ask = async |query: Query| gateway.ask(&query).await.unwrap_or_else(|problem| panic!("{problem}"));
    let Answer::Roles(roles) = ask(Query::Roles(AccountId::new(ACCOUNT))).await else { panic!("roles") };
    assert!(roles.iter().any(|role| role.trusts_sagemaker == Some(true)), "{roles:?}");
    let Answer::Network(network) = ask(Query::Network(scope())).await else { panic!("a network") };
    let vpcs: Vec<_> = network.vpcs.iter().map(|vpc| &vpc.id).collect();
    assert!(
        !vpcs.is_empty() && network.subnets.iter().all(|subnet| vpcs.contains(&&subnet.vpc)),
        "{network:?}"
    );
    let Answer::Domains(domains) = ask(Query::Domains(scope())).await else { panic!("domains") };
    for query in [Query::LifecycleConfigs(scope()), Query::Images(scope())] {
        ask(query).await;
    }
    let found = ask(Query::Leftovers(domains.rows[0].key.clone(), None)).await;
    let Answer::Leftovers(found) = found else { panic!("leftovers") };
    assert_eq!((found.unknown.len(), found.file_systems.len()), (0, 1), "{found:?}");
}
