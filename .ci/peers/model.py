"""Judges raw answers against botocore's own service models: members, types, required members, enums,
patterns, lengths, ranges, timestamps, error forms. Knows nothing of what was asked."""

import base64
import binascii
import json
import re
from datetime import datetime, timezone
from xml.etree import ElementTree

# Codes any AWS operation may answer with although its model does not list them.
COMMON_CODES = {
    "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature",
    "InternalFailure", "InvalidAction", "InvalidClientTokenId", "MissingAuthenticationToken",
    "MissingAuthenticationTokenException", "MissingParameter", "SerializationException", "ServiceUnavailable",
    "Throttling", "ThrottlingException", "UnknownOperationException", "UnrecognizedClientException",
    "ValidationError", "ValidationException",
}
CODES_403 = {
    "AccessDenied", "AccessDeniedException", "ExpiredToken", "InvalidClientTokenId", "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
}
EARLIEST = datetime(2017, 11, 29, tzinfo=timezone.utc).timestamp()
LATEST = datetime(2100, 1, 1, tzinfo=timezone.utc).timestamp()


def pattern_holds(pattern, text):
    """Applies one of the model's Java patterns. Unicode classes only occur inside brackets in these models."""
    pattern = pattern.replace(r"\p{L}", "a-zA-Z\u00aa-\ufffd").replace(r"\p{Z}", r"\s")
    pattern = pattern.replace(r"\p{N}", r"\d").replace(r"\p{M}", "\u0300-\u036f")
    pattern = pattern.replace(r"\p{S}", r"$+<=>\^`|~").replace(r"\p{P}", r"!-#%-*,-/:;?@\[-\]_{}")
    pattern = pattern.replace(r"\u10000-\u10FFFF", "\U00010000-\U0010ffff")
    return re.fullmatch(pattern, text) is not None


class Judge:
    """Collects the faults of all answers seen through the clients it is attached to."""

    def __init__(self):
        self.faults = []
        self.answers = 0
        self.operations = set()

    def attach(self, client):
        client.meta.events.register("before-parse", self._on_answer)

    def take_faults(self):
        taken, self.faults = self.faults, []
        return taken

    def judge(self, operation_model, status, answer):
        """Judges a JSON answer that did not come from a client."""
        headers = {"x-amzn-RequestId": "none", "Content-Type": "application/x-amz-json-1.1"}
        response = {"status_code": status, "headers": headers, "body": json.dumps(answer).encode()}
        self._on_answer(operation_model, response)

    def _on_answer(self, operation_model, response_dict, **_):
        self.answers += 1
        self.operations.add((operation_model.service_model.service_name, operation_model.name))
        self._where = operation_model.name
        headers = {key.lower(): value for key, value in response_dict["headers"].items()}
        if "x-amzn-requestid" not in headers:
            self._fault("header", "x-amzn-RequestId is missing")
        answers = {"query": self._xml_answer, "ec2": self._ec2_answer, "rest-json": self._rest_answer}
        answers.get(operation_model.metadata.get("protocol"), self._json_answer)(operation_model, response_dict, headers)

    def _fault(self, path, text):
        self.faults.append(f"{self._where} {path}: {text}")

    # Errors ---------------------------------------------------------------------------------------------------

    def _error_code(self, operation_model, code, status):
        declared = {}
        for shape in operation_model.error_shapes:
            error = shape.metadata.get("error", {})
            declared[error.get("code", shape.name)] = error.get("httpStatusCode", 400)
        if code in declared:
            if status != declared[code]:
                self._fault("error", f"{code} came with HTTP {status}, the model says {declared[code]}")
        elif code not in COMMON_CODES:
            self._fault("error", f"code {code!r} is neither in the model of this operation nor common to all")
        elif code in CODES_403 and status not in (400, 403):
            self._fault("error", f"{code} came with HTTP {status}")

    # awsJson1.1 -----------------------------------------------------------------------------------------------

    def _json_answer(self, operation_model, response, headers):
        status, body = response["status_code"], response["body"]
        if headers.get("content-type") != "application/x-amz-json-1.1":
            self._fault("header", f"Content-Type is {headers.get('content-type')!r}")
        if status >= 300:
            parsed = self._loads(body)
            if not isinstance(parsed, dict) or not isinstance(parsed.get("__type"), str):
                return self._fault("error", f"body has no __type: {body[:200]!r}")
            if set(parsed) - {"__type", "message", "Message"}:
                self._fault("error", f"unexpected members {sorted(parsed)}")
            if parsed["__type"] != "SerializationException" and not (parsed.get("message") or parsed.get("Message")):
                self._fault("error", f"{parsed['__type']} carries no message")
            return self._error_code(operation_model, parsed["__type"], status)
        shape = operation_model.output_shape
        if shape is None:
            if body not in (b"", b"{}"):
                self._fault("body", f"expected none, got {body[:200]!r}")
            return None
        return self._json(shape, self._loads(body), "$")

    # restJson1: the name of an error is in a header ------------------------------------------------------------

    def _rest_answer(self, operation_model, response, headers):
        status, body = response["status_code"], response["body"]
        if headers.get("content-type") != "application/json":
            self._fault("header", f"Content-Type is {headers.get('content-type')!r}")
        parsed = self._loads(body)
        if status < 300:
            return self._json(operation_model.output_shape, parsed, "$")
        code = headers.get("x-amzn-errortype")
        if not code or not (parsed.get("message") or parsed.get("Message")):
            return self._fault("error", f"no error type or no message: {headers} {body[:200]!r}")
        if parsed.get("ErrorCode", code) != code:
            self._fault("error", f"the header says {code}, the body {parsed['ErrorCode']}")
        return self._error_code(operation_model, code, status)

    def _loads(self, body):
        def no_duplicates(pairs):
            keys = [key for key, _ in pairs]
            if len(keys) != len(set(keys)):
                self._fault("body", f"a member comes twice among {keys}")
            return dict(pairs)

        try:
            return json.loads(body, object_pairs_hook=no_duplicates)
        except ValueError as error:
            self._fault("body", f"not JSON ({error}): {body[:200]!r}")
            return {}

    def _json(self, shape, value, path):
        kind = shape.type_name
        if kind == "structure":
            if not isinstance(value, dict):
                return self._fault(path, f"expected a structure, got {value!r}")
            for name in value:
                if name not in shape.members:
                    self._fault(f"{path}.{name}", f"{shape.name} has no such member")
            for name in shape.required_members:
                if name not in value:
                    self._fault(f"{path}.{name}", f"required member of {shape.name} is missing")
            for name, member in shape.members.items():
                if name in value:
                    self._json(member, value[name], f"{path}.{name}")
        elif kind == "list":
            if not isinstance(value, list):
                return self._fault(path, f"expected a list, got {value!r}")
            self._length(shape, len(value), path)
            for index, item in enumerate(value):
                self._json(shape.member, item, f"{path}[{index}]")
        elif kind == "map":
            if not isinstance(value, dict):
                return self._fault(path, f"expected a map, got {value!r}")
            for key, item in value.items():
                self._json(shape.value, item, f"{path}.{key}")
        elif kind == "timestamp":
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                return self._fault(path, f"expected epoch seconds, got {value!r}")
            self._timestamp(value, path)
        elif kind == "boolean":
            if not isinstance(value, bool):
                self._fault(path, f"expected a boolean, got {value!r}")
        elif kind in ("integer", "long"):
            if isinstance(value, bool) or not isinstance(value, int):
                return self._fault(path, f"expected an integer, got {value!r}")
            self._range(shape, value, path)
        elif kind in ("float", "double"):
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                return self._fault(path, f"expected a number, got {value!r}")
            self._range(shape, value, path)
        elif not isinstance(value, str):
            self._fault(path, f"expected text, got {value!r}")
        elif kind == "blob":
            try:
                base64.b64decode(value, validate=True)
            except binascii.Error:
                self._fault(path, f"not base64: {value[:60]!r}")
        else:
            self._text(shape, value, path)
        return None

    # Query/XML ------------------------------------------------------------------------------------------------

    def _xml_answer(self, operation_model, response, headers):
        status, body = response["status_code"], response["body"]
        if headers.get("content-type", "").split(";")[0] != "text/xml":
            self._fault("header", f"Content-Type is {headers.get('content-type')!r}")
        namespace = operation_model.metadata["xmlNamespace"]
        try:
            root = ElementTree.fromstring(body)
        except ElementTree.ParseError as error:
            return self._fault("body", f"not XML ({error}): {body[:200]!r}")
        if any(not element.tag.startswith(f"{{{namespace}}}") for element in root.iter()):
            self._fault("body", f"an element is outside of {namespace}")
        tag = "{" + namespace + "}"
        for element in root.iter():
            element.tag = element.tag.removeprefix(tag)
        if status >= 300:
            code = root.findtext("Error/Code")
            if root.tag != "ErrorResponse" or not code or not root.findtext("RequestId"):
                return self._fault("error", f"not an ErrorResponse: {body[:200]!r}")
            if root.findtext("Error/Type") not in ("Sender", "Receiver"):
                self._fault("error", f"Type is {root.findtext('Error/Type')!r}")
            if not root.findtext("Error/Message"):
                self._fault("error", f"{code} carries no message")
            return self._error_code(operation_model, code, status)
        if root.tag != f"{operation_model.name}Response" or not root.findtext("ResponseMetadata/RequestId"):
            self._fault("body", f"wrong envelope: {body[:200]!r}")
        shape = operation_model.output_shape
        if shape is None:
            return None
        result = root.find(shape.serialization.get("resultWrapper", f"{operation_model.name}Result"))
        if result is None:
            return self._fault("body", f"no result wrapper: {body[:200]!r}")
        return self._xml(shape, result, "$")

    # EC2's Query: its model has no errors, its answers no wrapper -----------------------------------------------

    def _ec2_answer(self, operation_model, response, headers):
        status, body = response["status_code"], response["body"]
        if headers.get("content-type", "").split(";")[0] != "text/xml":
            self._fault("header", f"Content-Type is {headers.get('content-type')!r}")
        try:
            root = ElementTree.fromstring(body)
        except ElementTree.ParseError as error:
            return self._fault("body", f"not XML ({error}): {body[:200]!r}")
        if status >= 300:
            code = root.findtext("Errors/Error/Code")
            if root.tag != "Response" or not code or not root.findtext("RequestID"):
                return self._fault("error", f"not an error of EC2: {body[:200]!r}")
            if not re.fullmatch(r"[A-Z][A-Za-z]+(\.[A-Z][A-Za-z]+)?", code) or not root.findtext("Errors/Error/Message"):
                self._fault("error", f"code {code!r} or its message")
            return None
        tag = "{" + operation_model.metadata["xmlNamespace"] + "/}"
        if any(not element.tag.startswith(tag) for element in root.iter()):
            self._fault("body", f"an element is outside of {tag}")
        for element in root.iter():
            element.tag = element.tag.removeprefix(tag)
        request_id = root.find("requestId")
        if root.tag != f"{operation_model.name}Response" or request_id is None or not request_id.text:
            return self._fault("body", f"wrong envelope: {body[:200]!r}")
        root.remove(request_id)
        return self._xml(operation_model.output_shape, root, "$")

    def _xml(self, shape, element, path):
        kind, text = shape.type_name, element.text or ""
        if kind == "structure":
            # EC2's members have other names on the wire.
            members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
            names = [child.tag for child in element]
            if len(names) != len(set(names)):
                self._fault(path, f"a member comes twice among {names}")
            for name in names:
                if name not in members:
                    self._fault(f"{path}.{name}", f"{shape.name} has no such member")
            for name in shape.required_members:
                if name not in names:
                    self._fault(f"{path}.{name}", f"required member of {shape.name} is missing")
            for child in element:
                if child.tag in members:
                    self._xml(members[child.tag], child, f"{path}.{child.tag}")
        elif kind == "list":
            self._length(shape, len(element), path)
            for index, child in enumerate(element):
                if child.tag != shape.member.serialization.get("name", "member"):
                    self._fault(path, f"list element is called {child.tag!r}")
                self._xml(shape.member, child, f"{path}[{index}]")
        elif kind == "timestamp":
            if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", text):
                return self._fault(path, f"not an ISO 8601 instant: {text!r}")
            self._timestamp(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp(), path)
        elif kind == "boolean":
            if text not in ("true", "false"):
                self._fault(path, f"expected true or false, got {text!r}")
        elif kind in ("integer", "long"):
            if not re.fullmatch(r"-?\d+", text):
                return self._fault(path, f"expected an integer, got {text!r}")
            self._range(shape, int(text), path)
        else:
            self._text(shape, text, path)
        return None

    # Scalars --------------------------------------------------------------------------------------------------

    def _timestamp(self, seconds, path):
        if not EARLIEST <= seconds <= LATEST:
            self._fault(path, f"not a plausible instant: {seconds!r}")

    def _text(self, shape, value, path):
        if shape.enum and value not in shape.enum:
            self._fault(path, f"{value!r} is not in {shape.name}")
        self._length(shape, len(value), path)
        pattern = shape.metadata.get("pattern")
        if pattern and not pattern_holds(pattern, value):
            self._fault(path, f"{value!r} does not match {shape.name} {pattern}")

    def _length(self, shape, length, path):
        low, high = shape.metadata.get("min", 0), shape.metadata.get("max", float("inf"))
        if not low <= length <= high:
            self._fault(path, f"length {length} is outside of {low}..{high}")

    def _range(self, shape, value, path):
        low, high = shape.metadata.get("min", float("-inf")), shape.metadata.get("max", float("inf"))
        if not low <= value <= high:
            self._fault(path, f"{value} is outside of {low}..{high}")
