"""Services: what the program does; one frozen answer for each page and command."""
