"""The examples need the optional libraries: the session without them leaves their tests out."""

import os

if os.environ.get("CONFKIT_TESTS_WITHOUT_EXTRAS"):
    collect_ignore = ["shop"]
