"""What can be wrong with a device: named defects, each a change of the values of a scene."""
