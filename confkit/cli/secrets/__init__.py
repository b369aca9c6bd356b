"""``confkit secrets``: keys, tokens, rotation, checks and rehearsals."""
