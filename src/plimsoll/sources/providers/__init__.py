"""Providers: one file, one provider; each defines `CONNECTOR`."""
