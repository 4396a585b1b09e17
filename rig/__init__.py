"""Hardware-in-the-loop test rig for DC-nanogrid devices."""
