"""`python -m kernel.run documents --role all`: see `kernel.run.launcher`."""

# First of all, for it patches the standard library.
from kernel.run.launcher import main  # isort: skip

import sys

if __name__ == "__main__":
    main(sys.argv[1:])
