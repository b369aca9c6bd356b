"""What counts as sensitive, and masking for every output.

Each name is imported when it is first used: most programs mask nothing while they start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confkit.layers import printable as printable
from confkit.lazy import names as _names

if TYPE_CHECKING:
    from confkit.redaction.names import sensitive_name as sensitive_name
    from confkit.redaction.text import mask_text as mask_text
    from confkit.redaction.values import redact as redact
    from confkit.redaction.values import remember as remember
    from confkit.redaction.values import show as show

__getattr__, __dir__ = _names(
    __name__,
    {
        "mask_text": "confkit.redaction.text",
        "redact": "confkit.redaction.values",
        "remember": "confkit.redaction.values",
        "sensitive_name": "confkit.redaction.names",
        "show": "confkit.redaction.values",
    },
)
