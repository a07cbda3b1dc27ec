"""Coding agents whose logs are on disk: one file, one agent."""
