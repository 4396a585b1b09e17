"""Replies of strangers: no structure, markup or escape comes of them, however they are made."""

from __future__ import annotations

import io
import json
import re

import pytest
from rich.console import Console
from ruamel.yaml import YAML

from instruments.records import Identity
from rig.files.document import resolve
from rig.scan import Target, bench_text, scan_hosts
from rig.scan.found import Found, named
from rig.scan.plain import identity_pattern, plain, trusted_serial
from rig.scan.table import print_found
from tests.scan.conftest import scpi

EVIL = [
    b'EA Elektro-Automatik,PSB 9\x1b]0;owned\x07,1",\x1b[2J',
    b'Siglent Technologies,SDL1", driver: x\r,7: {a: b},"}]',
    b"LabJack,T7,# comment,[red]bold[/red]",
    b"RIGOL TECHNOLOGIES,DHO804,\xff\xfe\x00,1",
    b"Waveshare,!!python/object:os.system,&a *a,%TAG",
    b"ACME" + b"A" * 5000,
    b"\x1b[31m\x00\x7f\x85\xe2\x80\xa8",
    b",,,",
    b"''',\n- x,3,4",
]


@pytest.mark.parametrize("reply", EVIL)
def test_a_hostile_reply_stays_text(server, reply):
    evil = server(scpi(reply))
    found = scan_hosts([Target("127.0.0.1", (evil.port,))], 0.1, lambda place: None)
    text = bench_text(found, "bench", "2026-11-26T07:00:00Z")
    assert all(character.isprintable() or character == "\n" for character in text)
    assert max(map(len, text.splitlines())) < 250
    data = YAML(typ="safe").load(text)
    assert set(data) == {"schema", "name", "instruments", "roles"}
    for entry in data["instruments"].values():
        assert set(entry) <= {"driver", "address", "identity", "serial"}
        assert re.fullmatch(entry["identity"], str(found[0].identity))
    out = io.StringIO()
    print_found(found, [], Console(file=out, width=80, force_terminal=True, color_system=None))
    assert "\x1b" not in out.getvalue()
    assert json.loads(json.dumps(found[0].as_json()))["address"] == found[0].address


def test_a_reply_without_end_is_cut_and_one_that_drips_is_given_up(server):
    flood = server(lambda data: b"A" * 100_000)
    (found,) = scan_hosts([Target("127.0.0.1", (flood.port,))], 1.0, lambda place: None)
    assert (found.state, found.said) == ("unknown", "A" * 99 + "…")
    drip = server(lambda data: b"EA Elektro-Automatik,PSB 9000,1,2")  # no line end ever comes
    (found,) = scan_hosts([Target("127.0.0.1", (drip.port,))], 0.05, lambda place: None)
    assert (found.state, found.driver) == ("unknown", None)


def test_text_is_one_printable_line_of_bounded_length():
    assert plain("a\nb\x1b[0m\u2028c\u202e") == "a�b�[0m�c�"
    assert plain("x" * 300) == "x" * 99 + "…"


def test_a_pattern_means_this_maker_and_model_to_the_letter():
    seen = Identity("A.B (x)", "M+1", "7", "1.0")
    assert identity_pattern(seen) == r"A\.B \(x\),M\+1,.*"
    assert re.fullmatch(identity_pattern(seen), "A.B (x),M+1,8,2.0")
    assert not re.fullmatch(identity_pattern(seen), "AxB (x),M+1,8,2.0")
    odd = Identity("Mäk\x1b", "M" * 200, "", "")
    assert identity_pattern(odd) == "M.k.," + "M" * 100 + ".*,.*"
    assert re.fullmatch(identity_pattern(odd), str(odd))


@pytest.mark.parametrize(
    ("serial", "kept"), [("SDL13GCQ6R0001", True), ("", False), ('7"', False), ("x" * 41, False), ("a\n", False)]
)
def test_a_serial_number_is_demanded_only_if_a_person_could_type_it(serial, kept):
    assert trusted_serial(Identity("a", "b", serial, "")) == (serial if kept else None)


def test_an_address_from_a_listing_is_text_too():
    evil = Found('TCPIP::x"\n- y::INSTR', "silent", "no\nreply\x1b")
    text = bench_text([evil], "bench", "now")
    assert '#   TCPIP::x"�- y::INSTR: no�reply�' in text.splitlines()
    assert YAML(typ="safe").load(text)["instruments"] == {}


def test_the_template_is_all_comment_and_is_the_twins_wiring():
    text = bench_text([named("a:1", b"x")], "bench", "now")
    wiring = text[text.index("# # Contactors") :]
    assert all(line.startswith("# ") for line in wiring.splitlines() if line)
    bare = "".join(f"{line[2:]}\n" for line in wiring.splitlines())
    twin = YAML(typ="safe").load(resolve("benches", "twin").read_text(encoding="utf-8"))
    kept = YAML(typ="safe").load(bare)
    assert {key: twin[key] for key in kept} == kept
    assert set(twin) - set(kept) == {"schema", "name", "kind", "instruments", "roles"}
