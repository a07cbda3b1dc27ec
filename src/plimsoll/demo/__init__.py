"""The demo: simulated providers on loopback, with their own truth."""
