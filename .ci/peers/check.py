"""Asks a simulated AWS everything the console asks, with boto3 and with the AWS CLI, and checks the answers.

Usage: check.py --still URL --flying URL --broken URL [--only TEXT]. The last line is `N passed, N failed`; the exit code is 1
when a check failed."""

import argparse
import base64
import json
import re
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from drivers import DEFAULT_KEY, SECRET, Boto, Cli, Refused
from model import Judge

REGION = "eu-west-1"
ACCOUNT, ALIAS = "123456789012", "prod-ml"
OTHER_ACCOUNT, OTHER_ALIAS = "210987654321", "dev-ml"
PATIENCE_SECONDS = 240

# Lists: operation, its list, what identifies a row, how it may be sorted, its filters. -----------------------------
# filters: (parameters made from a sample row, whether a row belongs to the answer).

STUDIO_ORDERS, SHOUTED_ORDERS = ("Ascending", "Descending"), ("ASCENDING", "DESCENDING")
TIMES = {"CreationTime": "CreationTime", "LastModifiedTime": "LastModifiedTime"}
SHOUTED_TIMES = {"CREATION_TIME": "CreationTime", "LAST_MODIFIED_TIME": "LastModifiedTime"}


def contains(parameter, field):
    """A filter by a part of a name, which AWS compares without regard to case for none of these operations."""
    return (
        lambda row: {parameter: row[field][1:5].strip("-")},
        lambda row, given: given[parameter].lower() in row[field].lower(),
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

# Lists of the neighbours: service, operation, list, size parameter, token in, token out, base parameters.
NEIGHBOUR_LISTS = [
    ("iam", "ListRoles", "Roles", "MaxItems", "Marker", "Marker", {}),
    ("iam", "ListRolePolicies", "PolicyNames", "MaxItems", "Marker", "Marker", {"RoleName": "{role_name}"}),
    ("iam", "ListAttachedRolePolicies", "AttachedPolicies", "MaxItems", "Marker", "Marker", {"RoleName": "{role_name}"}),
    ("pricing", "GetProducts", "PriceList", "MaxResults", "NextToken", "NextToken", {
        "ServiceCode": "AmazonSageMaker",
        "Filters": [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION},
                    {"Type": "CONTAINS", "Field": "instanceName", "Value": "ml.g4dn"}],
    }),
    ("pricing", "GetAttributeValues", "AttributeValues", "MaxResults", "NextToken", "NextToken", {
        "ServiceCode": "AmazonSageMaker", "AttributeName": "instanceName"}),
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
    "AuthMode": "IAM", "VpcId": "vpc-0a1b2c3d4e5f60718", "SubnetIds": ["subnet-0a1b2c3d4e5f60718"],
    "DefaultUserSettings": {"ExecutionRole": "{role}"},
}
SCRIPT = base64.b64encode(b"#!/bin/bash\nset -eu\n").decode()
LCC = {"StudioLifecycleConfigName": "start-{run}"}
IMAGE = {"ImageName": "torch-{run}"}
CONFIG = {"AppImageConfigName": "torch-config-{run}"}
READY = {"Status": "InService"}

STEPS = [
    {"op": "CreateDomain", "with": NEW_DOMAIN | {"DomainName": "peers-{run}", "Tags": [{"Key": "team", "Value": "peers"}]},
     "save": {"domain": "DomainId", "domain_arn": "DomainArn"}},
    {"op": "DescribeDomain", "with": OURS, "until": READY,
     "gives": {"DomainName": "peers-{run}", "AuthMode": "IAM", "AppNetworkAccessType": "PublicInternetOnly"}},
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
]

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
]


# The runner -----------------------------------------------------------------------------------------------------------


class Report:
    """Counts checks. A check fails when its body raises or when the judge found a fault in an answer meanwhile."""

    def __init__(self, judge, only):
        self._judge, self._only = judge, only
        self.passed = self.failed = 0

    @contextmanager
    def check(self, name):
        faults = []
        try:
            yield
        except Refused as error:
            faults.append(f"refused with {error}")
        except (AssertionError, KeyError, IndexError, RuntimeError) as error:
            faults.append(f"{type(error).__name__}: {error}")
        faults += self._judge.take_faults()
        if faults:
            self.failed += 1
            print(f"FAILED {name}")
            for fault in faults[:8]:
                print(f"       {fault}")
        else:
            self.passed += 1

    def wants(self, name):
        return self._only is None or self._only in name


def filled(value, facts):
    """The value with every "{name}" replaced by the fact of that name."""
    if isinstance(value, dict):
        return {key: filled(item, facts) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, facts) for item in value]
    if isinstance(value, str) and re.search(r"\{\w+\}", value):
        return re.sub(r"\{(\w+)\}", lambda found: str(facts[found[1]]), value)
    return value


def at(answer, path):
    """The member at a path such as `Apps[0].Status`."""
    for step in re.findall(r"\w+", path):
        answer = answer[int(step)] if step.isdigit() else answer[step]
    return answer


def expect_refusal(peer, service, operation, parameters, code, says):
    try:
        answer = peer.call(service, operation, parameters)
    except Refused as error:
        assert error.code == code, f"refused with {error}, expected {code}"
        assert re.search(says, error.message, re.DOTALL), f"{error.message!r} does not say {says!r}"
        return
    raise AssertionError(f"expected {code}, got {str(answer)[:200]}")


def walk(peer, service, operation, parameters, member, size=None, token="NextToken", out="NextToken", sizing="MaxResults"):
    """All rows of a list, page by page. No page may be larger than asked for, no token may come twice."""
    rows, seen, given = [], set(), dict(parameters)
    if size:
        given[sizing] = size
    while True:
        page = peer.call(service, operation, given)
        assert len(page[member]) <= (size or 100), f"a page of {len(page[member])} rows, asked for {size}"
        rows += page[member]
        if not page.get(out):
            return rows
        assert page[out] not in seen, "a token came twice"
        seen.add(page[out])
        given[token] = page[out]


def gather_facts(peer):
    """What the tables' placeholders stand for, taken from the fleet itself."""
    facts = {}
    for row in walk(peer, "sagemaker", "ListDomains", {}, "Domains", 100):
        domain = peer.call("sagemaker", "DescribeDomain", {"DomainId": row["DomainId"]})
        if domain["Status"] != "InService":
            continue
        users = peer.call("sagemaker", "ListUserProfiles", {"DomainIdEquals": row["DomainId"]})["UserProfiles"]
        spaces = peer.call("sagemaker", "ListSpaces", {"DomainIdEquals": row["DomainId"]})["Spaces"]
        if domain["AuthMode"] == "SSO" and users:
            facts |= {"sso_domain": row["DomainId"], "sso_user": users[0]["UserProfileName"]}
        elif users and spaces:
            facts |= {"domain": row["DomainId"], "domain_arn": row["DomainArn"], "role": domain["DefaultUserSettings"]["ExecutionRole"],
                      "user": users[0]["UserProfileName"], "space": spaces[0]["SpaceName"]}
    facts["role_name"] = facts["role"].rpartition("/")[2]
    facts["inline_policy"] = peer.call("iam", "ListRolePolicies", {"RoleName": facts["role_name"]})["PolicyNames"][0]
    attached = peer.call("iam", "ListAttachedRolePolicies", {"RoleName": facts["role_name"]})["AttachedPolicies"]
    facts["policy"] = attached[0]["PolicyArn"]
    for role in walk(peer, "iam", "ListRoles", {}, "Roles", 100, "Marker", "Marker", "MaxItems"):
        trust = role["AssumeRolePolicyDocument"]["Statement"][0]
        if "AWS" in trust["Principal"] and "Condition" not in trust:
            facts["assumable"] = role["Arn"]
    images = walk(peer, "sagemaker", "ListImages", {}, "Images", 100)
    versions = {row["ImageName"]: len(walk(peer, "sagemaker", "ListImageVersions", {"ImageName": row["ImageName"]}, "ImageVersions", 100))
                for row in images}
    facts["image"] = max(versions, key=versions.get)
    return facts


def check_lists(report, peer, facts):
    for table in LISTS:
        operation, member = table["operation"], table["list"]
        if not report.wants(operation):
            continue
        base = filled(table.get("base", {}), facts)

        def all_rows(extra=None, size=100):
            return walk(peer, "sagemaker", operation, base | (extra or {}), member, size)

        def keys(rows):
            return [tuple(row.get(field) for field in table["key"]) for row in rows]

        everything = []
        with report.check(f"{operation}: pages of 100, of 37 and of 10 give the same rows, each once"):
            everything = all_rows()
            assert len(set(keys(everything))) == len(everything), "a row came twice"
            assert keys(all_rows(size=37)) == keys(everything), "pages of 37 differ"
            assert keys(all_rows(size=None)) == keys(everything), "default pages differ"
        with report.check(f"{operation}: the default page holds 10 rows, and a token if there are more"):
            page = peer.call("sagemaker", operation, base)
            assert keys(page[member]) == keys(everything[:10]), f"{len(page[member])} rows"
            assert len(page[member]) == 10, "not enough rows to tell"
            assert bool(page.get("NextToken")) == (len(everything) > 10), "no token, or one too many"
        for by, field in table.get("sort", {}).items():
            for order in table["orders"]:
                with report.check(f"{operation}: sorted by {by} {order}"):
                    values = [row[field] for row in all_rows({"SortBy": by, "SortOrder": order})]
                    down = order.lower() == "descending"
                    assert values == sorted(values, reverse=down), "not sorted"
                    assert sorted(map(str, values)) == sorted(str(row[field]) for row in everything), "other rows"
        if "default" in table:
            with report.check(f"{operation}: sorted by {table['default']} when nothing is asked"):
                by, order = table["default"]
                assert keys(all_rows({"SortBy": by, "SortOrder": order})) == keys(everything), "another order"
        for make, belongs in table.get("filters", []):
            sample = None
            for row in everything[len(everything) // 2:]:
                try:
                    sample = make(row)
                    break
                except KeyError:
                    continue
            with report.check(f"{operation}: filtered by {sorted(sample) if sample else 'a member no row has'}"):
                assert sample, "no row to take a filter from"
                expected = sorted(map(str, keys(row for row in everything if belongs(row, sample))))
                assert sorted(map(str, keys(all_rows(sample)))) == expected, f"other rows than expected for {sample}"
        with report.check(f"{operation}: a token is refused when mangled or used with other parameters"):
            token = peer.call("sagemaker", operation, base | {"MaxResults": 5})["NextToken"]
            for mangled in (token[:-3], token[3:], token.swapcase(), "x" + token):
                expect_refusal(peer, "sagemaker", operation, base | {"MaxResults": 5, "NextToken": mangled}, "ValidationException", "(?i)token")
            for make, _ in table.get("filters", [])[:1]:
                other = base | make(everything[0]) | {"NextToken": token}
                expect_refusal(peer, "sagemaker", operation, other, "ValidationException", "(?i)token")
            again = peer.call("sagemaker", operation, base | {"MaxResults": 5, "NextToken": token})[member]
            assert keys(again) == keys(everything[5:5 + len(again)]), "the token does not resume where the page ended"


def check_neighbour_lists(report, peer, facts):
    for service, operation, member, sizing, token, out, base in NEIGHBOUR_LISTS:
        if not report.wants(operation):
            continue
        with report.check(f"{service} {operation}: pages of 2 and of 100 give the same rows"):
            given = filled(base, facts)
            rows = [walk(peer, service, operation, given, member, size, token, out, sizing) for size in (100, 2)]
            assert rows[0], "no rows"
            assert rows[0] == rows[1], "other rows"


def check_prices(report, peer):
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in
               (("regionCode", REGION), ("platoinstancetype", "Studio-JupyterLab"), ("instanceName", "ml.g5.xlarge"))]
    with report.check("pricing GetProducts: one price for one type, as AWS nests it"):
        found = [json.loads(item) for item in peer.call("pricing", "GetProducts", {"ServiceCode": "AmazonSageMaker", "Filters": filters})["PriceList"]]
        prices = [dimension["pricePerUnit"]["USD"] for item in found for term in item["terms"]["OnDemand"].values()
                  for dimension in term["priceDimensions"].values()]
        assert len([price for price in prices if float(price) > 0]) == 1, f"prices {prices}"
        attributes = found[0]["product"]["attributes"]
        assert attributes["usagetype"] == "EU-Studio:JupyterLab-ml.g5.xlarge", attributes
        assert found[0]["serviceCode"] == attributes["servicecode"] == "AmazonSageMaker", attributes
    with report.check("pricing GetProducts: a filter that matches nothing gives an empty list"):
        none = [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": "mars-north-1"}]
        assert peer.call("pricing", "GetProducts", {"ServiceCode": "AmazonSageMaker", "Filters": none})["PriceList"] == []


def check_steps(report, peer, facts):
    """The lives of all objects. A step whose forerunner failed fails as well, with the missing fact's name."""
    facts = facts | {"run": peer.name}
    for number, step in enumerate(STEPS, 1):
        with report.check(f"{peer.name} step {number}: {step['op']} {step['with']}"):
            given = filled(step["with"], facts)
            if "refused" in step:
                expect_refusal(peer, "sagemaker", step["op"], given, step["refused"], step.get("says", ""))
                continue
            answer = wait_for(peer, step["op"], given, filled(step.get("until", {}), facts), step.get("until_refused"))
            for path, value in filled(step.get("gives", {}), facts).items():
                assert at(answer, path) == value, f"{path} is {at(answer, path)!r}, expected {value!r}"
            for path, pattern in step.get("matches", {}).items():
                assert re.fullmatch(pattern, at(answer, path)), f"{path} is {at(answer, path)!r}"
            for fact, path in step.get("save", {}).items():
                facts[fact] = at(answer, path)


def wait_for(peer, operation, given, until, until_refused):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            answer = peer.call("sagemaker", operation, given)
        except Refused as error:
            if error.code == until_refused:
                return {}
            raise
        if not until_refused and all(answer.get(name) == value for name, value in until.items()):
            return answer
        assert "Failed" not in str(answer.get("Status")), f"it failed: {answer.get('FailureReason')}"
        assert time.monotonic() < deadline, f"still {answer.get('Status')} after {PATIENCE_SECONDS} s"
        time.sleep(0.2)


def check_raw(report, url):
    for name, headers, body, status, code, signed in RAW:
        with report.check(f"raw: {name}"):
            everything = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.ListApps"} | headers
            request = AWSRequest("POST", url + "/", headers=everything, data=body)
            if signed:
                SigV4Auth(Credentials(DEFAULT_KEY, SECRET), "sagemaker", REGION).add_auth(request)
            try:
                with urllib.request.urlopen(urllib.request.Request(url + "/", body.encode(), dict(request.headers))) as answer:
                    raise AssertionError(f"answered {answer.status}")
            except urllib.error.HTTPError as error:
                given = json.loads(error.read())
                assert (error.code, given["__type"]) == (status, code), f"HTTP {error.code} {given}"


def check_principals(report, url, judge):
    for key, service, operation, code in PRINCIPALS:
        for peer in (Boto(url, REGION, judge, key), Cli(url, REGION, key)):
            with report.check(f"{peer.name} key {key}: {service} {operation} is refused"):
                expect_refusal(peer, service, operation, {}, code, "")
    with report.check("a key of the other account sees the other account"):
        other = Boto(url, REGION, judge, f"AKIA{OTHER_ACCOUNT}")
        assert other.call("sts", "GetCallerIdentity", {})["Account"] == OTHER_ACCOUNT
        assert other.call("iam", "ListAccountAliases", {})["AccountAliases"] == [OTHER_ALIAS]


def check_assumed_role(report, url, peer, facts, judge):
    with report.check("AssumeRole gives credentials that work and that say who they are"):
        answer = peer.call("sts", "AssumeRole", {"RoleArn": facts["assumable"], "RoleSessionName": "peers"})
        assumed = Boto(url, REGION, judge, answer["Credentials"]["AccessKeyId"]).call("sts", "GetCallerIdentity", {})
        assert assumed["Arn"] == answer["AssumedRoleUser"]["Arn"], assumed
        assert assumed["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"], assumed


def check_denied(report, url, judge):
    for peer in (Boto(url, REGION, judge), Cli(url, REGION)):
        with report.check(f"{peer.name}: a denied action is refused as AWS says it"):
            says = r"^User: arn:aws:\S+ is not authorized to perform: sagemaker:ListSpaces on resource: \S+ because no identity-based policy allows the sagemaker:ListSpaces action$"
            expect_refusal(peer, "sagemaker", "ListSpaces", {}, "AccessDeniedException", says)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--still", required=True, help="address of one with the scenario large in which time stands still")
    options.add_argument("--flying", required=True, help="address of one with the scenario large in which time flies")
    options.add_argument("--broken", required=True, help="address of one with the scenario broken")
    options.add_argument("--only", help="run the parts or list operations whose name contains this text")
    arguments = options.parse_args()

    judge = Judge()
    report = Report(judge, arguments.only)
    boto, cli = Boto(arguments.still, REGION, judge), Cli(arguments.still, REGION)
    facts = {}
    with report.check("the fleet holds what the checks need"):
        facts = gather_facts(boto)

    check_lists(report, boto, facts)
    check_neighbour_lists(report, boto, facts)
    if report.wants("reads"):
        for service, operation, parameters, holds in READS:
            with report.check(f"both peers: {service} {operation} {parameters}"):
                given = filled(parameters, facts)
                answers = [peer.call(service, operation, given) for peer in (boto, cli)]
                assert answers[0] == answers[1], f"boto3 {answers[0]}\n       aws   {answers[1]}"
                for path, value in filled(holds, facts).items():
                    assert at(answers[0], path) == value, f"{path} is {at(answers[0], path)!r}"
    if report.wants("refusals"):
        for service, operation, parameters, code, says in REFUSALS:
            for peer in (boto, cli):
                with report.check(f"{peer.name} refused: {service} {operation} {parameters}"):
                    expect_refusal(peer, service, operation, filled(parameters, facts), code, says)
    if report.wants("steps"):
        for peer in (Boto(arguments.flying, REGION, judge), Cli(arguments.flying, REGION)):
            check_steps(report, peer, facts)
    if report.wants("prices"):
        check_prices(report, boto)
    if report.wants("raw"):
        check_raw(report, arguments.still)
    if report.wants("principals"):
        check_principals(report, arguments.still, judge)
        check_assumed_role(report, arguments.still, boto, facts, judge)
        check_denied(report, arguments.broken, judge)

    print(f"{judge.answers} answers of {len(judge.operations)} operations judged by the service models")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
