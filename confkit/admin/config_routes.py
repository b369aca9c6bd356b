"""The routes of the configuration: read it, change it, reload it, go back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from confkit.admin import etags, patches
from confkit.admin.audit import Audit
from confkit.admin.bodies import JSON, JSON_PATCH, MERGE_PATCH, object_of, refuse_masked
from confkit.admin.masking import masked
from confkit.admin.messages import Response, answer, dumps
from confkit.admin.problems import Refused, from_error
from confkit.admin.recording import Record
from confkit.admin.routes import Call, Parameter, Route
from confkit.errors import FileChanged, InvalidConfig
from confkit.keypath import join, within

if TYPE_CHECKING:
    from confkit.config import Config
    from confkit.reports.difference import Diff
    from confkit.resolution.snapshot import Resolution, Snapshot

#: How often a change is decided again when others write the same file at the same time.
RETRIES = 50

DRY_RUN = Parameter("dry_run", {"enum": ["0", "1", "false", "true"]}, "Answer what would change.")
REASON = Parameter("reason", {"type": "string", "maxLength": 200}, "Why, for the histories.")
OBJECT: Mapping[str, Any] = {"type": "object"}
PATCH: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]},
            "path": {"type": "string", "pattern": r"^(/([^/~]|~[01])*)*$"},
            "from": {"type": "string", "pattern": r"^(/([^/~]|~[01])*)*$"},
            "value": {},
        },
    },
}
OUTCOME: Mapping[str, Any] = {
    "type": "object",
    "required": ["status", "version", "changes", "config"],
    "properties": {
        "status": {"enum": ["updated", "unchanged", "dry-run", "reloaded"]},
        "version": {"type": "integer"},
        "changes": {"type": "array", "items": {"$ref": "#/components/schemas/Change"}},
        "config": OBJECT,
    },
}


class ConfigRoutes:
    """What the routes do with one configuration.

    :param to: the file that is written; None for ``config.local.*``.
    """

    def __init__(self, config: Config[Any], audit: Audit, to: Any = None) -> None:
        self.config = config
        self._audit = audit
        self._to = to
        self._tagged: tuple[Any, str] = (None, "")

    def routes(self) -> list[Route]:
        """The routes, for the table."""
        write = "config:write"
        bodies = {MERGE_PATCH: OBJECT, JSON_PATCH: PATCH}
        changing = {
            "parameters": (DRY_RUN, REASON),
            "answers": {200: OUTCOME},
            "problems": (409, 412, 422, 503),
        }
        history = {"type": "array", "items": {"$ref": "#/components/schemas/Accepted"}}
        rollback = {
            "type": "object",
            "required": ["version"],
            "properties": {
                "version": {"type": "integer", "minimum": 1},
                "etag": {"type": "string"},
            },
            "additionalProperties": False,
        }
        return [
            Route("GET", "/config", "config:read", "The settings, secrets masked.", self.read,
                  answers={200: OBJECT}, conditional=True),
            Route("POST", "/config", write, "Change the settings that are named.", self.merge,
                  bodies={JSON: OBJECT}, **changing),  # type: ignore[arg-type]
            Route("PATCH", "/config", write, "Change settings by a patch.", self.patch,
                  bodies=bodies, **{**changing, "problems": (409, 412, 422, 428, 503)}),  # type: ignore[arg-type]
            Route("GET", "/config/layers", "config:read", "Every key by every layer.", self.layers,
                  answers={200: OBJECT}),
            Route("POST", "/config/reload", write, "Read every source again.", self.reload,
                  bodies={JSON: {"type": "object", "maxProperties": 0}}, needs_body=False,
                  parameters=(REASON,), answers={200: OUTCOME}, problems=(422, 503)),
            Route("GET", "/config/history", "config:read", "The last accepted settings.",
                  self.history, answers={200: history}),
            Route("POST", "/config/rollback", write, "Bring back what the file held.",
                  self.rollback, bodies={JSON: rollback},
                  **{**changing, "problems": (404, 409, 412, 422, 503)}),  # type: ignore[arg-type]
        ]  # fmt: skip

    # -- reading

    def read(self, call: Call) -> Response:
        """The settings as nested objects, and their tag."""
        snapshot = self.config.snapshot
        etag = self.etag(snapshot)
        if etags.unchanged(call.request, etag):
            return answer(304, etag=etag)
        return answer(200, _view(snapshot.resolution), etag=etag)

    def layers(self, call: Call) -> Response:
        """Every key with what every layer sets, and where."""
        return answer(200, self.config.resolution.matrix().as_dict())

    def history(self, call: Call) -> Response:
        """What was accepted, newest first, each with the tag that it had."""
        return answer(200, self.entries())

    def entries(self) -> list[dict[str, Any]]:
        """The history as JSON values."""
        name = self._stored_name()
        entries = []
        for one in self.config.history():
            text = next((layer.text for layer in one.layers[0] if layer.name == name), "")
            entries.append({**masked(one.as_dict()), "etag": _tag(text, one.snapshot.resolution)})
        return entries

    def etag(self, snapshot: Snapshot[Any]) -> str:
        """The tag of the stored file and of what is shown of the settings, made once for each."""
        held, etag = self._tagged
        if held is not snapshot:
            etag = _tag(self._stored_text(), snapshot.resolution)
            self._tagged = (snapshot, etag)
        return etag

    def _stored_text(self) -> str:
        name = self._stored_name()
        return self.config.stored(self._to).text if name else ""

    def _stored_name(self) -> str:
        """The file that is written; empty for a configuration that reads none of its kind."""
        from confkit.errors import SaveError

        try:
            return self.config.stored(self._to).name
        except SaveError:
            return ""

    # -- changing

    def merge(self, call: Call) -> Response:
        """Change what is named and leave the rest: the source document's route."""
        patch = object_of(call.content)
        return self._change(call, lambda old: patches.merged(old, patch), required=False)

    def patch(self, call: Call) -> Response:
        """Change by a merge patch or a JSON patch, decided on what If-Match names."""
        if call.media_type == JSON_PATCH:
            operations = patches.operations(call.content)
            return self._change(call, lambda old: patches.patched(old, operations), required=True)
        patch = object_of(call.content)
        return self._change(call, lambda old: patches.merged(old, patch), required=True)

    def _change(self, call: Call, decide: Callable[[Any], Any], *, required: bool) -> Response:
        refuse_masked(call.content)

        def apply(accept: Callable[[Diff], bool], **why: str) -> Diff | None:
            old = _view(self.config.resolution)
            new = object_of(decide(old))
            wanted = patches.changes(old, new)
            refuse_masked([*wanted.values.values()])
            if not wanted:
                return None
            values = {join(*path): value for path, value in wanted.values.items()}
            removed = [key for path in wanted.removed for key in self._stored_below(join(*path))]
            return self.config.write(values, remove=removed, to=self._to, accept=accept, **why)

        return self._decided(call, apply, required=required)

    def _stored_below(self, key: str) -> list[str]:
        """The keys at or below a key that the file sets.

        :raises Refused: 409 where another source sets it.
        """
        stored = self.config.stored(self._to)
        if found := [one for one in stored.entries if within(one, key)]:
            return found
        setting = self.config.resolution.setting(key)
        place = "elsewhere" if setting is None else f"by {setting.entry.origin}"
        raise Refused("conflict", f"{key} is set {place}, and {stored.name} does not set it")

    def rollback(self, call: Call) -> Response:
        """Give the stored file the content that it had at a version."""
        version = call.whole("version", ["version", "etag"])
        if "etag" in call.content:
            etag = call.content["etag"]
            if not isinstance(etag, str):
                raise Refused(
                    "shape", "etag is a text", errors=[{"pointer": "/etag", "detail": "is a text"}]
                )
            past = [one for one in self.entries() if one["version"] == version]
            if not past or past[0]["etag"] != etag:
                detail = f"version {version} of this process is not the one with that tag"
                raise Refused("unknown-version", detail)

        def apply(accept: Callable[[Diff], bool], **why: str) -> Diff:
            why["reason"] = why["reason"] or f"rollback to {version}"
            return self.config.restore(version, to=self._to, accept=accept, **why)

        return self._decided(call, apply, required=False)

    def reload(self, call: Call) -> Response:
        """Read every source again; the last good settings stay where that fails."""
        if object_of(call.content):
            raise Refused("shape", "a reload takes no fields")
        reason = call.text("reason")
        record = Record(self._audit, call, "config", reason or "reload")
        record.attempt([])
        before = self.config.snapshot
        try:
            self.config.reload(by=call.principal.name, reason=reason or "reloaded")
        except Exception as error:
            record.failed(error)
            raise
        from confkit.reports.difference import diff

        changes = diff(before, self.config.snapshot)
        record.done(version=self.config.snapshot.version, changes=_listed(changes))
        return self._outcome("reloaded", changes)

    def _decided(
        self, call: Call, apply: Callable[..., Diff | None], *, required: bool
    ) -> Response:
        """Decide and write under the lock, and once more where a source changed meanwhile."""
        dry = call.switch("dry_run")
        reason = call.text("reason")
        record = Record(self._audit, call, "config", reason)

        def accept(diff: Diff) -> bool:
            if not dry:
                record.attempt(_listed(diff))
            return not dry

        for left in reversed(range(RETRIES)):
            try:
                with self.config.hold():
                    etags.check(call.request, self.etag(self.config.snapshot), required=required)
                    changes = apply(accept, by=call.principal.name, reason=reason)
                    version = self.config.snapshot.version
                break
            except FileChanged as error:
                record.failed(error)
                if not left:
                    raise
                self._take(call)
            except Exception as error:
                record.failed(error)
                raise
        if changes is None:
            return self._outcome("unchanged", None)
        if not dry:
            record.done(version=version)
        return self._outcome("dry-run" if dry else "updated", changes)

    def _take(self, call: Call) -> None:
        """Take what another process, or a person, wrote meanwhile.

        :raises Refused: 409 where it does not hold.
        """
        try:
            self.config.reload(by=call.principal.name, reason="a source changed")
        except InvalidConfig as error:
            found = from_error(error)
            errors = [] if found is None else found.errors
            detail = "a source changed, and what it holds now is not valid: fix it first"
            raise Refused("conflict", detail, errors=errors) from None

    def _outcome(self, status: str, changes: Diff | None) -> Response:
        snapshot = self.config.snapshot
        value = {
            "status": status,
            "version": snapshot.version,
            "changes": [] if changes is None else _listed(changes),
            "config": _view(snapshot.resolution),
        }
        return answer(200, value, etag=self.etag(snapshot))


def _view(resolution: Resolution[Any]) -> dict[str, Any]:
    return resolution.as_dict(masked=True)


def _tag(stored: str, resolution: Resolution[Any]) -> str:
    return etags.tag(stored, dumps(_view(resolution)))


def _listed(diff: Diff) -> list[dict[str, Any]]:
    return [one.as_dict() for one in diff]
