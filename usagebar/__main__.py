"""`python -m usagebar`: the command line."""

import sys

from usagebar.cli.main import main

sys.exit(main())
