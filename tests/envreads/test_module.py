"""The reads of one module, in every form that code reads variables in."""

from __future__ import annotations

import pytest

from confkit.envreads.module import module_reads


def names(source: str) -> list[str]:
    return sorted({read.name for read in module_reads(source, "x.py")})


@pytest.mark.parametrize(
    "source",
    [
        "import os; os.environ['A']",
        "import os; os.environ.get('A')",
        "import os; os.environ.get('A', 'x')",
        "import os; os.environ.get(key='A')",
        "import os; os.getenv('A')",
        "import os; os.getenv(key='A', default='1')",
        "import os; 'A' in os.environ",
        "import os; 'A' not in os.environ",
        "import os; x = os.environ.pop('A', None)",
        "import os; os.environ.setdefault('A', '1')",
        "import os as o; o.environ['A']",
        "from os import environ; environ['A']",
        "from os import environ as e, getenv as g; e['A']; g('A')",
        "import os.path; os.environ['A']",
        "import os\nenv = os.environ\nenv['A']",
        "import os\nget = os.environ.get\nget('A')",
        "import os\nenv = os.environ.copy()\nenv['A']",
        "import os\nenv = dict(os.environ)\nenv.get('A')",
        "import os\nenv = {**os.environ, 'B': '1'}\nenv['A']",
        "import os\nenv = os.environ | {'B': '1'}\nenv['A']",
        "import os\ndef f(environ=os.environ): return environ['A']",
        "import os\ndef f(e=None):\n    e = e or os.environ\n    return e['A']",
        "import os\ndef f(x=None):\n    e = os.environ if x is None else x\n    e['A']",
        "import os\nNAME = 'A'\nos.environ[NAME]",
        "import os\nPREFIX = 'A'\nos.environ[PREFIX + '']",
        "import os\nP = 'A'\nos.environ[f'{P}']",
        "import os\nfor n in ('A', ):\n    os.environ[n]",
        "import os\n[os.environ.get(n) for n in ['A']]",
        "import os\nNAMES = ['A']\nany(n in os.environ for n in NAMES)",
        "import os\nfor n, d in (('A', 1),):\n    os.environ.get(n, d)",
        "import os\nM = {'A': 1}\nfor n, v in M.items():\n    os.environ.get(n)",
        "import os\nclass C:\n    N = 'A'\n    def f(self): return os.environ[self.N]",
        "import os\nclass C:\n    def a(self): self.e = os.environ\n    def f(self): self.e['A']",
        "import os\nif (v := os.environ.get('A')): pass",
        "import os\nx = lambda: os.environ['A']",
        "import os\nasync def f(): return os.environ['A']",
        "import os\n@d(os.environ['A'])\ndef f(): pass",
        "import os; os.path.expandvars('$A/x')",
        "import os; os.path.expandvars('${A}')",
        "import os\ndef get(n, d=None): return os.environ.get(n, d)\nget('A')",
        "import os\nx = env('A')\ndef env(n): return os.environ[n]",
        "import os\ndef a(n): return os.environ[n]\ndef b(n): return a(n)\nb('A')",
        "import os\ndef get(n): return os.environ['A' + n]\nget('')",
        "import os\ndef get(n): return os.environ[n.upper()]\nget('a')",
        "import os\nclass C:\n    def e(self, n): return os.getenv(n)\n    def f(s): s.e('A')",
        "import os\nclass C:\n    @staticmethod\n    def env(n): return os.environ[n]\nC.env('A')",
        "from decouple import config; config('A', default=1, cast=int)",
        "import decouple; decouple.config('A')",
        "from decouple import AutoConfig\nconfig = AutoConfig()\nconfig('A')",
        "from starlette.config import Config\nconfig = Config('.env')\nconfig('A', cast=bool)",
        "import environ\nenv = environ.Env()\nenv('A')",
        "import environ\nenv = environ.Env(A=(bool, False))",
        "from environs import Env\nenv = Env()\nenv.int('A', 5)",
        "from environs import Env\nenv = Env()\nwith env.prefixed('A'):\n    env('')",
        "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    a: int = 1",
        "from pydantic import BaseSettings as B, Field\nclass S(B):\n    b: int = Field(env='A')",
        "import click\n@click.option('--x', envvar='A')\ndef f(x): pass",
        "import typer\ndef f(x=typer.Option(1, envvar=['A'])): pass",
        "from dotenv import dotenv_values\nc = dotenv_values('.env')\nc['A']",
        (
            "import os\nclass V:\n    def __init__(self, n): self.n = n\n"
            "    def get(self): return os.environ.get(self.n)\nX = V('A')"
        ),
        (
            "import os\nclass V:\n    def __init__(self, n): self.n = n\n"
            "    def get(self): return os.environ.get(self.n)\n"
            "class W(V):\n    def __init__(self, n): super().__init__(n)\nX = W('A')"
        ),
        (
            "import os\nfrom dataclasses import dataclass\n@dataclass\nclass V:\n    n: str\n"
            "    def get(self): return os.environ[self.n]\nX = V(n='A')"
        ),
        (
            "import os\nclass V:\n    N = ''\n    def get(self): return os.environ[self.N]\n"
            "class W(V):\n    N = 'A'"
        ),
        (
            "import os\nclass V:\n    @property\n    def n(self): return 'A'\n"
            "    def get(self): return os.environ[self.n]"
        ),
        (
            "import os\nT = {'x': (1, ['B', 'A'])}\ndef get(names):\n    for n in names:\n"
            "        os.environ.get(n)\nfor k, row in T.items():\n    get(row[1])"
        ),
        "import os\nT = {'x': 'A'}\ndef get(k): return os.environ.get(T[k])\nget('x')",
        "import os\nT = {'x': 'A'}\nos.environ.get(T.get(unknown, ''))",
        "import os\nT = {}\nT['x'] = 'A'\nos.environ.get(T['x'])",
        "import os\nT = []\nT.append('A')\n[os.environ.get(n) for n in T]",
        "import os\nT = ('B',) + ('A',)\nfor n in T:\n    os.environ.get(n)",
        "import os\nfor n in dict(A=1):\n    os.environ.get(n)",
        "import os\nfor i, n in enumerate(['A']):\n    os.environ.get(n)",
        "import os\nfor n, d in zip(('A',), (1,)):\n    os.environ.get(n)",
        "import os\nfor n in frozenset({'A'}):\n    os.environ.get(n)",
        "import os\nfor n in [x.upper() for x in ('a',)]:\n    os.environ.get(n)",
        (
            "import os\nfrom enum import Enum\nclass E(Enum):\n    X = 'A'\n"
            "for e in E:\n    os.environ.get(e.value)"
        ),
        "import os\ndef name(x): return 'A' + x\nos.environ[name('')]",
        "import os\nos.environ['%s' % 'A']",
        "import os\nos.environ['{}'.format('A')]",
        "import os\nos.environ['_'.join(['A'])]",
        "import os\ndef get(env='A'): return os.environ.get(env)",
        "import os\ndef any_of(*names): return [os.environ.get(n) for n in names]\nany_of('A')",
        "import os\ndef f(env): return env['A']\nf(os.environ)",
        (
            "import os\nclass P:\n    def __init__(self, n, env):\n        self.n = n\n"
            "        self._env = env\n    def get(self): return self._env[self.n]\n"
            "class F:\n    def __init__(self, e=None):\n        self.e = os.environ\n"
            "    def make(self, n): return P(n, env=self.e)\nF().make('A')"
        ),
        "import os\nenv = {k: v for k, v in os.environ.items()}\nenv['A']",
        "import os\nget = lambda n: os.environ[n]\nget('A')",
        "import os\n1 < 2 and 'A' in os.environ",
    ],
)
def test_a_read_is_found(source):
    found = names(source)
    assert "A" in found or (found == ["DATABASE_URL"])


def test_pydantics_names():
    source = """
from typing import Annotated, ClassVar
from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict
class S(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_")
    port: int = 8000
    key: str = Field(..., validation_alias=AliasChoices("KEY", "OLD_KEY"))
    debug: Annotated[bool, Field(alias="DEBUG")] = False
    KIND: ClassVar[str] = "x"
    _private: int = 1
"""
    assert names(source) == ["APP_PORT", "DEBUG", "KEY", "OLD_KEY"]
    (port,) = [r for r in module_reads(source, "x.py") if r.name == "APP_PORT"]
    assert (port.default, port.required, port.type) == ("8000", False, "int")


def test_the_usual_names_of_django_environ():
    assert names("import environ\nenv = environ.Env()\nenv.db()\nenv.cache()") == [
        "CACHE_URL",
        "DATABASE_URL",
    ]


@pytest.mark.parametrize(
    "source",
    [
        "import os; os.environ['A'] = '1'",
        "import os; del os.environ['A']",
        "import os; os.environ.update(A='1')",
        "import os; os.environ.pop('A', None)",
        "environ = {}; environ['A']",
        "def f(environ): return environ['A']",
        "import os\ndef f(os): return os.environ['A']",
        "x.environ['A']",
        "import os; os.environ['A=B']",
        "import os; print(os.environ)",
        "config('A')",
        "env = make(); env('A')",
        "class S(Base):\n    a: int = 1",
        "import os\ndef get(n): return os.environ[n]",
        "import os\nd = {}\nd.get('A')",
        "import os.path; os.path.join('A')",
        "from .os import environ; environ['A']",
        "import os\ndef f(env): return env['A']\nf({})",
        (
            "import os\nclass V:\n    def __init__(self, n): self.n = n\n"
            "    def get(self): return os.environ.get(self.n)\nd = {}\nd.get('A')"
        ),
        "import os\nclass V:\n    def get(self, n): return os.environ[n]\nd.get('A')",
        "import os\nenv = {**env}\nenv['A']",
        "import os\nx = y\ny = x\nos.environ[x]",
        "import os\nx = x + 'A'\nos.environ[x]",
    ],
)
def test_what_is_no_read_is_not_taken_for_one(source):
    assert names(source) == []


def test_a_read_tells_place_default_and_type():
    source = "import os\nPORT = int(os.environ.get('PORT', '80'))\nKEY = os.environ['KEY']\n"
    port, key = module_reads(source, "a.py")
    assert (port.place, port.default, port.type, port.required) == (
        "a.py:2:12",
        "'80'",
        "int",
        False,
    )
    assert (key.place, key.default, key.required) == ("a.py:3:7", None, True)


def test_a_call_is_charged_with_what_it_gives_only():
    source = """import os
class V:
    def __init__(self, name, other='B'):
        self.name = name
    def get(self):
        return os.environ.get(self.name)
def read(name='DEFAULT'):
    return os.environ[name]
X = V('A')
read()
read('C')
"""
    found = [(read.name, read.line) for read in module_reads(source, "x.py")]
    assert found == [("DEFAULT", 8), ("A", 9), ("C", 11)]


def test_circles_end():
    lines = "".join(
        f"def f{n}(x): return f{(n + 1) % 40}(x) + f{(n + 2) % 40}(x)\n" for n in range(40)
    )
    assert names(f"import os\n{lines}os.environ[f0('A')]\nos.environ['B']") == ["B"]


def test_text_that_is_no_python_is_a_syntax_error():
    with pytest.raises(SyntaxError):
        list(module_reads("def", "x.py"))
