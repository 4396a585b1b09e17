"""YAML 1.2 text as plain data that remembers its lines."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MOST_ENTRIES, DEEPEST = 50_000, 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path of the data stands; `depth` counts how many parts of the path the file holds."""

    file: str
    line: int
    column: int
    depth: int


class YamlTextError(Exception):
    """What is wrong with the text itself: (line, column, path, message), lines and columns from 1."""

    def __init__(self, findings: list[tuple[int, int, tuple[Any, ...], str]]) -> None:
        self.findings = findings
        super().__init__("; ".join(finding[3] for finding in findings))


def read_yaml(text: str, file: str) -> tuple[dict[Any, Any], Callable[[Sequence[Any]], Place]]:
    """The mapping in `text` and a function from a path in it to its Place. Raises YamlTextError."""
    depth = accumulate({"[": 1, "{": 1, "]": -1, "}": -1}.get(char, 0) for char in text)
    if max(depth, default=0) > DEEPEST:  # the parser would take its time before it gave up
        raise YamlTextError([(1, 1, (), f"not YAML that anybody writes: brackets are nested more than {DEEPEST} deep")])
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlTextError([(line, column, (), f"not YAML: {error.problem or error.context}")]) from None
    except YAMLError as error:
        raise YamlTextError([(1, 1, (), f"not YAML: {str(error).splitlines()[0]}")]) from None
    except (ValueError, LookupError, OverflowError, RecursionError) as error:  # impossible escapes, endless nesting
        raise YamlTextError([(1, 1, (), f"not YAML: {error}")]) from None
    if not isinstance(root, MappingNode):
        raise YamlTextError([(1, 1, (), "expected a mapping of keys to values, found none")])
    reading = _Reading(yaml, {}, [], [], count(1))
    try:
        data = _plain(root, (), reading)
    except _TooManyEntries:
        message = f"holds more than {MOST_ENTRIES} entries, most of them by aliases; write out what is meant"
        raise YamlTextError([(1, 1, (), message)]) from None
    if reading.findings:
        raise YamlTextError(reading.findings)

    def locate(path: Sequence[Any]) -> Place:
        for depth in range(len(path), 0, -1):
            if (mark := reading.places.get(tuple(path[:depth]))) is not None:
                return Place(file, mark.line + 1, mark.column + 1, depth)
        return Place(file, root.start_mark.line + 1, root.start_mark.column + 1, 0)

    assert isinstance(data, dict)
    return data, locate


@dataclass(frozen=True, slots=True)
class _Reading:
    yaml: YAML
    places: dict[tuple[Any, ...], StringMark]
    findings: list[tuple[int, int, tuple[Any, ...], str]]
    above: list[int]  # the nodes that hold the present one, to find an alias to its own parent
    entries: Iterator[int]

    def mistake(self, node: Node, path: tuple[Any, ...], message: str) -> None:
        self.findings.append((node.start_mark.line + 1, node.start_mark.column + 1, path, message))


class _TooManyEntries(Exception):
    """A few lines of aliases to aliases are millions of entries."""


def _plain(node: Node, path: tuple[Any, ...], reading: _Reading) -> Any:
    if next(reading.entries) > MOST_ENTRIES:
        raise _TooManyEntries
    if id(node) in reading.above:
        reading.mistake(node, path, "an alias refers to the entry that holds it; write the value out")
        return None
    reading.above.append(id(node))
    try:
        if isinstance(node, MappingNode):
            return _mapping(node, path, reading)
        if isinstance(node, SequenceNode):
            items = []
            for index, item in enumerate(node.value):
                reading.places[(*path, index)] = item.start_mark
                items.append(_plain(item, (*path, index), reading))
            return items
        return _scalar(node, path, reading)
    finally:
        reading.above.pop()


def _mapping(node: MappingNode, path: tuple[Any, ...], reading: _Reading) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = _scalar(key_node, path, reading)
        if not isinstance(key, str | int | float | None):
            reading.mistake(key_node, path, "a key must be a single word or number")
            continue
        where = (*path, key)
        if key in result:
            first = reading.places[where].line + 1
            reading.mistake(key_node, where, f"key {key!r} is written twice (first on line {first}); keep one")
            continue
        reading.places[where] = key_node.start_mark
        result[key] = _plain(value_node, where, reading)
    return result


def _scalar(node: Node, path: tuple[Any, ...], reading: _Reading) -> Any:
    if not isinstance(node, ScalarNode):
        return node
    odd = next((c for c in node.value if not c.isprintable() and c not in "\n\t"), None)
    if odd is not None:
        reading.mistake(node, path, f"holds the character U+{ord(odd):04X}, which cannot be printed; leave it out")
        return None
    try:
        return reading.yaml.constructor.construct_object(node)
    except (
        ConstructorError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ) as error:  # tags that do not fit the text
        problem = error.problem if isinstance(error, ConstructorError) else error
        reading.mistake(node, path, f"cannot read this value: {problem}")
        return None
