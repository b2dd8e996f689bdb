"""Where they meet: what the matcher proposes and what people answer."""
