"""What kernel.py is made of. Modules are imported when they are first needed: a kernel must start fast."""

import os

HOME = os.path.dirname(os.path.abspath(__file__)) + os.sep  # every frame from here is the kernel's own
