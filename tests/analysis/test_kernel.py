"""md5 of many texts in one buffer: equal to hashlib for every length, salt and alignment."""

from __future__ import annotations

import hashlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

np = pytest.importorskip("numpy")

from confkit.analysis.kernel import CHUNK, digest_words  # noqa: E402

PREFIXES = (
    b"",
    b"a:",
    b"new-checkout:",
    b"s" * 18 + b":",
    *(b"x" * n for n in (55, 56, 64, 65, 129)),
)


def packed(texts):
    offsets = [0, *itertools.accumulate(map(len, texts))]
    return np.frombuffer(b"".join(texts), np.uint8), np.array(offsets, np.int64)


def check(prefix, texts):
    data, offsets = packed(texts)
    words = digest_words(prefix, data, offsets, words=4)
    digests = np.array(
        [np.frombuffer(hashlib.md5(prefix + text).digest(), ">u4") for text in texts]
    ).reshape(-1, 4)
    for n, word in enumerate(words):
        assert (word == digests[:, n]).all()
    for count in (1, 2):
        fewer = digest_words(prefix, data, offsets, words=count)
        assert len(fewer) == count
        assert all((a == b).all() for a, b in zip(fewer, words, strict=False))


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_length(prefix):
    """Up to five blocks side by side, beyond them one by one."""
    check(prefix, [b"y" * n for n in range(400)])


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("length", [0, 1, 3, 36, 55, 64, 300])
def test_ids_of_one_length(prefix, length):
    check(prefix, [bytes((n * 31 + k) % 256 for k in range(length)) for n in range(50)])


@given(st.sampled_from(PREFIXES), st.lists(st.binary(max_size=150), min_size=1, max_size=40))
def test_anything(prefix, texts):
    check(prefix, texts)


def test_chunks_and_progress():
    texts = [b"%d" % (n * n) for n in range(2 * CHUNK + 5)]
    seen = []
    data, offsets = packed(texts)
    (words,) = digest_words(b"s:", data, offsets, progress=seen.append)
    assert seen == [CHUNK, 2 * CHUNK, 2 * CHUNK + 5]
    for n in (0, CHUNK - 1, CHUNK, 2 * CHUNK, 2 * CHUNK + 4):
        assert int(words[n]) == int(hashlib.md5(b"s:" + texts[n]).hexdigest()[:8], 16)


def test_nothing_outside_the_texts_is_read():
    """The ids lie at the very ends of their buffer, and in the middle of a longer one."""
    data, _ = packed([b"abcdefghij"])
    for begin, end in ((0, 10), (0, 1), (9, 10), (3, 7)):
        (word,) = digest_words(b"salt:", data, np.array([begin, end], np.int32))
        text = bytes(data[begin:end])
        assert int(word[0]) == int(hashlib.md5(b"salt:" + text).hexdigest()[:8], 16)


def test_no_ids():
    (word,) = digest_words(b"s:", np.zeros(0, np.uint8), np.zeros(1, np.int64))
    assert len(word) == 0
