"""What every source of configuration must do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


class SourceContract:
    """What every source must do.

    The fixture ``make`` gives a function from ``{"name": "text"}`` to a source that holds these
    names, as it spells them, at its top level; ``broken`` gives one that cannot be read.
    """

    @pytest.fixture
    def make(self) -> Callable[[dict[str, str]], Any]:
        """A function from names and texts to a source."""
        raise NotImplementedError("give the contract a fixture named 'make'")

    @pytest.fixture
    def broken(self) -> Any:
        """A source that cannot be read."""
        raise NotImplementedError("give the contract a fixture named 'broken'")

    def test_it_is_a_source(self, make: Any) -> None:
        from confkit.layers import Source

        assert isinstance(make({}), Source)

    def test_what_it_holds_is_read(self, make: Any) -> None:
        from confkit.layers import bare

        layer = make({"alpha": "one", "beta": "two words"}).read()
        texts = [str(bare(entry.raw)) for entry in layer.entries.values()]
        assert texts == ["one", "two words"]

    def test_every_entry_has_an_origin(self, make: Any) -> None:
        layer = make({"alpha": "one", "beta": "two"}).read()
        origins = [str(entry.origin) for entry in layer.entries.values()]
        assert len(origins) == 2
        assert all(origins), "an origin tells where a value is set"

    def test_reading_again_gives_the_same(self, make: Any) -> None:
        source = make({"alpha": "one"})
        first, second = source.read(), source.read()
        assert first.name == second.name
        assert {k: e.raw for k, e in first.entries.items()} == {
            k: e.raw for k, e in second.entries.items()
        }

    def test_nothing_in_it_is_an_empty_layer(self, make: Any) -> None:
        assert dict(make({}).read().entries) == {}

    def test_no_value_is_in_its_repr(self, make: Any) -> None:
        source = make({"alpha": "canary-value"})
        layer = source.read()
        shown = [repr(source), repr(layer), *map(repr, layer.entries.values())]
        assert not [text for text in shown if "canary-value" in text]

    def test_what_cannot_be_read_is_told_with_its_origin(self, broken: Any) -> None:
        from confkit.errors import InvalidSource

        with pytest.raises(InvalidSource) as error:
            broken.read()
        assert error.value.problems
        assert all(problem.origin is not None for problem in error.value.problems)
        assert all(problem.code for problem in error.value.problems)
