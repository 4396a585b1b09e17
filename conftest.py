"""Loads the plugin, so that plans run from a bare checkout as they do from an installed wheel."""

pytest_plugins = ["rig.plugin"]
