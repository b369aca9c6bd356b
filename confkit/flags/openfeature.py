"""A provider for OpenFeature: code that asks its client gets the answers of ``decide``.

::

    from confkit.flags.openfeature import ConfkitProvider

    openfeature.api.set_provider(ConfkitProvider(flags))

https://openfeature.dev/specification/sections/providers has what a provider must do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from confkit.errors import MissingExtra
from confkit.flags.client import Flags
from confkit.flags.replica.view import FlagsChange
from confkit.flags.rules.decision import OPENFEATURE_REASONS, Decision
from confkit.flags.rules.decision import Reason as Why
from confkit.flags.rules.values import Mismatch, as_asked

try:
    from openfeature.event import ProviderEventDetails
    from openfeature.exception import ErrorCode
    from openfeature.flag_evaluation import FlagResolutionDetails, Reason
    from openfeature.provider import AbstractProvider, Metadata
except ImportError:
    raise MissingExtra("openfeature-sdk", "openfeature") from None

T = TypeVar("T")
Track = Callable[[str, dict[str, Any], "float | None", dict[str, Any]], None]

#: Reasons that give no value: the default counts, and the code says why. A boolean is the flag's
#: own answer there: a rollout that finds no id is off, whatever the caller's default is.
_CODES: Mapping[Why, ErrorCode] = {
    Why.NO_UNIT: ErrorCode.TARGETING_KEY_MISSING,
    Why.INVALID_UNIT: ErrorCode.INVALID_CONTEXT,
}


class ConfkitProvider(AbstractProvider):
    """Answers from a client of flags; its exposures, overrides and observers count as usual.

    The targeting key is the attribute ``user_id``, unless the context has one of that name. The
    metadata of an answer are our ``reason``, the ``bucket`` and, for telemetry, ``version`` (the
    revision of the rule), ``contextId`` (the id that was looked at) and ``flagSetId``.

    :param flags: the client; closing it stays its owner's business.
    :param on_track: told of ``client.track(name, …)``: the name, the attributes of the context, the
        value and the details; without it tracking does nothing. It is called in the caller's
        thread, and what it raises is the caller's.
    :param flag_set: what ``flagSetId`` says: one name for this set of flags.
    """

    def __init__(self, flags: Flags, *, on_track: Track | None = None, flag_set: str = "") -> None:
        super().__init__()
        self.flags = flags
        self._on_track = on_track
        self._flag_set = flag_set
        self._stale = False
        self._unsubscribe: Callable[[], None] | None = None

    def get_metadata(self) -> Metadata:
        """The provider's name."""
        return Metadata(name="confkit")

    def initialize(self, evaluation_context: Any) -> None:
        """Follow the changes of the flags, to tell them as events."""
        if self._unsubscribe is None:
            self._unsubscribe = self.flags.subscribe(self._changed)

    def shutdown(self) -> None:
        """Stop telling of changes. The client of the flags is not closed."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def _changed(self, change: FlagsChange) -> None:
        stale = self.flags.status.stale
        self.emit_provider_configuration_changed(
            ProviderEventDetails(flags_changed=sorted(change.names))
        )
        if bool(stale) is not self._stale:
            self._stale = bool(stale)
            if stale:
                message = "the store is silent: some flags answer their defaults"
                self.emit_provider_stale(ProviderEventDetails(list(stale), message))
            else:
                self.emit_provider_ready(ProviderEventDetails(message="the store is back"))

    def track(
        self,
        tracking_event_name: str,
        evaluation_context: Any = None,
        tracking_event_details: Any = None,
    ) -> None:
        """Hand an event on to ``on_track``."""
        if self._on_track is None:
            return
        value = None if tracking_event_details is None else tracking_event_details.value
        more = {} if tracking_event_details is None else dict(tracking_event_details.attributes)
        self._on_track(tracking_event_name, _attributes(evaluation_context), value, more)

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: Any = None
    ) -> FlagResolutionDetails[bool]:
        """Whether a flag is on."""
        return self._resolve(flag_key, default_value, evaluation_context, bool)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: Any = None
    ) -> FlagResolutionDetails[str]:
        """The text that a variant gives, or its name where it gives nothing."""
        return self._resolve(flag_key, default_value, evaluation_context, str)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: Any = None
    ) -> FlagResolutionDetails[int]:
        """The whole number that a variant gives."""
        return self._resolve(flag_key, default_value, evaluation_context, int)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: Any = None
    ) -> FlagResolutionDetails[float]:
        """The number that a variant gives."""
        return self._resolve(flag_key, default_value, evaluation_context, float)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[Any] | Mapping[str, Any],
        evaluation_context: Any = None,
    ) -> FlagResolutionDetails[Sequence[Any] | Mapping[str, Any]]:
        """The mapping that a variant gives."""
        return self._resolve(flag_key, default_value, evaluation_context, dict)

    def _resolve(
        self, key: str, default: T, context: Any, wanted: type
    ) -> FlagResolutionDetails[T]:
        decision = self.flags.decide(key, _attributes(context))
        metadata = self._metadata(decision)
        if decision.reason in (Why.UNKNOWN, Why.ERROR):
            code = ErrorCode.GENERAL
            if decision.reason is Why.UNKNOWN:
                code = ErrorCode.FLAG_NOT_FOUND
            elif key in self.flags.view.errors:
                code = ErrorCode.PARSE_ERROR
            return FlagResolutionDetails(
                default, code, decision.detail, Reason.ERROR, flag_metadata=metadata
            )
        reason = OPENFEATURE_REASONS.get(decision.reason, "TARGETING_MATCH")
        if decision.reason is Why.STALE:
            reason = Reason.STALE
        value = decision.payload
        if value is None and wanted is bool:
            value = decision.value
        elif value is None and wanted is str:
            value = decision.variant
        if value is not None:
            try:
                found = as_asked(value, wanted())
            except Mismatch as error:
                return self._mismatch(default, f"{key} gives {error}", metadata)
            return FlagResolutionDetails(
                found,
                reason=reason,
                variant=decision.variant or ("on" if decision.value else "off"),
                flag_metadata=metadata,
            )
        if decision.value and decision.reason is not Why.STALE:
            text = f"{key} gives on or off, and {wanted.__name__} is asked"
            return self._mismatch(default, text, metadata)
        code_of = _CODES.get(decision.reason)
        return FlagResolutionDetails(
            default,
            code_of,
            decision.detail if code_of else None,
            Reason.ERROR if code_of else reason,
            flag_metadata=metadata,
        )

    @staticmethod
    def _mismatch(default: T, text: str, metadata: dict[str, Any]) -> FlagResolutionDetails[T]:
        return FlagResolutionDetails(
            default, ErrorCode.TYPE_MISMATCH, text, Reason.ERROR, flag_metadata=metadata
        )

    def _metadata(self, decision: Decision) -> dict[str, bool | int | float | str]:
        found: dict[str, bool | int | float | str] = {"reason": decision.reason.value}
        if decision.bucket is not None:
            found["bucket"] = decision.bucket
        if decision.revision is not None:
            found["version"] = str(decision.revision)
        if decision.unit is not None:
            found["contextId"] = decision.unit
        if self._flag_set:
            found["flagSetId"] = self._flag_set
        return found


def _attributes(context: Any) -> dict[str, Any]:
    """The attributes of a context, its targeting key as the user id."""
    if context is None:
        return {}
    found = dict(context.attributes)
    if context.targeting_key is not None:
        found.setdefault("user_id", context.targeting_key)
    return found
