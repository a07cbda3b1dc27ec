"""What spend means: pure functions of domain values."""
