"""Verbs on schools, companies and regions."""

from __future__ import annotations

from matcher.organisations.register import load_register

__all__ = ["load_register"]
