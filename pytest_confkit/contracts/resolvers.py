"""What every resolver of references must do."""

from __future__ import annotations

from typing import Any

import pytest


class ResolverContract:
    """What every resolver must do.

    The fixture ``resolver`` gives one, ``present`` a reference that it answers and the answer,
    ``absent`` a reference that it does not.
    """

    @pytest.fixture
    def resolver(self) -> Any:
        """A resolver."""
        raise NotImplementedError("give the contract a fixture named 'resolver'")

    @pytest.fixture
    def present(self) -> tuple[str, str]:
        """A reference and its answer."""
        raise NotImplementedError("give the contract a fixture named 'present'")

    @pytest.fixture
    def absent(self) -> str:
        """A reference without an answer."""
        raise NotImplementedError("give the contract a fixture named 'absent'")

    def test_what_is_there_is_answered_and_again(
        self, resolver: Any, present: tuple[str, str]
    ) -> None:
        reference, answer = present
        assert resolver.resolve(reference) == answer
        assert resolver.resolve(reference) == answer

    def test_what_is_not_there_is_no_default(self, resolver: Any, absent: str) -> None:
        from confkit.errors import SecretError

        with pytest.raises((LookupError, SecretError)):
            resolver.resolve(absent)

    def test_it_tells_whether_answers_are_secret(self, resolver: Any) -> None:
        assert isinstance(resolver.secret, bool)

    def test_no_answer_is_in_its_repr_or_its_errors(
        self, resolver: Any, present: tuple[str, str], absent: str
    ) -> None:
        answer = resolver.resolve(present[0])
        assert answer not in repr(resolver)
        with pytest.raises(Exception) as error:  # noqa: PT011 - which one is tested above
            resolver.resolve(absent)
        assert answer not in f"{error.value!r}{error.value}"

    def test_in_settings_it_answers_references(
        self, resolver: Any, present: tuple[str, str], tmp_path: Any
    ) -> None:
        from dataclasses import make_dataclass

        from confkit import Secret, load

        kind: Any = Secret if resolver.secret else str
        settings = make_dataclass("Settings", [("value", kind)], frozen=True)
        (tmp_path / "config.yaml").write_text(f"value: '${{own:{present[0]}}}'\n")
        config: Any = load(settings, root=tmp_path, environ={}, resolvers={"own": resolver})
        value = config.current.value
        assert (value.reveal() if resolver.secret else value) == present[1]
