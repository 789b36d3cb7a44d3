"""Asks a simulated AWS everything the console asks, with boto3 and with the AWS CLI, and checks the answers.

Usage: check.py --still URL --flying URL --broken URL [--only TEXT]. The last line is `N passed, N failed`;
the exit code is 1 when a check failed."""

import argparse
import json
import re
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from drivers import DEFAULT_KEY, SECRET, Boto, Cli, Refused
from model import Judge
from tables import (
    BILL, LISTS, NEIGHBOUR_LISTS, OTHER_ACCOUNT, OTHER_ALIAS, PRINCIPALS, RAW, READS, REFUSALS, REGION, STEPS,
    UNKNOWN_TO_CLI,
)

PATIENCE_SECONDS = 240


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


def without(value, members):
    """The value without members of these names, however deep."""
    if isinstance(value, dict):
        return {key: without(item, members) for key, item in value.items() if key not in members}
    if isinstance(value, list):
        return [without(item, members) for item in value]
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
            profile = {"DomainId": row["DomainId"], "UserProfileName": users[0]["UserProfileName"]}
            profile = peer.call("sagemaker", "DescribeUserProfile", profile)
            facts |= {"sso_domain": row["DomainId"], "sso_user": profile["UserProfileName"],
                      "sso_name": profile["SingleSignOnUserValue"], "application": domain["SingleSignOnApplicationArn"]}
        elif users and spaces:
            facts |= {"domain": row["DomainId"], "domain_arn": row["DomainArn"], "role": domain["DefaultUserSettings"]["ExecutionRole"],
                      "user": users[0]["UserProfileName"], "space": spaces[0]["SpaceName"], "vpc": domain["VpcId"],
                      "subnet": domain["SubnetIds"][0], "file_system": domain["HomeEfsFileSystemId"]}
    instance = peer.call("sso-admin", "ListInstances", {})["Instances"][0]
    facts |= {"instance": instance["InstanceArn"], "store": instance["IdentityStoreId"]}
    facts["mlflow"] = peer.call("sagemaker", "ListMlflowTrackingServers", {})["TrackingServerSummaries"][0]["TrackingServerName"]
    failed = next(app for app in walk(peer, "sagemaker", "ListApps", {}, "Apps", 100)
                  if app["Status"] == "Failed" and "SpaceName" in app)
    facts |= {"failed_domain": failed["DomainId"], "failed_space": failed["SpaceName"], "failed_type": failed["AppType"]}
    facts["role_name"] = facts["role"].rpartition("/")[2]
    facts["inline_policy"] = peer.call("iam", "ListRolePolicies", {"RoleName": facts["role_name"]})["PolicyNames"][0]
    attached = peer.call("iam", "ListAttachedRolePolicies", {"RoleName": facts["role_name"]})["AttachedPolicies"]
    facts["policy"] = attached[0]["PolicyArn"]
    for role in walk(peer, "iam", "ListRoles", {}, "Roles", 100, "Marker", "Marker", "MaxItems"):
        trust = role["AssumeRolePolicyDocument"]["Statement"][0]
        if "AWS" in trust["Principal"] and "Condition" not in trust:
            facts["assumable"] = role["Arn"]
        if "glue.amazonaws.com" in trust["Principal"].get("Service", []):
            facts["untrusting"] = role["Arn"]
    # A period that ends today may begin today too: on the first of a month there is only the month before.
    today = datetime.now(timezone.utc).date()
    month = (today - timedelta(days=1)).replace(day=1)
    facts |= {"today": today.isoformat(), "month": month.isoformat(), "next_month": (today.replace(day=1) + timedelta(days=32)).replace(day=1).isoformat()}
    images = walk(peer, "sagemaker", "ListImages", {}, "Images", 100)
    versions = {row["ImageName"]: len(walk(peer, "sagemaker", "ListImageVersions", {"ImageName": row["ImageName"]}, "ImageVersions", 100))
                for row in images}
    facts["image"] = max(versions, key=versions.get)
    return facts


def check_the_judge(report):
    """A judge that sees nothing would pass everything: it must object to each of these answers."""
    model = botocore.session.get_session().get_service_model("sagemaker")
    domain = {"DomainId": "d-1", "DomainName": "one", "Status": "InService", "CreationTime": 1.7e9}
    wrong = {
        "an unknown member": domain | {"Colour": "red"},
        "an unknown value": domain | {"Status": "Ready"},
        "a number for a text": domain | {"DomainName": 1},
        "a text for an instant": domain | {"CreationTime": "2026-01-01T00:00:00Z"},
        "milliseconds for seconds": domain | {"CreationTime": 1.7e12},
        "a name against its pattern": domain | {"DomainName": "a b"},
        "a null": domain | {"Url": None},
    }
    for name, row in wrong.items():
        with report.check(f"the judge objects to {name}"):
            judge = Judge()
            judge.judge(model.operation_model("ListDomains"), 200, {"Domains": [row]})
            assert len(judge.take_faults()) == 1, "it does not"
    with report.check("the judge accepts a right answer and objects to a wrong error"):
        judge = Judge()
        judge.judge(model.operation_model("ListDomains"), 200, {"Domains": [domain]})
        assert judge.take_faults() == [], "it does not accept it"
        judge.judge(model.operation_model("ListDomains"), 400, {"__type": "ResourceInUse", "message": "x"})
        assert len(judge.take_faults()) == 1, "ListDomains has no such error"


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
    for service, operation, member, sizing, token, out, base, small in NEIGHBOUR_LISTS:
        if not report.wants(operation):
            continue
        with report.check(f"{service} {operation}: pages of {small} and of 100 give the same rows"):
            given = filled(base, facts)
            rows = [walk(peer, service, operation, given, member, size, token, out, sizing) for size in (100, small)]
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


def check_costs(report, peer, facts):
    def cost(extra):
        given, rows = filled(BILL, facts) | {"Granularity": "DAILY"} | extra, []
        while True:
            page = peer.call("ce", "GetCostAndUsage", given)
            for result in page["ResultsByTime"]:
                rows += [(result["TimePeriod"]["Start"], *group["Keys"], group["Metrics"]["UnblendedCost"]["Amount"]) for group in result["Groups"]]
                rows += [(result["TimePeriod"]["Start"], result["Total"]["UnblendedCost"]["Amount"])] if result["Total"] else []
            if not page.get("NextPageToken"):
                return rows
            given["NextPageToken"] = page["NextPageToken"]

    total = sum(Decimal(row[-1]) for row in cost({}))
    for kind, key in (("TAG", "team"), ("TAG", "sagemaker:space-arn"), ("TAG", "dataset"), ("DIMENSION", "USAGE_TYPE")):
        with report.check(f"ce GetCostAndUsage: grouped by {key} it adds up to the same, page by page"):
            rows = cost({"GroupBy": [{"Type": kind, "Key": key}]})
            assert len({row[:-1] for row in rows}) == len(rows), "a group came twice"
            assert sum(Decimal(row[-1]) for row in rows) == total > 0, "another sum"
    with report.check("ce GetCostAndUsage: a token is good for its own question only"):
        given = filled(BILL, facts) | {"Granularity": "DAILY", "GroupBy": [{"Type": "TAG", "Key": "dataset"}]}
        token = peer.call("ce", "GetCostAndUsage", given)["NextPageToken"]
        expect_refusal(peer, "ce", "GetCostAndUsage", given | {"Metrics": ["BlendedCost"], "NextPageToken": token}, "RequestChangedException", "")


def check_increase(report, peer, code):
    given = {"ServiceCode": "sagemaker", "QuotaCode": code}
    with report.check(f"{peer.name}: an increase of quota {code} is requested once, and approved after a while"):
        desired = peer.call("service-quotas", "GetServiceQuota", given)["Quota"]["Value"] + 1
        request = peer.call("service-quotas", "RequestServiceQuotaIncrease", given | {"DesiredValue": desired})["RequestedQuota"]
        assert request["Status"] == "PENDING", request
        expect_refusal(peer, "service-quotas", "RequestServiceQuotaIncrease", given | {"DesiredValue": desired + 1},
                       "ResourceAlreadyExistsException", "one open")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while peer.call("service-quotas", "GetServiceQuota", given)["Quota"]["Value"] != desired:
            assert time.monotonic() < deadline, "not approved"
            time.sleep(1)
        history = peer.call("service-quotas", "ListRequestedServiceQuotaChangeHistoryByQuota", given)["RequestedQuotas"]
        assert [(row["Id"], row["Status"]) for row in history] == [(request["Id"], "APPROVED")], history


def check_allocation(report, peer):
    given = {"CostAllocationTagsStatus": [{"TagKey": "project", "Status": "Active"}, {"TagKey": "nobody-has-it", "Status": "Active"}]}
    with report.check("ce UpdateCostAllocationTagsStatus: succeeds, with an error for each tag that it cannot switch"):
        errors = peer.call("ce", "UpdateCostAllocationTagsStatus", given)["Errors"]
        assert [error["TagKey"] for error in errors] == ["nobody-has-it"], errors
        listed = peer.call("ce", "ListCostAllocationTags", {"TagKeys": ["project"]})["CostAllocationTags"]
        assert [tag["Status"] for tag in listed] == ["Active"], listed
    with report.check("ce StartCostAllocationTagBackfill: once a day"):
        first = {"BackfillFrom": datetime.now(timezone.utc).strftime("%Y-%m-01T00:00:00Z")}
        assert peer.call("ce", "StartCostAllocationTagBackfill", first)["BackfillRequest"]["BackfillStatus"] == "PROCESSING"
        expect_refusal(peer, "ce", "StartCostAllocationTagBackfill", first, "BackfillLimitExceededException", "24 hours")
        assert len(peer.call("ce", "ListCostAllocationTagBackfillHistory", {})["BackfillRequests"]) == 1


def check_steps(report, peer, facts):
    """The lives of all objects. A step whose forerunner failed fails as well, with the missing fact's name."""
    facts = facts | {"run": peer.name}
    for number, step in enumerate(STEPS, 1):
        with report.check(f"{peer.name} step {number}: {step['op']} {step['with']}"):
            given, service = filled(step["with"], facts), step.get("service", "sagemaker")
            if "refused" in step:
                expect_refusal(peer, service, step["op"], given, step["refused"], step.get("says", ""))
                continue
            answer = wait_for(peer, service, step["op"], given, filled(step.get("until", {}), facts), step.get("until_refused"))
            for path, value in filled(step.get("gives", {}), facts).items():
                assert at(answer, path) == value, f"{path} is {at(answer, path)!r}, expected {value!r}"
            for path, pattern in step.get("matches", {}).items():
                assert re.fullmatch(pattern, at(answer, path)), f"{path} is {at(answer, path)!r}"
            for fact, path in step.get("save", {}).items():
                facts[fact] = at(answer, path)


def wait_for(peer, service, operation, given, until, until_refused):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            answer = peer.call(service, operation, given)
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

    check_the_judge(report)
    check_lists(report, boto, facts)
    check_neighbour_lists(report, boto, facts)
    if report.wants("reads"):
        for service, operation, parameters, holds in READS:
            with report.check(f"both peers: {service} {operation} {parameters}"):
                given = filled(parameters, facts)
                answers = [peer.call(service, operation, given) for peer in (boto, cli)]
                both = [without(answer, UNKNOWN_TO_CLI) for answer in answers]
                assert both[0] == both[1], f"boto3 {both[0]}\n       aws   {both[1]}"
                for path, value in filled(holds, facts).items():
                    assert at(answers[0], path) == value, f"{path} is {at(answers[0], path)!r}"
    if report.wants("refusals"):
        for service, operation, parameters, code, says in REFUSALS:
            for peer in (boto, cli):
                with report.check(f"{peer.name} refused: {service} {operation} {parameters}"):
                    expect_refusal(peer, service, operation, filled(parameters, facts), code, says)
    if report.wants("steps"):
        flying = Boto(arguments.flying, REGION, judge)
        for peer in (flying, Cli(arguments.flying, REGION)):
            check_steps(report, peer, facts)
            check_increase(report, peer, "L-F73C7DB9" if peer is flying else "L-DF589F40")
        check_allocation(report, flying)
    if report.wants("prices"):
        check_prices(report, boto)
    if report.wants("costs"):
        check_costs(report, boto, facts)
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
