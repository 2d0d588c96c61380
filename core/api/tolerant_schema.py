"""Describes in the schema what bodies accept: a number may come as text, and null and "" mean not given.

Without it a client that validates what it sends (zod, ajv) would refuse values that the hub accepts.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension

from core.api.json_schema import Schema, component

NOT_GIVEN = component(
    "NotGiven", {"type": ["string", "null"], "maxLength": 0, "description": "Null and empty text mean not given."}
)
NO_FILTER = component(
    "NoFilter",
    {"type": ["string", "null"], "pattern": "^(any)?$", "description": "`any`, null and empty text: no filter."},
)
# No enums: orval 7 writes code that does not compile for an enum that is one of several forms.
EMPTY: dict[str, list[str | None]] = {"NotGiven": ["", None], "NoFilter": ["any", "", None]}
NUMBER_TEXT = component(
    "NumberText",
    {"type": "string", "pattern": r"^ *-?[0-9]+(\.[0-9]+)? *$", "description": "A number as text.", "examples": ["2"]},
)
MONEY_INPUT = component(
    "MoneyInput",
    {
        "anyOf": [{"type": "string", "pattern": r"^ *[0-9]{1,10}(\.[0-9]{1,2})? *$"}, {"type": "number", "minimum": 0}],
        "description": "At most two decimals.",
        "examples": ["5200.00"],
    },
)
# Keywords that describe a property rather than its values.
OUTER = ("description", "writeOnly", "deprecated", "title")


class TolerantBody(OpenApiSerializerExtension):
    """The schema of a `TolerantSerializer` as it reads."""

    target_class = "core.api.serializers.TolerantSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Schema:
        mapped: Schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        nothing = NO_FILTER if getattr(self.target, "takes_any", False) else NOT_GIVEN
        needed = mapped.get("required", [])
        properties = {
            name: _taken(schema, None if name in needed else nothing)
            for name, schema in mapped.get("properties", {}).items()
        }
        if "__doc__" not in type(self.target).__dict__ or not type(self.target).__doc__:
            mapped.pop("description", None)
        return {**mapped, "properties": properties}


def _taken(schema: Schema, nothing: Schema | None) -> Schema:
    """All values accepted for a property; `nothing` are those that mean that it is not given."""
    outer = {name: schema[name] for name in OUTER if name in schema}
    inner = {name: value for name, value in schema.items() if name not in (*OUTER, "default", "readOnly")}
    default = schema.get("default")
    if nothing is not None and default not in (None, "", [], {}):
        outer["description"] = f"{outer.get('description', '')} Not given: {default}.".strip()
    choices = [*_forms(inner), *([nothing] if nothing else [])]
    if len(choices) == 1:
        return {**outer, **choices[0]}
    if nothing is not None and "enum" in inner and inner.get("type") == "string":
        more = EMPTY[nothing["$ref"].rsplit("/", 1)[-1]]
        return {**outer, **inner, "type": ["string", "null"], "enum": [*inner["enum"], *more]}
    if nothing is NOT_GIVEN and set(inner) <= {"type", "maxLength", "minLength"} and inner.get("type") == "string":
        return {**outer, **{n: v for n, v in inner.items() if n != "minLength"}, "type": ["string", "null"]}
    return {**outer, "anyOf": choices}


def _forms(schema: Schema) -> list[Schema]:
    """The forms in which a value may come."""
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    schema = {**schema, "type": next(k for k in kinds if k != "null")} if isinstance(kind, list) else schema
    if schema.get("format") == "decimal":
        return [MONEY_INPUT]
    if "integer" in kinds or "number" in kinds:
        return [schema, NUMBER_TEXT]
    return list(schema["anyOf"]) if set(schema) == {"anyOf"} else [schema]


def plain(schema: Schema) -> Schema:
    """The value's own schema, for a query, where everything is text anyway."""
    if "anyOf" not in schema:
        kind = schema.get("type")
        if not isinstance(kind, list):
            return schema
        enum = {"enum": [word for word in schema["enum"] if word not in EMPTY["NoFilter"]]} if "enum" in schema else {}
        return {**schema, "type": next(k for k in kind if k != "null"), **enum}
    outer = {name: schema[name] for name in OUTER if name in schema}
    return {**schema["anyOf"][0], **outer}
