"""What the checks ask and what must be answered: data only."""

import base64

REGION = "eu-west-1"
ACCOUNT, ALIAS = "123456789012", "prod-ml"
OTHER_ACCOUNT, OTHER_ALIAS = "210987654321", "dev-ml"

# Lists: operation, its list, what identifies a row, how it may be sorted, its filters. -----------------------------
# filters: (parameters made from a sample row, whether a row belongs to the answer).

STUDIO_ORDERS, SHOUTED_ORDERS = ("Ascending", "Descending"), ("ASCENDING", "DESCENDING")
TIMES = {"CreationTime": "CreationTime", "LastModifiedTime": "LastModifiedTime"}
SHOUTED_TIMES = {"CREATION_TIME": "CreationTime", "LAST_MODIFIED_TIME": "LastModifiedTime"}


def contains(parameter, field):
    """A filter by a part of a name. The part must match the pattern of names itself."""
    return (
        lambda row: {parameter: row[field][1:5].strip("-")},
        lambda row, given: given[parameter] in row[field],
    )


def equals(**fields):
    """A filter by equality: parameter=field."""
    return (
        lambda row: {parameter: row[field] for parameter, field in fields.items()},
        lambda row, given: all(row.get(field) == given[parameter] for parameter, field in fields.items()),
    )


LISTS = [
    {"operation": "ListDomains", "list": "Domains", "key": ["DomainId"]},
    {
        "operation": "ListUserProfiles", "list": "UserProfiles", "key": ["DomainId", "UserProfileName"], "sort": TIMES,
        "orders": STUDIO_ORDERS, "default": ("CreationTime", "Ascending"),
        "filters": [equals(DomainIdEquals="DomainId"), contains("UserProfileNameContains", "UserProfileName")],
    },
    {
        "operation": "ListSpaces", "list": "Spaces", "key": ["DomainId", "SpaceName"], "sort": TIMES,
        "orders": STUDIO_ORDERS, "default": ("CreationTime", "Ascending"),
        "filters": [equals(DomainIdEquals="DomainId"), contains("SpaceNameContains", "SpaceName")],
    },
    {
        "operation": "ListApps", "list": "Apps", "key": ["DomainId", "UserProfileName", "SpaceName", "AppType", "AppName"],
        "sort": {"CreationTime": "CreationTime"}, "orders": STUDIO_ORDERS, "default": ("CreationTime", "Ascending"),
        "filters": [
            equals(DomainIdEquals="DomainId"),
            equals(DomainIdEquals="DomainId", SpaceNameEquals="SpaceName"),
            equals(DomainIdEquals="DomainId", UserProfileNameEquals="UserProfileName"),
        ],
    },
    {
        "operation": "ListStudioLifecycleConfigs", "list": "StudioLifecycleConfigs", "key": ["StudioLifecycleConfigName"],
        "sort": TIMES | {"Name": "StudioLifecycleConfigName"}, "orders": STUDIO_ORDERS,
        "default": ("CreationTime", "Descending"),
        "filters": [
            contains("NameContains", "StudioLifecycleConfigName"),
            equals(AppTypeEquals="StudioLifecycleConfigAppType"),
        ],
    },
    {
        "operation": "ListImages", "list": "Images", "key": ["ImageName"], "sort": SHOUTED_TIMES | {"IMAGE_NAME": "ImageName"},
        "orders": SHOUTED_ORDERS, "default": ("CREATION_TIME", "DESCENDING"),
        "filters": [contains("NameContains", "ImageName")],
    },
    {
        "operation": "ListImageVersions", "list": "ImageVersions", "key": ["Version"], "sort": SHOUTED_TIMES | {"VERSION": "Version"},
        "orders": SHOUTED_ORDERS, "default": ("CREATION_TIME", "DESCENDING"), "base": {"ImageName": "{image}"},
    },
    {
        "operation": "ListAppImageConfigs", "list": "AppImageConfigs", "key": ["AppImageConfigName"],
        "sort": TIMES | {"Name": "AppImageConfigName"}, "orders": STUDIO_ORDERS, "default": ("CreationTime", "Descending"),
        "filters": [contains("NameContains", "AppImageConfigName")],
    },
]

# Lists of the neighbours: service, operation, list, size parameter, token in, token out, base parameters, small page.
NEIGHBOUR_LISTS = [
    ("iam", "ListRoles", "Roles", "MaxItems", "Marker", "Marker", {}, 2),
    ("iam", "ListRolePolicies", "PolicyNames", "MaxItems", "Marker", "Marker", {"RoleName": "{role_name}"}, 2),
    ("iam", "ListAttachedRolePolicies", "AttachedPolicies", "MaxItems", "Marker", "Marker", {"RoleName": "{role_name}"}, 2),
    ("pricing", "GetProducts", "PriceList", "MaxResults", "NextToken", "NextToken", {
        "ServiceCode": "AmazonSageMaker",
        "Filters": [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION},
                    {"Type": "CONTAINS", "Field": "instanceName", "Value": "ml.g4dn"}],
    }, 2),
    ("pricing", "GetAttributeValues", "AttributeValues", "MaxResults", "NextToken", "NextToken", {
        "ServiceCode": "AmazonSageMaker", "AttributeName": "instanceName"}, 2),
    ("ec2", "DescribeVpcs", "Vpcs", "MaxResults", "NextToken", "NextToken", {}, 5),
    ("ec2", "DescribeSubnets", "Subnets", "MaxResults", "NextToken", "NextToken", {}, 5),
    ("ec2", "DescribeSecurityGroups", "SecurityGroups", "MaxResults", "NextToken", "NextToken", {
        "Filters": [{"Name": "group-name", "Values": ["studio-*", "security-group-for-*"]}]}, 5),
    ("ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", "MaxResults", "NextToken", "NextToken", {
        "Filters": [{"Name": "status", "Values": ["in-use"]}]}, 5),
    ("efs", "DescribeFileSystems", "FileSystems", "MaxItems", "Marker", "NextMarker", {}, 3),
    ("sso-admin", "ListApplicationAssignments", "ApplicationAssignments", "MaxResults", "NextToken", "NextToken",
     {"ApplicationArn": "{application}"}, 37),
    ("identitystore", "ListUsers", "Users", "MaxResults", "NextToken", "NextToken", {"IdentityStoreId": "{store}"}, 37),
    ("sagemaker", "ListMlflowTrackingServers", "TrackingServerSummaries", "MaxResults", "NextToken", "NextToken", {}, 2),
    ("service-quotas", "ListServiceQuotas", "Quotas", "MaxResults", "NextToken", "NextToken", {"ServiceCode": "sagemaker"}, 97),
    ("service-quotas", "ListAWSDefaultServiceQuotas", "Quotas", "MaxResults", "NextToken", "NextToken", {"ServiceCode": "sagemaker"}, 97),
    ("ce", "ListCostAllocationTags", "CostAllocationTags", "MaxResults", "NextToken", "NextToken", {}, 2),
]

# The life of each kind of object, in order. `until`: asked again until this holds; `gives`: must hold at once;
# `refused`: the error code. "{...}" is filled from the facts and from what earlier steps saved. ---------------------

OURS = {"DomainId": "{domain}"}
ANNA = OURS | {"UserProfileName": "anna-{run}"}
LAB = OURS | {"SpaceName": "lab-{run}"}
SPARE = OURS | {"SpaceName": "spare-{run}"}
LAB_APP = LAB | {"AppType": "JupyterLab", "AppName": "default"}
SMALL = {"ResourceSpec": {"InstanceType": "ml.t3.medium"}}
PRIVATE = {
    "OwnershipSettings": {"OwnerUserProfileName": "anna-{run}"}, "SpaceSharingSettings": {"SharingType": "Private"},
    "SpaceSettings": {"AppType": "JupyterLab", "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 20}}},
}
NEW_DOMAIN = {
    "AuthMode": "IAM", "VpcId": "{vpc}", "SubnetIds": ["{subnet}"],
    "DefaultUserSettings": {"ExecutionRole": "{role}"},
}
SCRIPT = base64.b64encode(b"#!/bin/bash\nset -eu\n").decode()
LCC = {"StudioLifecycleConfigName": "start-{run}"}
IMAGE = {"ImageName": "torch-{run}"}
CONFIG = {"AppImageConfigName": "torch-config-{run}"}
READY = {"Status": "InService"}
NAMED = {"IdentityStoreId": "{store}",
         "AlternateIdentifier": {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "{sso_name}"}}}
ASSIGNMENT = {"ApplicationArn": "{application}", "PrincipalId": "{person}", "PrincipalType": "USER"}

STEPS = [
    {"op": "CreateDomain", "with": NEW_DOMAIN | {"DomainName": "peers-{run}", "Tags": [{"Key": "team", "Value": "peers"}]},
     "save": {"domain": "DomainId", "domain_arn": "DomainArn"}},
    {"op": "DescribeDomain", "with": OURS, "until": READY,
     "gives": {"DomainName": "peers-{run}", "AuthMode": "IAM", "AppNetworkAccessType": "PublicInternetOnly"},
     "save": {"home": "HomeEfsFileSystemId"}},
    {"service": "efs", "op": "DescribeFileSystems", "with": {"FileSystemId": "{home}"},
     "gives": {"FileSystems[0].LifeCycleState": "available", "FileSystems[0].NumberOfMountTargets": 1,
               "FileSystems[0].Tags": [{"Key": "ManagedByAmazonSageMakerResource", "Value": "{domain_arn}"}]}},
    {"op": "CreateDomain", "with": NEW_DOMAIN | {"DomainName": "homeless-{run}", "SubnetIds": ["subnet-0123456789abcdef0"]},
     "refused": "ValidationException", "says": "subnet-0123456789abcdef0"},
    {"op": "ListTags", "with": {"ResourceArn": "{domain_arn}"}, "gives": {"Tags": [{"Key": "team", "Value": "peers"}]}},
    {"op": "UpdateDomain", "with": OURS | {"TagPropagation": "ENABLED"}, "gives": {"DomainArn": "{domain_arn}"}},
    {"op": "DescribeDomain", "with": OURS, "until": READY, "gives": {"TagPropagation": "ENABLED"}},

    {"op": "CreateUserProfile", "with": ANNA, "save": {"profile_arn": "UserProfileArn"}},
    {"op": "DescribeUserProfile", "with": ANNA, "until": READY, "gives": {"UserProfileArn": "{profile_arn}"}},
    {"op": "CreateUserProfile", "with": ANNA, "refused": "ResourceInUse"},
    {"op": "CreateUserProfile", "with": OURS | {"UserProfileName": "ANNA-{run}"}, "refused": "ResourceInUse"},
    {"op": "CreateUserProfile", "with": OURS | {"UserProfileName": "bob", "SingleSignOnUserIdentifier": "UserName",
                                                "SingleSignOnUserValue": "bob"}, "refused": "ValidationException"},
    {"op": "UpdateUserProfile", "with": ANNA | {"UserSettings": {"ExecutionRole": "{role}"}}},
    {"op": "DescribeUserProfile", "with": ANNA, "until": READY, "gives": {"UserSettings": {"ExecutionRole": "{role}"}}},
    {"op": "AddTags", "with": {"ResourceArn": "{profile_arn}", "Tags": [{"Key": "project", "Value": "Überblick"}]}},
    {"op": "ListTags", "with": {"ResourceArn": "{profile_arn}"}, "gives": {"Tags": [{"Key": "project", "Value": "Überblick"}]}},
    {"op": "DeleteTags", "with": {"ResourceArn": "{profile_arn}", "TagKeys": ["project"]}},
    {"op": "ListTags", "with": {"ResourceArn": "{profile_arn}"}, "gives": {"Tags": []}},
    {"op": "CreatePresignedDomainUrl", "with": ANNA, "matches": {"AuthorizedUrl": r"https://\S+/auth\?token=\S+"}},
    {"op": "CreatePresignedDomainUrl", "with": ANNA | {"UserProfileName": "nobody"}, "refused": "ResourceNotFound"},

    {"op": "CreateSpace", "with": LAB | PRIVATE, "save": {"space_arn": "SpaceArn"}},
    {"op": "DescribeSpace", "with": LAB, "until": READY, "gives": {"SpaceArn": "{space_arn}"}},
    {"op": "CreateSpace", "with": LAB | PRIVATE, "refused": "ResourceInUse"},
    {"op": "CreateSpace", "with": SPARE | PRIVATE},
    {"op": "DescribeSpace", "with": SPARE, "until": READY},
    {"op": "UpdateSpace", "with": LAB | {"SpaceDisplayName": "Anna's laboratory"}},
    {"op": "DescribeSpace", "with": LAB, "until": READY, "gives": {"SpaceDisplayName": "Anna's laboratory"}},

    {"op": "CreateApp", "with": LAB_APP | SMALL, "save": {"app_arn": "AppArn"}},
    {"op": "DescribeApp", "with": LAB_APP, "until": READY,
     "gives": {"AppArn": "{app_arn}", "ResourceSpec": SMALL["ResourceSpec"]}, "save": {"created": "CreationTime"}},
    {"op": "CreateApp", "with": LAB_APP | SMALL, "refused": "ResourceInUse"},
    {"op": "CreateApp", "with": SPARE | {"AppType": "JupyterLab", "AppName": "default",
                                         "ResourceSpec": {"InstanceType": "ml.p5.48xlarge"}}, "refused": "ResourceLimitExceeded"},
    {"op": "CreateApp", "with": ANNA | {"AppType": "KernelGateway", "AppName": "kernel"} | SMALL,
     "refused": "ValidationException", "says": "deprecated"},
    {"op": "CreateApp", "with": ANNA | {"AppType": "JupyterServer", "AppName": "default"},
     "refused": "ValidationException", "says": "deprecated"},
    {"op": "CreateApp", "with": LAB_APP | {"UserProfileName": "anna-{run}"}, "refused": "ValidationException"},
    {"op": "CreateApp", "with": OURS | {"AppType": "JupyterLab", "AppName": "default"}, "refused": "ValidationException"},
    {"op": "DeleteSpace", "with": LAB, "refused": "ResourceInUse"},
    {"op": "DeleteUserProfile", "with": ANNA, "refused": "ResourceInUse"},
    {"op": "DeleteDomain", "with": OURS, "refused": "ResourceInUse"},
    {"op": "DeleteApp", "with": LAB_APP | {"AppName": "other"}, "refused": "ResourceNotFound"},

    {"op": "DeleteApp", "with": LAB_APP},
    {"op": "DescribeApp", "with": LAB_APP, "until": {"Status": "Deleted"}},
    {"op": "ListApps", "with": {"DomainIdEquals": "{domain}", "SpaceNameEquals": "lab-{run}"},
     "matches": {"Apps[0].Status": "Deleted", "Apps[0].AppName": "default"}},
    {"op": "CreateApp", "with": LAB_APP | SMALL},
    {"op": "DescribeApp", "with": LAB_APP, "until": READY, "gives": {"CreationTime": "{created}"}},
    {"op": "DeleteApp", "with": LAB_APP},
    {"op": "DescribeApp", "with": LAB_APP, "until": {"Status": "Deleted"}},
    {"op": "DeleteSpace", "with": LAB},
    {"op": "DescribeSpace", "with": LAB, "until_refused": "ResourceNotFound"},
    {"op": "DeleteUserProfile", "with": ANNA, "refused": "ResourceInUse"},
    {"op": "DeleteSpace", "with": SPARE},
    {"op": "DescribeSpace", "with": SPARE, "until_refused": "ResourceNotFound"},
    {"op": "DeleteUserProfile", "with": ANNA},
    {"op": "DescribeUserProfile", "with": ANNA, "until_refused": "ResourceNotFound"},
    {"op": "DeleteDomain", "with": OURS | {"RetentionPolicy": {"HomeEfsFileSystem": "Retain"}}},
    {"op": "DescribeDomain", "with": OURS, "until_refused": "ResourceNotFound"},
    {"op": "DeleteDomain", "with": OURS, "refused": "ResourceNotFound"},
    {"service": "efs", "op": "DescribeMountTargets", "with": {"FileSystemId": "{home}"},
     "gives": {"MountTargets[0].SubnetId": "{subnet}"}, "save": {"interface": "MountTargets[0].NetworkInterfaceId"}},
    {"service": "ec2", "op": "DescribeNetworkInterfaces", "with": {"NetworkInterfaceIds": ["{interface}"]},
     "matches": {"NetworkInterfaces[0].Description": r"EFS mount target for fs-\w+ \(fsmt-\w+\)"}},
    {"service": "ec2", "op": "DescribeSecurityGroups",
     "with": {"Filters": [{"Name": "group-name", "Values": ["security-group-for-*-nfs-{domain}"]}]},
     "matches": {"SecurityGroups[1].GroupName": r"security-group-for-(in|out)bound-nfs-d-\w+"}},

    {"service": "identitystore", "op": "GetUserId", "save": {"person": "UserId"}, "with": NAMED},
    {"service": "sso-admin", "op": "DeleteApplicationAssignment", "with": ASSIGNMENT},
    {"service": "sso-admin", "op": "DeleteApplicationAssignment", "with": ASSIGNMENT, "refused": "ResourceNotFoundException"},
    {"service": "sso-admin", "op": "CreateApplicationAssignment", "with": ASSIGNMENT},
    {"service": "sso-admin", "op": "CreateApplicationAssignment", "with": ASSIGNMENT, "refused": "ConflictException"},

    {"op": "CreateStudioLifecycleConfig", "with": LCC | {"StudioLifecycleConfigContent": SCRIPT,
                                                         "StudioLifecycleConfigAppType": "JupyterLab"}, "save": {"lcc_arn": "StudioLifecycleConfigArn"}},
    {"op": "CreateStudioLifecycleConfig", "with": LCC | {"StudioLifecycleConfigContent": SCRIPT,
                                                         "StudioLifecycleConfigAppType": "JupyterLab"}, "refused": "ResourceInUse"},
    {"op": "DescribeStudioLifecycleConfig", "with": LCC,
     "gives": {"StudioLifecycleConfigContent": SCRIPT, "StudioLifecycleConfigArn": "{lcc_arn}"}},
    {"op": "DeleteStudioLifecycleConfig", "with": LCC},
    {"op": "DescribeStudioLifecycleConfig", "with": LCC, "refused": "ResourceNotFound"},

    {"op": "CreateImage", "with": IMAGE | {"RoleArn": "{role}", "DisplayName": "Torch"}, "save": {"image_arn": "ImageArn"}},
    {"op": "DescribeImage", "with": IMAGE, "until": {"ImageStatus": "CREATED"}, "gives": {"ImageArn": "{image_arn}"}},
    {"op": "CreateImage", "with": IMAGE | {"RoleArn": "{role}"}, "refused": "ResourceInUse"},
    {"op": "UpdateImage", "with": IMAGE | {"DisplayName": "Torch two"}},
    {"op": "DescribeImage", "with": IMAGE, "until": {"ImageStatus": "CREATED", "DisplayName": "Torch two"}},
    {"op": "CreateImageVersion", "with": IMAGE | {
        "BaseImage": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/torch:2", "ClientToken": "peers-{run}"}},
    {"op": "DescribeImageVersion", "with": IMAGE, "until": {"ImageVersionStatus": "CREATED"}, "gives": {"Version": 1}},
    {"op": "DescribeImageVersion", "with": IMAGE | {"Version": 9}, "refused": "ResourceNotFound"},
    {"op": "CreateAppImageConfig", "with": CONFIG | {"JupyterLabAppImageConfig": {"FileSystemConfig": {"DefaultUid": 1000, "DefaultGid": 100}}}},
    {"op": "CreateAppImageConfig", "with": CONFIG, "refused": "ResourceInUse"},
    {"op": "UpdateAppImageConfig", "with": CONFIG | {"JupyterLabAppImageConfig": {"FileSystemConfig": {"MountPath": "/home/sagemaker-user"}}}},
    {"op": "DescribeAppImageConfig", "with": CONFIG, "gives": {"AppImageConfigName": "torch-config-{run}"}},
    {"op": "DeleteAppImageConfig", "with": CONFIG},
    {"op": "DescribeAppImageConfig", "with": CONFIG, "refused": "ResourceNotFound"},
    {"op": "DeleteImageVersion", "with": IMAGE | {"Version": 1}},
    {"op": "DescribeImageVersion", "with": IMAGE | {"Version": 1}, "until_refused": "ResourceNotFound"},
    {"op": "DeleteImage", "with": IMAGE},
    {"op": "DescribeImage", "with": IMAGE, "until_refused": "ResourceNotFound"},
]

# What must be refused: service, operation, parameters, code, what the message says. ----------------------------------

CONSTRAINT = r"\d validation errors? detected: .*Value .* at '{}' failed to satisfy constraint: Member must {}"
REFUSALS = [
    ("sagemaker", "DescribeDomain", {"DomainId": "d-doesnotexist"}, "ResourceNotFound", "d-doesnotexist"),
    ("sagemaker", "DescribeDomain", {}, "ValidationException", CONSTRAINT.format("domainId", "not be null")),
    ("sagemaker", "DescribeDomain", {"DomainId": "D_X"}, "ValidationException",
     CONSTRAINT.format("domainId", "satisfy regular expression pattern")),
    ("sagemaker", "DescribeDomain", {"DomainId": "d-" + "a" * 62}, "ValidationException",
     CONSTRAINT.format("domainId", "have length less than or equal to 63")),
    ("sagemaker", "ListApps", {"MaxResults": 0}, "ValidationException",
     CONSTRAINT.format("maxResults", "have value greater than or equal to 1")),
    ("sagemaker", "ListApps", {"MaxResults": 101}, "ValidationException",
     CONSTRAINT.format("maxResults", "have value less than or equal to 100")),
    ("sagemaker", "ListApps", {"SortOrder": "ASCENDING"}, "ValidationException",
     CONSTRAINT.format("sortOrder", "satisfy enum value set")),
    ("sagemaker", "ListApps", {"SortBy": "Status"}, "ValidationException", CONSTRAINT.format("sortBy", "satisfy enum value set")),
    ("sagemaker", "ListApps", {"UserProfileNameEquals": "anna-k", "SpaceNameEquals": "lab"}, "ValidationException", ""),
    ("sagemaker", "ListApps", {"MaxResults": 10, "NextToken": "made-up"}, "ValidationException", "(?i)token"),
    ("sagemaker", "ListTags", {"ResourceArn": "{domain_arn}", "MaxResults": 10}, "ValidationException",
     CONSTRAINT.format("maxResults", "have value greater than or equal to 50")),
    ("sagemaker", "AddTags", {"ResourceArn": "{domain_arn}", "Tags": [{"Key": "", "Value": "x"}]}, "ValidationException",
     "have length greater than or equal to 1"),
    ("sagemaker", "DescribeApp", {"DomainId": "{domain}", "SpaceName": "x", "AppType": "Notebook", "AppName": "default"},
     "ValidationException", CONSTRAINT.format("appType", "satisfy enum value set")),
    ("sagemaker", "DescribeApp", {"DomainId": "{domain}", "SpaceName": "missing", "AppType": "JupyterLab", "AppName": "default"},
     "ResourceNotFound", ""),
    ("sagemaker", "CreateApp", {"DomainId": "{domain}", "SpaceName": "x", "AppType": "JupyterLab", "AppName": "default",
                                "ResourceSpec": {"InstanceType": "ml.nonsense"}}, "ValidationException",
     CONSTRAINT.format("resourceSpec.instanceType", "satisfy enum value set")),
    ("sagemaker", "CreateSpace", {"DomainId": "{domain}", "SpaceName": "tiny", "SpaceSettings": {
        "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 4}}}}, "ValidationException",
     "have value greater than or equal to 5"),
    ("sagemaker", "CreateUserProfile", {"DomainId": "{domain}", "UserProfileName": "anna_k"}, "ValidationException",
     CONSTRAINT.format("userProfileName", "satisfy regular expression pattern")),
    ("sagemaker", "CreateUserProfile", {"DomainId": "{sso_domain}", "UserProfileName": "anna"}, "ValidationException", ""),
    ("sagemaker", "CreatePresignedDomainUrl", {"DomainId": "{sso_domain}", "UserProfileName": "{sso_user}"},
     "ValidationException", ""),
    ("sagemaker", "CreatePresignedDomainUrl", {"DomainId": "{domain}", "UserProfileName": "anna", "ExpiresInSeconds": 301},
     "ValidationException", CONSTRAINT.format("expiresInSeconds", "have value less than or equal to 300")),
    ("sagemaker", "DeleteApp", {"DomainId": "{failed_domain}", "SpaceName": "{failed_space}", "AppType": "{failed_type}",
                                "AppName": "default"}, "ValidationException", "Failed"),
    ("sagemaker", "DescribeUserProfile", {"DomainId": "{domain}", "UserProfileName": "nobody"}, "ResourceNotFound", ""),
    ("sagemaker", "DescribeSpace", {"DomainId": "{domain}", "SpaceName": "nothing"}, "ResourceNotFound", ""),
    ("sagemaker", "DescribeImage", {"ImageName": "nothing"}, "ResourceNotFound", ""),
    ("sagemaker", "ListImageVersions", {"ImageName": "nothing"}, "ResourceNotFound", ""),
    ("iam", "GetRole", {"RoleName": "Nobody"}, "NoSuchEntity", "role with name Nobody cannot be found"),
    ("iam", "GetRole", {"RoleName": "a b"}, "ValidationError", "specified value for roleName is invalid"),
    ("iam", "GetRolePolicy", {"RoleName": "{role_name}", "PolicyName": "None"}, "NoSuchEntity", "policy with name None"),
    ("iam", "GetPolicy", {"PolicyArn": "arn:aws:iam::aws:policy/NoSuchPolicy"}, "NoSuchEntity", "NoSuchPolicy"),
    ("iam", "ListRoles", {"MaxItems": 1001}, "ValidationError", "less than or equal to 1000"),
    ("iam", "ListRoles", {"Marker": "made-up"}, "ValidationError", "(?i)marker"),
    ("sts", "AssumeRole", {"RoleArn": "arn:aws:iam::999999999999:role/Nobody", "RoleSessionName": "x2"}, "AccessDenied",
     "is not authorized to perform: sts:AssumeRole on resource"),
    ("sts", "AssumeRole", {"RoleArn": "{role}", "RoleSessionName": "x2"}, "AccessDenied", "sts:AssumeRole on resource"),
    ("sts", "AssumeRole", {"RoleArn": "{assumable}", "RoleSessionName": "x2", "DurationSeconds": 10}, "ValidationError",
     "greater than or equal to 900"),
    ("sts", "AssumeRole", {"RoleArn": "{assumable}", "RoleSessionName": "s"}, "ValidationError", "greater than or equal to 2"),
    ("pricing", "GetProducts", {"ServiceCode": "NoSuchService"}, "InvalidParameterException", ""),
    ("pricing", "GetProducts", {"ServiceCode": "AmazonSageMaker", "MaxResults": 101}, "InvalidParameterException", ""),
    ("pricing", "GetProducts", {"ServiceCode": "AmazonSageMaker", "NextToken": "made-up"}, "InvalidNextTokenException", ""),
    ("pricing", "GetAttributeValues", {"ServiceCode": "AmazonSageMaker", "AttributeName": "nothing"},
     "InvalidParameterException", ""),
]

REFUSALS += [
    ("sagemaker", "CreateUserProfile", {"DomainId": "{domain}", "UserProfileName": "eve", "UserSettings": {"ExecutionRole": "{untrusting}"}},
     "ValidationException", "Could not assume role .* allows principal 'sagemaker.amazonaws.com'"),
    ("sagemaker", "CreateUserProfile", {"DomainId": "{sso_domain}", "UserProfileName": "eve", "SingleSignOnUserIdentifier": "UserName",
                                        "SingleSignOnUserValue": "eve@example.com"}, "ValidationException", "eve@example.com"),
    ("sagemaker", "DescribeMlflowTrackingServer", {"TrackingServerName": "nothing"}, "ResourceNotFound", ""),
    ("ec2", "DescribeVpcs", {"VpcIds": ["vpc-0123456789abcdef0"]}, "InvalidVpcID.NotFound", "vpc-0123456789abcdef0"),
    ("ec2", "DescribeSubnets", {"MaxResults": 2}, "InvalidParameterValue", "maxResults"),
    ("ec2", "DescribeSecurityGroups", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, "InvalidParameterValue", "'colour' is invalid"),
    ("ec2", "DescribeNetworkInterfaces", {"NetworkInterfaceIds": ["eni-0123456789abcdef0"]}, "InvalidNetworkInterfaceID.NotFound", ""),
    ("ec2", "DescribeVpcs", {"DryRun": True}, "DryRunOperation", ""),
    ("efs", "DescribeFileSystems", {"FileSystemId": "fs-0123456789abcdef0"}, "FileSystemNotFound", "fs-0123456789abcdef0"),
    ("efs", "DescribeMountTargets", {}, "BadRequest", ""),
    ("sso-admin", "ListApplicationAssignments", {}, "ValidationException", CONSTRAINT.format("applicationArn", "not be null")),
    ("sso-admin", "DescribeApplication", {"ApplicationArn": "arn:aws:sso::123456789012:application/ssoins-0123456789abcdef/apl-0123456789abcdef"},
     "ResourceNotFoundException", ""),
    ("sso-admin", "CreateApplicationAssignment", {"ApplicationArn": "{application}", "PrincipalType": "ROBOT",
                                                  "PrincipalId": "00000000-0000-4000-a000-000000000000"},
     "ValidationException", CONSTRAINT.format("principalType", "satisfy enum value set")),
    ("identitystore", "GetUserId", {"IdentityStoreId": "{store}", "AlternateIdentifier": {"UniqueAttribute": {
        "AttributePath": "userName", "AttributeValue": "nobody"}}}, "ResourceNotFoundException", ""),
    ("identitystore", "ListUsers", {"IdentityStoreId": "d-0000000000"}, "ResourceNotFoundException", ""),
    ("identitystore", "DescribeUser", {"IdentityStoreId": "{store}", "UserId": "00000000-0000-4000-a000-000000000000"},
     "ResourceNotFoundException", ""),
]

BILL = {"TimePeriod": {"Start": "{month}", "End": "{today}"}, "Granularity": "MONTHLY", "Metrics": ["UnblendedCost"]}
STUDIO = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon SageMaker"]}}
QUOTA = {"ServiceCode": "sagemaker", "QuotaCode": "L-988CE6C5"}
REFUSALS += [
    ("ce", "GetCostAndUsage", BILL | {"TimePeriod": {"Start": "2019-01-01", "End": "{today}"}}, "ValidationException", "beyond 14 months"),
    ("ce", "GetCostAndUsage", BILL | {"TimePeriod": {"Start": "{today}", "End": "{month}"}}, "ValidationException", "before end date"),
    ("ce", "GetCostAndUsage", BILL | {"TimePeriod": {"Start": "yesterday", "End": "{today}"}}, "ValidationException",
     CONSTRAINT.format("timePeriod.start", "satisfy regular expression pattern")),
    ("ce", "GetCostAndUsage", BILL | {"Granularity": "HOURLY"}, "ValidationException", "(?i)hourly"),
    ("ce", "GetCostAndUsage", BILL | {"Granularity": "WEEKLY"}, "ValidationException", CONSTRAINT.format("granularity", "satisfy enum value set")),
    ("ce", "GetCostAndUsage", BILL | {"GroupBy": [{"Type": "DIMENSION", "Key": "REGION"}]}, "ValidationException", "REGION is invalid"),
    ("ce", "GetCostAndUsage", BILL | {"Filter": STUDIO | {"Tags": {"Key": "team", "Values": ["nlp"]}}}, "ValidationException", "more than one roots"),
    ("ce", "GetCostAndUsage", BILL | {"GroupBy": [{"Type": "TAG", "Key": "team"}], "NextPageToken": "made-up"}, "InvalidNextTokenException", ""),
    ("ce", "GetCostForecast", {"TimePeriod": {"Start": "{today}", "End": "{next_month}"}, "Metric": "UNBLENDED_COST", "Granularity": "MONTHLY",
                               "Filter": {"Tags": {"Key": "team", "Values": ["nlp"]}}}, "ValidationException", "(?i)tags"),
    ("ce", "StartCostAllocationTagBackfill", {"BackfillFrom": "2019-01-01T00:00:00Z"}, "ValidationException", "12 months"),
    ("service-quotas", "ListServiceQuotas", {"ServiceCode": "nothing"}, "NoSuchResourceException", "service does not exist"),
    ("service-quotas", "ListServiceQuotas", {"ServiceCode": "sagemaker", "NextToken": "madeup"}, "InvalidPaginationTokenException", ""),
    ("service-quotas", "ListServiceQuotas", {"ServiceCode": "sagemaker", "MaxResults": 101}, "ValidationException",
     CONSTRAINT.format("maxResults", "have value less than or equal to 100")),
    ("service-quotas", "GetServiceQuota", QUOTA | {"QuotaCode": "L-00000000"}, "NoSuchResourceException", "quota code"),
    ("service-quotas", "RequestServiceQuotaIncrease", QUOTA | {"DesiredValue": 0}, "IllegalArgumentException", "greater than"),
    ("service-quotas", "RequestServiceQuotaIncrease", QUOTA | {"DesiredValue": -1}, "ValidationException", "greater than or equal to 0"),
]

# Requests no SDK would make: name, headers changed, body, status, code, whether it is signed. ------------------------
RAW = [
    ("an unknown operation", {"X-Amz-Target": "SageMaker.ListNothing"}, "{}", 400, "UnknownOperationException", True),
    ("an operation of another service's target", {"X-Amz-Target": "Nothing.ListApps"}, "{}", 400, "UnknownOperationException", True),
    ("a request without a signature", {}, "{}", 403, "MissingAuthenticationTokenException", False),
    ("a body that is no JSON", {}, "{nonsense", 400, "SerializationException", True),
    ("a body that is a list", {}, "[]", 400, "SerializationException", True),
    ("a number where text belongs", {}, '{"DomainIdEquals": 5}', 400, "SerializationException", True),
    ("text where a number belongs", {}, '{"MaxResults": "ten"}', 400, "SerializationException", True),
]

# Principals: what a key id contains, service, operation, code. -------------------------------------------------------
PRINCIPALS = [
    ("ASIAEXPIREDEXAMPLE00", "sagemaker", "ListDomains", "ExpiredTokenException"),
    ("ASIAEXPIREDEXAMPLE00", "sts", "GetCallerIdentity", "ExpiredToken"),
    ("AKIAINVALIDEXAMPLE00", "sagemaker", "ListDomains", "UnrecognizedClientException"),
    ("AKIAINVALIDEXAMPLE00", "iam", "ListRoles", "InvalidClientTokenId"),
    ("ASIAEXPIREDEXAMPLE00", "ec2", "DescribeVpcs", "RequestExpired"),
    ("AKIAINVALIDEXAMPLE00", "ec2", "DescribeVpcs", "AuthFailure"),
    ("ASIAEXPIREDEXAMPLE00", "efs", "DescribeFileSystems", "ExpiredTokenException"),
    ("ASIAEXPIREDEXAMPLE00", "sso-admin", "ListInstances", "ExpiredTokenException"),
    ("ASIAEXPIREDEXAMPLE00", "ce", "ListCostAllocationTags", "ExpiredTokenException"),
    ("AKIA" + OTHER_ACCOUNT, "ce", "ListCostAllocationTags", "AccessDeniedException"),
    ("AKIAINVALIDEXAMPLE00", "service-quotas", "ListRequestedServiceQuotaChangeHistory", "UnrecognizedClientException"),
]

# Members younger than the models that the AWS CLI brings along: it drops them from its answers.
UNKNOWN_TO_CLI = {"UserArn", "Revision"}

# Reads whose answers must be the same for both peers: service, operation, parameters, what holds. --------------------
READS = [
    ("sts", "GetCallerIdentity", {}, {"Account": ACCOUNT}),
    ("sagemaker", "ListDomains", {}, {}),
    ("sagemaker", "DescribeDomain", {"DomainId": "{domain}"}, {"DomainId": "{domain}"}),
    ("sagemaker", "DescribeUserProfile", {"DomainId": "{domain}", "UserProfileName": "{user}"}, {"UserProfileName": "{user}"}),
    ("sagemaker", "ListSpaces", {"DomainIdEquals": "{domain}", "MaxResults": 100}, {}),
    ("sagemaker", "DescribeSpace", {"DomainId": "{domain}", "SpaceName": "{space}"}, {"SpaceName": "{space}"}),
    ("sagemaker", "DescribeImage", {"ImageName": "{image}"}, {"ImageStatus": "CREATED"}),
    ("sagemaker", "ListTags", {"ResourceArn": "{domain_arn}"}, {}),
    ("iam", "ListAccountAliases", {}, {"AccountAliases": [ALIAS]}),
    ("iam", "GetRole", {"RoleName": "{role_name}"}, {"Role.Arn": "{role}"}),
    ("iam", "GetRolePolicy", {"RoleName": "{role_name}", "PolicyName": "{inline_policy}"}, {"PolicyName": "{inline_policy}"}),
    ("iam", "GetPolicy", {"PolicyArn": "{policy}"}, {"Policy.Arn": "{policy}"}),
    ("iam", "GetPolicyVersion", {"PolicyArn": "{policy}", "VersionId": "v1"}, {"PolicyVersion.VersionId": "v1"}),
    ("pricing", "DescribeServices", {"ServiceCode": "AmazonSageMaker"}, {"Services[0].ServiceCode": "AmazonSageMaker"}),
    ("pricing", "GetAttributeValues", {"ServiceCode": "AmazonSageMaker", "AttributeName": "platoinstancetype"}, {}),
    ("sagemaker", "DescribeMlflowTrackingServer", {"TrackingServerName": "{mlflow}"}, {"TrackingServerName": "{mlflow}"}),
    ("ec2", "DescribeVpcs", {"VpcIds": ["{vpc}"]}, {"Vpcs[0].State": "available"}),
    ("ec2", "DescribeSubnets", {"Filters": [{"Name": "vpc-id", "Values": ["{vpc}"]}]}, {"Subnets[0].VpcId": "{vpc}"}),
    ("ec2", "DescribeSecurityGroups", {"Filters": [{"Name": "vpc-id", "Values": ["{vpc}"]}, {"Name": "description", "Values": ["default*"]}]},
     {"SecurityGroups[0].GroupName": "default"}),
    ("ec2", "DescribeNetworkInterfaces", {"Filters": [{"Name": "subnet-id", "Values": ["{subnet}"]}]}, {"NetworkInterfaces[0].SubnetId": "{subnet}"}),
    ("efs", "DescribeFileSystems", {"FileSystemId": "{file_system}"}, {"FileSystems[0].Tags[0].Value": "{domain_arn}"}),
    ("efs", "DescribeMountTargets", {"FileSystemId": "{file_system}"}, {"MountTargets[0].FileSystemId": "{file_system}"}),
    ("sso-admin", "ListInstances", {}, {"Instances[0].InstanceArn": "{instance}"}),
    ("sso-admin", "DescribeApplication", {"ApplicationArn": "{application}"}, {"Status": "ENABLED"}),
    ("identitystore", "GetUserId", NAMED, {"IdentityStoreId": "{store}"}),
    ("identitystore", "ListUsers", {"IdentityStoreId": "{store}", "Filters": [{"AttributePath": "UserName", "AttributeValue": "{sso_name}"}]},
     {"Users[0].UserName": "{sso_name}"}),
    ("ce", "GetCostAndUsage", BILL, {"ResultsByTime[0].Total.UnblendedCost.Unit": "USD"}),
    ("ce", "GetCostAndUsage", BILL | {"Filter": STUDIO, "GroupBy": [{"Type": "TAG", "Key": "team"}, {"Type": "DIMENSION", "Key": "RECORD_TYPE"}]},
     {"ResultsByTime[0].Total": {}}),
    ("ce", "GetCostAndUsage", BILL | {"GroupBy": [{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}]},
     {"DimensionValueAttributes[0].Attributes.description": ALIAS}),
    ("ce", "GetDimensionValues", {"TimePeriod": BILL["TimePeriod"], "Dimension": "SERVICE"}, {}),
    ("ce", "GetTags", {"TimePeriod": BILL["TimePeriod"]}, {}),
    ("ce", "GetCostForecast", {"TimePeriod": {"Start": "{today}", "End": "{next_month}"}, "Metric": "UNBLENDED_COST",
                               "Granularity": "DAILY", "PredictionIntervalLevel": 80}, {"Total.Unit": "USD"}),
    ("ce", "ListCostAllocationTags", {"TagKeys": ["team"]}, {"CostAllocationTags[0].Status": "Active"}),
    ("ce", "ListCostAllocationTagBackfillHistory", {}, {"BackfillRequests": []}),
    ("service-quotas", "GetServiceQuota", QUOTA, {"Quota.QuotaName": "Studio JupyterLab Apps running on ml.g5.xlarge instances"}),
    ("service-quotas", "GetAWSDefaultServiceQuota", QUOTA, {"Quota.Value": 0.0}),
    ("service-quotas", "ListRequestedServiceQuotaChangeHistory", {"ServiceCode": "sagemaker"}, {"RequestedQuotas": []}),
]
