"""A file of three flags with remarks."""

from __future__ import annotations

import pytest

TEXT = """\
# The shop's flags.

# Asked for by the sales team.
new-checkout:
  enabled: true
  percentage: 10   # slowly

dark_mode: false

# The last one.
beta_api:
  enabled: true
  allow: [42, "007"]
"""


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "flags.yaml"
    file.write_text(TEXT)
    return file
