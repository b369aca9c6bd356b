"""Mistakes that a type checker has to find: one on every line that says so."""

from dataclasses import dataclass

from confkit import Check, Secret, Url, load


@dataclass(frozen=True)
class Settings:
    port: int = 80
    key: Secret = Secret("x")


config = load(Settings)
print(config.current.prot)  # wrong
config.current.port.upper()  # wrong
config.current.port = 1  # wrong
config.current.key.upper()  # wrong
config.override(port=1)  # wrong
Secret(5)  # wrong
load("Settings")  # wrong
Check(mim=1)  # wrong
Check(minlength="1")  # wrong
Url(5)  # wrong
