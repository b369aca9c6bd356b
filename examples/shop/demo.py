"""What confkit does, in one screen: ``python -m examples.shop.demo``."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path

import confkit
from confkit.cli import main as command
from confkit.secrets.rotation import store_new_key
from examples.shop.settings import Settings

ROOT = Path(__file__).parent

#: What the platform injects in production; here each is made up for one run.
INJECTED = {
    name: secrets.token_hex(24)
    for name in ("SECRET_KEY", "JWT_SECRET", "ENCRYPTION_KEY", "SENTRY_DSN", "DATADOG_API_KEY")
}


def heading(text: str) -> None:
    print(f"\n{text}\n{'─' * len(text)}")


def main() -> None:
    development = confkit.load(Settings, root=ROOT, environment="development", environ={})
    production = confkit.load(Settings, root=ROOT, environment="production", environ=INJECTED)

    heading("The shop in development: every key, every layer, ▲ is the one that counts")
    print(development.explain())
    heading("The shop in production")
    print(production.explain())
    heading("Why has one setting its value?")
    print(production.explain("database.pool_size"))
    heading("A bad deployment, said at once and before anything runs")
    bad = {**INJECTED, "DATABASE_POOL_SIZE": "500", "REDIS_TIMEOUT": "ten"}
    del bad["SECRET_KEY"]
    try:
        confkit.load(Settings, root=ROOT, environment="production", environ=bad)
    except confkit.InvalidConfig as error:
        print(error)

    heading("A secret that stands encrypted in a file, and the key that is replaced")
    with tempfile.TemporaryDirectory() as place:
        _encrypted(Path(place))

    # On a copy, so that a demonstration leaves no trace beside the shop's flags.
    with tempfile.TemporaryDirectory() as place:
        shutil.copy(ROOT / "flags.yaml", place)
        store = ("--store", f"file:{place}/flags.yaml")
        heading("The shop's feature flags")
        command(["flags", "list", *store])
        heading("How one rollout is distributed over 100,000 users")
        command(["flags", "simulate", "new_dashboard", "--synthetic", "100000", *store])
        heading("Why is it off for one of them?")
        command(["flags", "show", "new_dashboard", "--user", "user-42", *store])


def _encrypted(place: Path) -> None:
    """Encrypt one value, load it, put it under a new key, and load it again."""
    keys, production = place / "keys.env", place / ".env.production"
    token = store_new_key(keys).encrypt(INJECTED["SECRET_KEY"])
    production.write_text(f"SECRET_KEY=enc:{token}  # signs the sessions\n")
    sources = confkit.DotEnv(keys, root=place), confkit.DotEnv(production, root=place)
    before = confkit.load(Settings, *sources)
    print(before.explain("secret_key"))
    command(["secrets", "rotate", str(production), "--keys", str(keys), "--new-key"])
    after = confkit.load(Settings, *sources)
    print("the same secret:", before.current.secret_key == after.current.secret_key)


if __name__ == "__main__":
    main()
