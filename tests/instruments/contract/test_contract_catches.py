"""A suite that cannot fail proves nothing: each of these mistakes of a driver has to be caught against the twin."""

import importlib
import inspect

import numpy as np
import pytest

from instruments.errors import LinkError
from instruments.records import Sample
from tests.instruments.contract.conftest import simulated
from tests.instruments.contract.families import FAMILIES

SUPPLY, LOAD, RELAYS = ("supply", "ea_psb9000"), ("load", "siglent_sdl1000x"), ("relays", "waveshare_relay32")
LINES, RECORDER = ("lines", "labjack_t7"), ("recorder", "labjack_t7")
DIGITIZER, METER = ("digitizer", "rigol_dho800"), ("meter", "keithley_dmm6500")
GENERATOR, CHAMBER = ("generator", "keysight_33500"), ("chamber", "watlow_f4t")


def nothing(_real):
    return lambda _self, *_args, **_options: None


def answers(value):
    return lambda _real: lambda _self, *_args, **_options: value


def scaled(factor):
    return lambda real: lambda self, value: real(self, factor * value)


def clipped(real):
    return lambda self, value: real(self, min(max(value if value == value else 0.0, 0.0), 10.0))


def doubled(real):
    return lambda self, hertz, volts: real(self, hertz, 2.0 * volts)


def backwards(real):
    return lambda self, codes, rate, volts: real(self, codes[::-1], rate, volts)


def then_on(real):
    def clear(self):
        real(self)
        self.output(True)

    return clear


def opposite(real):
    return lambda self, on: real(self, not on)


def neighbour(real):
    return lambda self, channel, on: real(self, channel % len(self.channels) + 1, on)


def remembered(real):
    """Answers for ever what it answered first."""
    kept = []

    def method(self, *args):
        if not kept:
            kept.append(real(self, *args))
        return kept[0]

    return method


def unsafe(_real):
    def reopen(self):
        self.link.reopen()
        self.begin()

    return reopen


def off_by(real):
    def fetch(self, channel):
        wave = real(self, channel)
        return type(wave)(**{name: getattr(wave, name) for name in wave.__slots__} | {"offset": wave.offset + 1.0})

    return fetch


def late(real):
    def fetch(self, channel):
        wave = real(self, channel)
        shifted = np.roll(wave.codes, len(wave.codes) // 4)
        return type(wave)(**{name: getattr(wave, name) for name in wave.__slots__} | {"codes": shifted})

    return fetch


@pytest.mark.parametrize(
    ("who", "method", "mistake", "test"),
    [
        (SUPPLY, "set_voltage", scaled(1.1), "test_the_terminals_do_what_is_set"),
        (SUPPLY, "set_current_limit", nothing, "test_the_current_limit_holds"),
        (SUPPLY, "measure", answers(Sample(5.0, 0.0)), "test_the_current_limit_holds"),
        (SUPPLY, "output", opposite, "test_the_terminals_do_what_is_set"),
        (SUPPLY, "regulation", answers("CV"), "test_the_terminals_do_what_is_set"),
        (SUPPLY, "set_voltage", clipped, "test_a_value_out_of_range_sends_nothing"),
        (SUPPLY, "trip_at_limit", nothing, "test_what_it_cannot_do_is_refused_and_sends_nothing"),
        (SUPPLY, "make_safe", nothing, "test_make_safe_is_read_back_and_idempotent"),
        (SUPPLY, "read_back", answers({"output": True}), "test_what_it_reads_back"),
        (SUPPLY, "set_ovp", nothing, "test_an_over_voltage_switches_off_for_good"),
        (SUPPLY, "set_ocp", nothing, "test_an_over_current_switches_off_for_good"),
        (SUPPLY, "trip", answers(None), "test_an_over_voltage_switches_off_for_good"),
        (SUPPLY, "clear_protection", then_on, "test_an_over_current_switches_off_for_good"),
        (SUPPLY, "clear_protection", nothing, "test_clearing_never_leaves_the_output_on"),
        (SUPPLY, "reopen", unsafe, "test_a_broken_connection_comes_back_safe"),
        (SUPPLY, "close", nothing, "test_closing_twice_is_allowed_and_sends_nothing"),
        (LOAD, "set_current", scaled(1.1), "test_a_current_is_taken_and_the_input_switches_it"),
        (LOAD, "set_resistance", scaled(1.5), "test_a_resistance_is_held"),
        (LOAD, "set_voltage", nothing, "test_a_voltage_is_held"),
        (LOAD, "set_power", scaled(2.0), "test_a_power_is_held"),
        (LOAD, "set_slew", scaled(4.0), "test_the_slew_is_in_amperes_a_second"),
        (LOAD, "set_von", nothing, "test_nothing_is_taken_below_the_start_voltage"),
        (LOAD, "short", nothing, "test_a_short_pulls_the_source_down_and_its_end_brings_the_level_back"),
        (LOAD, "make_safe", nothing, "test_make_safe_ends_a_short"),
        (LOAD, "reopen", unsafe, "test_a_broken_connection_comes_back_safe"),
        (RELAYS, "set", neighbour, "test_one_relay_is_switched_and_no_other"),
        (RELAYS, "states", remembered, "test_relays_hold_what_they_were_told"),
        (RELAYS, "set_all", nothing, "test_all_are_switched_together"),
        (RELAYS, "make_safe", nothing, "test_make_safe_is_read_back_and_idempotent"),
        (LINES, "set_line", nothing, "test_a_line_is_driven_and_no_other"),
        (LINES, "lines", remembered, "test_a_line_is_driven_and_no_other"),
        (LINES, "make_safe", nothing, "test_make_safe_drives_low_and_is_idempotent"),
        (RECORDER, "conversion", answers((1e-3, -30.0)), "test_a_stream_has_the_volts_of_its_inputs"),
        (RECORDER, "stop", nothing, "test_a_stream_has_the_volts_of_its_inputs"),
        (DIGITIZER, "fetch", off_by, "test_forced_it_shows_what_is_there"),
        (DIGITIZER, "fetch", late, "test_an_edge_is_caught_at_time_zero"),
        (DIGITIZER, "arm", nothing, "test_an_edge_is_caught_at_time_zero"),
        (DIGITIZER, "make_safe", nothing, "test_make_safe_stops_it_and_is_idempotent"),
        (METER, "read", remembered, "test_it_reads_the_voltage_at_its_terminals"),
        (GENERATOR, "set_sine", doubled, "test_an_open_circuit_has_what_is_set"),
        (GENERATOR, "set_samples", backwards, "test_an_open_circuit_has_the_samples_of_a_table"),
        (GENERATOR, "output", nothing, "test_an_open_circuit_has_what_is_set"),
        (GENERATOR, "make_safe", nothing, "test_make_safe_is_read_back_and_idempotent"),
        (CHAMBER, "set_temperature", nothing, "test_the_air_goes_where_it_is_sent"),
        (CHAMBER, "temperature", remembered, "test_the_air_goes_where_it_is_sent"),
        (CHAMBER, "run", opposite, "test_the_air_goes_where_it_is_sent"),
        (CHAMBER, "make_safe", nothing, "test_make_safe_is_read_back_and_idempotent"),
        (METER, "configure", nothing, "test_a_range_or_a_channel_that_it_does_not_have_sends_nothing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_of_a_driver_is_caught(loop, monkeypatch, who, method, mistake, test):
    role, _ = who
    stand = simulated(next(row for row in FAMILIES if (row.role, row.driver) == who), "twin", loop)
    instrument = stand.connect()
    monkeypatch.setattr(type(instrument), method, mistake(getattr(type(instrument), method)))
    proof = getattr(importlib.import_module(f"tests.instruments.contract.test_contract_{role}"), test)
    given = {name: stand if name == "stand" else instrument for name in inspect.signature(proof).parameters}
    try:
        with pytest.raises((AssertionError, LinkError, KeyError, pytest.fail.Exception)):
            proof(**given)
    finally:
        monkeypatch.undo()
        instrument.close()
        stand.close()
