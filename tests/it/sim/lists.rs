//! Listings: pages, tokens, order, filters.

use aws_sdk_sagemaker::types::{SortOrder, SpaceSortKey, UserProfileSortKey};

use super::{add_apps, client, code, empty, furnish, refusal};

#[tokio::test(start_paused = true)]
async fn pages_hold_ten_rows_unless_asked_and_every_row_comes_once() {
    let sim = empty();
    add_apps(&sim, "d-one", 25);
    let client = client(&sim);
    let first = client.list_apps().send().await.unwrap();
    assert_eq!(first.apps().len(), 10);
    let apps =
        client.list_apps().into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
    let names: Vec<&str> = apps.iter().map(|app| app.space_name().unwrap()).collect();
    let expected: Vec<String> = (0..25).map(|index| format!("space-{index:04}")).collect();
    assert_eq!(names, expected);
    let all = client.list_apps().max_results(25).send().await.unwrap();
    assert_eq!((all.apps().len(), all.next_token()), (25, None), "a full last page has no token");
}

#[tokio::test(start_paused = true)]
async fn a_listing_can_be_walked_from_both_ends() {
    let sim = empty();
    add_apps(&sim, "d-one", 12);
    add_apps(&sim, "d-two", 3);
    let client = client(&sim);
    let newest = client
        .list_apps()
        .domain_id_equals("d-one")
        .sort_order(SortOrder::Descending)
        .max_results(5)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await
        .unwrap();
    let names: Vec<&str> = newest.iter().map(|app| app.space_name().unwrap()).collect();
    let expected: Vec<String> = (0..12).rev().map(|index| format!("space-{index:04}")).collect();
    assert_eq!(names, expected);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_good_only_for_the_listing_it_came_from() {
    let sim = empty();
    add_apps(&sim, "d-one", 25);
    let client = client(&sim);
    let page = client.list_apps().domain_id_equals("d-one").send().await.unwrap();
    let token = page.next_token().unwrap();
    let other = client.list_apps().domain_id_equals("d-two").next_token(token).send().await;
    assert_eq!(code(other), "ValidationException");
    let mangled: String = token.chars().rev().collect();
    let mangled = client.list_apps().domain_id_equals("d-one").next_token(mangled).send().await;
    assert_eq!(code(mangled), "ValidationException");
    let other_size =
        client.list_apps().domain_id_equals("d-one").max_results(7).next_token(token).send().await;
    assert_eq!(other_size.unwrap().apps().len(), 7, "the page size may change on the way");
}

#[tokio::test(start_paused = true)]
async fn page_sizes_outside_of_the_model_are_refused() {
    let client = client(&empty());
    for size in [0, 101] {
        let (code, message) = refusal(client.list_apps().max_results(size).send().await);
        assert_eq!(code, "ValidationException");
        assert!(message.contains(&format!("Value '{size}' at 'maxResults'")), "{message}");
    }
    let arn = "arn:aws:sagemaker:eu-west-1:123456789012:domain/d-one";
    assert_eq!(
        code(client.list_tags().resource_arn(arn).max_results(10).send().await),
        "ValidationException"
    );
}

#[tokio::test(start_paused = true)]
async fn apps_are_found_by_their_owner_and_only_one_kind_of_owner_may_be_named() {
    let sim = empty();
    add_apps(&sim, "d-one", 30);
    let client = client(&sim);
    for domain in [Some("d-one"), None] {
        let found = client.list_apps().set_domain_id_equals(domain.map(str::to_owned));
        let found = found.space_name_equals("space-0007").send().await.unwrap();
        assert_eq!(found.apps().len(), 1);
        assert_eq!(
            found.apps()[0].resource_spec().unwrap().instance_type().unwrap().as_str(),
            "ml.t3.medium"
        );
    }
    let nobody = client.list_apps().user_profile_name_equals("space-0007").send().await.unwrap();
    assert_eq!(nobody.apps().len(), 0);
    let both = client.list_apps().user_profile_name_equals("a").space_name_equals("b").send().await;
    assert_eq!(code(both), "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn profiles_and_spaces_are_sorted_and_filtered() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    client.update_user_profile().domain_id("d-one").user_profile_name("anna-k").send().await.unwrap();
    let by = |key, order| client.list_user_profiles().sort_by(key).sort_order(order).send();
    let names = |page: aws_sdk_sagemaker::operation::list_user_profiles::ListUserProfilesOutput| {
        page.user_profiles().iter().map(|row| row.user_profile_name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let created = by(UserProfileSortKey::CreationTime, SortOrder::Ascending).await.unwrap();
    assert_eq!(names(created), ["anna-k", "Bert"]);
    let modified = by(UserProfileSortKey::LastModifiedTime, SortOrder::Ascending).await.unwrap();
    assert_eq!(names(modified), ["Bert", "anna-k"]);
    let one = client.list_user_profiles().user_profile_name_contains("bE").send().await.unwrap();
    assert_eq!(names(one), ["Bert"]);

    let spaces = client.list_spaces().sort_by(SpaceSortKey::LastModifiedTime).send().await.unwrap();
    let row = &spaces.spaces()[0];
    assert_eq!(row.ownership_settings_summary().unwrap().owner_user_profile_name(), Some("anna-k"));
    let summary = row.space_settings_summary().unwrap();
    let volume = summary.space_storage_settings().unwrap().ebs_storage_settings().unwrap();
    assert_eq!(volume.ebs_volume_size_in_gb(), Some(20));
    let none = client.list_spaces().space_name_contains("zzz").send().await.unwrap();
    assert_eq!(none.spaces().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn pages_by_time_of_change_hold_every_row_once() {
    let sim = empty();
    furnish(&sim);
    let client = client(&sim);
    for index in 0..23 {
        let name = format!("user-{index}");
        client.create_user_profile().domain_id("d-one").user_profile_name(name).send().await.unwrap();
    }
    for order in [SortOrder::Ascending, SortOrder::Descending] {
        let rows = client
            .list_user_profiles()
            .sort_by(UserProfileSortKey::LastModifiedTime)
            .sort_order(order.clone())
            .max_results(4)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await
            .unwrap();
        let mut names: Vec<_> = rows.iter().map(|row| row.user_profile_name().unwrap().to_owned()).collect();
        names.sort();
        names.dedup();
        assert_eq!((rows.len(), names.len()), (25, 25));
        let times: Vec<_> =
            rows.iter().map(|row| row.last_modified_time().unwrap().to_millis().unwrap()).collect();
        assert!(if order == SortOrder::Ascending {
            times.is_sorted()
        } else {
            times.iter().rev().is_sorted()
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_filter_that_finds_little_gives_short_pages_and_still_everything() {
    let sim = empty();
    sim.with_world(|world| {
        let now = world.now();
        let profiles = &mut world.region_mut(&super::scope()).profiles;
        for index in 0..12_000_i64 {
            let name = if index % 5_999 == 5_998 { format!("rare-{index}") } else { format!("user-{index}") };
            profiles.insert(super::Profile::new("d-one".into(), name.into(), now + index)).unwrap();
        }
    });
    let client = client(&sim);
    let first = client.list_user_profiles().user_profile_name_contains("rare").send().await.unwrap();
    assert_eq!(first.user_profiles().len(), 0, "nothing among the first five thousand");
    let rows = client
        .list_user_profiles()
        .user_profile_name_contains("rare")
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await
        .unwrap();
    assert_eq!(rows.len(), 2);
}
