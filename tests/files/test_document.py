"""Files read whole: each error class with its exact line, path and sentence."""

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field
from ruamel.yaml import YAML

from rig.files.document import BadFile, Entry, display, load, load_data, names, nearest, resolve, validate
from rig.files.quantity import Amps, Volts


class Part(Entry):
    volts: Annotated[Volts, Field(gt=0)]
    limit: Amps | None = None


class Disc(Entry):
    kind: Literal["disc"]
    radius: float


class Bar(Entry):
    kind: Literal["bar"]
    length: float


class Sample(Entry):
    version: Literal[1] = Field(alias="schema")
    name: str
    parts: dict[str, Part] = Field(default_factory=dict)
    shapes: list[Annotated[Disc | Bar, Field(discriminator="kind")]] = Field(default_factory=list)
    kind: Literal["twin", "hardware"] = "twin"
    count: int = 0
    by_channel: dict[int, str] = Field(default_factory=dict)
    spare: Part | None = None


ALLOWED = "schema, name, parts, shapes, kind, count, by_channel, spare"
TAG = "could not determine a constructor for the tag"


def mistakes(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    Path("x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadFile) as bad:
        load("x.yaml", Sample)
    return str(bad.value).splitlines()


def test_a_good_file(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(
        "schema: 1\nname: no\nparts:\n  a: {volts: 5 V}\nby_channel: {1: p}\ncount: 0o17\n", encoding="utf-8"
    )
    found = load(file, Sample)
    assert found.name == "no"  # YAML 1.2: `no` is a word
    assert found.parts["a"].volts == 5.0
    assert found.by_channel == {1: "p"}
    assert found.count == 15


def test_all_mistakes_at_once_in_the_order_of_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """\
schema: 2
nmae: typo
parts:
  a: {volts: 60, lim: 5 A}
  b:
    limit: 5 A
    volts: 5 A
  c: [1]
  d: {}
kind: real
count: 1.5
spare: {volts: -5 V}
shapes:
  - kind: disc
    radius: "1"
    length: 2
  - {kind: ball}
  - {radius: 2}
"""
    assert mistakes(text, tmp_path, monkeypatch) == [
        "x.yaml:1: name: missing key",
        "x.yaml:1: schema: expected 1, found a number: 2",
        f"x.yaml:2: nmae: unknown key 'nmae' (did you mean 'name'?; allowed: {ALLOWED})",
        'x.yaml:4: parts.a.volts: write a quantity with a unit, for example "60 V"',
        "x.yaml:4: parts.a.lim: unknown key 'lim' (did you mean 'limit'?; allowed: volts, limit)",
        'x.yaml:7: parts.b.volts: expected a voltage in V, found "5 A" (a current); write for example "60 V"',
        "x.yaml:8: parts.c: expected a mapping of keys to values, found a list: [1]",
        "x.yaml:9: parts.d.volts: missing key",
        "x.yaml:10: kind: expected 'twin' or 'hardware', found text: 'real'",
        "x.yaml:11: count: expected a whole number, found a number: 1.5",
        "x.yaml:12: spare.volts: must be greater than 0",
        "x.yaml:15: shapes[0].radius: expected a number without unit, found text: '1'",
        "x.yaml:16: shapes[0].length: unknown key 'length' (allowed: kind, radius)",
        "x.yaml:17: shapes[1]: expected 'kind' to be 'disc', 'bar', found 'ball'",
        "x.yaml:18: shapes[2]: missing key 'kind'",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "x.yaml:1: expected a mapping of keys to values, found none"),
        ("- 1\n", "x.yaml:1: expected a mapping of keys to values, found none"),
        ("a: 1\nb: [1\n", "x.yaml:3: not YAML: expected ',' or ']', but got '<stream end>'"),
        ("a: 1\n\tb: 2\n", "x.yaml:2: not YAML: found character '\\t' that cannot start any token"),
        ("a: 1\n---\nb: 2\n", "x.yaml:2: not YAML: but found another document"),
        ("a: 1\nb: {c: 1,\n  c: 2}\n", "x.yaml:3: b.c: key 'c' is written twice (first on line 2); keep one"),
        ("a:\n  - &x [*x]\n", "x.yaml:2: a[0][0]: an alias refers to the entry that holds it; write the value out"),
        ("a: 1\n? [b]\n: 2\n", "x.yaml:2: a key must be a single word or number"),
        ('a: "\\UFFFFFFFF"\n', "x.yaml:1: not YAML: Python int too large to convert to C int"),
        ("a: 1\nb: !!bool maybe\n", "x.yaml:2: b: cannot read this value: 'maybe'"),
        ("[" * 2000, "x.yaml:1: not YAML that anybody writes: brackets are nested more than 100 deep"),
        ("a: 2020-13-01\n", "x.yaml:1: a: cannot read this value: month must be in 1..12"),
        (
            "a: !!python/object:os.system x\n",
            f"x.yaml:1: a: cannot read this value: {TAG} 'tag:yaml.org,2002:python/object:os.system'",
        ),
    ],
)
def test_what_is_no_usable_yaml(text: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert mistakes(text, tmp_path, monkeypatch) == [line]


def test_all_duplicate_keys_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(mistakes("a: 1\na: 2\nb: 1\nb: 2\n", tmp_path, monkeypatch)) == 2


def test_unreadable_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bytes.yaml").write_bytes(b"a: \xff\n")
    for name, message in [
        ("absent.yaml", "absent.yaml: cannot be read: No such file or directory"),
        (".", ".: cannot be read: Is a directory"),
        ("bytes.yaml", "bytes.yaml: cannot be read: it is not UTF-8 text"),
    ]:
        with pytest.raises(BadFile) as bad:
            load(Path(name), Sample)
        assert str(bad.value) == message


def test_a_mistake_has_its_column(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("schema: 1\nname: a\nparts: {a: {volts: 1 V, limt: 1 A}}\n", encoding="utf-8")
    with pytest.raises(BadFile) as bad:
        load(file, Sample)
    (mistake,) = bad.value.mistakes
    assert (mistake.line, mistake.column, mistake.path) == (3, 25, "parts.a.limt")


def test_cross_checks_join_the_other_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Checked(Sample):
        @staticmethod
        def cross_check(data: Any) -> Any:
            yield ("parts", "a"), "is unused"

    monkeypatch.chdir(tmp_path)
    Path("x.yaml").write_text("schema: 1\nname: 5\nparts:\n  a: {volts: 1 V}\n", encoding="utf-8")
    with pytest.raises(BadFile) as bad:
        load("x.yaml", Checked)
    assert str(bad.value) == "x.yaml:2: name: expected text, found a number: 5\nx.yaml:4: parts.a: is unused"


def test_merged_files_keep_the_place_of_each_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text("schema: 1\nname: base\nparts:\n  a: {volts: 1}\n", encoding="utf-8")
    Path("over.yaml").write_text("name: 5\n", encoding="utf-8")
    (base, in_base), (over, in_over) = load_data("base.yaml"), load_data("over.yaml")
    with pytest.raises(BadFile) as bad:
        validate({**base, **over}, nearest(in_over, in_base), Sample)
    assert str(bad.value).splitlines() == [
        'base.yaml:4: parts.a.volts: write a quantity with a unit, for example "60 V"',
        "over.yaml:1: name: expected text, found a number: 5",
    ]


def test_names_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert {"healthy", "slow-trip"} <= set(names("scenes"))
    assert resolve("benches", "twin").name == "twin.yaml"
    Path("own.yaml").write_text("", encoding="utf-8")
    assert resolve("benches", "own.yaml") == Path("own.yaml")
    with pytest.raises(BadFile) as bad:
        resolve("benches", "other.yaml")
    assert str(bad.value) == "other.yaml: no such file"
    with pytest.raises(BadFile) as bad:
        resolve("benches", "twn")
    assert str(bad.value) == (
        f"testplans/benches: no bench is named 'twn' (did you mean 'twin'?; allowed: {', '.join(names('benches'))}); "
        "to use a file, write its suffix, for example twn.yaml"
    )
    with pytest.raises(ValueError, match="unknown kind 'bench'"):
        resolve("bench", "twin")


def test_files_below_the_working_directory_are_shown_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert display(tmp_path / "a" / "x.yaml") == "a/x.yaml"
    assert display(tmp_path.parent / "x.yaml") == str(tmp_path.parent / "x.yaml")


KEYS = st.text("abcdefgh", min_size=1, max_size=4)
DATA = st.dictionaries(
    KEYS,
    st.recursive(st.integers() | st.booleans() | KEYS, lambda x: st.lists(x) | st.dictionaries(KEYS, x), max_leaves=8),
)


@given(DATA)
def test_the_plain_data_is_what_was_written(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]) -> None:
    file = tmp_path_factory.getbasetemp() / "round.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML(typ="safe", pure=True).dump(data, out)
    if data:
        assert load_data(file)[0] == data


@given(st.text())
def test_any_text_is_read_or_refused_with_a_line(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        data, locate = load_data(file)
    except BadFile:
        return
    assert all(locate((key,)).depth == 1 for key in data)


def test_aliases_to_aliases_are_stopped_before_they_fill_the_memory(tmp_path):
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in pairwise("abcdefghi")]
    (tmp_path / "bomb.yaml").write_text("\n".join(lines))
    with pytest.raises(BadFile, match=r"bomb\.yaml:1: holds more than 50000 entries"):
        load_data(tmp_path / "bomb.yaml")


@pytest.mark.parametrize("char", ["\\e", "\\0", "\\u202E", "\\x9B", "\\a"])
def test_what_cannot_be_printed_is_no_text(tmp_path, char):
    (tmp_path / "odd.yaml").write_text(f'name: "a{char}b"\n')
    with pytest.raises(BadFile, match=r"odd\.yaml:1: name: holds the character U\+.*, which cannot be printed"):
        load_data(tmp_path / "odd.yaml")


def test_several_lines_of_text_are_text(tmp_path):
    (tmp_path / "text.yaml").write_text("why: |\n  one\n  two\tµΩ\n")
    assert load_data(tmp_path / "text.yaml")[0] == {"why": "one\ntwo\tµΩ\n"}


def test_brackets_without_end_are_refused_before_they_are_parsed(tmp_path):
    (tmp_path / "deep.yaml").write_text(f"x: {'[' * 5000}{']' * 5000}\n")
    with pytest.raises(BadFile, match=r"deep\.yaml:1: .*nested more than 100 deep"):
        load_data(tmp_path / "deep.yaml")
