"""Pages: each asks services through jobs and shows one answer."""
