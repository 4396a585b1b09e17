"""Keysight's switch units: their relays and cards, the scan, and what survives a loss of power."""

import pytest

from rig.twin.bench.relays import RELAYS, RelayPhysics
from rig.twin.bench.switch_cards import channels
from rig.twin.wire.keysight_unit import build
from rig.twin.wire.panel import RelayPanel

S = 10**12


class Volts:
    """A meter whose inputs are what they are; 101 and 1001 read 4.2715 mV."""

    def read(self, channel, full_scale):
        volts = {"101": 4.2715e-3, "1001": 4.2715e-3, "102": -7.5, "103": 500.0}.get(channel, 0.0)
        return volts if abs(volts) <= 1.2 * full_scale else float("inf")


class Calendar:
    now_ps = 5 * S

    def at(self, t_ps, callback):
        raise AssertionError("nothing here happens by itself")


class Unit:
    def __init__(self, model):
        self.model, self.coils, self.cycles = model, RelayPhysics({}, RELAYS[model]), {}
        latching = [channel for channel, card in channels(model).items() if card.latching]
        self.panel = RelayPanel(self.coils, latching)
        self.start()

    def start(self):
        self.instrument = build(self.model, self.panel, Volts(), self.cycles, Calendar())

    def ask(self, *messages):
        return [self.instrument.execute(message.encode()).decode().removesuffix("\n") for message in messages][-1]

    def on(self):
        return {channel for channel in self.coils.channels if self.coils.coil(channel)}


@pytest.fixture
def daq():
    return Unit("keysight_daq970a")


@pytest.fixture
def switch():
    return Unit("keysight_34980a")


def test_channels_close_and_open_in_lists_and_ranges(switch):
    assert switch.ask("ROUT:CLOS (@4101:4103,2020)") == ""
    assert switch.on() == {4101, 4102, 4103, 2020}
    assert switch.ask("ROUTE:CLOSE? (@4101,4104,2020)") == "1,0,1"
    assert switch.ask("ROUT:OPEN? (@4101,4104,2020)") == "0,1,0"
    switch.ask(":ROUTe:OPEN (@4101:4816)")
    assert switch.on() == {2020}
    switch.ask("ROUT:CLOS:EXCL (@2003)")
    assert switch.on() == {2003}
    assert switch.ask("ROUT:DONE?;:SYST:ERR?") == '1;+0,"No error"'


def test_all_open_by_slot_and_together(switch):
    switch.ask("ROUT:CLOS (@4101,2001,1001)", "ROUT:OPEN:ALL 2")
    assert switch.on() == {4101, 1001}
    switch.ask("ROUT:OPEN:ALL")
    assert switch.on() == set()
    switch.ask("ROUT:OPEN:ALL 9")
    assert switch.ask("SYST:ERR?") == '-222,"Data out of range"'


def test_open_all_is_no_command_of_a_data_acquisition_unit(daq):
    daq.ask("ROUT:OPEN:ALL")
    assert daq.ask("SYST:ERR?") == '-113,"Undefined header"'


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("3001", '+111,"Channel list: slot number out of range"'),
        ("2021", '+112,"Channel list: channel number out of range"'),
    ],
)
def test_a_channel_that_is_not_there(switch, channel, error):
    switch.ask(f"ROUT:CLOS (@4101,{channel})")
    assert switch.on() == set()
    assert switch.ask("SYST:ERR?") == error
    assert switch.ask("*ESR?") == "8"


@pytest.mark.parametrize(
    ("model", "ask", "reply"),
    [
        ("keysight_34980a", "SYST:CTYP? 4", '"Agilent Technologies,34932A,AB10000004,1.00"'),
        ("keysight_34980a", "SYST:CTYP? 3", '"Agilent Technologies,0,0,1.00"'),
        ("keysight_34972a", "SYST:CTYP? 200", "Agilent Technologies,34903A,0,2.3"),
        ("keysight_34972a", "SYST:CTYP? 300", "Agilent Technologies,0,0,0"),
        ("keysight_daq970a", "SYST:CTYP? 1", "Keysight Technologies,DAQM901A,MY58022261,01.02"),
    ],
)
def test_cards_in_the_words_of_each_unit(model, ask, reply):
    assert Unit(model).ask(ask) == reply


@pytest.mark.parametrize(("model", "slot"), [("keysight_34980a", 9), ("keysight_34972a", 1), ("keysight_daq970a", 4)])
def test_a_slot_that_is_not_there(model, slot):
    unit = Unit(model)
    assert unit.ask(f"SYST:CTYP? {slot}") == ""
    assert unit.ask("SYST:ERR?") == '-222,"Data out of range"'


def test_closings_are_counted_and_kept_without_power(daq):
    daq.ask("ROUT:CLOS (@201)", "ROUT:CLOS (@201)", "ROUT:OPEN (@201)", "ROUT:CLOS (@201,202)")
    assert daq.ask("DIAG:REL:CYCL? (@201:203)") == "+2,+1,+0"
    daq.start()
    assert daq.ask("DIAG:REL:CYCL? (@201:203)") == "+2,+1,+0"
    daq.ask("DIAG:REL:CYCL:CLE (@201)")
    assert daq.ask("DIAG:REL:CYCL? (@201,202)") == "+0,+1"


def test_latching_relays_stay_without_power_and_open_with_it(switch):
    switch.ask("ROUT:CLOS (@4101,2001,1001,5001)")
    switch.panel.power_off()
    assert switch.on() == {4101, 2001}
    switch.start()
    assert switch.on() == set()


def test_configure_makes_the_scan_list_of_a_data_acquisition_unit(daq):
    daq.ask("CONF:VOLT:DC 10,DEF,(@103,101,102,101)")
    assert daq.ask("ROUT:SCAN?") == "#214(@101,102,103)"
    assert daq.ask("ROUT:SCAN:SIZE?") == "+3"
    assert daq.ask("VOLT:DC:RANG? (@101)") == "+1.00000000E+01"
    daq.ask("ROUT:SCAN (@)")
    assert daq.ask("ROUT:SCAN?") == "#13(@)"
    daq.ask("INIT")
    assert daq.ask("SYST:ERR?") == '+113,"Channel list: empty scan list"'


def test_configure_leaves_the_scan_list_of_a_34980a(switch):
    switch.ask("CONF:VOLT:DC 0.1,(@1001)")
    assert switch.ask("ROUT:SCAN?") == "#13(@)"
    switch.ask("ROUT:SCAN (@1001)", "FORM:READ:UNIT ON")
    assert switch.ask("READ?") == "+4.27150000E-03 VDC"


def test_readings_carry_what_is_asked_for_and_configure_takes_it_away(daq):
    daq.ask("CONF:VOLT:DC 10,(@101,102)", "FORM:READ:UNIT ON", "FORM:READ:CHAN ON")
    assert daq.ask("READ?") == "+4.27150000E-03 VDC,101,-7.50000000E+00 VDC,102"
    daq.ask("CONF:VOLT:DC (@102)")
    assert daq.ask("READ?") == "-7.50000000E+00"


def test_overload_is_9_9e37(daq):
    daq.ask("CONF:VOLT:DC 300,(@103)")
    assert daq.ask("READ?") == "+9.90000000E+37"


def test_the_memory_is_read_away(daq):
    daq.ask("CONF:VOLT:DC 100,(@101,102)", "TRIG:COUN 2", "FORM:READ:CHAN ON", "INIT")
    assert daq.ask("DATA:POIN?") == "+4"
    assert daq.ask("DATA:REM? 1") == "+4.27150000E-03,101"
    assert daq.ask("R? 1") == "#219-7.50000000E+00,102"
    assert daq.ask("DATA:REM? 3") == ""
    assert daq.ask("SYST:ERR?") == '-222,"Data out of range"'
    assert daq.ask("FETC?") == "+4.27150000E-03,101,-7.50000000E+00,102"
    assert daq.ask("R?;R?") == "#239+4.27150000E-03,101,-7.50000000E+00,102;#10"


def test_a_scan_wears_its_relays_and_lets_one_channel_of_its_card_be_closed(daq):
    daq.ask("CONF:VOLT:DC 100,(@101,102)", "TRIG:COUN 3", "INIT", "ROUT:CLOS (@105)", "ROUT:CLOS (@106)")
    assert daq.ask("DIAG:REL:CYCL? (@101,105)") == "+3,+1"
    assert daq.on() == {106}


def test_read_of_a_list_of_its_own_leaves_the_scan_list(switch, daq):
    switch.ask("CONF:VOLT:DC 10,(@1001,1002)", "ROUT:SCAN (@1002)")
    assert switch.ask("READ? (@1001)") == "+4.27150000E-03"
    assert switch.ask("ROUT:SCAN?") == "#17(@1002)"
    assert switch.ask("DATA:POIN?") == "+1"
    assert daq.ask("READ? (@101)", "SYST:ERR?") == '-108,"Parameter not allowed"'


def test_read_of_a_34972a_leaves_nothing_in_its_memory():
    old = Unit("keysight_34972a")
    old.ask("CONF:VOLT:DC 10,(@101)")
    assert old.ask("READ?") == "+4.27150000E-03"
    assert old.ask("DATA:POIN?") == "+0"


def test_measure_configures_and_reads(switch):
    assert switch.ask("MEAS:VOLT:DC? 1,(@1001,1002)") == "+4.27150000E-03,+0.00000000E+00"
    assert switch.ask("ROUT:SCAN?") == "#13(@)"


def test_a_relay_card_cannot_be_measured(daq):
    daq.ask("CONF:VOLT:DC 10,(@201)")
    assert daq.ask("SYST:ERR?") == '+308,"Channel not able to perform requested operation"'
