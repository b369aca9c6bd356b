"""The shop's storefront with FastAPI: what it shows depends on settings and flags."""

from __future__ import annotations

from fastapi import FastAPI

from confkit import Config, Flags
from examples.shop.flags import ShopFlags
from examples.shop.settings import Settings


def make_app(config: Config[Settings], flags: Flags) -> FastAPI:
    """An application that reads the settings and asks the flags at each request."""
    app = FastAPI()

    @app.get("/dashboard")
    async def dashboard(user_id: str) -> dict[str, object]:
        settings = config.current  # taken once: a request sees one state
        return {
            "version": 2 if flags.enabled(ShopFlags.NEW_DASHBOARD, user_id) else 1,
            "dark": flags.enabled(ShopFlags.DARK_MODE, user_id),
            "debug": settings.debug,
        }

    @app.get("/health")
    async def health() -> dict[str, int]:
        return {"connections": config.current.database.pool_size}

    return app
