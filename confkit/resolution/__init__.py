"""From layers to a typed, validated snapshot, in the order in which a value passes."""
