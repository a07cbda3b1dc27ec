"""Price book: list prices with effective dates, behind one interface."""
