"""``${scheme:reference}``: who answers; each reference is asked once a load, all together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from confkit import redaction
from confkit.errors import MissingExtra, SecretError, SecretGarbled, SecretNotFound
from confkit.forking import cached_property
from confkit.stand_ins import stood_in
from confkit.unseen import alone

LookUp = Callable[[str], str | None]


class Resolver(Protocol):
    """Answers ``${scheme:reference}``; ``secret`` tells whether the answer needs a secret field.

    A plain function from reference to text is a resolver too, of secrets. A resolver may also have

    - ``fetch(references) -> {reference: answer or SecretError}``: asked once for all references of
      a load, so that what belongs together is fetched together;
    - ``version(reference) -> str | None``: what changes whenever the answer changes; it is no
      secret. A watch asks it at every look, so what costs more than a look at memory is kept for
      a while by the resolver itself;
    - ``with_variables(look_up) -> Resolver``: the resolver for one load, which may read variables;
    - ``inline = True``: the reference is no name but the secret itself, encrypted, and not shown;
    - ``remembers = True``: it decides by itself which answers are masked everywhere, by
      ``confkit.redaction.known``; otherwise all of them are.
    """

    secret: bool

    def resolve(self, reference: str) -> str | bytes:
        """The text that the reference stands for; bytes become base64.

        :raises LookupError: when there is none.
        :raises confkit.SecretError: when it cannot be fetched or read.
        """
        ...


AnyResolver = Resolver | Callable[[str], str]
#: Resolvers by scheme, or what makes them: most loads end without one, and never import them.
Resolvers = Mapping[str, AnyResolver] | Callable[[], Mapping[str, AnyResolver]]
Answer = str | bytes | SecretError | MissingExtra
Answers = dict[tuple[str, str], Answer]


class References:
    """The resolvers of one load, and what they have answered.

    Fields of one secret are fetched together and kept, so that a user name and a password are
    never of two versions.
    """

    def __init__(self, resolvers: Resolvers, look_up: LookUp, known: Answers | None = None) -> None:
        self._make = resolvers
        self._look_up = look_up
        #: answers given before; failures among them are asked for again
        self._known: Answers = {} if known is None else known
        self._answers: Answers = {
            asked: answer
            for asked, answer in self._known.items()
            if isinstance(answer, str | bytes)
        }

    @cached_property
    def resolvers(self) -> Mapping[str, Any]:
        """The resolvers by scheme, for this load."""
        made = self._make() if callable(self._make) else self._make
        return {scheme: _bound(one, self._look_up) for scheme, one in made.items()}

    @property
    def schemes(self) -> list[str]:
        """The schemes that somebody answers."""
        return sorted(self.resolvers)

    def secret(self, scheme: str) -> bool:
        """Whether answers of a scheme need a secret field."""
        return bool(getattr(self.resolvers[scheme], "secret", True))

    def shown(self, scheme: str, reference: str) -> str:
        """The reference as reports show it."""
        inline = getattr(self.resolvers.get(scheme), "inline", False)
        return f"${{{scheme}:{'...' if inline else reference}}}"

    def answer(self, scheme: str, reference: str) -> str | bytes:
        """The answer, asked for once.

        :raises SecretError: when there is none, or it cannot be fetched or read.
        :raises MissingExtra: when the resolver's library is not installed.
        """
        if (text := stood_in(scheme, reference)) is not None:
            return text
        known: Answer | None = self._answers.get((scheme, reference))
        if known is None:
            self.fetch([(scheme, reference)])
            known = self._answers[scheme, reference]
        if isinstance(known, str | bytes):
            return known
        raise known.with_traceback(None)

    def fetch(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Ask for references together; those that fail fail when they are used."""
        by_scheme: dict[str, list[str]] = {}
        for scheme, reference in wanted:
            try:
                if stood_in(scheme, reference) is not None:
                    continue
            except SecretError:
                continue  # it fails again, and is told, when it is used
            if (scheme, reference) not in self._answers and scheme in self.resolvers:
                references = by_scheme.setdefault(scheme, [])
                if reference not in references:
                    references.append(reference)
        for scheme, references in by_scheme.items():
            self._ask(scheme, references)

    def versions(self) -> dict[tuple[str, str], str | None]:
        """The version of every reference that was answered, where its resolver tells one.

        A resolver that cannot tell it now gives None.
        """
        found: dict[tuple[str, str], str | None] = {}
        for scheme, reference in self._answers:
            version = getattr(self.resolvers[scheme], "version", None)
            if version is not None:
                try:
                    found[scheme, reference] = version(reference)
                except Exception as error:
                    # By its kind only: what it says may hold the secret.
                    kind = type(error).__name__
                    import logging  # most loads end without a reference

                    log = logging.getLogger("confkit.config")
                    log.debug("the version of a secret of %s is not known: %s", scheme, kind)
                    found[scheme, reference] = None
        return found

    def _remembered(self, scheme: str) -> bool:
        """Whether answers are to be masked everywhere, and the resolver does not see to it."""
        return self.secret(scheme) and not getattr(self.resolvers[scheme], "remembers", False)

    def _ask(self, scheme: str, references: list[str]) -> None:
        resolver = self.resolvers[scheme]
        together: Mapping[str, Any] = {}
        if hasattr(resolver, "fetch"):
            together = _together(resolver.fetch, references, scheme)
        for reference in references:
            answer: Any = (
                together[reference]
                if reference in together
                else _one(getattr(resolver, "resolve", resolver), reference, scheme)
            )
            if isinstance(answer, str | bytes) and self._remembered(scheme):
                redaction.remember(answer)
            self._known[scheme, reference] = _checked(answer, scheme)
            self._answers[scheme, reference] = self._known[scheme, reference]


def _bound(resolver: AnyResolver, look_up: LookUp) -> Any:
    bind = getattr(resolver, "with_variables", None)
    return resolver if bind is None else bind(look_up)


def _together(
    fetch: Callable[[list[str]], Mapping[str, Any]], references: list[str], scheme: str
) -> Mapping[str, Any]:
    try:
        return fetch(references)
    except (SecretError, MissingExtra) as error:
        return dict.fromkeys(references, alone(error))
    except Exception as error:
        return dict.fromkeys(references, _failed(scheme, error))


def _one(resolve: Callable[[str], Any], reference: str, scheme: str) -> Any:
    try:
        return resolve(reference)
    except (SecretError, MissingExtra) as error:
        return alone(error)
    except LookupError:
        return SecretNotFound("there is no answer")
    except Exception as error:
        return _failed(scheme, error)


def _failed(scheme: str, error: Exception) -> SecretError:
    # By its kind only: what it says may hold the secret.
    return SecretError(f"the resolver of {scheme} failed with {type(error).__name__}")


def _checked(answer: Any, scheme: str) -> Answer:
    if isinstance(answer, str | bytes | SecretError | MissingExtra):
        return answer
    if answer is None:
        return SecretNotFound("there is no answer")
    kind = type(answer).__name__
    return SecretGarbled(f"the resolver of {scheme} answered with {kind}, and text is expected")


class EnvironmentResolver:
    """``${env:NAME}``: a variable, looked up as ``${NAME}`` is, in places without names."""

    secret = False

    def __init__(self, look_up: LookUp | None = None) -> None:
        self._look_up = look_up

    def with_variables(self, look_up: LookUp) -> EnvironmentResolver:
        """The resolver of one load."""
        return self if self._look_up else EnvironmentResolver(look_up)

    def resolve(self, reference: str) -> str:
        """The variable's text; LookupError when it is not set."""
        value = None if self._look_up is None else self._look_up(reference)
        if value is None:
            raise LookupError(reference)
        return value
