"""Agents' logs: found, read no further than is new, by several processes, and never changed."""
