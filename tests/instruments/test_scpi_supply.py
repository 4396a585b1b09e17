"""Supplies from a page: what is asked of the instrument, in which order, and what of it is refused."""

import pytest

from instruments.catalogue import load_driver
from instruments.errors import InstrumentError, LinkRefused, NotSupported, ProtocolError
from instruments.records import Limits, NetworkAddress
from instruments.supplies import keysight_n6700, keysight_n7900, tdk_genesys
from instruments.supplies.page import Rating, weights, words

NO_ERROR = (b"SYST:ERR?\n", b'+0,"No error"\n')
E36312A = (b"*IDN?\n", b"Keysight Technologies,E36312A,MY1,2.1.0\n")
N6700C = [
    (b"*IDN?\n", b"Keysight Technologies,N6700C,MY1,E.02\n"),
    (b"SYST:CHAN:COUN?\n", b"2\n"),
    (b"SYST:CHAN:MOD? (@1)\n", b"N6745B\n"),
    (b"VOLT? MIN,(@1)\n", b"+7.000000E-02\n"),
    (b"VOLT? MAX,(@1)\n", b"+6.120000E+01\n"),
    (b"CURR? MIN,(@1)\n", b"+2.500000E-03\n"),
    (b"CURR? MAX,(@1)\n", b"+1.700000E+00\n"),
    (b"VOLT:PROT? MIN,(@1)\n", b"+0.000000E+00\n"),
    (b"VOLT:PROT? MAX,(@1)\n", b"+6.600000E+01\n"),
]
DP832 = [(b"*IDN?\n", b"RIGOL TECHNOLOGIES,DP832,DP8C1,00.01.16\n"), (b":OUTP:SENS? CH1\n", b"NONE\n")]


@pytest.fixture
def connect(player, tap, clock):
    opened = []

    def start(name, *script, channel=1):
        server = player(list(script))
        address = NetworkAddress(server.address)
        opened.append(load_driver(name).connect(address, name="supply", tap=tap, clock=clock, channel=channel))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


def checked(command, error=NO_ERROR):
    return [(command + b"\n", b""), error]


def test_another_instrument_is_refused_before_anything_is_set(connect):
    with pytest.raises(LinkRefused, match="which is no Keysight E36300"):
        connect("keysight_e36300", (b"*IDN?\n", b"RIGOL TECHNOLOGIES,DP832,1,2\n"))


@pytest.mark.parametrize(
    ("name", "identity", "channel"),
    [
        ("keysight_e36300", b"Keysight Technologies,E36311A,1,2", 3),  # negative
        ("keysight_e36300", b"Keysight Technologies,E36313A,1,2", 0),
        ("rs_ngp800", b"Rohde&Schwarz,NGP802,1,2", 3),
        ("tdk_genesys", b"LAMBDA,GEN60-40,1,2", 2),
        ("keysight_n7900", b"Keysight Technologies,N7974A,1,2", 2),
    ],
)
def test_an_output_that_is_not_there_is_refused(connect, name, identity, channel):
    with pytest.raises(LinkRefused, match=rf"has no output {channel} .* `channel` under options"):
        connect(name, (b"*IDN?\n", identity + b"\n"), channel=channel)


def test_an_empty_slot_is_refused(connect):
    with pytest.raises(LinkRefused, match="has no output 3"):
        connect("keysight_n6700", *N6700C[:2], channel=3)


def test_a_rating_that_is_no_number_is_an_error_of_the_protocol(connect):
    with pytest.raises(ProtocolError, match=r"supply: its ratings: .*'MAX'"):
        connect("keysight_n6700", *N6700C[:3], (b"VOLT? MIN,(@1)\n", b"MAX\n"))


def test_a_module_says_what_it_can_be_set_to_and_has_its_own_accuracy(connect):
    supply = connect("keysight_n6700", *N6700C)
    assert supply.limits == Limits(61.2, 1.7, 100.0)
    assert (supply.rating.least_volts, supply.rating.least_amps, supply.rating.ovp) == (0.07, 0.0025, (0.0, 66.0))
    assert {row.function for row in supply.accuracy} == {
        "set voltage", "measure voltage", "set current", "measure current"
    }  # fmt: skip
    other = [(sent, reply.replace(b"N6745B", b"N6733B")) for sent, reply in N6700C]
    assert connect("keysight_n6700", *other).accuracy == ()


def test_rows_of_accuracy_are_those_of_the_output(connect):
    ranges = [
        {row.function: row.range for row in connect("keysight_e36300", E36312A, channel=n).accuracy} for n in (1, 2)
    ]
    assert [(r["set voltage"], r["measure current"]) for r in ranges] == [(6.0, 5.0), (25.0, 1.0)]
    dp831a = [(sent, reply.replace(b"DP832", b"DP831A")) for sent, reply in DP832]
    rows = {row.function: row for row in connect("rigol_dp800", *dp831a).accuracy}
    assert (rows["set current"].offset_abs, rows["set current"].verified) == (10e-3, True)


def test_the_name_of_a_genesys_says_its_rating():
    assert tdk_genesys.rated(str, "GEN60-40-LAN", 1) == Rating(60.0, 40.0, 2400.0, ovp=(5.0, 66.0))
    assert tdk_genesys.rated(str, "GENH12.5-60", 1) == Rating(12.5, 60.0, 750.0, ovp=(1.0, 15.0))


@pytest.mark.parametrize(("model", "watts"), [("N7954A", 1000.0), ("N6974A", 2000.0)])
def test_the_name_of_an_n7900_says_its_power(model, watts):
    asked = []

    def ask(command):
        asked.append(command)
        return "+8.000000E+01"

    assert keysight_n7900.unit_rating(ask, model, 1).watts == watts
    assert asked == ["VOLT? MAX", "CURR:LIM? MAX", "VOLT:PROT? MIN", "VOLT:PROT? MAX", "VOLT? MIN"]


def test_a_module_of_an_unknown_series_gives_what_its_limits_say():
    replies = {"SYST:CHAN:COUN?": "4", "SYST:CHAN:MOD? (@4)": "N6799A\n"}
    rating = keysight_n6700.module_rating(lambda command: replies.get(command, "+2.000000E+00"), "N6700C", 4)
    assert (rating.watts, rating.model) == (4.0, "N6799A")


def test_an_ovp_level_is_set_before_it_is_put_in_force(connect):
    script = [*checked(b"VOLT:PROT 12.0000,(@2)"), *checked(b"VOLT:PROT:STAT ON,(@2)")]
    connect("keysight_e36300", E36312A, *script, channel=2).set_ovp(12.0)


def test_sense_that_an_output_has_not_is_no_capability_of_it(connect):
    supply = connect("rigol_dp800", *DP832)
    assert supply.capabilities == {"ovp", "ocp"}
    with pytest.raises(NotSupported):
        supply.remote_sense(True)
    dp811 = [(DP832[0][0], DP832[0][1].replace(b"DP832", b"DP811A")), (b":OUTP:SENS? CH1\n", b"OFF\n")]
    supply = connect("rigol_dp800", *dp811, *checked(b":OUTP:SENS CH1,ON"), (b":OUTP:SENS? CH1\n", b"ON\n"))
    assert supply.capabilities == {"ovp", "ocp", "remote sense"}
    supply.remote_sense(True)


OFF = [*checked(b"OUTP OFF,(@1)"), (b"OUTP? (@1)\n", b"0\n")]
OV, CLEAR = (b"STAT:QUES:COND? (@1)\n", b"1\n"), (b"STAT:QUES:COND? (@1)\n", b"0\n")


def test_a_release_is_sent_with_the_output_verified_off(connect):
    script = [*OFF, OV, *checked(b"OUTP:PROT:CLE (@1)"), CLEAR, (b"OUTP? (@1)\n", b"0\n")]
    connect("keysight_n6700", *N6700C, *script).clear_protection()


def test_without_a_trip_nothing_is_released(connect):
    connect("keysight_n6700", *N6700C, *OFF, CLEAR, CLEAR, (b"OUTP? (@1)\n", b"0\n")).clear_protection()


def test_an_output_that_stays_on_is_not_released(connect):
    supply = connect("keysight_n6700", *N6700C, *checked(b"OUTP OFF,(@1)"), (b"OUTP? (@1)\n", b"1\n"))
    with pytest.raises(InstrumentError, match="output did not go off"):
        supply.clear_protection()


def test_an_output_that_comes_on_with_the_release_is_switched_off_and_is_an_error(connect):
    script = [*OFF, OV, *checked(b"OUTP:PROT:CLE (@1)"), CLEAR, (b"OUTP? (@1)\n", b"1\n"), *OFF]
    with pytest.raises(InstrumentError, match="came on with the release and was switched off again"):
        connect("keysight_n6700", *N6700C, *script).clear_protection()


def test_a_protection_whose_cause_is_still_there_persists(connect):
    script = [*OFF, OV, *checked(b"OUTP:PROT:CLE (@1)"), OV, (b"OUTP? (@1)\n", b"0\n")]
    with pytest.raises(InstrumentError, match="its OVP persists"):
        connect("keysight_n6700", *N6700C, *script).clear_protection()


def test_an_ovp_that_switching_off_does_not_release_persists(connect):
    begin = [(b"*IDN?\n", b"LAMBDA,GEN60-40-LAN,S/N:1,2\n"), (b"SYST:ERR:ENAB\n", b"")]
    off = [*checked(b"OUTP:STAT OFF"), (b"OUTP:STAT?\n", b"0\n")]
    tripped = (b"STAT:QUES:COND?\n", b"16\n")
    with pytest.raises(InstrumentError, match="its OVP persists"):
        connect("tdk_genesys", *begin, *off, tripped, tripped, off[-1]).clear_protection()


def test_foldback_is_released_by_arming_it_again(connect):
    begin = [(b"*IDN?\n", b"LAMBDA,GEN60-40-LAN,S/N:1,2\n"), (b"SYST:ERR:ENAB\n", b"")]
    off = [*checked(b"OUTP:STAT OFF"), (b"OUTP:STAT?\n", b"0\n")]
    ask = b"STAT:QUES:COND?\n"
    script = [*off, (ask, b"8\n"), *checked(b"CURR:PROT:STAT ON"), (ask, b"0\n"), (b"OUTP:STAT?\n", b"0\n")]
    connect("tdk_genesys", *begin, *script).clear_protection()


def test_two_protections_are_released_one_after_the_other(connect):
    ovp, ocp = b":OUTP:OVP:QUES? CH1\n", b":OUTP:OCP:QUES? CH1\n"
    script = [
        *checked(b":OUTP CH1,OFF"), (b":OUTP? CH1\n", b"OFF\n"),
        (ovp, b"YES\n"), *checked(b":OUTP:OVP:CLE CH1"),
        (ovp, b"NO\n"), (ocp, b"YES\n"), *checked(b":OUTP:OCP:CLE CH1"),
        (ovp, b"NO\n"), (ocp, b"NO\n"), (b":OUTP? CH1\n", b"OFF\n"),
    ]  # fmt: skip
    connect("rigol_dp800", *DP832, *script).clear_protection()


def test_a_tripped_output_reads_back_as_off_though_it_is_programmed_on(connect):
    reading = [(b"MEAS:VOLT? (@1)\n", b"+0.000000E+00\n"), (b"MEAS:CURR? (@1)\n", b"+0.000000E+00\n")]
    state = [(b"OUTP? (@1)\n", b"1\n"), (b"STAT:OPER:COND? (@1)\n", b"4\n")]
    kept = [(command, b"+1.000000E+01\n") for command in (b"VOLT? (@1)\n", b"CURR? (@1)\n", b"VOLT:PROT? (@1)\n")]
    assert connect("keysight_n6700", *N6700C, *reading, *state, *kept).read_back() == {
        "output": False, "set_voltage": 10.0, "current_limit": 10.0, "ovp": 10.0, "volts": 0.0, "amps": 0.0
    }  # fmt: skip


def test_safe_is_the_least_voltage_that_can_be_set(connect):
    safe = [*OFF, *checked(b"VOLT 0.0700,(@1)")]
    supply = connect(
        "keysight_n6700", *N6700C, *safe, (b"VOLT? (@1)\n", b"+7.0E-02\n"), *safe, (b"VOLT? (@1)\n", b"+4.8E+01\n")
    )
    supply.make_safe()
    with pytest.raises(InstrumentError, match=r"set voltage reads 48 V after 0\.07 V"):
        supply.make_safe()


def test_an_output_is_not_told_to_go_on_while_a_protection_is_latched(connect):
    """Its OUTP? would answer 1, with nothing at the terminals."""
    with pytest.raises(InstrumentError, match=r"its OVP is latched and keeps the output off .* clear_protection\(\)"):
        connect("keysight_n6700", *N6700C, OV).output(True)


def test_an_output_that_does_not_go_off_gets_the_least_voltage(connect):
    stuck = [*checked(b"OUTP OFF,(@1)"), (b"OUTP? (@1)\n", b"1\n"), *checked(b"VOLT 0.0700,(@1)")]
    with pytest.raises(InstrumentError, match="output did not go off"):
        connect("keysight_n6700", *N6700C, *stuck).make_safe()


def test_an_old_error_in_the_queue_does_not_stop_the_output_from_being_switched_off(connect):
    old = [*checked(b"OUTP OFF,(@1)", (b"SYST:ERR?\n", b'-410,"Query INTERRUPTED"\n')), NO_ERROR]
    read = [(b"OUTP? (@1)\n", b"0\n"), *checked(b"VOLT 0.0700,(@1)"), (b"VOLT? (@1)\n", b"+7.0E-02\n")]
    connect("keysight_n6700", *N6700C, *old, *read).make_safe()


@pytest.mark.parametrize(
    ("weight", "cause"),
    [(1, "OVP"), (2, "OCP"), (4, "PF"), (16, "OT"), (64, "OVP"), (512, "INH"), (2048, "PROT"), (32, None)],
)
def test_causes_of_an_n6700(connect, weight, cause):
    assert connect("keysight_n6700", *N6700C, (b"STAT:QUES:COND? (@1)\n", b"%d\n" % weight)).trip() == cause


def test_causes_of_an_ngp800(connect):
    ask = b"STAT:QUES:INST:ISUM1:COND?\n"
    none = [(b"VOLT:PROT:TRIP? (@1)\n", b"0\n"), (b"FUSE:TRIP? (@1)\n", b"0\n")]
    script = [step for weight in (b"8\n", b"16\n", b"2\n") for step in (*none, (ask, weight))]
    supply = connect("rs_ngp800", (b"*IDN?\n", b"Rohde&Schwarz,NGP824,1,2\n"), *script)
    assert [supply.trip(), supply.trip(), supply.trip()] == ["OPP", "OT", None]


def test_replies_that_no_manual_prints(connect):
    supply = connect(
        "rigol_dp800",
        *DP832,
        (b":OUTP:OVP:QUES? CH1\n", b"MAYBE\n"),
        (b":STAT:QUES:INST:ISUM1:COND?\n", b"on\n"),
        (b":OUTP:OVP:QUES? CH1\n", b"NO\n"),
        (b":OUTP:OCP:QUES? CH1\n", b"NO\n"),
        *checked(b":OUTP CH1,ON"),
        (b":OUTP? CH1\n", b"2\n"),
    )
    with pytest.raises(ProtocolError, match="'MAYBE' is no such status"):
        supply.trip()
    with pytest.raises(ProtocolError, match="'on' is no such status"):
        supply.regulation()
    with pytest.raises(ProtocolError, match="'2' is neither ON nor OFF"):
        supply.output(True)


def test_both_regulation_bits_are_unregulated_and_none_is_off(connect):
    ask = b"STAT:QUES:INST:ISUM2:COND?\n"
    supply = connect("keysight_e36300", E36312A, (ask, b"3\n"), (ask, b"8\n"), channel=2)
    assert [supply.regulation(), supply.regulation()] == ["UNREGULATED", "OFF"]


def test_decoders():
    decode = weights({3: "both", 1: "one", 2: "two"}, otherwise="none")
    assert [decode(reply) for reply in ("7", "5", "+2", "4", "0")] == ["both", "one", "two", "none", "none"]
    assert [words({"NO": None, "YES": "OVP"})(reply) for reply in (" no ", "YES")] == [None, "OVP"]
