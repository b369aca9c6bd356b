"""What every store of flags must do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from confkit.flags.stores.port import FlagSet, Revision, Store

ON = {"enabled": True}
OFF = {"enabled": False}


class StoreContract:
    """What every store of flags must do. The fixture ``store`` gives an empty one."""

    #: How many threads race, and how often each counts up; a slow store may lower it.
    racers = 4
    rounds = 10

    @pytest.fixture
    def store(self) -> Store:
        """A store without flags."""
        raise NotImplementedError("give the contract a fixture named 'store'")

    @staticmethod
    def everything(store: Store) -> FlagSet:
        """Every flag of a store."""
        found = store.read()
        assert found is not None, "read() without a known version always answers"
        return found

    @staticmethod
    def put(store: Store, name: str, document: Any, expect: int | None = None) -> Revision:
        """Write as the tests do."""
        return store.write(name, document, expect=expect, by="ann", reason="because")

    # Reading

    def test_an_empty_store_has_no_flags_and_no_history(self, store: Store) -> None:
        assert dict(self.everything(store).flags) == {}
        assert store.history() == []
        assert store.history("nothing") == []

    def test_what_was_written_is_read(self, store: Store) -> None:
        document = {
            "enabled": True,
            "percentage": 33.333,
            "allow": ["ä", "日本語", "😀", " x ", ""],
            "variants": {"b": 50, "a": 50},
            "conditions": [{"attribute": "country", "in": ["DE", "no", "012", "1e3"]}],
            "description": "line\nline\t\"quoted\" 'single' \\ # no comment: yes",
        }
        self.put(store, "new-checkout", document)
        stored = self.everything(store).flags["new-checkout"]
        assert stored.document == document
        assert stored.revision == 1
        assert stored.error == ""

    def test_a_known_version_gives_none_until_something_changes(self, store: Store) -> None:
        self.put(store, "a", ON)
        known = self.everything(store).version
        assert store.read(known) is None
        self.put(store, "a", OFF)
        changed = store.read(known)
        assert changed is not None
        assert changed.version != known
        assert store.read(changed.version) is None

    def test_a_version_of_another_epoch_is_another_version(self, store: Store) -> None:
        self.put(store, "a", ON)
        version = self.everything(store).version
        assert store.read(type(version)("another", version.number)) is not None
        assert store.read(type(version)(version.epoch, version.number + 7)) is not None

    def test_the_version_after_a_write_is_the_one_it_returned(self, store: Store) -> None:
        made = self.put(store, "a", ON)
        assert self.everything(store).version == made.version

    def test_the_epoch_stays_while_the_data_does(self, store: Store) -> None:
        first = self.put(store, "a", ON).version
        second = self.put(store, "b", ON).version
        assert first.epoch == second.epoch
        assert first.epoch
        assert first.number != second.number

    def test_nothing_mutable_is_shared(self, store: Store) -> None:
        document: dict[str, Any] = {"enabled": True, "allow": ["1"]}
        made = self.put(store, "a", document)
        document["allow"].append("2")
        answer: Any = self.everything(store).flags["a"].document
        assert answer["allow"] == ["1"]
        shared: tuple[Any, ...] = (answer, made.new, store.history()[0].new)
        for given in shared:
            try:
                given["allow"].append("3")
            except (AttributeError, TypeError):
                continue  # frozen is as good
        again: Any = self.everything(store).flags["a"].document
        recorded: Any = store.history()[0].new
        assert again["allow"] == recorded["allow"] == ["1"]

    # Writing

    def test_a_flag_that_must_not_exist(self, store: Store) -> None:
        from confkit.errors import FlagConflict

        assert self.put(store, "a", ON, expect=0).revision == 1
        with pytest.raises(FlagConflict):
            self.put(store, "a", OFF, expect=0)
        assert self.everything(store).flags["a"].document == ON

    def test_a_flag_that_must_be_at_a_revision(self, store: Store) -> None:
        from confkit.errors import FlagConflict

        self.put(store, "a", ON)
        assert self.put(store, "a", OFF, expect=1).revision == 2
        for wrong in (1, 3):
            with pytest.raises(FlagConflict):
                self.put(store, "a", ON, expect=wrong)
        with pytest.raises(FlagConflict):
            self.put(store, "b", ON, expect=1)
        assert self.everything(store).flags["a"].document == OFF
        assert len(store.history()) == 2, "a refused write leaves no trace"

    def test_without_an_expectation_whatever_is_there_is_replaced(self, store: Store) -> None:
        assert [self.put(store, "a", d).revision for d in (ON, OFF, ON)] == [1, 2, 3]

    def test_revisions_are_counted_by_flag(self, store: Store) -> None:
        self.put(store, "a", ON)
        self.put(store, "a", OFF)
        assert self.put(store, "b", ON).revision == 1

    def test_deletion(self, store: Store) -> None:
        self.put(store, "a", ON)
        self.put(store, "b", ON)
        gone = self.put(store, "a", None, expect=1)
        assert gone.new is None
        assert gone.old == ON
        assert set(self.everything(store).flags) == {"b"}

    def test_deleting_the_last_flag_leaves_an_empty_store(self, store: Store) -> None:
        self.put(store, "a", ON)
        version = self.everything(store).version
        self.put(store, "a", None)
        assert dict(self.everything(store).flags) == {}
        assert self.everything(store).version != version

    def test_a_deleted_flag_that_returns_goes_on_counting(self, store: Store) -> None:
        self.put(store, "a", ON)
        self.put(store, "a", None, expect=1)
        again = self.put(store, "a", OFF, expect=0)
        assert again.revision == 3
        assert again.old is None
        assert self.everything(store).flags["a"].revision == 3

    def test_deleting_what_is_not_there_is_a_conflict(self, store: Store) -> None:
        from confkit.errors import FlagConflict

        with pytest.raises(FlagConflict):
            self.put(store, "a", None)
        with pytest.raises(FlagConflict):
            self.put(store, "a", None, expect=1)
        assert store.history() == []

    @pytest.mark.parametrize(
        "name", ["", "a b", "a:b", "a/b", "../a", "a\nb", "-a", "x" * 129, "ä", "a\0"]
    )
    def test_a_name_that_cannot_be_one_is_refused(self, store: Store, name: str) -> None:
        from confkit.errors import InvalidFlag

        with pytest.raises(InvalidFlag):
            self.put(store, name, ON)
        assert dict(self.everything(store).flags) == {}

    @pytest.mark.parametrize("name", ["a", "0", "new-checkout", "a.b_c-D", "x" * 128])
    def test_names_at_the_border(self, store: Store, name: str) -> None:
        self.put(store, name, ON)
        assert set(self.everything(store).flags) == {name}

    # History

    def test_a_change_on_record_says_who_when_why_old_and_new(self, store: Store) -> None:
        self.put(store, "a", ON)
        made = store.write("a", OFF, expect=1, by="böb", reason="too slow\nfor users")
        newest = store.history("a")[0]
        assert newest == made
        assert (newest.name, newest.revision) == ("a", 2)
        assert (newest.by, newest.reason) == ("böb", "too slow\nfor users")
        assert (newest.old, newest.new) == (ON, OFF)
        assert "T" in newest.at
        assert newest.at.endswith(("Z", "+00:00"))

    def test_history_is_newest_first_by_flag_or_of_all(self, store: Store) -> None:
        for name in ("a", "b", "a"):
            self.put(store, name, ON if not store.history(name) else OFF)
        assert [(r.name, r.revision) for r in store.history()] == [("a", 2), ("b", 1), ("a", 1)]
        assert [r.revision for r in store.history("a")] == [2, 1]

    def test_history_is_limited(self, store: Store) -> None:
        for number in range(5):
            self.put(store, "a", {"enabled": True, "percentage": number})
        assert [r.revision for r in store.history(limit=2)] == [5, 4]
        assert [r.revision for r in store.history("a", limit=3)] == [5, 4, 3]

    def test_the_history_of_a_deleted_flag_stays(self, store: Store) -> None:
        self.put(store, "a", ON)
        self.put(store, "a", None)
        assert [(r.revision, r.new) for r in store.history("a")] == [(2, None), (1, ON)]

    # Races

    def test_racing_changes_are_all_counted(self, store: Store) -> None:
        """Read, add one, write if unchanged, else again: nobody's addition is lost."""
        from confkit.errors import FlagConflict

        self.put(store, "a", {"enabled": True, "description": "0"})

        def count() -> None:
            for _ in range(self.rounds):
                while True:
                    stored = self.everything(store).flags["a"]
                    assert stored.document is not None
                    number = int(stored.document["description"]) + 1
                    new = {"enabled": True, "description": str(number)}
                    try:
                        self.put(store, "a", new, expect=stored.revision)
                        break
                    except FlagConflict:
                        continue

        self._race(count)
        total = self.racers * self.rounds
        stored = self.everything(store).flags["a"]
        assert stored.document == {"enabled": True, "description": str(total)}
        assert stored.revision == total + 1
        revisions = [r.revision for r in store.history("a", limit=total + 10)]
        assert revisions == list(range(total + 1, 0, -1))

    def test_only_one_creates_a_flag(self, store: Store) -> None:
        from confkit.errors import FlagConflict

        made: list[Revision] = []

        def create() -> None:
            try:
                made.append(self.put(store, "a", ON, expect=0))
            except FlagConflict:
                return

        self._race(create)
        assert [r.revision for r in made] == [1]

    def _race(self, work: Callable[[], None]) -> None:
        gate = threading.Barrier(self.racers)
        failures: list[BaseException] = []

        def run() -> None:
            gate.wait()
            try:
                work()
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=run) for _ in range(self.racers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []

    # Several changes in one step, where a store can

    @staticmethod
    def several(store: Store, changes: list[tuple[str, Any, int | None]]) -> list[Revision]:
        """Write as the tests do; skips the test where the store cannot."""
        from confkit.flags.stores.port import WritingAll

        if not isinstance(store, WritingAll):
            pytest.skip("this store writes one flag at a time")
        return store.write_all(changes, by="ann", reason="import")

    def test_several_changes_are_made_in_one_step(self, store: Store) -> None:
        self.put(store, "old", ON)
        self.put(store, "gone", ON)
        made = self.several(store, [("new", ON, 0), ("gone", None, 1), ("old", OFF, None)])
        assert [(r.name, r.revision, r.old, r.new) for r in made] == [
            ("new", 1, None, ON),
            ("gone", 2, ON, None),
            ("old", 2, ON, OFF),
        ]
        found = self.everything(store)
        assert {name: flag.document for name, flag in found.flags.items()} == {
            "new": ON,
            "old": OFF,
        }
        assert found.version == made[-1].version
        assert store.history(limit=3) == made[::-1]

    @pytest.mark.parametrize(
        "wrong", [("old", OFF, 7), ("none", None, None), ("new", OFF, None), ("a b", ON, 0)]
    )
    def test_of_several_changes_none_is_made_where_one_is_refused(
        self, store: Store, wrong: tuple[str, Any, int | None]
    ) -> None:
        from confkit.errors import FlagConflict, InvalidFlag

        self.put(store, "old", ON)
        before = self.everything(store)
        with pytest.raises((FlagConflict, InvalidFlag)):
            self.several(store, [("new", ON, 0), ("old", OFF, 1), wrong])
        assert self.everything(store) == before
        assert len(store.history()) == 1

    # Documents that are no rules are the client's business, not the store's

    def test_a_document_is_kept_whatever_it_means(self, store: Store) -> None:
        odd = {"enabled": True, "from-the-future": {"a": [1, 2.5, None, True, "x"]}}
        self.put(store, "a", odd)
        stored = self.everything(store).flags["a"]
        assert stored.error or stored.document == odd
        assert store.history("a")[0].new == odd

    def test_a_large_document(self, store: Store) -> None:
        ids = [f"user-{n}" for n in range(2_000)]
        self.put(store, "a", {"enabled": True, "allow": ids})
        answer = self.everything(store).flags["a"].document
        assert json.loads(json.dumps(answer))["allow"] == ids

    def test_it_is_a_store(self, store: Store) -> None:
        from confkit.flags.stores.port import Store

        assert isinstance(store, Store)
