"""Scopes: which names a module, class or function binds, and to what. Nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

#: Steps from a container to what is in it: its items (the keys of a mapping), the values of a
#: mapping; a number is a place in a sequence.
ITEM, VALUES = "item", "values"
Step = str | int
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSION = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Imported:
    """What ``from module import name`` binds; ``name`` is empty for a module itself."""

    module: str
    name: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """What a name is bound to: an expression, or a step or several into one."""

    node: ast.AST | Imported
    scope: Scope
    path: tuple[Step, ...] = ()


@dataclass(eq=False, repr=False)
class Scope:
    """The names of a module, class, function or comprehension, and the scope around it.

    The names of a class include what its methods assign to ``self``.
    """

    parent: Scope | None = None
    node: ast.AST | None = None
    bound: dict[str, list[Bound]] = field(default_factory=dict)
    #: the parameters of a function, or the fields of a dataclass, with their defaults, in order
    parameters: dict[str, ast.expr | None] = field(default_factory=dict)
    #: which of the parameters takes the rest of the positional arguments
    rest: str = ""
    #: the modules whose names are all imported
    stars: list[Imported] = field(default_factory=list)
    #: the scopes of the classes that are derived from this one, as far as they are met
    below: list[Scope] = field(default_factory=list)
    #: what a function gives back
    returned: list[ast.expr] = field(default_factory=list)
    #: what environs puts before the names that are read in a ``with`` block
    prefix: str = ""
    _inner: dict[int, Scope] = field(default_factory=dict)

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, ast.ClassDef)

    @property
    def root(self) -> Scope:
        """The scope of the module."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def holder(self, name: str) -> Scope | None:
        """The scope that binds a name which is used in this one."""
        scope: Scope | None = self
        inside = False
        while scope is not None:
            # The names of a class are not seen from its methods, except through self.
            if not (scope.is_class and inside) and (
                name in scope.bound or (name in scope.parameters and not scope.is_class)
            ):
                return scope
            inside = inside or isinstance(scope.node, Function | _COMPREHENSION)
            scope = scope.parent
        return None

    def enclosing_class(self) -> Scope | None:
        """The class that ``self`` is of."""
        scope: Scope | None = self
        while scope is not None and not scope.is_class:
            scope = scope.parent
        return scope

    def inner(self, node: ast.AST) -> Scope:
        """The scope of a function, class or comprehension in this one; always the same object."""
        found = self._inner.get(id(node))
        if found is None:
            found = self._inner[id(node)] = Scope(self, node)
            if isinstance(node, Function):
                _parameters(found, node)
                if isinstance(node, ast.Lambda):
                    found.returned.append(node.body)
                bind(found, node.body if isinstance(node.body, list) else [node.body])
            elif isinstance(node, ast.ClassDef):
                _class(found, node)
            elif isinstance(node, _COMPREHENSION):
                for one in node.generators:
                    _target(found, one.target, Bound(one.iter, found, (ITEM,)))
        return found

    def add(self, name: str, bound: Bound) -> None:
        self.bound.setdefault(name, []).append(bound)


def bind(scope: Scope, body: list[ast.stmt] | list[ast.expr]) -> None:
    """Note what the statements of a scope bind, in any order."""
    for node in own_nodes(body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            _import(scope, node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope.add(node.name, Bound(node, scope))
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                _target(scope, target, Bound(node.value, scope))
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            if node.value is not None:
                _target(scope, node.target, Bound(node.value, scope))
        elif isinstance(node, ast.AugAssign) and not isinstance(node.value, ast.Constant):
            _target(scope, node.target, Bound(node.value, scope))
        elif isinstance(node, ast.For | ast.AsyncFor):
            _target(scope, node.target, Bound(node.iter, scope, (ITEM,)))
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            _target(scope, node.optional_vars, Bound(node.context_expr, scope))
        elif isinstance(node, ast.Call):
            _put_in(scope, node)
        elif isinstance(node, ast.Return) and node.value is not None:
            scope.returned.append(node.value)
        elif isinstance(node, ast.Yield) and node.value is not None:
            scope.returned.append(ast.List([node.value], ast.Load()))


def own_nodes(body: list[ast.stmt] | list[ast.expr]) -> Iterator[ast.AST]:
    """The nodes of a scope, without those of the functions, classes and comprehensions in it."""
    todo: list[ast.AST] = list(reversed(body))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (*_SCOPES, *_COMPREHENSION.__args__)):
            todo.extend(reversed(list(ast.iter_child_nodes(node))))


def _parameters(scope: Scope, node: Function) -> None:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    scope.parameters = {argument.arg: None for argument in (*positional, *arguments.kwonlyargs)}
    given = zip(reversed(positional), reversed(arguments.defaults), strict=False)
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    for argument, default in (*given, *keywords):
        scope.parameters[argument.arg] = default
    if arguments.vararg is not None:
        scope.rest = arguments.vararg.arg
        scope.parameters[scope.rest] = None
    if arguments.kwarg is not None:
        scope.parameters[arguments.kwarg.arg] = None


def _class(scope: Scope, node: ast.ClassDef) -> None:
    bind(scope, node.body)
    methods = [one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    made = any("dataclass" in ast.unparse(one) or "define" in ast.unparse(one)
               for one in node.decorator_list)  # fmt: skip
    tuple_ = any(ast.unparse(base).endswith("NamedTuple") for base in node.bases)
    if (made or tuple_) and all(method.name != "__init__" for method in methods):
        for one in node.body:
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                scope.parameters[one.target.id] = one.value
    for method in methods:
        inner = scope.inner(method)
        for name in [name for name in inner.bound if name.startswith("self.")]:
            for bound in inner.bound.pop(name):
                scope.add(name.removeprefix("self."), bound)


def _import(scope: Scope, node: ast.Import | ast.ImportFrom) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            first = alias.name.partition(".")[0]
            whole = alias.name if alias.asname else first
            scope.add(alias.asname or first, Bound(Imported(whole), scope))
        return
    for alias in node.names:
        what = Imported(node.module or "", alias.name, node.level)
        if alias.name == "*":
            scope.stars.append(Imported(node.module or "", "", node.level))
        else:
            scope.add(alias.asname or alias.name, Bound(what, scope))


def _name(target: ast.AST) -> str:
    """The name under which a scope keeps a target: ``x``, or ``self.x``."""
    if isinstance(target, ast.Name):
        return target.id
    of = target.value if isinstance(target, ast.Attribute) else None
    own = isinstance(of, ast.Name) and of.id in ("self", "cls")
    return f"self.{target.attr}" if own and isinstance(target, ast.Attribute) else ""


def _target(scope: Scope, target: ast.expr, bound: Bound) -> None:
    if name := _name(target):
        scope.add(name, bound)
    elif isinstance(target, ast.Subscript) and (name := _name(target.value)):
        if not bound.path and isinstance(bound.node, ast.expr):
            scope.add(name, Bound(ast.Dict([target.slice], [bound.node]), scope))
    elif isinstance(target, ast.Tuple | ast.List):
        for place, one in enumerate(target.elts):
            if isinstance(one, ast.Starred):
                break
            _target(scope, one, Bound(bound.node, scope, (*bound.path, place)))


def _put_in(scope: Scope, node: ast.Call) -> None:
    """``names.append("A")`` and the like: one more thing that the name holds."""
    of = node.func
    if not (isinstance(of, ast.Attribute) and node.args and (name := _name(of.value))):
        return
    if name not in scope.bound and not name.startswith("self."):
        return
    if of.attr in ("append", "add"):
        scope.add(name, Bound(ast.List([node.args[0]], ast.Load()), scope))
    elif of.attr in ("extend", "update"):
        scope.add(name, Bound(node.args[0], scope))
    elif of.attr == "setdefault" and len(node.args) == 2:
        scope.add(name, Bound(ast.Dict([node.args[0]], [node.args[1]]), scope))
