"""The register map of EA supplies, with the frames of the guide (PGMBEN revision 24, sections 4.8.7 to 4.10)."""

import struct

import pytest

from rig.twin.wire.ea_modbus import EaModbus
from rig.twin.wire.ea_ratings import PS_9080_60, PSB_9080_60
from rig.twin.wire.modbus import ModbusError

REMOTE = "05 0192 FF00"


def asked(firmware, pdu):
    try:
        return firmware.execute(bytes.fromhex(pdu)).hex(" ", -2).upper()
    except ModbusError as error:
        return error.code


@pytest.fixture
def psb(rig):
    return EaModbus(PSB_9080_60, rig.world.supply)


def spaced(text):
    return bytes.fromhex(text).hex(" ", -2).upper()


def test_the_guide_s_messages(psb):
    for pdu in (REMOTE, "06 01F5 6666", "05 0192 0000"):
        assert asked(psb, pdu) == spaced(pdu)
    assert asked(psb, "03 0079 0002") == spaced("03 04 42A00000")


def test_who_it_is(psb):
    assert bytes.fromhex(asked(psb, "03 0001 0014"))[2:].rstrip(b"\0") == b"PSB 9080-60"
    assert bytes.fromhex(asked(psb, "03 0097 0014"))[2:].rstrip(b"\0") == b"2870380001"
    assert asked(psb, "03 0000 0001") == spaced("03 02 003A")


def test_nothing_is_written_without_remote_control(psb):
    for pdu in ("06 01F4 1000", "05 0195 FF00", "05 019B FF00", "10 00AB 0001 02 4142"):
        assert asked(psb, pdu) == 7


def test_a_panel_in_local_refuses(rig):
    local = EaModbus(PSB_9080_60, rig.world.supply, lambda: True)
    assert (asked(local, REMOTE), asked(local, "06 01F4 1000")) == (23, 23)
    assert asked(local, "03 01F9 0002") == spaced("03 04 00000001")


def test_set_values_reach_the_physics_and_are_read_back(psb, rig):
    asked(psb, REMOTE)
    assert asked(psb, "03 01F2 0005") == spaced("03 0A 0000 0000 0000 CCCC CCCC")
    for pdu in ("06 01F4 7AE1", "06 01F5 6666", "06 01F6 CCCC", "06 01F2 6666", "06 01F3 3333"):
        assert asked(psb, pdu) == spaced(pdu)
    assert asked(psb, "03 01F2 0005") == spaced("03 0A 6666 3333 7AE1 6666 CCCC")
    for pdu in ("06 0226 E147", "06 0229 E147"):
        assert asked(psb, pdu) == spaced(pdu)
    assert (asked(psb, "03 0226 0001"), asked(psb, "03 0229 0001")) == (spaced("03 02 E147"),) * 2
    acts = [line.split(" ", 2)[2] for line in rig.world.sim.lines]
    assert acts == [
        "voltage 48.0003",
        "current 30",
        "power 5000",
        "sink power 2500",
        "sink current 15",
        "OVP 88",
        "OCP 66",
    ]


def test_output_state_and_actual_values(psb):
    asked(psb, REMOTE)
    asked(psb, "06 01F4 6666")
    assert asked(psb, "05 0195 FF00") == spaced("05 0195 FF00")
    assert asked(psb, "03 01F9 0002") == spaced("03 04 00000886")
    assert asked(psb, "03 01FB 0003") == spaced("03 06 6666 0DA7 068E")
    assert asked(psb, "01 0195 0001") == spaced("01 02 FF00")
    assert asked(psb, "01 019B 0001") == spaced("01 02 0000")


def test_an_alarm_stays_until_it_is_acknowledged(psb, rig):
    asked(psb, REMOTE)
    rig.world.supply.pending_alarm = "OVP"
    assert asked(psb, "03 01F9 0002") == spaced("03 04 00018806")
    assert asked(psb, "05 0195 FF00") == 7
    assert asked(psb, "05 019B FF00") == spaced("05 019B FF00")
    assert asked(psb, "03 01F9 0002") == spaced("03 04 00000806")
    assert asked(psb, "03 0208 0005") == spaced("03 0A 0001 0000 0000 0000 0000")


def test_sinking_is_bit_31_and_the_current_a_magnitude(psb, rig):
    asked(psb, "05 0192 FF00")
    asked(psb, "05 0195 FF00")
    rig.world.supply.measure = lambda: (40.0, -30.0)
    assert asked(psb, "03 01F9 0002") == spaced("03 04 80000886")
    assert asked(psb, "03 01FB 0002") == spaced("03 04 6666 6666")


@pytest.mark.parametrize(
    ("pdu", "code"),
    [
        ("02 0192 0001", 1),  # no such function
        ("03 0192 0001", 1),  # a coil is no register
        ("01 01F4 0001", 1),
        ("05 01F4 FF00", 1),
        ("06 0192 0001", 1),
        ("10 01F4 0002 04 0000 0000", 1),  # set values are written one at a time
        ("03 01F9 0004", 2),  # across groups
        ("03 1000 0001", 2),
        ("01 1000 0001", 2),
        ("06 1000 0001", 2),
        ("10 1000 0001 02 0000", 2),
        ("06 01F4 CCCD", 3),  # more than 100 %
        ("06 0226 E148", 3),
        ("05 0195 0001", 3),
        ("01 0192 0002", 3),  # one coil at a time
        ("03 01F4 0000", 3),
        ("10 00AB 0015 2A" + "00" * 42, 3),  # longer than the user text
    ],
)
def test_errors(psb, pdu, code):
    asked(psb, REMOTE)
    assert asked(psb, pdu) == code


def test_the_user_text(psb):
    asked(psb, REMOTE)
    assert asked(psb, "10 00AB 0001 02 4142") == spaced("10 00AB 0001")
    assert bytes.fromhex(asked(psb, "03 00AB 0014"))[2:].rstrip(b"\0") == b"AB"


def test_full_compliance_reads_a_coil_as_a_bit(rig):
    full = EaModbus(PSB_9080_60, rig.world.supply, full=True)
    asked(full, REMOTE)
    assert asked(full, "01 0192 0001") == spaced("01 01 01")


def test_a_ps_has_no_sink(rig):
    ps = EaModbus(PS_9080_60, rig.world.supply)
    asked(ps, REMOTE)
    assert (asked(ps, "06 01F3 1000"), asked(ps, "03 01F2 0001"), asked(ps, "03 007F 0002")) == (2, 2, 2)
    assert struct.unpack(">3f", bytes.fromhex(asked(ps, "03 0079 0006"))[2:]) == (80.0, 60.0, 1500.0)


def test_over_a_socket_it_is_unit_0_unless_full(make_rig):
    models = {"supply": type("Model", (), {"model": "ea_modbus", "latency": 3e-3})()}
    client = make_rig(models=models).modbus("supply")
    assert client.ask(bytes.fromhex("03 0079 0002"), unit=0) == bytes.fromhex("03 04 42A00000")
