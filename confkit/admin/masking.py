"""Masking of JSON values on their way out, by what texts hold and not by names."""

from __future__ import annotations

from typing import Any

from confkit.redaction import mask_text


def masked(value: Any) -> Any:
    """JSON values with every secret in a text masked, the names of objects included."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {mask_text(name): masked(inner) for name, inner in value.items()}
    return [masked(item) for item in value] if isinstance(value, list | tuple) else value
