"""The part of the tests that has to pass in Pyodide: what notebooks of a static site stand on."""

from __future__ import annotations

import os
import sys

import pytest

#: Files and rooms of tests/.
CORE = (
    "analysis",
    "flags/rules",
    "flags/stores/test_file.py",
    "flags/stores/test_memory.py",
    "flags/test_bulk.py",
    "flags/test_client.py",
    "flags/test_everywhere.py",
    "flags/test_questions.py",
    "flags/test_writer.py",
    "redaction",
    "reports",
    "resolution",
    "schema",
    "sources/test_dotenv.py",
    "sources/test_environ.py",
    "sources/test_files.py",
    "sources/test_json.py",
    "sources/test_mapping.py",
    "sources/test_reading.py",
    "sources/test_toml.py",
    "sources/test_yaml.py",
    "test_background_without_threads.py",
    "test_bucket.py",
    "test_clocks.py",
    "test_config.py",
    "test_config_override.py",
    "test_discovery.py",
    "test_loading.py",
    "test_secret.py",
)
THREADS = "starts threads, and here are none"
PROCESSES = "starts processes, and here are none"
PIPES = "makes a named pipe, and here are none"
LONG = "takes long in Pyodide, and other tests show the same"
C_PARSER = "compares with the C parser of YAML, and here is none"
DEPTH = "the JSON parser of this Python does not survive such depth"
#: Parts of the names of tests that cannot pass here, and why. One that fits no test is an error.
LEFT_OUT = {
    "nested_without_end": DEPTH,
    "test_coercion.py::test_refuses[list-raw12": DEPTH,
    'test_json.py::test_what_cannot_be_read_has_a_code_and_a_place[\'{"a": [[[[': DEPTH,
    "test_a_background_thread_sees_an_edit": THREADS,
    "test_a_client_hears_of_an_edit_before_its_poll": THREADS,
    "test_it_holds_in_every_thread": THREADS,
    "test_many_writers_lose_nothing": THREADS,
    "test_only_one_creates_a_flag": THREADS,
    "test_overrides_of_many_threads": THREADS,
    "test_a_question_takes_no_lock": THREADS,
    "test_racing_changes_are_all_counted": THREADS,
    "test_readers_see_one": THREADS,
    "test_threads_": THREADS,
    "test_buckets_are_uniform": LONG,
    "on_a_hundred_thousand_ids": LONG,
    "test_a_named_pipe": PIPES,
    "test_a_file_of_a_secret_that_is_none_or_not_to_be_trusted[pipe": PIPES,
    "test_a_file_of_a_secret_that_is_none_or_not_to_be_trusted[open": "has one user only",
    "test_processes_that_race": PROCESSES,
    "test_a_stop_between_journal_and_file": PROCESSES,
    "test_the_pytest_file_passes_by_itself": PROCESSES,
    "test_the_parser_is_imported_when_a_file_is_read": PROCESSES,
    "test_yaml.py::test_reads_text_as_pyyaml_does": C_PARSER,
    "code_line_and_column['a: {x: 1, x: 2}": C_PARSER,
}


class Choice:
    """Skips what cannot pass here."""

    def __init__(self, *, whole: bool) -> None:
        self.whole = whole

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        unused = set(LEFT_OUT)
        for item in items:
            for part, why in LEFT_OUT.items():
                if part in item.nodeid:
                    item.add_marker(pytest.mark.skip(reason=why))
                    unused.discard(part)
        if unused and self.whole:
            raise pytest.UsageError(f"LEFT_OUT of tests/pyodide/core.py fits no test: {unused}")


def main(words: list[str]) -> int:
    """Run the tests that are named, or all of CORE; the exit code of pytest."""
    if sys.platform != "emscripten":
        raise RuntimeError("only Pyodide runs this: `nox -s tests_pyodide`")
    os.environ.setdefault("CONFKIT_EXAMPLES", "5")
    os.environ["CONFKIT_TESTS_WITHOUT_EXTRAS"] = "1"
    tests = words or [f"tests/{name}" for name in CORE]
    own = ("-p", "no:cacheprovider", "-m", "not slow and not browser", "--durations=10")
    return pytest.main([*own, *tests], plugins=[Choice(whole=not words)])
