"""How pairs are compared: too loose, and a wrong counterpart passes; too strict, and a right one fails."""

import json

import pytest

from tests.instruments import pairs
from tests.instruments.pairs import Pair, shape


@pytest.mark.parametrize(
    ("reply", "alike", "other"),
    [
        ("+4.99905000E+00", ["-1.00000000E-12"], ["4.99905000E+00", "+4.9990500E+00", "+49.9905000E+00", "+4.9E0"]),
        ("48.02 V", ["-5.10 V", "120.00 V"], ["48.02V", "48.0 V", "48 V", "48.02 A", "+48.02 V"]),
        ("0", ["256", "-1"], ["0.0", "", "OFF", "0 "]),
        ("9.9E37", ["1.2E38"], ["9.9E+37", "9.90E37", "9.9e37"]),
        ('0,"No error"', ['-113,"No error"'], ['0,"no error"', "0"]),
        ("SDL1030X,1.1.1.21R2", ["SDL1020X,2.0.3.44R5"], ["SDL1030X-E,1.1.1.21R2"]),
        ("#9000002000...", ["#9000000008abcd\n12.5"], ["9000002000", "# 9000002000"]),
        ("ON", ["ON"], ["OFF", "on", "1"]),
    ],
)  # fmt: skip
def test_numbers_stand_for_numbers_of_their_form(reply, alike, other):
    pair = Pair("X?", "a manual", reply)
    assert [pair.agrees(seen) for seen in (reply, *alike)] == [True] * (1 + len(alike))
    assert [pair.agrees(seen) for seen in other] == [False] * len(other)


def test_exact_is_exact_and_none_is_none():
    assert not Pair("X?", "a manual", "1.0", exact=True).agrees("2.0")
    assert Pair("X?", "a manual", "1.0", exact=True).agrees("1.0")
    assert Pair("X 1", "a manual").agrees(None)
    assert not Pair("X 1", "a manual").agrees("1")
    assert not Pair("X?", "a manual", "1").agrees(None)


def test_of_modbus_what_is_read_may_differ_but_not_its_size_and_no_echo():
    read = Pair("0380000001", "a manual", "030200c8", hex=True)
    assert read.agrees("0302ffff")
    assert not read.agrees("0304ffff0000")
    assert not read.agrees("830200c8")
    echo = Pair("050000ff00", "a manual", "050000ff00", hex=True)
    assert echo.agrees("050000ff00")
    assert not echo.agrees("0500000000")
    refused = Pair("030000ffff", "a manual", "8303", hex=True)
    assert refused.agrees("8303")
    assert not refused.agrees("8302")


@pytest.mark.parametrize(
    ("one", "alike", "other"),
    [
        ("VOLT 48.000", "VOLT 5", "VOLT"),
        ("VOLT 48,(@1)", "VOLT 5.5,(@3)", "VOLT 48, (@1)"),
        ("OUTP ON", "OUTP ON", "OUTP OFF"),
        (":CHAN1:SCAL 1E-3", ":CHAN4:SCAL 5", ":CHAN1:OFFS 1E-3"),
        ("MEAS:VOLT?", "MEAS:VOLT?", "MEAS:VOLT:DC?"),
    ],
)
def test_commands_of_one_shape_differ_in_their_numbers_alone(one, alike, other):
    assert shape(one, hex=False) == shape(alike, hex=False) != shape(other, hex=False)


@pytest.mark.parametrize(
    ("one", "alike", "other"),
    [
        ("050000ff00", "05001fff00", "0500000000"),  # coils are relays, on is not off
        ("050000ff00", "050007ff00", "050207ff00"),  # a flash is not a switch
        ("0502010007", "0502030005", "0504010007"),  # whatever its time
        ("0380000001", "0380000001", "0380000002"),
        ("100fa20002043f800000", "100fa200020441200000", "100fa40002043f800000"),
        ("0607d00001", "0607d00000", "0607d10001"),
    ],
)
def test_requests_of_one_shape_mean_the_same_registers(one, alike, other):
    assert shape(one, hex=True) == shape(alike, hex=True) != shape(other, hex=True)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ({"send": "X?", "reply": "1", "source": " "}, "3: says nothing of where it is from"),
        ({"send": "X?", "source": "a manual", "verified": True}, "3: is no pair"),
        ({"reply": "1", "source": "a manual"}, "3: is no pair"),
    ],
)
def test_what_is_no_pair_is_told_with_its_line(tmp_path, monkeypatch, line, error):
    (tmp_path / "pairs").mkdir()
    good = {"send": "X?", "reply": "1", "source": "a manual"}
    (tmp_path / "pairs" / "it.jsonl").write_text("\n".join(json.dumps(each) for each in (good, good, line)))
    monkeypatch.setattr(pairs, "HERE", tmp_path)
    with pytest.raises(ValueError, match=f"it.jsonl:{error}"):
        pairs.load_pairs("it")


def test_what_a_driver_sends_is_verified_believed_or_missing(tmp_path, monkeypatch):
    for name, lines in {
        "pairs/it.jsonl": [
            {"send": "X?", "reply": "1", "source": "a manual"},
            {"send": "Y 1", "source": "a guess", "synthetic": True},
            {"send": "X?", "reply": "1", "source": "a guess", "synthetic": True},
        ],
        "transcripts/it.jsonl": [
            {"t_ns": 0, "dir": "note", "note": "recorded from a thought"},
            {"t_ns": 0, "dir": "note", "note": "case one"},
            {"t_ns": 0, "dir": ">", "data": "X?\n"},
            {"t_ns": 0, "dir": ">", "data": "Y 2.5\n"},
        ],
        "transcripts/it.sink.jsonl": [
            {"t_ns": 0, "dir": "note", "note": "recorded from a thought"},
            {"t_ns": 0, "dir": "note", "note": "case one"},
            {"t_ns": 0, "dir": ">", "data": "Z 3\n"},
        ],
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    monkeypatch.setattr(pairs, "HERE", tmp_path)
    assert pairs.coverage("it") == pairs.Coverage(frozenset({"X?"}), frozenset({"Y #"}), frozenset({"Z #"}))
