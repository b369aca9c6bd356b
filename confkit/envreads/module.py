"""The reads of one module: the standard library's forms, wrappers around them, and libraries'."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from confkit.envreads import libraries
from confkit.envreads.names import CONFIG, GET, MAPPING, Scope, bind
from confkit.envreads.reads import Read

_EXPANDED = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_CASTS = frozenset({"int", "float", "bool", "Path", "Decimal", "list"})
#: How often wrappers around wrappers are followed.
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A function that reads the variable which one of its parameters names.

    ``before`` and ``behind`` are put around the name. ``default`` is the place of the parameter
    that is used where the variable is not set.
    """

    function: str
    parameter: str
    place: int
    before: str = ""
    behind: str = ""
    upper: bool = False
    default: str = ""
    default_place: int = -1


@dataclass
class Module:
    """One module: its reads, its wrappers, and how many reads have names that are not written."""

    file: str
    tree: ast.Module
    reads: list[Read] = field(default_factory=list)
    wrappers: dict[str, Wrapper] = field(default_factory=dict)
    unnamed: list[tuple[int, int]] = field(default_factory=list)

    def scan(self, known: Mapping[str, Wrapper]) -> None:
        """Find everything; ``known`` are the wrappers of other modules, by the name they have here.

        A wrapper may be defined after it is used, and may call another one.
        """
        self.wrappers = dict(known)
        for _ in range(_ROUNDS):
            count = len(self.wrappers)
            self.reads, self.unnamed = [], []
            scope = Scope()
            bind(scope, self.tree.body)
            _Visitor(self, scope).run(self.tree.body)
            if len(self.wrappers) == count:
                break
        self.wrappers = {n: w for n, w in self.wrappers.items() if n not in known}
        self.reads = list(dict.fromkeys(self.reads))


class _Visitor:
    """Walks one scope, and the scopes inside it."""

    def __init__(self, module: Module, scope: Scope, function: ast.AST | None = None) -> None:
        self.module = module
        self.scope = scope
        self.function = function
        self.parents: list[ast.AST] = []

    def run(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self.visit(statement)

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._function(node)
            return
        if isinstance(node, ast.ClassDef):
            self._class(node)
            return
        if isinstance(node, ast.Subscript):
            self._subscript(node)
        elif isinstance(node, ast.Call):
            self._call(node)
        elif isinstance(node, ast.Compare):
            self._compare(node)
        elif isinstance(node, ast.withitem):
            self.scope = libraries.prefixed(self.scope, node)
        self.parents.append(node)
        for child in ast.iter_child_nodes(node):
            self.visit(child)
        self.parents.pop()

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for one in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if one is not None:
                self.visit(one)
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        inner = Scope(self.scope, tuple(argument.arg for argument in arguments))
        positional = [*node.args.posonlyargs, *node.args.args]
        given = zip(reversed(positional), reversed(node.args.defaults), strict=False)
        keywords = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        for argument, default in (*given, *keywords):
            # def read(environ=os.environ): the parameter is the environment, if none is given
            if what := self.scope.object_of(default):
                inner.objects[argument.arg] = {what}
        bind(inner, node.body)
        _Visitor(self.module, inner, node).run(node.body)

    def _class(self, node: ast.ClassDef) -> None:
        inner = Scope(self.scope, is_class=True)
        bind(inner, node.body)
        for method in node.body:
            if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                bind(Scope(inner), method.body)  # for what they assign to self
        for read in libraries.settings_class(self.scope, node, self.module.file):
            self.module.reads.append(read)
        for one in node.decorator_list:
            self.visit(one)
        _Visitor(self.module, inner).run(node.body)

    def _subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Load) and self.scope.object_of(node.value) == MAPPING:
            self._found(node, node.slice, "os.environ", required=True)

    def _compare(self, node: ast.Compare) -> None:
        within = len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn)
        if within and self.scope.object_of(node.comparators[0]) == MAPPING:
            self._found(node, node.left, "os.environ")

    def _call(self, node: ast.Call) -> None:
        called = self.scope.object_of(node.func)
        first = node.args[0] if node.args else _keyword(node, "key", "varname", "option")
        if called == GET and first is not None:
            default = node.args[1] if len(node.args) > 1 else _keyword(node, "default")
            required = (
                isinstance(node.func, ast.Attribute) and node.func.attr == "pop" and not default
            )
            self._found(node, first, "os.environ", default, required=required)
        elif called == CONFIG and first is not None:
            default = _keyword(node, "default") or (node.args[1] if len(node.args) > 1 else None)
            cast = _keyword(node, "cast")
            made = ast.unparse(cast) if cast is not None else "str"
            self._found(node, first, "decouple", default, required=default is None, type_=made)
        elif called == "expandvars" and first is not None:
            for text in self.scope.texts_of(first):
                for match in _EXPANDED.finditer(text):
                    self._add(node, str(match[1] or match[2]), "os.path.expandvars", None)
        elif called == "Env":
            for name, type_, fallback in libraries.declared(node):
                self._add(node, name, "environ.Env", fallback, type_=type_)
        else:
            for read in libraries.env_calls(self.scope, node, self.module.file):
                self.module.reads.append(read)
            self._wrapped(node)
        for keyword in node.keywords:
            if keyword.arg == "envvar":  # click and typer
                names = self.scope.items_of(keyword.value) or self.scope.texts_of(keyword.value)
                for name in names:
                    self._add(keyword.value, name, "envvar", None)

    def _wrapped(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Name):
            wrapper = self.module.wrappers.get(function.id)
            skipped = 0
        elif isinstance(function, ast.Attribute):
            wrapper = self.module.wrappers.get(f".{function.attr}")
            skipped = 1
        else:
            return
        if wrapper is None:
            return
        name = _argument(node, wrapper.parameter, wrapper.place - skipped)
        if name is None:
            return
        default = _argument(node, wrapper.default, wrapper.default_place - skipped)
        self._found(node, name, wrapper.function, default, around=wrapper)

    def _found(
        self,
        node: ast.expr,
        name: ast.expr,
        how: str,
        default: ast.expr | None = None,
        *,
        required: bool = False,
        type_: str = "",
        around: Wrapper | None = None,
    ) -> None:
        """Note a read, or the wrapper that it makes of the function around it."""
        names = self.scope.texts_of(name)
        if not names:
            if not self._wrapper(name, default):
                self.module.unnamed.append((node.lineno, node.col_offset + 1))
            return
        text = None if default is None else ast.unparse(default)
        for one in sorted(names):
            if around is not None:
                one = f"{around.before}{one.upper() if around.upper else one}{around.behind}"
            self._add(node, one, how, text, required=required, type_=type_ or self._cast())

    def _wrapper(self, name: ast.expr, default: ast.expr | None) -> bool:
        function = self.function
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
        before, parameter, behind, upper = _around(self.scope, name)
        arguments = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        every = [*arguments, *(a.arg for a in function.args.kwonlyargs)]
        if parameter not in every:
            return False
        method = self.scope.parent is not None and self.scope.parent.is_class
        static = any(
            isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list
        )
        default_name = default.id if isinstance(default, ast.Name) else ""
        if default_name not in every:
            default_name = next((n for n in every if n in ("default", "fallback")), "")
        shift = 1 if method and static else 0
        self.module.wrappers[f".{function.name}" if method else function.name] = Wrapper(
            function.name,
            parameter,
            arguments.index(parameter) + shift if parameter in arguments else 99,
            before,
            behind,
            upper,
            default_name,
            arguments.index(default_name) + shift if default_name in arguments else -1,
        )
        return True

    def _cast(self) -> str:
        """The type that the expression around the read makes of it: ``int(os.environ[...])``."""
        for parent in reversed(self.parents):
            if isinstance(parent, ast.Call):
                name = parent.func.id if isinstance(parent.func, ast.Name) else ""
                return name if name in _CASTS else "str"
            if isinstance(parent, ast.Compare | ast.stmt):
                break
        return "str"

    def _add(
        self,
        node: ast.expr,
        name: str,
        how: str,
        default: str | None,
        *,
        required: bool = False,
        type_: str = "str",
    ) -> None:
        if name and "=" not in name and "\0" not in name:
            place = (self.module.file, node.lineno, node.col_offset + 1)
            self.module.reads.append(Read(name, *place, how, default, required, type_))


def _keyword(node: ast.Call, *names: str) -> ast.expr | None:
    return next((k.value for k in node.keywords if k.arg in names), None)


def _argument(node: ast.Call, name: str, place: int) -> ast.expr | None:
    if 0 <= place < len(node.args):
        return node.args[place]
    return _keyword(node, name) if name else None


def _around(scope: Scope, node: ast.expr) -> tuple[str, str, str, bool]:
    """A name made from a parameter: what is before and behind it, and whether in capitals."""
    if isinstance(node, ast.Name):
        return "", node.id, "", False
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        before, name, behind, upper = _around(scope, node.func.value)
        return before, name, behind, upper or node.func.attr == "upper"
    parts: list[ast.expr] = []
    if isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.FormattedValue) else p for p in node.values]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [node.left, node.right]
    before = name = behind = ""
    upper = False
    for part in parts:
        texts = scope.texts_of(part)
        if len(texts) == 1:
            (text,) = texts
            before, behind = (before, behind + text) if name else (before + text, behind)
            continue
        inner_before, inner, inner_behind, inner_upper = _around(scope, part)
        if name or not inner:
            return "", "", "", False
        before, name, behind, upper = before + inner_before, inner, inner_behind, inner_upper
    return before, name, behind, upper


def module_reads(source: str, file: str) -> Iterator[Read]:
    """The reads of one source text, by itself.

    :raises SyntaxError: for a text that is no Python.
    """
    module = Module(file, ast.parse(source))
    module.scan({})
    yield from module.reads
