"""The routes of the flags: list and show them, change one, try a change on a sample, go back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from confkit.admin import etags, flag_views, patches
from confkit.admin.audit import Audit
from confkit.admin.bodies import JSON, JSON_PATCH, MERGE_PATCH, object_of, refuse_masked
from confkit.admin.config_routes import DRY_RUN, OBJECT, PATCH, REASON
from confkit.admin.masking import masked
from confkit.admin.messages import Response, answer, dumps
from confkit.admin.problems import Refused
from confkit.admin.recording import Record
from confkit.admin.routes import Call, Parameter, Route
from confkit.analysis.ramp import ramp_of
from confkit.errors import FlagConflict
from confkit.flags.client import Flags
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import Rule, check_name
from confkit.flags.rules.widening import widening
from confkit.flags.writer import RECORDS, Change, Wish, base, may_repeat, pause
from confkit.near import did_you_mean

#: How many made-up ids a change is tried on, where the API was given none.
SYNTHETIC = 10_000

IDS = Parameter("ids", {"enum": ["0", "1", "false", "true"]}, "Show ids in place of counts.")
LIMIT = Parameter("limit", {"type": "integer", "minimum": 1, "maximum": 1000}, "How many.")
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
OUTCOME: Mapping[str, Any] = {
    "type": "object",
    "required": ["status", "flag"],
    "properties": {
        "status": {"enum": ["updated", "created", "unchanged", "dry-run"]},
        "flag": {"type": ["object", "null"]},
        "widens": {"type": "array", "items": {"type": "string"}},
        "sample": {"$ref": "#/components/schemas/Sample"},
    },
}


class FlagRoutes:
    """What the routes do with the flags of one client.

    :param sample: ids that a change is tried on; without any, made-up ones.
    """

    def __init__(self, flags: Flags, audit: Audit, sample: Sequence[str] = ()) -> None:
        self.flags = flags
        self._audit = audit
        self._sample = tuple(sample)

    def routes(self) -> list[Route]:
        """The routes, for the table."""
        one, write, read = "/feature-flags/{name}", "flags:write", "flags:read"
        changing = {"parameters": (DRY_RUN, REASON), "answers": {200: OUTCOME, 201: OUTCOME}}
        failing = (404, 409, 412, 422, 503)
        patched = {MERGE_PATCH: OBJECT, JSON_PATCH: PATCH}
        context = {"type": "object", "properties": {"context": OBJECT}, "required": ["context"]}
        back = {
            "type": "object",
            "required": ["revision"],
            "properties": {"revision": {"type": "integer", "minimum": 1}},
            "additionalProperties": False,
        }
        history = {"type": "array", "items": {"$ref": "#/components/schemas/Revision"}}
        return [
            Route("GET", "/feature-flags", read, "Every flag by name.", self.every,
                  parameters=(IDS,), answers={200: OBJECT}, conditional=True),
            Route("GET", one, read, "One flag.", self.one, parameters=(IDS,),
                  answers={200: OBJECT}, problems=(404,), conditional=True),
            Route("POST", one, write, "Change the fields that are named.", self.merge,
                  bodies={JSON: OBJECT}, problems=failing, **changing),  # type: ignore[arg-type]
            Route("PATCH", one, write, "Change a flag by a patch.", self.patch, bodies=patched,
                  problems=(*failing, 428), **changing),  # type: ignore[arg-type]
            Route("PUT", one, write, "Replace a flag, or create it.", self.put,
                  bodies={JSON: OBJECT}, problems=(*failing, 428), **changing),  # type: ignore[arg-type]
            Route("DELETE", one, write, "Delete a flag.", self.delete, parameters=(REASON,),
                  answers={204: None}, problems=(404, 409, 412, 422, 428, 503)),
            Route("POST", f"{one}/decision", read, "Decide a flag for a context, with why.",
                  self.decision, bodies={JSON: context}, answers={200: OBJECT}, problems=(404,)),
            Route("GET", f"{one}/history", read, "The changes of a flag, newest first.",
                  self.history, parameters=(LIMIT, IDS), answers={200: history},
                  problems=(404, 422, 503)),
            Route("POST", f"{one}/rollback", write, "Bring back an earlier revision.",
                  self.rollback, bodies={JSON: back}, problems=failing, **changing),  # type: ignore[arg-type]
        ]  # fmt: skip

    # -- reading

    def every(self, call: Call) -> Response:
        """Every flag by name, with counts for ids."""
        view, ids = self.flags.view, call.switch("ids")
        names = sorted({*view.flags, *view.answer.flags})
        made = {name: flag_views.summary(view, name, ids=ids) for name in names}
        etag = etags.tag(dumps(made))
        if etags.unchanged(call.request, etag):
            return answer(304, etag=etag)
        return answer(200, made, etag=etag)

    def one(self, call: Call) -> Response:
        """One flag and its tag."""
        name = call.names["name"]
        self._known(name)
        etag = self.etag(name)
        if etags.unchanged(call.request, etag):
            return answer(304, etag=etag)
        made = flag_views.one(self.flags.view, name, ids=call.switch("ids"))
        return answer(200, made, etag=etag)

    def etag(self, name: str) -> str:
        """The tag of a flag: of its revision and its document; empty where there is none."""
        view = self.flags.view
        stored = view.answer.flags.get(name)
        if stored is None:
            return ""
        epoch = view.answer.version.epoch
        return etags.tag(epoch, str(stored.revision), dumps(stored.document), stored.error)

    def _known(self, name: str) -> None:
        if name not in self.flags.view.answer.flags:
            raise Refused("unknown-flag", f"there is no flag {name[:130]!r}{self._near(name)}")

    def _near(self, name: str) -> str:
        return did_you_mean(name, self.flags.known, ": ")

    def decision(self, call: Call) -> Response:
        """The answer for a context, and why."""
        name = call.names["name"]
        context = call.fields(("context",)).get("context")
        if not isinstance(context, dict):
            error = {"pointer": "/context", "detail": "is an object of attributes"}
            raise Refused("shape", "context is missing", errors=[error])
        if name not in self.flags:
            self._known(name)
        return answer(200, masked(self.flags.decide(name, context).as_dict()))

    def history(self, call: Call) -> Response:
        """The changes on record, newest first."""
        name, ids = check_name(call.names["name"]), call.switch("ids")
        found = self.flags.history(name, limit=call.number("limit", 50, 1000))
        if not found:
            self._known(name)
        made = []
        for one in found:
            plain = one.as_dict()
            for side in ("old", "new"):
                if plain[side] is not None:
                    plain[side] = flag_views.shown(plain[side], ids=ids)
            made.append(masked(plain))
        return answer(200, made)

    def status(self) -> dict[str, Any]:
        """How the client stands towards its store."""
        found = self.flags.status
        made = {one.name: getattr(found, one.name) for one in fields(found)}
        made["version"] = {"epoch": found.version.epoch, "number": found.version.number}
        made["errors"] = dict(found.errors)
        return {"healthy": found.healthy, **masked(made)}

    # -- changing

    def merge(self, call: Call) -> Response:
        """Change the fields that are named: the source document's route."""
        named = flag_views.named(object_of(call.content))
        return self._change(call, lambda old: patches.merged(old, named), required=False)

    def patch(self, call: Call) -> Response:
        """Change by a merge patch or a JSON patch, decided on what If-Match names."""
        if call.media_type == JSON_PATCH:
            operations = patches.operations(call.content)
            return self._change(call, lambda old: patches.patched(old, operations), required=True)
        named = flag_views.named(object_of(call.content))
        return self._change(call, lambda old: patches.merged(old, named), required=True)

    def put(self, call: Call) -> Response:
        """Replace a flag, or create it."""
        named = flag_views.named(object_of(call.content))
        new = {name: value for name, value in named.items() if value is not None}
        return self._change(call, lambda old: new, required=True)

    def _change(self, call: Call, decide: Callable[[Any], Any], *, required: bool) -> Response:
        refuse_masked(call.content)

        def wish(name: str) -> Wish:
            old = base(self.flags.view, name)
            new = object_of(decide(dict(old)))
            refuse_masked({n: v for n, v in new.items() if n not in old or old[n] != v})
            return Wish(name, {field: new.get(field) for field in (*old, *new)})

        return self._carried_out(call, wish, required=required)

    def delete(self, call: Call) -> Response:
        """Delete a flag; questions get its default from then on."""
        self._carried_out(call, lambda name: Wish(name), required=True)
        return answer(204)

    def rollback(self, call: Call) -> Response:
        """Bring back the rule of an earlier revision, as a new one."""
        revision = call.whole("revision", ["revision"])
        return self._carried_out(call, lambda name: Wish(name, None, revision), required=False)

    def _carried_out(self, call: Call, wish: Callable[[str], Wish], *, required: bool) -> Response:
        """Decide a change on what the store holds now, put it on record, write it."""
        name = check_name(call.names["name"])
        dry = bool(call.query.get("dry_run")) and call.switch("dry_run")
        reason, by = call.text("reason"), call.principal.name
        record = Record(self._audit, call, f"flag {name}", reason)
        attempt = 0
        while True:
            attempt += 1
            self.flags.refresh()
            there = name in self.flags.view.answer.flags
            etags.check(call.request, self.etag(name), required=required)
            wanted = wish(name)
            if not there and wanted.revision is None:
                self._may_create(call, name)
            wanted = wanted._replace(by=by, reason=reason)
            past = () if wanted.revision is None else self.flags.history(name, limit=RECORDS)
            made = self.flags.decided(wanted, past)
            old = self._document(name)
            if dry:
                return self._outcome("dry-run", made, name)
            if there and old == made.document and wanted.revision is None:
                return self._outcome("unchanged", made, name)
            try:
                record.attempt({"old": _audited(old), "new": _audited(made.document)})
                self.flags.change(wanted._replace(expect=made.expect))
                break
            except FlagConflict as error:
                record.failed(error)
                if call.request.header("if-match") or not may_repeat(wanted, attempt):
                    raise
            except Exception as error:
                record.failed(error)
                raise
            time.sleep(pause(attempt))
        record.done(revision=flag_views.revision(self.flags.view, name))
        return self._outcome("updated" if there else "created", made, name)

    def _may_create(self, call: Call, name: str) -> None:
        """Refuse a name that is not known: it may be a slip.

        :raises Refused: 404 with what was perhaps meant.
        """
        if call.request.header("if-none-match") or name in self.flags.declared:
            return
        hint = f"{self._near(name)}; If-None-Match: * creates it"
        raise Refused("unknown-flag", f"there is no flag {name!r}{hint}")

    def _document(self, name: str) -> Document | None:
        flag = self.flags.view.flags.get(name)
        return None if flag is None else flag.rule.as_document()

    def _outcome(self, status: str, made: Change, name: str) -> Response:
        code = 201 if status == "created" else 200
        value: dict[str, Any] = {"status": status}
        if status == "dry-run":
            value["flag"] = (
                None if made.document is None else flag_views.shown(made.document, ids=False)
            )
            flag = self.flags.view.flags.get(name)
            value["widens"] = list(widening(None if flag is None else flag.rule, made.rule))
            if made.rule is not None:
                value["sample"] = self.sample(None if flag is None else flag.rule, made.rule)
        else:
            value["flag"] = flag_views.one(self.flags.view, name)
        return answer(code, value, etag=self.etag(name))

    def sample(self, old: Rule | None, new: Rule) -> dict[str, Any]:
        """Who enters and who leaves, of the given ids or of made-up ones."""
        before = replace(new, enabled=False) if old is None else old
        was, will = (
            Compiled(replace(rule, conditions=(), prerequisites=()), clock=self.flags.clock)
            for rule in (before, new)
        )
        ids = self._sample or tuple(f"user-{number}" for number in range(SYNTHETIC))
        found = ramp_of(was, will, ids, self.flags.view.flags, {})
        limits = [rule.conditions or rule.prerequisites for rule in (before, new)]
        return {
            **{key: found.to_dict()[key] for key in ("units", "enter", "stay", "leave", "out")},
            "change_variant": found.moved,
            "synthetic": not self._sample,
            "conditions_assumed": any(limits),
        }


def _audited(document: Document | None) -> Any:
    return None if document is None else masked(dict(document))
