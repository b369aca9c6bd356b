"""What an expression in source stands for, as far as the environment is concerned.

Nothing is run: a name is followed to what is assigned to it in its scope, whatever the order.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

#: The objects that are followed. ``mapping`` is the environment or a copy of it; ``get`` a function
#: that takes a name and a default; ``env`` an object of django-environ or environs; ``module``
#: the module ``os`` or one of a library.
MAPPING, GET, COPY, ENV, CONFIG, OS = "mapping", "get", "copy", "env", "config", "module os"

#: What the import of a name gives: (module, name) -> object.
_IMPORTED = {
    ("os", "environ"): MAPPING,
    ("os", "getenv"): GET,
    ("decouple", "config"): CONFIG,
    ("dotenv", "dotenv_values"): "dotenv_values",
    ("environ", "Env"): "Env",
    ("environ", "FileAwareEnv"): "Env",
    ("environs", "Env"): "Env",
    ("environs", "FileAwareEnv"): "Env",
    ("decouple", "AutoConfig"): "Config",
    ("decouple", "Config"): "Config",
    ("starlette.config", "Config"): "Config",
    ("os.path", "expandvars"): "expandvars",
    ("pydantic_settings", "BaseSettings"): "BaseSettings",
    ("pydantic", "BaseSettings"): "BaseSettings",
}
_MODULES = {module for module, _ in _IMPORTED} | {"os.path"}


@dataclass
class Scope:
    """The names of a module, class or function, and the scope around it."""

    parent: Scope | None = None
    #: the function's parameters, in order
    parameters: tuple[str, ...] = ()
    objects: dict[str, set[str]] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)
    is_class: bool = False

    def _find(self, name: str, table: str) -> set[str]:
        scope: Scope | None = self
        inside = False
        while scope is not None:
            # The names of a class are not seen from its methods, except through self.
            if not (scope.is_class and inside):
                found: set[str] | None = getattr(scope, table).get(name)
                if found is not None:
                    return found
                if name in scope.parameters:
                    return set()
            inside = inside or not scope.is_class
            scope = scope.parent
        return set()

    def object_of(self, node: ast.expr | None) -> str:
        """What an expression is, empty for what is not followed."""
        if isinstance(node, ast.Name):
            return next(iter(sorted(self._find(node.id, "objects"))), "")
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Call):
            return self._called(node)
        if isinstance(node, ast.BoolOp):
            return next((o for one in node.values if (o := self.object_of(one))), "")
        if isinstance(node, ast.IfExp):
            return self.object_of(node.body) or self.object_of(node.orelse)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.object_of(node.left) or self.object_of(node.right)
        if isinstance(node, ast.Dict):
            spread = (v for k, v in zip(node.keys, node.values, strict=True) if k is None)
            return MAPPING if any(self.object_of(one) == MAPPING for one in spread) else ""
        if isinstance(node, ast.NamedExpr):
            return self.object_of(node.value)
        return ""

    def _attribute(self, node: ast.Attribute) -> str:
        of = self.object_of(node.value)
        if of.startswith("module "):
            module = of.removeprefix("module ")
            if f"{module}.{node.attr}" in _MODULES:
                return f"module {module}.{node.attr}"
            return _IMPORTED.get((module, node.attr), "")
        if of == MAPPING:
            known = {"get": GET, "pop": GET, "setdefault": GET, "copy": COPY, "__getitem__": GET}
            return known.get(node.attr, "")
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            return next(iter(sorted(self.enclosing_class(node.attr, "objects"))), "")
        return ""

    def enclosing_class(self, name: str, table: str) -> set[str]:
        """What ``self.name`` is, where the class assigns it."""
        scope: Scope | None = self
        while scope is not None and not scope.is_class:
            scope = scope.parent
        return set() if scope is None else getattr(scope, table).get(name, set())

    def _called(self, node: ast.Call) -> str:
        called = self.object_of(node.func)
        if called == COPY or called == "dotenv_values":
            return MAPPING
        if called == "Env":
            return ENV
        if called == "Config":
            return CONFIG
        if isinstance(node.func, ast.Name) and node.func.id in ("dict", "deepcopy", "copy"):
            return MAPPING if node.args and self.object_of(node.args[0]) == MAPPING else ""
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("copy", "deepcopy"):
            return MAPPING if node.args and self.object_of(node.args[0]) == MAPPING else ""
        return ""

    def texts_of(self, node: ast.expr | None, depth: int = 0) -> set[str]:
        """The texts that an expression can be, as far as they are written in the source."""
        if depth > 5:
            return set()
        if isinstance(node, ast.Constant):
            return {node.value} if isinstance(node.value, str) else set()
        if isinstance(node, ast.Name):
            return self._find(node.id, "texts")
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in ("self", "cls"):
                return self.enclosing_class(node.attr, "texts")
            return self._find(f"{node.value.id}.{node.attr}", "texts")
        if isinstance(node, ast.IfExp):
            return self.texts_of(node.body, depth + 1) | self.texts_of(node.orelse, depth + 1)
        parts: list[ast.expr] = []
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.FormattedValue) else p for p in node.values]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = [node.left, node.right]
        if not parts:
            return set()
        made = {""}
        for part in parts:
            made = {a + b for a in made for b in self.texts_of(part, depth + 1)}
            if len(made) > 50:
                return set()
        return made

    def items_of(self, node: ast.expr) -> set[str]:
        """The texts in a written list, tuple, set, or the keys of a dict."""
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return {t for item in node.elts for t in self.texts_of(item)}
        if isinstance(node, ast.Dict):
            return {t for key in node.keys if key is not None for t in self.texts_of(key)}
        if isinstance(node, ast.Name):
            return self._find(f"{node.id}[]", "texts")
        return set()


def imports(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """The names that an import binds, and the objects they are."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name in _MODULES:
                yield (
                    alias.asname or alias.name.partition(".")[0],
                    (
                        f"module {alias.name}"
                        if alias.asname
                        else f"module {alias.name.partition('.')[0]}"
                    ),
                )
    elif isinstance(node, ast.ImportFrom) and not node.level:
        for alias in node.names:
            bound = alias.asname or alias.name
            if found := _IMPORTED.get((node.module or "", alias.name)):
                yield bound, found
            elif f"{node.module}.{alias.name}" in _MODULES:
                yield bound, f"module {node.module}.{alias.name}"


def bind(scope: Scope, statements: list[ast.stmt]) -> None:
    """Collect what the statements of a scope assign, in any order; twice, for names of names."""
    nodes = [node for node in _own(statements) if isinstance(node, _BINDING)]
    for _ in range(2):
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                for name, what in imports(node):
                    scope.objects.setdefault(name, set()).add(what)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    _assign(scope, target, node.value)
            elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
                _assign(scope, node.target, node.value)
            elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
                _loop(scope, node.target, node.iter)
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                _assign(scope, node.optional_vars, node.context_expr)


_BINDING = (
    *(ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.NamedExpr),
    *(ast.For, ast.AsyncFor, ast.comprehension, ast.withitem),
)


def _own(statements: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a scope, without those of the functions and classes in it."""
    todo: list[ast.AST] = list(reversed(statements))
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo.extend(reversed(list(ast.iter_child_nodes(node))))


def _assign(scope: Scope, target: ast.expr, value: ast.expr | None) -> None:
    if value is None:
        return
    if isinstance(target, ast.Name):
        name = target.id
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        if target.value.id not in ("self", "cls"):
            return
        around: Scope | None = scope
        while around is not None and not around.is_class:
            around = around.parent
        if around is None:
            return
        scope_, name = around, target.attr
        if what := scope.object_of(value):
            scope_.objects.setdefault(name, set()).add(what)
        return
    elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for one, part in zip(target.elts, value.elts, strict=False):
            _assign(scope, one, part)
        return
    else:
        return
    if what := scope.object_of(value):
        scope.objects.setdefault(name, set()).add(what)
    if found := scope.texts_of(value):
        scope.texts.setdefault(name, set()).update(found)
    if items := scope.items_of(value):
        scope.texts.setdefault(f"{name}[]", set()).update(items)


def _loop(scope: Scope, target: ast.expr, over: ast.expr) -> None:
    if isinstance(target, ast.Name):
        if items := scope.items_of(over):
            scope.texts.setdefault(target.id, set()).update(items)
    elif isinstance(target, ast.Tuple) and isinstance(over, ast.Tuple | ast.List):
        for row in over.elts:  # pairs: for name, default in (("A", 1), ("B", 2))
            if isinstance(row, ast.Tuple | ast.List):
                for one, part in zip(target.elts, row.elts, strict=False):
                    if isinstance(one, ast.Name) and (found := scope.texts_of(part)):
                        scope.texts.setdefault(one.id, set()).update(found)
    elif isinstance(target, ast.Tuple) and target.elts and isinstance(target.elts[0], ast.Name):
        of = over.func if isinstance(over, ast.Call) else None
        if isinstance(of, ast.Attribute) and of.attr == "items":
            items = scope.items_of(of.value)
            scope.texts.setdefault(target.elts[0].id, set()).update(items)
