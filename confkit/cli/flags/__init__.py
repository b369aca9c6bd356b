"""``confkit flags``: show, change and simulate feature flags."""
