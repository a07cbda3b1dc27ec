"""Charts painted by our own small canvas."""
