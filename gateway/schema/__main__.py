"""`python -m gateway.schema`: writes the committed schema, shows it or compares it."""

import sys

from gateway.schema.assembled import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
