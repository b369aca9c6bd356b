"""What counts as sensitive, and masking for every output."""

from confkit.layers import printable as printable
from confkit.redaction.names import sensitive_name as sensitive_name
from confkit.redaction.text import mask_text as mask_text
from confkit.redaction.values import redact as redact
from confkit.redaction.values import show as show
