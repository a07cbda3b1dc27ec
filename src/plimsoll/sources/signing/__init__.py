"""How a key is put on a request: in a header, as user and password, or as a signature of it."""
