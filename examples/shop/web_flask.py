"""The shop with Flask: two dashboards behind a flag, the checkout, and the admin API.

``python -m flask --app examples.shop.web_flask:from_environment run`` serves it; its admins are at
``/admin/``, by the token in ``$SHOP_ADMIN_TOKEN``.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, abort, render_template, request

import confkit
from confkit import Config, FileStore, Flags, Secret
from confkit.admin import Admin, AuditFile, BearerTokens, Limits, Token
from confkit.admin.flask import blueprint
from examples.shop.flags import ShopFlags
from examples.shop.settings import Settings

ROOT = Path(__file__).parent


def require_admin(view: Callable[..., Any]) -> Callable[..., Any]:
    """The shop's own check, which the admin API runs beside its own: only from the office."""

    @functools.wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if request.remote_addr not in ("127.0.0.1", "::1"):
            abort(403)
        return view(*args, **kwargs)

    return wrapped


def make_app(config: Config[Settings], flags: Flags, admin: Admin | None = None) -> Flask:
    """An application that reads the settings and asks the flags at each request."""
    app = Flask(__name__)

    @app.get("/dashboard")
    def dashboard() -> str:
        user_id = request.args.get("user_id")
        if flags.enabled(ShopFlags.NEW_DASHBOARD, user_id):
            return render_template("dashboard_v2.html", user_id=user_id)
        return render_template("dashboard_v1.html", user_id=user_id)

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

    if admin is not None:
        app.register_blueprint(blueprint(admin, wrap=require_admin), url_prefix="/admin")
    return app


def make_admin(
    config: Config[Settings], flags: Flags, token: Secret, *, audit: Path, **options: Any
) -> Admin:
    """The admin API for whoever has the token."""
    auth = BearerTokens(Token("shop-admin", token, "*"))
    return Admin(config, flags, auth=auth, audit=AuditFile(audit), **options)


def from_environment() -> Flask:
    """The application of one process, as a server makes it."""
    config = confkit.load(Settings, root=ROOT)
    config.watch()
    flags = Flags(FileStore(ROOT / "flags.yaml"), ShopFlags)
    token = Secret(os.environ["SHOP_ADMIN_TOKEN"])
    admin = make_admin(config, flags, token, audit=ROOT / "audit.jsonl", limits=Limits())
    return make_app(config, flags, admin)
