"""The contracts of sources and resolvers, held by our own; those of stores are with the stores."""

from __future__ import annotations

import json

import pytest

from confkit import DotEnv, File
from confkit.secrets.files import FileResolver
from pytest_confkit.contracts import ResolverContract, SourceContract


class TestYaml(SourceContract):
    suffix, bad = ".yaml", "a: [1\n"

    @pytest.fixture
    def make(self, tmp_path):
        def make(values):
            path = tmp_path / f"config{self.suffix}"
            path.write_text(self.text(values))
            return File(path, root=tmp_path)

        return make

    @pytest.fixture
    def broken(self, tmp_path):
        path = tmp_path / f"broken{self.suffix}"
        path.write_text(self.bad)
        return File(path, root=tmp_path)

    def text(self, values):
        return "".join(f"{name}: {value}\n" for name, value in values.items())


class TestJson(TestYaml):
    suffix, bad = ".json", '{"a": '

    def text(self, values):
        return json.dumps(values, indent=1)


class TestToml(TestYaml):
    suffix, bad = ".toml", "a = [1\n"

    def text(self, values):
        return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())


class TestDotEnv(SourceContract):
    @pytest.fixture
    def make(self, tmp_path):
        def make(values):
            lines = [f'{name.upper()}="{value}"\n' for name, value in values.items()]
            (tmp_path / ".env").write_text("".join(lines))
            return DotEnv(tmp_path / ".env", root=tmp_path)

        return make

    @pytest.fixture
    def broken(self, tmp_path):
        (tmp_path / "broken.env").write_text('A="open\n')
        return DotEnv(tmp_path / "broken.env", root=tmp_path)


class TestSecretFile(ResolverContract):
    @pytest.fixture
    def present(self, tmp_path):
        (tmp_path / "token").write_text("from-a-secret-file")
        (tmp_path / "token").chmod(0o600)
        return str(tmp_path / "token"), "from-a-secret-file"

    @pytest.fixture
    def absent(self, tmp_path):
        return str(tmp_path / "nothing")

    @pytest.fixture
    def resolver(self):
        return FileResolver()


def test_a_contract_without_its_fixtures_tells_which(run):
    result = run(
        """
from pytest_confkit.contracts import ResolverContract, SourceContract, StoreContract
class TestStore(StoreContract):
    pass
class TestSource(SourceContract):
    pass
class TestResolver(ResolverContract):
    pass
""",
        "-q",
    )
    text = result.stdout.str()
    for name in ("store", "make", "resolver"):
        assert f"give the contract a fixture named '{name}'" in text


def test_a_resolver_that_falls_back_to_a_default_is_found(run):
    result = run("""
from pytest_confkit.contracts import ResolverContract
class Falling:
    secret = True
    def resolve(self, reference):
        return {"there": "the-answer"}.get(reference, "changeme")

class TestFalling(ResolverContract):
    @pytest.fixture
    def resolver(self):
        return Falling()
    @pytest.fixture
    def present(self):
        return "there", "the-answer"
    @pytest.fixture
    def absent(self):
        return "missing"
""")
    result.assert_outcomes(passed=3, failed=2)
