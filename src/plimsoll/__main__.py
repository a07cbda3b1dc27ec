"""`python -m plimsoll`."""

import sys

from plimsoll.app import main

if __name__ == "__main__":
    sys.exit(main())
