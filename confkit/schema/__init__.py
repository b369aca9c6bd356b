"""A dataclass as settings: its fields, marks and types."""
