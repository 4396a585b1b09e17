"""Captures from elsewhere: files of oscilloscopes and plain tables in, tables, HDF5 and COMTRADE out."""

from rig.waveforms.errors import BadWaveform
from rig.waveforms.reading import read_waveform
from rig.waveforms.samples import in_steps, tells_its_step
from rig.waveforms.writing import EXPORTS, export

__all__ = ["EXPORTS", "BadWaveform", "export", "in_steps", "read_waveform", "tells_its_step"]
