"""The command: what is refused before anything is asked, what is asked of what a listing shows, what is written."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from instruments.records import Identity
from rig.bench.equipment import ROLES
from rig.files.document import BadFile
from rig.scan import Target, bench_text
from rig.scan import command as scan_command
from rig.scan.command import Request, carry_out
from rig.scan.found import Found, named
from tests.scan.conftest import scpi

SUPPLY = b"EA Elektro-Automatik GmbH & Co. KG,PSB 9080-60,%s,V3\n"
T7 = Identity("LabJack", "T7", "470012345", "1.0")


def checked(hosts=(), ports=(), *, serial=False, visa=False, timeout_s=1.0, out=None) -> Request:
    return Request.checked(hosts, ports, serial=serial, visa=visa, timeout_s=timeout_s, out=out)


def test_everything_wrong_on_the_command_line_is_said_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.yaml").write_text("x")
    with pytest.raises(BadFile) as bad:
        checked(["a b"], ["0"], timeout_s=99, out="old.yaml")
    assert [mistake.path for mistake in bad.value.mistakes] == ["--ports", "--host", "--timeout", "--out"]
    for arguments, says in (
        ({"ports": ["5025"]}, "belongs to a host"),
        ({"out": "bench"}, "needs the suffix of a bench file, for example bench.yaml"),
        ({"out": "no/bench.yaml"}, "no is no folder"),
        ({"hosts": ["::1"]}, "IPv6 is not supported"),
    ):
        with pytest.raises(BadFile, match=says):
            checked(**arguments)
    assert (tmp_path / "old.yaml").read_text() == "x"


def test_a_host_with_its_own_port_is_asked_there_alone():
    request = checked(["10.0.0.5:5025", "lab-scope", "lab-scope", "10.0.0.5:502"], ["111-112"])
    assert request.targets == (Target("10.0.0.5", (5025, 502)), Target("lab-scope", (111, 112)))
    for wrong in ("a:0", "a:70000", "a:", "a:1:2"):
        with pytest.raises(BadFile, match="alone or with one port"):
            checked([wrong])


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({}, ["TCPIP::10.0.0.5::INSTR"]),
        ({"visa": True}, ["TCPIP::10.0.0.5::INSTR", "USB0::1::2::3::INSTR"]),
        ({"serial": True}, ["ASRL/dev/ttyUSB0::INSTR", "TCPIP::10.0.0.5::INSTR"]),
    ],
)
def test_what_would_change_a_panel_or_a_line_is_asked_only_on_demand(monkeypatch, options, asked):
    listed = ["ASRL/dev/ttyUSB0::INSTR", "TCPIP::10.0.0.5::INSTR", "USB0::1::2::3::INSTR"]
    seen = []

    def ask(resource, timeout_s):
        seen.append(resource)
        return named(resource, SUPPLY % b"1")

    monkeypatch.setattr(scan_command, "listed_resources", lambda: (listed, ["a note"]))
    monkeypatch.setattr(scan_command, "ask_resource", ask)
    said = []
    result = carry_out(checked(**options), lambda text: None, said.append)
    assert (seen, result.notes) == (asked, ["a note"])
    assert [one.address for one in result.found if one.state == "not asked"] == [x for x in listed if x not in asked]
    assert said[0] == "Looking at what announces itself, 3 s."


def test_a_bench_file_is_written_when_something_was_recognised(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    supply, stranger = server(scpi(SUPPLY[:-1] % b"1")), server(scpi(b"ACME,1,2,3"))
    request = checked(["127.0.0.1"], [str(stranger.port)], timeout_s=0.1, out="x.yaml")
    assert carry_out(request, lambda text: None, lambda text: None).written is None
    assert not (tmp_path / "x.yaml").exists()
    request = checked(["127.0.0.1"], [f"{supply.port},{stranger.port}"], timeout_s=0.1, out="x.yaml")
    said = []
    result = carry_out(request, lambda text: None, said.append)
    assert result.summary.startswith("1 instrument of the catalogue answered; complete the wiring in x.yaml")
    assert result.as_json()["bench_file"] == "x.yaml"
    data = YAML(typ="safe").load(tmp_path / "x.yaml")
    assert data["instruments"] == {
        "supply": {
            "driver": "ea_psb9000",
            "address": f"TCPIP::127.0.0.1::{supply.port}::SOCKET",
            "identity": r"EA Elektro-Automatik GmbH & Co\. KG,PSB 9080-60,.*",
            "serial": "1",
        }
    }
    assert data["roles"] == {"supply": "supply"}


def test_two_of_a_kind_are_both_listed_and_the_role_is_left_open():
    one, two, again = (named(f"TCPIP::h{n}::5025::SOCKET", SUPPLY % s) for n, s in ((1, b"A"), (2, b"B"), (3, b"A")))
    daq = Found("h4:502", "known", str(T7), identity=T7, driver="labjack_t7")
    text = bench_text([one, two, again, daq], "bench", "now")
    data = YAML(typ="safe").load(text)
    assert list(data["instruments"]) == ["supply", "supply_2", "supply_3", "daq"]
    assert data["roles"] == {"lines": "daq", "recorder": "daq"}
    lines = text.splitlines()
    assert "  # supply: supply  choose: supply, supply_2, supply_3" in lines
    assert "  # digitizer:  nothing that answered can be it" in lines
    warning = "    # the same serial number as supply: one instrument reached in two ways? then keep one of them"
    assert lines.count(warning) == 1
    assert lines.index(warning) == lines.index(next(x for x in lines if x.startswith("  supply_3:"))) + 1


def test_a_supply_that_can_sink_is_a_load_only_beside_no_load_and_by_choice():
    psb = named("TCPIP::h1::5025::SOCKET", SUPPLY % b"A")
    load = named("TCPIP::h2::5025::SOCKET", b"Siglent Technologies,SDL1030X,S1,1\n")
    both = bench_text([psb, load], "bench", "now")
    assert "  load: load  # supply could be it too" in both.splitlines()
    assert YAML(typ="safe").load(both)["roles"] == {"supply": "supply", "load": "load"}
    alone = bench_text([psb], "bench", "now")
    assert "  # load: supply  choose: supply" in alone.splitlines()
    assert YAML(typ="safe").load(alone)["roles"] == {"supply": "supply"}


def test_the_options_of_a_driver_are_shown_with_their_defaults():
    board = Identity("Waveshare", "Modbus Relay", "", "2.00")
    found = Found("h:4196", "known", str(board), identity=board, driver="waveshare_relay")
    text = bench_text([found], "bench", "now")
    (line,) = (line for line in text.splitlines() if line.startswith("    # options: "))
    assert line.startswith('    # options: {channels: 32, inputs: 0, byte_order: "reversed", ')
    assert line.endswith("}  as they are without this line")


def test_nothing_known_gives_empty_sections_that_are_still_yaml():
    silent = Found("h:1", "silent", "open, but answered nothing within 1 s", "h", 1)
    text = bench_text([silent, named("h:2", b"who are you?\n")], "bench", "now")
    data = YAML(typ="safe").load(text)
    assert (data["instruments"], data["roles"]) == ({}, {})
    assert "#   h:1: open, but answered nothing within 1 s" in text
    assert '#   h:2: no driver for what answers here: "who are you?"' in text
    assert [line.split(":")[0] for line in text.splitlines() if line.startswith("  # ")] == [f"  # {x}" for x in ROLES]
