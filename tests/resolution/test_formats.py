"""Texts in a format of their own."""

from __future__ import annotations

import ipaddress
import re
from decimal import Decimal
from uuid import UUID

import pytest

from confkit import Entry, Origin, SecretBytes
from confkit.resolution.formats import formatted
from confkit.resolution.scalars import Refused

AT = Origin("env", "X")
NETWORK = ipaddress.IPv4Network("10.0.0.0/8")


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (bytes, "aGVsbG8=", b"hello"),
        (bytes, "-_-_", b"\xfb\xff\xbf"),
        (bytes, "aGVs\n  bG8=\n", b"hello"),
        (bytes, b"\x00", b"\x00"),
        (SecretBytes, "aGVsbG8=", SecretBytes(b"hello")),
        (SecretBytes, SecretBytes(b"x"), SecretBytes(b"x")),
        (ipaddress.IPv4Address, "10.0.0.1", ipaddress.IPv4Address("10.0.0.1")),
        (ipaddress.IPv6Address, "::1", ipaddress.IPv6Address("::1")),
        (ipaddress.IPv4Network, "10.0.0.0/8", NETWORK),
        (ipaddress.IPv4Network, NETWORK, NETWORK),
        (ipaddress.IPv4Interface, "10.0.0.1/8", ipaddress.IPv4Interface("10.0.0.1/8")),
        (re.Pattern, "a+", re.compile("a+")),
        (re.Pattern, re.compile("x"), re.compile("x")),
        (Decimal, "1.50", Decimal("1.50")),
        (UUID, "{12345678123456781234567812345678}", UUID("12345678" * 4)),
    ],
)
def test_reads(kind, raw, value):
    reader = formatted(kind)
    assert reader is not None
    assert reader(Entry(raw, AT)) == value


@pytest.mark.parametrize(
    ("kind", "raws"),
    [
        (bytes, ("aGVsbG8", "!!!!", 5, None, ["a"])),
        (ipaddress.IPv4Address, ("10.0.0", "010.0.0.1", "::1", 1, None)),
        (ipaddress.IPv4Network, ("10.0.0.1/8", "10.0.0.0/33", 1)),
        (re.Pattern, ("(", "*", 5, None)),
    ],
)
def test_refuses(kind, raws):
    reader = formatted(kind)
    assert reader is not None
    for raw in raws:
        with pytest.raises(Refused):
            reader(Entry(raw, AT))


def test_a_network_with_host_bits_is_told_apart():
    reader = formatted(ipaddress.IPv4Network)
    assert reader is not None
    with pytest.raises(Refused, match="host bits"):
        reader(Entry("10.0.0.1/8", AT))


def test_other_types_have_no_format():
    assert formatted(complex) is None
