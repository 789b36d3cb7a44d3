"""The two peers behind one interface: `call(service, operation, parameters)` answers a dictionary or raises
`Refused`. Client-side validation is off, so that what is refused is refused by the server."""

import json
import os
import subprocess
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

DEFAULT_KEY = "AKIAIOSFODNN7EXAMPLE"
# Services with one endpoint for all regions.
GLOBAL = ("iam", "pricing", "ce")
SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"


class Refused(Exception):
    """The service answered with an error."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def plain(value):
    """The same value with instants as whole UTC seconds, so that the answers of both peers can be compared."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="seconds")
    if isinstance(value, str) and len(value) >= 19 and value[4:5] == "-" and value[10:11] == "T":
        try:
            return datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(timezone.utc).isoformat(timespec="seconds")
        except ValueError:
            return value
    return value


class Boto:
    """boto3, with every raw answer shown to the judge (None: not judged)."""

    name = "boto3"

    def __init__(self, url, region, judge, key=DEFAULT_KEY):
        self._url, self._region, self._judge = url, region, judge
        self._session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=SECRET, region_name=region)
        self._clients = {}

    def _client(self, service):
        if service not in self._clients:
            config = Config(parameter_validation=False, retries={"total_max_attempts": 1}, read_timeout=60)
            region = "us-east-1" if service in GLOBAL else self._region
            client = self._session.client(service, endpoint_url=self._url, config=config, region_name=region)
            if self._judge:
                self._judge.attach(client)
            self._clients[service] = client
        return self._clients[service]

    def call(self, service, operation, parameters):
        try:
            answer = getattr(self._client(service), xform_name(operation))(**parameters)
        except ClientError as error:
            details = error.response["Error"]
            raise Refused(details["Code"], details["Message"]) from None
        return plain(answer)


class Cli:
    """The AWS CLI, one process per call."""

    name = "aws"

    def __init__(self, url, region, key=DEFAULT_KEY):
        self._url, self._region = url, region
        self._folder = tempfile.TemporaryDirectory()
        config = Path(self._folder.name, "config")
        config.write_text("[default]\nparameter_validation = false\ncli_timestamp_format = iso8601\n")
        self._environment = {
            "PATH": os.environ["PATH"], "HOME": self._folder.name, "AWS_CONFIG_FILE": str(config),
            "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": "",
            "AWS_DEFAULT_OUTPUT": "json", "PYTHONUTF8": "1", "AWS_EC2_METADATA_DISABLED": "true",
        }

    def call(self, service, operation, parameters):
        region = "us-east-1" if service in GLOBAL else self._region
        command = ["aws", "--endpoint-url", self._url, "--region", region, "--no-paginate", service]
        command += [xform_name(operation, "-"), "--cli-input-json", json.dumps(parameters)]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            marker = "An error occurred ("
            if marker not in done.stderr:
                raise RuntimeError(f"aws {operation} ended with {done.returncode}: {done.stderr.strip()}")
            code, _, rest = done.stderr.split(marker, 1)[1].partition(")")
            raise Refused(code, rest.partition("operation: ")[2].strip())
        return plain(json.loads(done.stdout)) if done.stdout.strip() else {}
