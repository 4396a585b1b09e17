"""The simulated bench around the device: instruments' physics, contactors, injector, transducers."""
