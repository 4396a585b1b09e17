"""Pydantic's findings in the words of the rig: what is wrong and what may stand there instead."""

import types
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number without unit",
    "dict_type": "a mapping of keys to values",
    "mapping_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "list_type": "a list",
    "tuple_type": "a list",
}
_FOUND = {str: "text", bool: "true or false", int: "a number", float: "a number", dict: "a mapping", list: "a list"}


def choices(wrong: object, allowed: Sequence[str]) -> str:
    """Text for an error: "did you mean 'x'?; allowed: x, y"."""
    listing = f"allowed: {', '.join(allowed)}" if allowed else "nothing is allowed here"
    close = get_close_matches(str(wrong), allowed, n=1)
    return f"did you mean {close[0]!r}?; {listing}" if close else listing


def dotted(path: Sequence[Any]) -> str:
    """("routes", "forward", 0) as "routes.forward[0]"."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def explain(error: ValidationError, model: type[BaseModel], data: Any) -> Iterator[tuple[tuple[Any, ...], str]]:
    """(path, sentence) for each finding of `error`, which arose when `data` was read as `model`."""
    for detail in error.errors(include_url=False):
        location = detail["loc"]
        path = _path_in(data, location)
        if detail["type"] == "missing":
            path += location[-1:]
        yield path, _sentence(detail, location, model)


def wrong_value(error: ValidationError) -> str:
    """The first finding of `error`, which arose when one plain value was read: what was expected, what was found."""
    return _sentence(error.errors(include_url=False)[0], (), BaseModel)


def _path_in(data: Any, location: Sequence[Any]) -> tuple[Any, ...]:
    """`location` without what pydantic adds to it, such as the tag of a union."""
    path: list[Any] = []
    for part in location:
        inside = part in data if isinstance(data, Mapping) else isinstance(part, int) and isinstance(data, list)
        if inside:
            path.append(part)
            data = data[part]
    return tuple(path)


def _sentence(detail: ErrorDetails, location: tuple[Any, ...], model: type[BaseModel]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    match kind:
        case "extra_forbidden":
            text = f"unknown key {location[-1]!r} ({choices(location[-1], allowed_keys(model, location[:-1]))})"
        case "missing":
            text = "missing key"
        case "too_short" | "string_too_short" if context["min_length"] == 1:
            text = "must not be empty"
        case "value_error":
            text = str(context["error"])
        case "literal_error":
            text = f"expected {context['expected']}, found {_found(detail['input'])}"
        case "union_tag_not_found":
            text = f"missing key {context['discriminator']}"
        case "union_tag_invalid":
            text = f"expected {context['discriminator']} to be {context['expected_tags']}, found {context['tag']!r}"
        case _ if kind in _EXPECTED:
            text = f"expected {_EXPECTED[kind]}, found {_found(detail['input'])}"
        case _:
            text = detail["msg"].replace("Input should", "must")
    return text


def _found(value: Any) -> str:
    return "nothing" if value is None else f"{_FOUND.get(type(value), type(value).__name__)}: {value!r}"


def allowed_keys(model: type[BaseModel], location: Sequence[Any]) -> list[str]:
    """The keys that the models below `model` allow at `location`; empty when no model is found there."""
    here: list[Any] = [model]
    for part in location:
        below = [found for annotation in here for found in _below(annotation, part)]
        here = below or [found for found in here if _has_tag(found, part)] or here  # a tag that no model carries
    keys = [field.alias or name for found in here if _is_model(found) for name, field in found.model_fields.items()]
    return list(dict.fromkeys(keys))


def _below(annotation: Any, part: Any) -> Iterator[Any]:
    if _is_model(annotation):
        for name, field in annotation.model_fields.items():
            if (field.alias or name) == part:
                yield from _members(field.annotation)
        return
    arguments = get_args(annotation)
    if get_origin(annotation) is dict:
        yield from _members(arguments[1])
    elif get_origin(annotation) in {list, tuple}:
        yield from _members(arguments[0])


def _members(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _members(get_args(annotation)[0])
    elif get_origin(annotation) in {Union, types.UnionType}:
        for member in get_args(annotation):
            yield from _members(member)
    else:
        yield annotation


def _has_tag(annotation: Any, tag: Any) -> bool:
    fields = annotation.model_fields.values() if _is_model(annotation) else ()
    return any(get_origin(field.annotation) is Literal and tag in get_args(field.annotation) for field in fields)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
