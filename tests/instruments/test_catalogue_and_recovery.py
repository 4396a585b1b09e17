"""Driver names, plug-ins, errors as records, and the way back from a lost link."""

import pickle
from typing import get_args

import pytest

from instruments import roles
from instruments.catalogue import FAMILIES, UnknownDriver, driver_options, family_of, load_driver
from instruments.clock import WallClock
from instruments.errors import LinkError, LinkRefused, OutOfRange
from instruments.records import Identity
from instruments.recovery import recover
from instruments.supplies.ea_psb9000 import EaPsb9000

ROLES = {
    "supply": roles.Supply,
    "load": roles.Load,
    "relays": roles.RelayMatrix,
    "lines": roles.DigitalOutput,
    "recorder": roles.Recorder,
    "digitizer": roles.Digitizer,
    "meter": roles.Meter,
    "generator": roles.Generator,
    "chamber": roles.Chamber,
}


def test_every_driver_loads_and_has_the_methods_of_its_roles():
    for name, family in FAMILIES.items():
        driver = load_driver(name)
        for role in family.roles:
            missing = (
                {method for method in dir(ROLES[role]) if not method.startswith("_")}
                - set(dir(getattr(driver, "makes", driver)))
                - {"name", "accuracy", "limits", "channels"}
            )
            assert missing == set(), (name, role)


def test_families_are_sorted():
    assert list(FAMILIES) == sorted(FAMILIES)


def test_plug_in_by_module_and_class():
    assert load_driver("instruments.supplies.ea_psb9000:EaPsb9000") is EaPsb9000


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("ea_psb9001", "did you mean 'ea_psb9000'"),
        ("scope", "known: bk_8600"),
        ("no_such_module:Driver", "cannot be loaded"),
        ("instruments.records:Nothing", "cannot be loaded"),
        ("instruments.records:Sample", "has no connect"),
        (":Driver", "cannot be loaded"),
    ],
)
def test_unknown_driver_says_what_there_is(name, says):
    with pytest.raises(UnknownDriver, match=says):
        load_driver(name)


def test_options_are_what_connect_takes_beyond_what_the_rig_gives():
    options = driver_options(load_driver("waveshare_relay"))
    defaults = {name: option.default for name, option in options.items()}
    assert defaults == {"channels": 32, "inputs": 0, "byte_order": "reversed", "unit": 1, "line": "9600 8N1"}
    assert get_args(options["channels"].annotation) == (8, 16, 32)
    assert get_args(options["byte_order"].annotation) == ("reversed", "standard")
    assert driver_options(load_driver("bk_8600")) == {}
    (sense,) = driver_options(load_driver("siglent_sdl1000x")).items()
    assert (sense[0], sense[1].default) == ("remote_sense", False)


@pytest.mark.parametrize("name", FAMILIES)
def test_each_driver_works_without_options_and_says_the_type_of_each(name):
    for option in driver_options(load_driver(name)).values():
        assert option.default is not option.empty
        assert option.annotation is not option.empty
        assert not isinstance(option.annotation, str)


@pytest.mark.parametrize(
    ("identity", "speaks", "driver"),
    [
        ("EA Elektro-Automatik GmbH & Co. KG,PSB 9080-60 2U,1,V3", "SCPI", "ea_psb9000"),
        ("EA Elektro-Automatik,PSB 9080-60 2U,1,", "Modbus", "ea_modbus"),
        ("RIGOL TECHNOLOGIES,DHO924,D1,00.01", "SCPI", "rigol_dho800"),
        ("RIGOL TECHNOLOGIES,DL3021A,DL3A1,00.01.05", "SCPI", "rigol_dl3000"),
        ("Siglent Technologies,SDS2354X HD,S1,3.8", "SCPI", "siglent_sds2000x"),
        ("SIGLENT TECHNOLOGIES,SDL1020X-E,S1,1.1", "SCPI", "siglent_sdl1000x"),
        ("KEITHLEY INSTRUMENTS,MODEL DMM6500,04340543,1.0.01b", "SCPI", "keithley_dmm6500"),
        ("LabJack,T8,480010001,1.0", "Modbus", "labjack_t8"),
        ("LabJack,T8,480010001,1.0", "SCPI", None),
        ("Siglent Technologies,SDS1104X,S1,1", "SCPI", None),
    ],
)
def test_a_family_is_known_by_its_identity(identity, speaks, driver):
    assert family_of(identity, speaks) == driver


def test_errors_survive_pickling_and_name_instrument_command_and_cure():
    error = OutOfRange("supply", "set_voltage", "99 V is outside 0 to 80 V", "choose less")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is OutOfRange
    assert str(copy) == "supply: 99 V is outside 0 to 80 V (on 'set_voltage'); choose less"
    assert (copy.instrument, copy.command, copy.cure) == ("supply", "set_voltage", "choose less")
    assert isinstance(copy, LinkError)


def test_wall_clock_moves():
    clock = WallClock()
    before = clock.now_ns()
    clock.sleep(0.001)
    clock.sent("supply", 5)
    assert clock.now_ns() - before >= 1_000_000


class Driver:
    def __init__(self, answers):
        self.link, self.name, self.address = self, "supply", "here"
        self.known = Identity("EA", "PSB", "1", "2")
        self.answers, self.done = answers, []

    def reopen(self):
        self.done.append("reopen")

    def close(self):
        self.done.append("close")

    def begin(self):
        self.done.append("identify")
        self.known = self.answers
        return self.answers

    def make_safe(self):
        self.done.append("make safe")


def test_recovery_reopens_identifies_and_makes_safe():
    driver = Driver(Identity("EA", "PSB", "1", "2"))
    recover(driver)
    assert driver.done == ["reopen", "identify", "make safe"]


def test_recovery_leaves_another_instrument_alone_at_every_attempt():
    driver = Driver(Identity("EA", "PSB", "other", "2"))
    for _ in range(2):
        with pytest.raises(LinkRefused, match="EA,PSB,other,2 answers at here where EA,PSB,1,2 was"):
            recover(driver)
    assert driver.done == ["reopen", "identify", "close"] * 2
