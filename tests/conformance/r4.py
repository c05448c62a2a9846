"""Holds a resource against HL7's own JSON schema for R4 and against the elements that R4 demands."""

import gzip
import json
import re
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@cache
def _schema():
    return json.loads(gzip.decompress((DATA / "r4_schema_subset.json.gz").read_bytes()))


@cache
def examples():
    return json.loads(gzip.decompress((DATA / "r4_examples.json.gz").read_bytes()))


def faults(resource):
    """Return what R4 does not allow in a resource, as path and reason; empty when it holds."""
    kind = resource.get("resourceType")
    if kind not in _schema()["definitions"]:
        return [f"{kind}: not in the subset of the schema"]
    return [*_held(resource, _schema()["definitions"][kind], kind), *_missing(resource, kind)]


def _missing(value, path):
    found = []
    for name in _schema()["mandatory"].get(path, ()):
        stem = name.removesuffix("[x]")
        present = any(key == name or (stem != name and key.startswith(stem)) or key == f"_{name}" for key in value)
        if not present:
            found.append(f"{path}.{name}: is missing")
    for name, inner in value.items():
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, dict):
                found += _missing(one, one.get("resourceType") or f"{path}.{name}")
    return found


def _held(value, rule, path):
    if "$ref" in rule:
        return _held(value, _schema()["definitions"][rule["$ref"].rsplit("/", 1)[-1]], path)
    if "oneOf" in rule:
        return faults(value)
    if "enum" in rule or "const" in rule:
        allowed = rule.get("enum", [rule.get("const")])
        return [] if value in allowed else [f"{path} = {value!r}: must be one of {allowed}"]
    if "items" in rule:
        return _list(value, rule, path)
    return (_object if "properties" in rule else _primitive)(value, rule, path)


def _list(value, rule, path):
    if not isinstance(value, list) or not value:
        return [f"{path}: must be a list of at least one"]
    return [fault for number, one in enumerate(value) for fault in _held(one, rule["items"], f"{path}[{number}]")]


def _object(value, rule, path):
    if not isinstance(value, dict) or not value:
        return [f"{path}: must be an object that holds something"]
    found = [f"{path}.{name}: is missing" for name in rule.get("required", ()) if name not in value]
    for name, inner in value.items():
        if name in rule["properties"]:
            found += _held(inner, rule["properties"][name], f"{path}.{name}")
        elif rule.get("additionalProperties") is False:
            found.append(f"{path}.{name}: is not an element of R4")
    return found


def _primitive(value, rule, path):
    kinds = {"string": str, "boolean": bool, "number": (int, float)}
    kind = rule.get("type")
    if kind and (not isinstance(value, kinds[kind]) or (kind == "number" and isinstance(value, bool))):
        return [f"{path} = {value!r}: must be a {kind}"]
    text = value if isinstance(value, str) else json.dumps(value)
    if "pattern" in rule and not re.search(rule["pattern"], text):
        return [f"{path} = {text[:60]!r}: does not match {rule['pattern']}"]
    return []
