"""Which JSON schemas structured outputs take. Validates no data against them."""

from typing import Any

from ponder.offline.errors import invalid
from ponder.offline.shapes import Field, array, check_fields, mapping, number, text

_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_REFUSED = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "not",
    "if",
    "then",
    "else",
    "oneOf",
)
"""Keywords outside the supported part (platform documentation, "Structured outputs", August 2026)."""

_KEYWORDS = {
    "$ref": Field(text()),
    "$defs": Field(mapping),
    "definitions": Field(mapping),
    "properties": Field(mapping),
    "required": Field(array(text())),
    "items": Field(mapping),
    "minItems": Field(number(least=0)),
    "anyOf": Field(array(mapping)),
    "allOf": Field(array(mapping)),
}

MOST_STRICT_TOOLS = 20
MOST_OPTIONAL = 24


def check_schemas(body: dict[str, Any]) -> None:
    """Check `output_config.format` and the schemas of strict tools. Raises `ApiError` 400."""
    wanted = (body.get("output_config") or {}).get("format")
    if wanted:
        check_schema(wanted["schema"], "output_config.format.schema")
    strict = [(i, tool) for i, tool in enumerate(body.get("tools") or []) if tool.get("strict")]
    if len(strict) > MOST_STRICT_TOOLS:
        raise invalid("tools", f"at most {MOST_STRICT_TOOLS} strict tools are supported, found {len(strict)}")
    for index, tool in strict:
        check_schema(tool["input_schema"], f"tools.{index}.custom.input_schema")


def check_schema(schema: dict[str, Any], path: str) -> None:
    """Check one schema: closed objects, no recursion, no limits on values."""
    check_fields(schema, path, _KEYWORDS, loose=True)
    definitions = {
        f"#/{name}/{key}": value
        for name in ("$defs", "definitions")
        for key, value in (schema.get(name) or {}).items()
    }
    optional = _walk(schema, path, definitions, ())
    if optional > MOST_OPTIONAL:
        raise invalid(path, f"too many optional parameters: {optional} > {MOST_OPTIONAL}")


def _walk(schema: Any, path: str, definitions: dict[str, Any], trail: tuple[str, ...]) -> int:
    """Return the number of optional properties below."""
    if not isinstance(schema, dict):
        raise invalid(path, "Input should be a valid dictionary")
    check_fields(schema, path, _KEYWORDS, loose=True)
    if "$ref" in schema:
        name = schema["$ref"]
        if name in trail or name == "#":
            raise invalid(path, "Recursive schemas are not supported")
        if name not in definitions:
            raise invalid(path, f"Cannot resolve reference '{name}'")
        return _walk(definitions[name], path, definitions, (*trail, name))
    for word in _REFUSED:
        if word in schema:
            kind = schema.get("type", "schema")
            raise invalid(path, f"For '{kind}' type, property '{word}' is not supported")
    if schema.get("minItems", 0) not in (0, 1):
        raise invalid(path, "For 'array' type, 'minItems' values other than 0 or 1 are not supported")
    _check_type(schema, path)
    optional = 0
    for branch in ("anyOf", "allOf"):
        for index, part in enumerate(schema.get(branch) or []):
            optional += _walk(part, f"{path}.{branch}.{index}", definitions, trail)
    if schema.get("type") == "object" or "properties" in schema:
        optional += _walk_object(schema, path, definitions, trail)
    if "items" in schema:
        optional += _walk(schema["items"], f"{path}.items", definitions, trail)
    return optional


def _check_type(schema: dict[str, Any], path: str) -> None:
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if kind is None:
        if not any(word in schema for word in ("anyOf", "allOf", "enum", "const", "properties")):
            raise invalid(path, "Schema must have a 'type', 'anyOf', 'allOf', 'enum', 'const' or '$ref'")
    elif not all(name in _TYPES for name in kinds):
        raise invalid(f"{path}.type", f"'{kind}' is not a supported type")


def _walk_object(
    schema: dict[str, Any], path: str, definitions: dict[str, Any], trail: tuple[str, ...]
) -> int:
    if schema.get("additionalProperties") is not False:
        raise invalid(path, "For 'object' type, 'additionalProperties' must be explicitly set to false")
    properties = schema.get("properties") or {}
    required = schema.get("required") or []
    for name in required:
        if name not in properties:
            raise invalid(f"{path}.required", f"'{name}' is not in 'properties'")
    below = sum(_walk(item, f"{path}.{name}", definitions, trail) for name, item in properties.items())
    return below + sum(1 for name in properties if name not in required)
