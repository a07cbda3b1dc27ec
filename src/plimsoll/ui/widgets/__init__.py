"""Widgets: they receive values and emit intentions."""
