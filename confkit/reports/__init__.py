"""Reports on resolved settings: one key, all keys, differences."""
