"""YAML files read whole: every mistake at once, each with its file, line and path.

`load` is the usual way. `load_data` and `validate` are its two halves, for documents merged from several files.
"""

import importlib.resources
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from rig.files.explain import choices, dotted, explain
from rig.files.yaml import Place, YamlTextError, read_yaml

_SINGULAR = {
    "benches": "bench",
    "devices": "device",
    "limits": "set of limits",
    "scenes": "scene",
    "clauses": "set of clauses",
}
KINDS = tuple(_SINGULAR)

M = TypeVar("M", bound=BaseModel)
Locate = Callable[[Sequence[Any]], Place]
Finding = tuple[tuple[str | int, ...], str]
Check = Callable[[Mapping[Any, Any]], Iterator[Finding]]


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]
Names = Annotated[tuple[str, ...], Field(strict=False)]  # a YAML list, kept as a tuple
PART_NAME = r"[A-Za-z][A-Za-z0-9_-]{0,39}"


def _part_name(text: str) -> str:
    if not re.fullmatch(PART_NAME, text):
        raise ValueError("a name is up to 40 letters, digits, - and _, and begins with a letter")
    return text


PartName = Annotated[str, AfterValidator(_part_name)]
"""Of a part, signal, route or port: it becomes a file's name, a column, a word in a sentence."""


class Entry(BaseModel):
    """Configuration shared by all models of files: strict, closed, frozen. It has no behaviour."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong in a file. Lines and columns count from 1; line 0 means the file as a whole."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class BadFile(Exception):
    """A file that cannot be used; `mistakes` holds everything wrong with it, in the order of the lines."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = list(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def load(path: Path | Traversable | str, model: type[M], also: Check | None = None) -> M:
    """Read `path` as `model`. Raises BadFile with all mistakes at once."""
    return validate(*load_data(path), model, also)


def load_data(path: Path | Traversable | str) -> tuple[dict[Any, Any], Locate]:
    """The plain data of a YAML 1.2 mapping, and a function from a path in the data to its place in the file.

    Raises BadFile when the file is missing, is no YAML, is no mapping, or writes a key twice.
    """
    file = Path(path) if isinstance(path, str) else path
    name = display(file)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadFile([Mistake(name, 0, 0, "", f"cannot be read: {reason}")]) from None
    try:
        return read_yaml(text, name)
    except YamlTextError as bad:
        raise BadFile(
            [Mistake(name, line, column, dotted(where), what) for line, column, where, what in bad.findings]
        ) from None


def validate(data: Mapping[Any, Any], locate: Locate, model: type[M], also: Check | None = None) -> M:
    """`data` as `model`. Raises BadFile with all mistakes of all files that `locate` knows.

    A model may have a static `cross_check(data) -> Iterator[(path, message)]`, which sees the raw data: so a name that
    refers to nothing is reported together with the wrong units, not after them. `also` is a further check of that
    kind, by a room that knows more than this one.
    """
    findings: list[Finding] = []
    result: M | None = None
    try:
        result = model.model_validate(dict(data))
    except ValidationError as error:
        findings += explain(error, model, data)
    checks: tuple[Check | None, ...] = (getattr(model, "cross_check", None), also)
    for check in checks:
        if check is not None:
            findings += check(data)
    if findings or result is None:
        mistakes = [_mistake(locate(path), path, message) for path, message in findings]
        raise BadFile(sorted(mistakes, key=lambda m: (m.file, m.line, m.column, m.path, m.message)))
    return result


def first_finding(error: ValidationError, model: type[BaseModel], data: Any) -> str:
    """The first finding of `error`, which arose when `data` was read as `model`: "path: sentence"."""
    path, sentence = next(explain(error, model, data))
    return f"{dotted(path)}: {sentence}"


def nearest(over: Locate, base: Locate) -> Locate:
    """The place of a path in data merged from two files: the file that holds more of the path, else `over`."""

    def locate(path: Sequence[Any]) -> Place:
        first, second = over(path), base(path)
        return first if first.depth >= second.depth else second

    return locate


def below(under: tuple[str, ...], locate: Locate) -> Locate:
    """The places of a file whose data stand below `under` in merged data; all else is at its top."""

    def place(path: Sequence[Any]) -> Place:
        if tuple(path[: len(under)]) != under:
            return locate(())
        own = locate(path[len(under) :])
        return replace(own, depth=own.depth + len(under))

    return place


def resolve(kind: str, name_or_file: str | Path) -> Path | Traversable:
    """The file meant by a FILE (it has a suffix) or by a NAME of the package `testplans`.

    Raises BadFile when there is no such file or name.
    """
    text = str(name_or_file)
    if Path(text).suffix:
        if not Path(text).is_file():
            raise BadFile([Mistake(text, 0, 0, "", "no such file")])
        return Path(text)
    known = names(kind)
    if text in known:
        return _folder(kind) / f"{text}.yaml"
    file = f"to use a file, write its suffix, for example {text}.yaml"
    message = f"no {_SINGULAR[kind]} is named {text!r} ({choices(text, known)}); {file}"
    raise BadFile([Mistake(f"testplans/{kind}", 0, 0, "", message)])


def names(kind: str) -> list[str]:
    """The names of `kind` that come with the package `testplans`, sorted."""
    folder = _folder(kind)
    files = folder.iterdir() if folder.is_dir() else ()
    return sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml"))


def display(path: Path | Traversable) -> str:
    """The name of a file in messages: relative to the working directory when it lies below it."""
    if isinstance(path, Path) and path.is_absolute() and path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    return str(path)


def _folder(kind: str) -> Traversable:
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; write one of {', '.join(KINDS)}")
    return importlib.resources.files("testplans") / kind


def _mistake(place: Place, path: Sequence[Any], message: str) -> Mistake:
    return Mistake(place.file, place.line, place.column, dotted(path), message)
