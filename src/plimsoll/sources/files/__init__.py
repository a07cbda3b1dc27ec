"""Files: one module for each format of a provider console's export, listed by file name."""
