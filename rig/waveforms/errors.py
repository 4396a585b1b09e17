"""What is wrong with a waveform file, in one sentence."""


class BadWaveform(Exception):
    """A file that cannot be read or written; the sentence says where, what and what to do."""
