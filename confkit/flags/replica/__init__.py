"""A client's copy of a store, and what it believes of it."""
