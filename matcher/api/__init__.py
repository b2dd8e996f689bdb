"""For other machines: reading, posting by token, feeds."""
