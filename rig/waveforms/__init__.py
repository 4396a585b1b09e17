"""Captures from elsewhere: files of oscilloscopes and plain tables in, tables, HDF5 and COMTRADE out."""

from rig.waveforms.errors import BadWaveform
from rig.waveforms.reading import read_waveform
from rig.waveforms.writing import EXPORTS, export

__all__ = ["EXPORTS", "BadWaveform", "export", "read_waveform"]
