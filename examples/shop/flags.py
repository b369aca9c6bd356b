"""The shop's feature flags, declared: what the code asks for, and its answer without a store."""

from __future__ import annotations

from datetime import date
from enum import Enum

from confkit.flags import Flag


class ShopFlags(Enum):
    """Every flag; questions take the members: ``flags.enabled(ShopFlags.DARK_MODE)``."""

    NEW_DASHBOARD = Flag(
        "new_dashboard",
        description="The dashboard with live stock and sales figures.",
        owner="storefront",
        expires=date(2027, 6, 30),
    )
    BETA_API = Flag("beta_api", description="Version 2 of the HTTP interface.", owner="platform")
    ADVANCED_ANALYTICS = Flag("advanced_analytics", owner="data")
    # A payment provider in doubt is switched off rather than served from memory for long.
    PAYMENT_V2 = Flag("payment_v2", owner="payments", max_stale=300, on_stale="default")
    DARK_MODE = Flag("dark_mode", default=True, owner="storefront")
