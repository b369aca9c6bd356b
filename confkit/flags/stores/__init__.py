"""Where flags live: the port, and the stores without a server."""
