"""What a run makes of an instrument that fails in the middle of a case: `python -m studies.instrument_faults`."""
