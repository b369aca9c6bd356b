"""The shop's checkout with Flask: the payment provider depends on a flag."""

from __future__ import annotations

from flask import Flask, request

from confkit import Config, Flags
from examples.shop.flags import ShopFlags
from examples.shop.settings import Settings


def make_app(config: Config[Settings], flags: Flags) -> Flask:
    """An application that reads the settings and asks the flags at each request."""
    app = Flask(__name__)

    @app.post("/checkout")
    def checkout() -> dict[str, object]:
        settings = config.current
        customer = {"country": request.form["country"], "app_version": "2.3.0"}
        new = flags.enabled(ShopFlags.PAYMENT_V2, request.form["user_id"], **customer)
        return {
            "provider": "v2" if new else "v1",
            "timeout": settings.api.timeout,
            "retries": settings.api.retry_count,
        }

    return app
