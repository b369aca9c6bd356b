"""What an expression can be, as far as it is written in the source. Nothing is run.

A name is followed to everything that is bound to it, whatever the order; a parameter to what a
call gives for it. A value that cannot be known is none.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from confkit.envreads import known
from confkit.envreads.containers import at, builtin, content, step
from confkit.envreads.known import MAPPING, Known
from confkit.envreads.scopes import Bound, Function, Imported, Scope
from confkit.envreads.texts import METHODS, texts
from confkit.envreads.values import NOTHING, Given, Value, arguments, decorated, last_name

#: Finds the scope of a module that another one imports.
Modules = Callable[[Scope, Imported], Scope | None]
#: What names are that no call decides, and the parameters that this depends on.
Memory = dict[tuple[Scope, str], tuple[list[Value], dict[tuple[Scope, str], None]]]
#: How deep names and calls are followed, and how much is looked at for one expression, or only
#: to know whether it is the environment.
_DEPTH, STEPS, FEW = 24, 4_000, 200
#: Functions that give back what they are given.
_SAME = frozenset({"copy", "deepcopy", "cast", "MappingProxyType"})


def no_module(scope: Scope, what: Imported) -> Scope | None:
    return None


class Following:
    """One expression is followed. ``free`` are the parameters that it depends on."""

    def __init__(
        self, modules: Modules = no_module, memory: Memory | None = None, steps: int = STEPS
    ) -> None:
        self.free: dict[tuple[Scope, str], None] = {}
        self._module = modules
        self._memory: Memory = {} if memory is None else memory
        self._cut = False
        self._seen: set[tuple[int, int]] = set()
        self.making: set[tuple[int, int]] = set()
        self._left = steps

    def values(self, node: ast.AST | Known, scope: Scope, given: Given = NOTHING) -> list[Value]:
        """Everything that an expression can be: containers, functions, classes, texts."""
        key = (id(node), id(scope))
        if key in self._seen or len(self._seen) > _DEPTH or self._left <= 0:
            self._cut = True
            return []
        self._seen.add(key)
        self._left -= 1
        try:
            return list(self._values(node, scope, given))
        finally:
            self._seen.discard(key)

    def _values(self, node: ast.AST | Known, scope: Scope, given: Given) -> Iterator[Value]:
        if isinstance(node, ast.Name):
            yield from self._named(node.id, scope, given)
        elif isinstance(node, ast.Attribute):
            yield from self._attribute(node, scope, given)
        elif isinstance(node, ast.Subscript):
            for value in self.values(node.value, scope, given):
                yield from at(self, value, node.slice, scope, given)
        elif isinstance(node, ast.BoolOp):
            for one in node.values:
                yield from self.values(one, scope, given)
        elif isinstance(node, ast.IfExp):
            yield from self.values(node.body, scope, given)
            yield from self.values(node.orelse, scope, given)
        elif isinstance(node, ast.NamedExpr | ast.Await):
            yield from self.values(node.value, scope, given)
        elif isinstance(node, ast.Call):
            yield from self._called(node, scope, given)
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            yield Value(ast.List([node.elt], ast.Load()), scope.inner(node), given)
        elif isinstance(node, ast.DictComp):
            yield Value(ast.Dict([node.key], [node.value]), scope.inner(node), given)
        else:
            yield Value(node, scope, given)
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.Add):
                for side in (node.left, node.right):
                    for value in self.values(side, scope, given):
                        if isinstance(value.node, ast.Dict | ast.List | ast.Tuple | ast.Set):
                            yield value

    # Names

    def _named(self, name: str, scope: Scope, given: Given) -> Iterator[Value]:
        holder = scope.holder(name)
        if holder is None:
            for star in scope.root.stars:
                if (module := self._module(scope.root, star)) is not None and module.holder(name):
                    yield from self._of(module, name, given)
            return
        yield from self._of(holder, name, given)

    def _of(self, holder: Scope, name: str, given: Given) -> list[Value]:
        """What a scope binds to a name; remembered where no call decides it."""
        if given:
            return list(self._in(holder, name, given))
        found = self._memory.get((holder, name))
        if found is None:
            free, cut = self.free, self._cut
            self.free, self._cut = {}, False
            found = list(self._in(holder, name, given)), self.free
            if not self._cut:
                self._memory[holder, name] = found
            self.free, self._cut = free, cut or self._cut
        self.free.update(found[1])
        return found[0]

    def _in(self, holder: Scope, name: str, given: Given) -> Iterator[Value]:
        """What a scope binds to a name: by statements, by calls, by a default."""
        for bound in holder.bound.get(name, ()):
            yield from self._bound(bound, given)
        if name not in holder.parameters:
            return
        passed = given.get((holder, name))
        if passed is not None:
            yield from self.values(passed.node, passed.scope, {**given, **passed.given})
            return
        self.free[holder, name] = None
        default = holder.parameters[name]
        if default is not None:
            yield from self.values(default, holder.parent or holder, given)

    def _bound(self, bound: Bound, given: Given) -> Iterator[Value]:
        if isinstance(bound.node, Imported):
            yield from self._imported(bound.node, bound.scope)
        elif not bound.path:
            yield from self.values(bound.node, bound.scope, given)
        else:
            found = self.values(bound.node, bound.scope, given)
            for one in bound.path:
                found = [inner for value in found for inner in step(self, value, one)]
            yield from found

    def _imported(self, what: Imported, scope: Scope) -> Iterator[Value]:
        if not what.level and (found := known.imported(what.module, what.name)) is not None:
            yield Value(found, scope)
            return
        module = self._module(scope.root, what if not what.name else
                              Imported(what.module, "", what.level))  # fmt: skip
        if what.name and (module is None or not module.holder(what.name)):
            # from package import module
            dotted = f"{what.module}.{what.name}" if what.module else what.name
            inner = self._module(scope.root, Imported(dotted, "", what.level))
            if inner is not None:
                yield Value(ast.Module([], []), inner)
                return
        if module is None:
            return
        if not what.name:
            yield Value(ast.Module([], []), module)
        else:
            yield from self.values(ast.Name(what.name), module)

    def _attribute(self, node: ast.Attribute, scope: Scope, given: Given) -> Iterator[Value]:
        around = scope.enclosing_class()
        if around is not None and isinstance(node.value, ast.Name | ast.Call):
            if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
                yield from self._member(around, node.attr, given, below=True)
                return
            if isinstance(node.value, ast.Call) and _is_super(node.value):
                for base in self.bases(around):
                    yield from self._member(base, node.attr, given)
                return
        for value in self.values(node.value, scope, given):
            if isinstance(value.node, Known):
                if (found := known.attribute(value.node, node.attr)) is not None:
                    yield Value(found, scope)
            elif isinstance(value.node, ast.Module):
                yield from self.values(ast.Name(node.attr), value.scope)
            elif isinstance(value.node, ast.ClassDef):
                yield from self._member(value.scope.inner(value.node), node.attr, value.given)
            elif isinstance(value.node, ast.Call):  # an instance
                for class_ in self.values(value.node.func, value.scope, value.given):
                    if isinstance(class_.node, ast.ClassDef):
                        of = class_.scope.inner(class_.node)
                        made = self.given_by(value.node, value.scope, class_, value.given)
                        yield from self._member(of, node.attr, {**value.given, **made})
            elif node.attr == "value" and isinstance(value.node, ast.Constant):  # of an Enum
                yield value

    def _member(
        self, class_: Scope, name: str, given: Given, below: bool = False
    ) -> Iterator[Value]:
        if name in class_.bound or name in class_.parameters:
            for value in self._of(class_, name, given):
                yield from self._property(value, given) if _is_property(value.node) else (value,)
        else:
            for base in self.bases(class_):
                yield from self._member(base, name, given)
        for derived in class_.below if below else ():
            if name in derived.bound:
                yield from self._member(derived, name, given, below=True)

    def _property(self, value: Value, given: Given) -> Iterator[Value]:
        assert isinstance(value.node, Function)
        yield from self._returns(value.scope.inner(value.node), given)

    def bases(self, class_: Scope) -> list[Scope]:
        """The scopes of the classes that a class is derived from."""
        if not isinstance(class_.node, ast.ClassDef) or class_.parent is None:
            return []
        found = [v for base in class_.node.bases for v in self.values(base, class_.parent)]
        return [v.scope.inner(v.node) for v in found if isinstance(v.node, ast.ClassDef)]

    def given_by(
        self, node: ast.Call, scope: Scope, called: Value, given: Given
    ) -> dict[tuple[Scope, str], Value]:
        """What a call of a function or a class gives for its parameters."""
        inner = called.scope.inner(called.node) if isinstance(called.node, ast.AST) else None
        if inner is not None and inner.is_class:
            inner = self.maker(inner)
        return {} if inner is None else arguments(node, scope, inner, given)

    def maker(self, class_: Scope) -> Scope | None:
        """The scope whose parameters a call of the class gives: of ``__init__``, or of fields."""
        for depth in range(8):
            if class_.parameters:
                return class_
            for bound in class_.bound.get("__init__", ()):
                if isinstance(bound.node, Function):
                    return bound.scope.inner(bound.node)
            bases = self.bases(class_)
            if not bases or depth == 7:
                return None
            class_ = bases[0]
        return None

    # Calls

    def _called(self, node: ast.Call, scope: Scope, given: Given) -> Iterator[Value]:
        function = node.func
        if last_name(function) in _SAME and node.args:
            yield from self.values(node.args[-1], scope, given)
            return
        if isinstance(function, ast.Name) and scope.holder(function.id) is None:
            yield from builtin(self, function.id, node, scope, given)
            return
        if isinstance(function, ast.Attribute):
            if function.attr in METHODS:
                yield Value(node, scope, given)
                return
            if function.attr == "copy" and not node.args:
                found = self.values(function.value, scope, given)
                yield from (value for value in found if not isinstance(value.node, Known))
            held = content(self, function, node, scope, given)
            if held is not None:
                yield from held
                return
        for value in self.values(function, scope, given):
            if isinstance(value.node, Known):
                if value.node.name in known.CALLED:
                    yield Value(Known(known.CALLED[value.node.name]), scope)
            elif isinstance(value.node, ast.ClassDef):
                yield Value(node, scope, given)
            elif isinstance(value.node, Function):
                yield from self._returned(value, node, scope, given)

    def _returned(
        self, function: Value, node: ast.Call, scope: Scope, given: Given
    ) -> Iterator[Value]:
        assert isinstance(function.node, Function)
        passed = {**given, **self.given_by(node, scope, function, given)}
        yield from self._returns(function.scope.inner(function.node), passed)

    def _returns(self, inner: Scope, given: Given) -> Iterator[Value]:
        for one in inner.returned:
            yield from self.values(one, inner, given)

    # What is made of the values

    def object_of(self, node: ast.AST | Known | None, scope: Scope, given: Given = NOTHING) -> str:
        """Which of the known objects an expression is, empty for none."""
        if node is None:
            return ""
        found = set()
        for value in self.values(node, scope, given):
            key = (id(value.node), id(value.scope))
            if isinstance(value.node, Known):
                found.add(value.node.name)
            elif key not in self.making:  # env = {**env, ...}
                self.making.add(key)
                if isinstance(value.node, ast.Dict) and self._copies(value):
                    found.add(MAPPING)
                elif isinstance(value.node, ast.BinOp) and isinstance(value.node.op, ast.BitOr):
                    sides = (value.node.left, value.node.right)
                    found |= {self.object_of(one, value.scope, value.given) for one in sides}
                self.making.discard(key)
        return min(found - {""}, default="")

    def _copies(self, value: Value) -> bool:
        """``{**os.environ}``, and a comprehension over its items."""
        assert isinstance(value.node, ast.Dict)
        spread = [v for k, v in zip(value.node.keys, value.node.values, strict=True) if k is None]
        if any(self.object_of(one, value.scope, value.given) == MAPPING for one in spread):
            return True
        if not isinstance(value.scope.node, ast.DictComp):
            return False
        over = value.scope.node.generators[0].iter
        if isinstance(over, ast.Call) and isinstance(over.func, ast.Attribute):
            over = over.func.value
        return self.object_of(over, value.scope, value.given) == MAPPING

    def texts(self, node: ast.AST | Known, scope: Scope, given: Given = NOTHING) -> set[str]:
        """The texts that an expression can be."""
        return texts(self, node, scope, given)


def _is_super(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "super"


def _is_property(node: ast.AST | Known) -> bool:
    return decorated(node, "property", "cached_property")
