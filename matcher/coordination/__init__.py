"""The coordinator: review, steer, account for."""
