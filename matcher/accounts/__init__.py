"""People: how they come in, go out and what they may hold."""
