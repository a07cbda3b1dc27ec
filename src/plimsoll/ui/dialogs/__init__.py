"""Small windows of their own: forms, the command palette, the explanation of a page."""
