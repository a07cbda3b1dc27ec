"""Rows: how single providers write their figures, where that has outgrown a provider's file."""
