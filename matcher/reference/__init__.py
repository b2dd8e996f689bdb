"""School systems, subjects, levels, postcodes, holidays and concepts, read from files."""

from matcher.reference.system import BrokenReference, SchoolSystem, programme

__all__ = ["BrokenReference", "SchoolSystem", "programme"]
