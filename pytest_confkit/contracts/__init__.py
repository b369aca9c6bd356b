"""What every implementation of a port must do, as test classes to subclass.

::

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self):
            return MyStore(...)      # a store without flags, of its own for each test
"""

import pytest

pytest.register_assert_rewrite("pytest_confkit.contracts.stores")

from pytest_confkit.contracts.stores import OFF as OFF  # noqa: E402
from pytest_confkit.contracts.stores import ON as ON  # noqa: E402
from pytest_confkit.contracts.stores import StoreContract as StoreContract  # noqa: E402
