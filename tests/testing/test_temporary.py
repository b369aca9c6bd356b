"""One object for with, decorators and classes."""

from __future__ import annotations

import asyncio
import inspect
import unittest

import pytest

from confkit.overriding import active
from confkit.testing.temporary import Temporary


class Counter(Temporary):
    what = "count"

    def __init__(self, log):
        super().__init__()
        self.log = log

    def _set(self):
        self.log.append("set")

    def _undo(self):
        self.log.append("undo")


class Failing(Temporary):
    def _set(self):
        raise KeyError("no")


@pytest.fixture
def log():
    return []


def test_with(log):
    with Counter(log) as change:
        assert change.applied
        assert log == ["set"]
        with change:
            pass
        assert log == ["set"]
    assert log == ["set", "undo"]
    assert not change.applied
    change.remove()
    assert log == ["set", "undo"]
    with change:
        pass
    assert log == ["set", "undo"] * 2


def test_it_knows_where_it_was_made():
    line = inspect.currentframe().f_lineno + 1
    change = Temporary()
    assert change.site.endswith(f"test_temporary.py:{line}")
    assert repr(change) == f"<change, set at {change.site}>"


def test_what_is_in_force_is_known(log):
    before = active()
    change = Counter(log).apply()
    (token,) = [one for one in active() if one not in before]
    assert (token.what, token.site) == ("count", change.site)
    token.undo()
    assert active() == before
    assert log == ["set", "undo"]


def test_one_that_fails_leaves_nothing_behind():
    before = active()
    change = Failing()
    with pytest.raises(KeyError):
        change.apply()
    assert not change.applied
    assert active() == before
    change.remove()


def test_functions(log):
    @Counter(log)
    def function(a, b=2):
        """Doc."""
        log.append((a, b))
        return a + b

    assert function(1) == 3
    assert log == ["set", (1, 2), "undo"]
    assert (function.__name__, function.__doc__) == ("function", "Doc.")


def test_coroutines(log):
    @Counter(log)
    async def function():
        log.append("in")

    asyncio.run(function())
    assert log == ["set", "in", "undo"]


def test_generators(log):
    @Counter(log)
    def fixture():
        log.append("before")
        yield 1
        log.append("after")

    assert list(fixture()) == [1]
    assert log == ["set", "before", "after", "undo"]


def test_async_generators(log):
    @Counter(log)
    async def fixture():
        yield 1

    async def run():
        return [item async for item in fixture()]

    assert asyncio.run(run()) == [1]
    assert log == ["set", "undo"]


def test_an_exception_ends_it(log):
    @Counter(log)
    def function():
        raise KeyError

    with pytest.raises(KeyError):
        function()
    assert log == ["set", "undo"]


def test_plain_classes_around_each_test(log):
    @Counter(log)
    class TestIt:
        value = 1

        def helper(self):
            log.append("helper")

        def test_one(self):
            self.helper()

    TestIt().test_one()
    assert log == ["set", "helper", "undo"]
    TestIt().helper()
    assert log[3:] == ["helper"]


def test_unittest_classes_from_set_up_class_on(log):
    @Counter(log)
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            log.append("setUpClass")

        def test_one(self):
            log.append("one")

        def test_two(self):
            log.append("two")

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert result.wasSuccessful()
    assert log == ["set", "setUpClass", "one", "two", "undo"]


def test_a_subclass_of_a_decorated_case_holds_it_too(log):
    @Counter(log)
    class Case(unittest.TestCase):
        pass

    class Derived(Case):
        def test_one(self):
            log.append("one")

    unittest.defaultTestLoader.loadTestsFromTestCase(Derived).run(unittest.TestResult())
    assert log == ["set", "one", "undo"]
