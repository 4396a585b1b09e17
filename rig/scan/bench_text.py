"""The bench file that a scan writes: what answered as entries, and what no scan can find out as a section to fill in.

Every text that came over a wire goes through `plain` into a comment, or through JSON's escapes, which YAML shares, into
a quoted scalar: none of it can become structure.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from instruments.catalogue import FAMILIES, driver_options, load_driver
from rig.bench.equipment import ROLES
from rig.files.document import resolve
from rig.scan.plain import identity_pattern, plain, trusted_serial

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rig.scan.found import Found

__all__ = ["bench_text"]

_NAMES = {"recorder": "daq", "lines": "daq", "digitizer": "scope"}
"""What a role's instrument is called; the role's own name where nothing is said."""
_TEMPLATE_FROM = "# Contactors carry"
_WIRING = """\
# ---------------------------------------------------------------------------------------------------------------------
# What no scan can find out: how the bench is wired and what its parts survive. Take away the "# " in front of each line
# and write the values of your own bench; those below are of the twin's. `rig schema bench` says what each may be, and
# `rig plan --bench FILE` what is still missing. (For a twin: paste these sections, with `kind: twin` and `clock:`,
# from the file that `rig twin serve --write-bench` wrote.)

# kind: hardware
"""


def bench_text(found: Sequence[Found], name: str, stamp: str) -> str:
    """A bench file called `name`; `stamp` says when the scan was."""
    known = [one for one in found if one.state == "known"]
    names = dict(zip(_entry_names(known), known, strict=True))
    lines = [
        f"# Written by `rig scan`, {stamp}. Instruments were asked who they are, and nothing else.",
        "schema: 1",
        f"name: {json.dumps(name)}",
        "",
        *_instruments(names),
        "",
        *_roles(names),
        "",
        *_strangers(found),
    ]
    return "\n".join(lines) + "\n" + _WIRING + _template()


def _entry_names(known: Sequence[Found]) -> Iterator[str]:
    used: Counter[str] = Counter()
    for one in known:
        role = one.roles[0]
        base = _NAMES.get(role, role)
        used[base] += 1
        yield base if used[base] == 1 else f"{base}_{used[base]}"


def _instruments(names: Mapping[str, Found]) -> Iterator[str]:
    if not names:
        yield "instruments: {}  # no instrument of the catalogue answered"
        return
    yield "instruments:"
    for name, one in names.items():
        assert one.identity is not None
        serial = trusted_serial(one.identity)
        yield f"  {name}:  # {plain(one.said)}"
        for twin in _same(names, name):
            yield f"    # the same serial number as {twin}: one instrument reached in two ways? then keep one of them"
        yield f"    driver: {one.driver}"
        yield f"    address: {json.dumps(one.address)}"
        yield f"    identity: {json.dumps(identity_pattern(one.identity))}"
        if serial is not None:
            yield f"    serial: {json.dumps(serial)}"
        else:
            yield "    # serial: none that this file could demand"
        if one.driver is not None and (options := driver_options(load_driver(one.driver))):
            defaults = ", ".join(f"{option}: {json.dumps(it.default)}" for option, it in options.items())
            yield f"    # options: {{{defaults}}}  as they are without this line"
        if one.stream_port is not None:
            yield f"    stream_port: {one.stream_port}  # {plain(one.note)}"
        elif one.note:
            yield f"    # {plain(one.note)}"


def _same(names: Mapping[str, Found], name: str) -> list[str]:
    """Entries before `name` whose maker, model and serial number are equal."""
    mine = names[name].identity
    assert mine is not None
    before = list(names)[: list(names).index(name)]
    return [
        other
        for other in before
        if (it := names[other].identity) is not None
        and it.serial
        and (it.maker, it.model, it.serial) == (mine.maker, mine.model, mine.serial)
    ]


def _roles(names: Mapping[str, Found]) -> Iterator[str]:
    able = {role: [name for name, one in names.items() if role in one.roles] for role in ROLES}
    chosen = {role: _chosen(role, able[role], names) for role in ROLES}
    others = sorted({role for family in FAMILIES.values() for role in family.roles} - set(ROLES))
    yield "roles:" if any(chosen.values()) else "roles: {}"
    for role in ROLES:
        rest = [name for name in able[role] if name != chosen[role]]
        also = f"  # {', '.join(rest)} could be it too" if rest else ""
        if chosen[role]:
            yield f"  {role}: {chosen[role]}{also}"
        elif rest:
            yield f"  # {role}: {rest[0]}  choose: {', '.join(rest)}"
        else:
            yield f"  # {role}:  nothing that answered can be it"
    for role in others:
        more = [name for name, one in names.items() if role in one.roles]
        if more:
            yield f"  # {role}: {', '.join(more)} can be it"


def _chosen(role: str, able: Sequence[str], names: Mapping[str, Found]) -> str | None:
    """The only one made for a role; None where a person has to choose, as when a supply could be the load as well."""
    made_for_it = [name for name in able if names[name].made_for(role)]
    return made_for_it[0] if len(made_for_it) == 1 else None


def _strangers(found: Sequence[Found]) -> Iterator[str]:
    rows = [one for one in found if one.state not in {"known", "closed"}]
    used = {one.stream_port for one in found if one.stream_port is not None}
    rows = [one for one in rows if one.state != "silent" or one.port not in used]
    if not rows:
        return
    yield "# Also seen:"
    for one in rows:
        yield f"#   {plain(one.address)}: {_words(one)}"
    yield ""


def _words(one: Found) -> str:
    if one.state == "unknown":
        return f"no driver for what answers here: {json.dumps(plain(one.said), ensure_ascii=False)}"
    return plain(one.said)


def _template() -> str:
    text = resolve("benches", "twin").read_text(encoding="utf-8")
    wiring = text[text.index(_TEMPLATE_FROM) :]
    return "".join(f"# {line}".rstrip() + "\n" if line else "\n" for line in wiring.splitlines())
