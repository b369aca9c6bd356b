"""The reads of one module: the standard library's forms, functions around them, and libraries'."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from confkit.envreads import libraries
from confkit.envreads.following import FEW, Following, Memory, Modules, no_module
from confkit.envreads.known import CONFIG, GET, MAPPING
from confkit.envreads.look import Look
from confkit.envreads.reads import Read
from confkit.envreads.scopes import Function, Scope, bind
from confkit.envreads.sinks import CALLS, Sink, Sinks, called, register
from confkit.envreads.values import NOTHING, Given, Value, last_name

_EXPANDED = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_CASTS = frozenset({"int", "float", "bool", "Path", "Decimal", "list"})
_ENVIRONMENT = re.compile(r"(?i)(?:^|_)env(?:iron(?:ment)?)?(?:_?vars?|s)?$")
#: Methods that mappings have too: of an object that is not known they are not taken for ours.
OF_MAPPINGS = frozenset({"get", "pop", "setdefault", "items", "keys", "values", "update", "copy"})
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
#: How often functions around functions are followed in one module.
_ROUNDS = 4


@dataclass
class Module:
    """One module: its reads, and the places whose names are not written."""

    file: str
    tree: ast.Module
    sinks: Sinks = field(default_factory=dict)
    modules: Modules = no_module
    reads: list[Read] = field(default_factory=list)
    unnamed: list[tuple[int, int]] = field(default_factory=list)
    scope: Scope = field(default_factory=Scope)
    memory: Memory = field(default_factory=dict)
    bound: bool = False
    #: how many classes have been found to be derived from others
    derived: int = 0
    _callable: tuple[int, Set[str]] = (0, frozenset())

    def bind(self) -> Scope:
        """The scope of the module, with the names that it binds."""
        if not self.bound:
            self.bound = True
            bind(self.scope, self.tree.body)
        return self.scope

    def scan(self) -> None:
        """Find everything. A function may be defined after its use, and may call another one."""
        self.bind()
        for _ in range(_ROUNDS):
            before = self._known()
            self.reads, self.unnamed = [], []
            self.memory.clear()
            _Visitor(self, self.scope).run(self.tree.body)
            if self._known() == before:
                break
        self.reads = list(dict.fromkeys(self.reads))

    def _known(self) -> tuple[int, int]:
        """How much is known that a second look may make use of."""
        return sum(map(len, self.sinks.values())), self.derived

    def callable(self) -> Set[str]:
        """The names that calls of sinks are written with, other than under another name."""
        if self._callable[0] != len(self.sinks):
            self._callable = len(self.sinks), {called(scope) for scope in self.sinks} | {"__init__"}
        return self._callable[1]

    def add(self, read: Read) -> None:
        if read.name and "=" not in read.name and "\0" not in read.name:
            self.reads.append(read)


class _Visitor:
    """Walks one scope, and the scopes inside it."""

    def __init__(self, module: Module, scope: Scope) -> None:
        self.module = module
        self.look = Look(scope, module.modules, module.memory)
        self.parents: list[ast.AST] = []

    def run(self, nodes: list[ast.stmt] | list[ast.expr]) -> None:
        for node in nodes:
            self.visit(node)

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, Function):
            arguments = node.args
            around = [] if isinstance(node, ast.Lambda) else node.decorator_list
            for one in (*around, *arguments.defaults, *arguments.kw_defaults):
                if one is not None:
                    self.visit(one)
            body = [node.body] if isinstance(node, ast.Lambda) else node.body
            _Visitor(self.module, self.look.scope.inner(node)).run(body)
            return
        if isinstance(node, ast.ClassDef):
            self._class(node)
            return
        if isinstance(node, _COMPREHENSIONS):
            inner = _Visitor(self.module, self.look.scope.inner(node))
            inner.parents = [*self.parents, node]
            inner.run(list(ast.iter_child_nodes(node)))  # type: ignore[arg-type]
            return
        if isinstance(node, ast.With | ast.AsyncWith):
            self._with(node)
            return
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            self._from(node.value, node, node.slice, required=True)
        elif isinstance(node, ast.Call):
            self._call(node)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[-1], ast.In | ast.NotIn):
            self._from(node.comparators[-1], node, [node.left, *node.comparators][-2])
        self.parents.append(node)
        for child in ast.iter_child_nodes(node):
            self.visit(child)
        self.parents.pop()

    def _class(self, node: ast.ClassDef) -> None:
        inner = self.look.scope.inner(node)
        for base in self.look.follow().bases(inner):
            if inner not in base.below:
                base.below.append(inner)
                self.module.derived += 1
        for read in libraries.settings_class(self.look, node, self.module.file):
            self.module.add(read)
        self.run([*node.decorator_list, *node.bases])
        _Visitor(self.module, inner).run(node.body)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        scope = self.look.scope
        before = scope.prefix
        for item in node.items:
            self.visit(item.context_expr)
            scope.prefix += libraries.prefixed(self.look, item)
        self.run(node.body)
        scope.prefix = before

    def _call(self, node: ast.Call) -> None:
        called = self.look.object_of(node.func)
        first = node.args[0] if node.args else _keyword(node, "key", "varname", "option")
        default = node.args[1] if len(node.args) > 1 else _keyword(node, "default")
        if called == GET and first is not None and not self._removes(node):
            required = last_name(node.func) in ("pop", "__getitem__") and default is None
            self._found(node, first, "os.environ", default, required=required)
        elif called == CONFIG and first is not None:
            default = _keyword(node, "default") or (node.args[1] if len(node.args) > 1 else None)
            cast = _keyword(node, "cast")
            made = ast.unparse(cast) if cast is not None else "str"
            self._found(node, first, "decouple", default, required=default is None, type_=made)
        elif called == "expandvars" and first is not None:
            for text in self.look.texts_of(first):
                for match in _EXPANDED.finditer(text):
                    self._add(node, str(match[1] or match[2]), "os.path.expandvars")
        elif called == "Env":
            for name, type_, fallback in libraries.declared(node):
                self._add(node, name, "environ.Env", fallback, type_=type_)
        else:
            for read in libraries.env_calls(self.look, node, called, self.module.file):
                self.module.add(read)
            if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and first:
                self._from(node.func.value, node, first, default)
            self._into(node)
        for keyword in node.keywords:
            if keyword.arg == "envvar":  # click and typer
                names = self.look.items_of(keyword.value) or self.look.texts_of(keyword.value)
                for name in sorted(names):
                    self._add(keyword.value, name, "envvar")

    def _from(
        self,
        mapping: ast.expr,
        node: ast.expr,
        name: ast.expr,
        default: ast.expr | None = None,
        *,
        required: bool = False,
    ) -> None:
        """A look-up in something: the environment, or what a parameter or ``self`` may hold."""
        following = self.look.follow(FEW)
        if following.object_of(mapping, self.look.scope) == MAPPING:
            self._found(node, name, "os.environ", default, required=required)
        elif following.free and _ENVIRONMENT.search(last_name(mapping)):
            held = Value(mapping, self.look.scope)
            names = self.look.follow()
            names.texts(name, self.look.scope)
            sink = Sink(Value(name, self.look.scope), held, self._place(node), "os.environ")
            register(self.module.sinks, sink, {**following.free, **names.free})

    def _into(self, node: ast.Call) -> None:
        """A call of a function, or a class, that reads the variable it is given."""
        if not self.module.sinks or (
            isinstance(node.func, ast.Attribute) and node.func.attr not in self.module.callable()
        ):
            return
        scope = self.look.scope
        following = self.look.follow()
        for value in self._callees(node, following):
            of = value.scope.inner(value.node) if isinstance(value.node, ast.AST) else None
            if of is not None and of.is_class:
                of = following.maker(of)
            sinks = tuple(self.module.sinks.get(of, ())) if of is not None else ()
            if not sinks:
                continue
            given = following.given_by(node, scope, value, NOTHING)
            told = [self._sunk(node, sink, given) for sink in sinks]
            if not any(told) and any(not s.calls and s.mapping is None for s in sinks):
                self._unnamed(node)

    def _callees(self, node: ast.Call, following: Following) -> list[Value]:
        found = [v for v in following.values(node.func, self.look.scope)
                 if isinstance(v.node, Function | ast.ClassDef)]  # fmt: skip
        if found or not isinstance(node.func, ast.Attribute):
            return found
        # A method of an object that is not known: by its name, among those of this module.
        name = node.func.attr
        if name in OF_MAPPINGS or name.startswith("__"):
            return []
        return [
            Value(scope.node, scope.parent)
            for scope in self.module.sinks
            if isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef)
            and scope.node.name == name
            and scope.parent is not None
            and scope.parent.is_class
            and scope.root is self.module.scope
        ]

    def _sunk(self, node: ast.Call, sink: Sink, given: dict[tuple[Scope, str], Value]) -> bool:
        """Note the reads of one call, or a sink further out; whether there is either."""
        name = sink.name._replace(given={**sink.name.given, **given})
        mapping = None
        following = self.look.follow()
        if sink.mapping is not None:
            mapping = sink.mapping._replace(given={**sink.mapping.given, **given})
            if following.object_of(*mapping) == MAPPING:
                mapping = None
            elif not following.free:
                return False
        texts = following.texts(*name)
        inherited = {key: None for key in following.free if key not in given}
        if mapping is None:
            # What the name is without this call is read where it is written.
            known = self.look.follow().texts(*sink.name)
            default = self._default(node, sink, given)
            for text in sorted(texts - known):
                self._add(node, text, sink.how, default, type_=self._cast())
            for text in sorted(known) if sink.mapping is not None else ():
                self.module.add(Read(text, *sink.place, sink.how))
        if inherited:
            calls = (*sink.calls, id(node))
            if id(node) not in sink.calls and len(calls) <= CALLS:
                made = Sink(name, mapping, sink.place, sink.how, sink.default, calls)
                register(self.module.sinks, made, inherited)
        return bool(texts or inherited)

    def _default(self, node: ast.Call, sink: Sink, given: Given) -> str | None:
        own = {id(one) for one in (*node.args, *(keyword.value for keyword in node.keywords))}
        wanted = {sink.default} if sink.default else {"default", "fallback"}
        for (_, name), value in given.items():
            if name in wanted and id(value.node) in own and isinstance(value.node, ast.expr):
                return ast.unparse(value.node)
        return None

    def _found(
        self,
        node: ast.expr,
        name: ast.expr,
        how: str,
        default: ast.expr | None = None,
        *,
        required: bool = False,
        type_: str = "",
    ) -> None:
        """Note a read, or the sink that it makes of the function around it."""
        following = self.look.follow()
        names = following.texts(name, self.look.scope)
        text = None if default is None else ast.unparse(default)
        for one in sorted(names):
            self._add(node, one, how, text, required=required, type_=type_ or self._cast())
        if following.free:
            given = default.id if isinstance(default, ast.Name) else ""
            sink = Sink(Value(name, self.look.scope), None, self._place(node), "", given)
            register(self.module.sinks, sink, following.free)
        elif not names:
            self._unnamed(node)

    def _unnamed(self, node: ast.expr) -> None:
        self.module.unnamed.append((node.lineno, node.col_offset + 1))

    def _removes(self, node: ast.Call) -> bool:
        """``environ.pop("A", None)`` as a statement: the value is not looked at."""
        alone = bool(self.parents) and isinstance(self.parents[-1], ast.Expr)
        return alone and last_name(node.func) == "pop"

    def _cast(self) -> str:
        """The type that the expression around the read makes of it: ``int(os.environ[...])``."""
        for parent in reversed(self.parents):
            if isinstance(parent, ast.Call):
                name = parent.func.id if isinstance(parent.func, ast.Name) else ""
                return name if name in _CASTS else "str"
            if isinstance(parent, ast.Compare | ast.stmt):
                break
        return "str"

    def _place(self, node: ast.expr) -> tuple[str, int, int]:
        return self.module.file, node.lineno, node.col_offset + 1

    def _add(
        self,
        node: ast.expr,
        name: str,
        how: str,
        default: str | None = None,
        *,
        required: bool = False,
        type_: str = "str",
    ) -> None:
        self.module.add(Read(name, *self._place(node), how, default, required, type_))


def _keyword(node: ast.Call, *names: str) -> ast.expr | None:
    return next((k.value for k in node.keywords if k.arg in names), None)


def module_reads(source: str, file: str) -> Iterator[Read]:
    """The reads of one source text, by itself.

    :raises SyntaxError: for a text that is no Python.
    """
    module = Module(file, ast.parse(source))
    module.scan()
    yield from module.reads
