"""Following a server by differences: steps, gaps, and random histories with every kind of loss."""

from __future__ import annotations

import collections
import os
import random

import fakeredis
import pytest

from confkit.errors import FlagConflict, StoreDoubted
from confkit.flags.redis import format as formats
from confkit.flags.redis.format import Message, Meta
from confkit.flags.redis.mirror import Mirror, whole
from confkit.flags.redis.store import RedisStore
from confkit.flags.replica.copy import Copy
from tests.faults.server import RedisServer

ON = {"enabled": True}


def entry(revision=1, document='{"enabled":true}'):
    return f'{{"rev":{revision},"flag":{document}}}'.encode()


def meta(version, size, digest, **rest):
    values = {"floor": 0, "confirmed": False, "adopted": 0, "readers": 7} | rest
    return Meta("e", version, size, digest, **values)


def mark(*names):
    return sum(formats.fingerprint(name, entry()) for name in names) % formats.MODULUS


def mirror(*names):
    found = [(name, entry(), None, 5) for name in names]
    return whole(meta(5, len(names), mark(*names)), found, {}, Mirror(), len(names))


def test_a_step_adds_and_takes_away():
    before = mirror(b"a", b"b")
    after = before.after(
        [(b"b", None, None, 6), (b"c", entry(), None, 7)], meta(7, 2, mark(b"a", b"c"))
    )
    assert set(after.flags) == {"a", "c"}
    assert after.deleted == {"b": 6}
    assert (after.base, after.changed) == (before.version, {"b", "c"})
    assert after.answer(before.version).base == before.version
    assert after.answer(None).base is None
    assert set(before.flags) == {"a", "b"}, "the one before is as it was"


def test_a_change_leaves_no_gap_in_the_tables():
    # Where something was deleted and put in again, a copy takes ten times as long.
    names = [b"f%d" % number for number in range(20)]
    before = mirror(*names)
    new = entry(2, '{"enabled":false}')
    digest = before.digest - mark(b"f5") + formats.fingerprint(b"f5", new)
    after = before.after([(b"f5", new, None, 6)], meta(6, 20, digest % formats.MODULUS))
    assert after.flags["f5"].document == {"enabled": False}
    for table in (after.flags, after.counts):
        assert list(table) == [name.decode() for name in names]


def test_a_step_that_is_not_all_is_seen_by_the_digest():
    assert mirror(b"a").after([], meta(7, 2, mark(b"a", b"c"))) is None


def message(before, op="=", version=7, name=b"c", text=None, digest=None, previous=5):
    text = entry() if text is None else text
    digest = mark(b"a", b"c") if digest is None else digest
    head = f"e {previous} {version} {digest} 2 900 1 {op} ".encode()
    return before.told(Message.of(head + name + b"\n" + text))


def test_a_message_is_followed_only_where_it_fits():
    before = mirror(b"a")
    after = message(before)
    assert set(after.flags) == {"a", "c"}
    assert after.state.number == 7
    assert message(before, previous=4) is None, "one was missed"
    assert message(before, op="~") is None, "too large to be in it"
    assert message(before, op="*") is None, "everything was replaced"
    assert message(before, digest=1) is None
    deletion = message(after, op="-", version=9, text=b"", digest=mark(b"a"), previous=7)
    assert set(deletion.flags) == {"a"}


def test_a_server_that_contradicts_itself_is_at_another_version():
    damaged = whole(meta(5, 2, mark(b"a")), [(b"a", entry(), None, 5)], {}, Mirror(), 1)
    assert "records 2 flags and holds 1" in damaged.damage
    assert damaged.version != damaged.state
    assert not damaged.may_step(meta(6, 2, mark(b"a")))
    assert (
        "holds 2"
        in whole(meta(5, 1, mark(b"a")), [(b"a", entry(), None, 5)], {}, Mirror(), 2).damage
    )
    other = whole(meta(5, 1, 123), [(b"a", entry(), None, 5)], {}, Mirror(), 1)
    assert "other documents" in other.damage


def test_pauses_grow_with_the_number_of_readers():
    many = mirror(b"a")
    assert 0 <= many.pause() <= 7 * 0.0002
    assert 0 <= many.pause(whole=True) <= 7 * 0.002


# Random histories


class Reader:
    """A store and a copy, driven by hand."""

    def __init__(self, make):
        self.store = RedisStore(make())
        self.copy = Copy(lambda *_: None, backup=None, bootstrap={}, clock=lambda: 0.0)
        self.box = collections.deque()

    def poll(self, verify=False):
        if verify:
            self.store._verified = -1e9
        answer = self.store.read(self.copy.belief.seen)
        if answer is not None:
            self.copy.take(answer)

    def message(self, data):
        taken = []
        told = {"type": "message", "data": data}
        self.store._tell(told, lambda answer=None, delay=0.0: taken.append(answer))
        answer = taken[0]
        if answer is None or answer.base != self.copy.belief.seen or self.copy.in_doubt:
            self.poll()
        else:
            self.copy.take(answer)

    def reseed(self):
        return self.store.seed(self.copy.good(), self.copy.belief.seen)

    def state(self):
        return {
            name: int((flag.document or {}).get("description", 0))
            for name, flag in self.copy.belief.flags.items()
        }


LOSSES = ("flags", "changes", "meta", "deleted", "revs")


class History:
    """Several readers, a writer in each, and a server that loses things.

    No believed flag may go back to an older state by a loss; deletions that were asked for are
    kept by name.
    """

    def __init__(self, make, seed, readers=5, names=12):
        self.random = random.Random(seed)
        self.client = make()
        self.client.flushall()
        self.readers = [Reader(make) for _ in range(readers)]
        self.names = [f"f{n}" for n in range(names)]
        self.channel = make().pubsub()
        self.channel.subscribe("{confkit}:changed")
        self.channel.get_message(timeout=1)
        self.deletions = collections.defaultdict(list)
        self.seen = [{} for _ in range(readers)]
        self.number = 0
        self.counted = collections.Counter()
        self.dumps = []
        self.flips = []
        # Who holds nothing may begin a new store in an emptied one, and two camps never agree.
        self.readers[0].store.write("f0", ON, expect=0, by="", reason="")
        for reader in self.readers:
            reader.poll()

    def write(self, reader, name, document):
        try:
            base = reader.copy.view.answer.version
            reader.copy.check(name)
            reader.store.write(name, document, expect=None, by="", reason="", base=base)
        except StoreDoubted:
            self.counted["refused"] += 1
        except FlagConflict:
            self.counted["absent"] += 1
        else:
            self.counted["written"] += 1
            if document is None:
                self.deletions[name].append(self.number)

    def step(self):
        self.number += 1
        reader = self.random.choice(self.readers)
        name = self.random.choice(self.names)
        dice = self.random.random()
        if dice < 0.40:
            self.write(reader, name, {"enabled": True, "description": str(self.number)})
        elif dice < 0.50:
            self.write(reader, name, None)
        elif dice < 0.72:
            reader.poll(verify=self.random.random() < 0.3)
        elif dice < 0.93:
            for _ in range(self.random.randrange(4)):
                if reader.box:
                    reader.message(reader.box.popleft())
                    self.check(reader)
        elif dice < 0.98:
            self.lose()
        elif reader.copy.in_doubt:
            self.counted["reseeded"] += reader.reseed()
            reader.poll()
        self.check(reader)
        self.deliver()

    def lose(self):
        key = self.random.choice(
            ["all", "flags", "changes", "meta", "deleted", "revs", "back", "keep"]
        )
        self.counted[key] += 1
        if key == "all":
            self.client.flushall()
        elif key == "keep":
            self.dumps = [*self.dumps, self.dump()][-4:]
        elif key == "back":
            if self.dumps:
                self.restore(self.random.choice(self.dumps))
        else:
            self.client.delete(f"{{confkit}}:{key}")

    def dump(self):
        keys = [k for k in self.client.keys("*") if b":done:" not in k and b"staged" not in k]
        return {key: self.client.dump(key) for key in keys}

    def restore(self, dump):
        self.client.flushall()
        for key, value in dump.items():
            self.client.restore(key, 0, value)

    def deliver(self):
        while (message := self.channel.get_message(timeout=0)) is not None:
            if message["type"] != "message":
                continue
            for reader in self.readers:
                dice = self.random.random()
                if dice < 0.1:
                    continue
                reader.box.append(message["data"])
                if dice > 0.95:
                    reader.box.append(message["data"])
                if dice > 0.9 and len(reader.box) > 1:
                    reader.box[-1], reader.box[-2] = reader.box[-2], reader.box[-1]

    def check(self, reader):
        was, now = self.seen[self.readers.index(reader)], reader.state()
        for name, (there, number) in list(was.items()):
            if name in now:
                if now[name] < number:
                    self.flips.append((self.number, name, there, number, now[name]))
            elif there:
                later = [n for n in self.deletions[name] if n > number]
                if not later:
                    self.flips.append((self.number, name, "vanished", number))
                was[name] = (False, later[0] if later else number)
        was.update({name: (True, number) for name, number in now.items()})

    def heal(self):
        """Everybody looks; whoever is in doubt puts back what it knows, until nobody is."""
        for _ in range(4 * len(self.readers)):
            doubted = False
            for reader in self.readers:
                reader.poll(verify=True)
                self.check(reader)
                if reader.copy.in_doubt:
                    doubted = True
                    reader.reseed()
            if not doubted:
                break
        for reader in self.readers:
            reader.poll()
        return [reader.copy.in_doubt for reader in self.readers]


def run(make, seed, steps):
    history = History(make, seed)
    for _ in range(steps):
        history.step()
    in_doubt = history.heal()
    assert history.flips == []
    assert in_doubt == [False] * len(in_doubt), (seed, [r.copy.belief for r in history.readers])
    states = [reader.state() for reader in history.readers]
    assert all(state == states[0] for state in states), seed
    return history.counted


@pytest.mark.parametrize("seed", range(int(float(os.environ.get("SIZE", "6")))))
def test_no_flag_goes_back_whatever_the_server_loses(seed):
    server = fakeredis.FakeServer()
    counted = run(lambda: fakeredis.FakeRedis(server=server), seed, 300)
    assert counted["written"]


def test_the_same_on_a_real_server():
    with RedisServer() as server:
        make = lambda: server.client(decode_responses=False)  # noqa: E731
        total = collections.Counter()
        for seed in range(100, 104):
            total += run(make, seed, 300)
    assert total["back"]
    assert total["reseeded"]
