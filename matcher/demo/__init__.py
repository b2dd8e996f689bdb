"""A living demo: real schools, invented companies and people, and everything they did together."""
