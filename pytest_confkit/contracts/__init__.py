"""What every implementation of a port must do, as test classes to subclass.

::

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self):
            return MyStore(...)      # a store without flags, of its own for each test
"""

import pytest

for _name in ("stores", "async_stores", "sources", "resolvers"):
    pytest.register_assert_rewrite(f"pytest_confkit.contracts.{_name}")

from pytest_confkit.contracts.async_stores import (  # noqa: E402
    AsyncStoreContract as AsyncStoreContract,
)
from pytest_confkit.contracts.resolvers import ResolverContract as ResolverContract  # noqa: E402
from pytest_confkit.contracts.sources import SourceContract as SourceContract  # noqa: E402
from pytest_confkit.contracts.stores import OFF as OFF  # noqa: E402
from pytest_confkit.contracts.stores import ON as ON  # noqa: E402
from pytest_confkit.contracts.stores import StoreContract as StoreContract  # noqa: E402
