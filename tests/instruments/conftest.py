"""Shared by the instrument tests: a recording tap, a clock that counts, and the scripted server."""

import sys

import pytest

from tests.instruments import player as instrument_player

sys.modules["instrument_player"] = instrument_player  # the short name by which the tests import it


class RecordingTap:
    def __init__(self):
        self.events = []

    def __call__(self, direction, data, note=""):
        self.events.append((direction, bytes(data), note))

    def notes(self):
        return [note for direction, _, note in self.events if direction == "note"]


class CountingClock:
    """Bench time moves only by sleep()."""

    def __init__(self):
        self.ns = 0
        self.totals = {}
        self.slept = []

    def now_ns(self):
        return self.ns

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.ns += round(seconds * 1e9)

    def opened(self, link, local_port):
        pass

    def sent(self, link, nbytes):
        self.totals[link] = self.totals.get(link, 0) + nbytes


@pytest.fixture
def tap():
    return RecordingTap()


@pytest.fixture
def clock():
    return CountingClock()


@pytest.fixture
def player():
    """`player(script, ...)` -> a started server, one script a connection; checked when the test is over."""
    started = []

    def start(*scripts, modbus=False):
        server = (instrument_player.ModbusPlayer if modbus else instrument_player.Player)(scripts)
        started.append(server)
        return server

    yield start
    faults = [fault for server in started for fault in server.finish()]
    assert not faults, faults
