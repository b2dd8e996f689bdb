"""What is kept of people: its registry, a copy for oneself, erasure, forgetting in time."""
