"""Webinars for teachers, meetings and career days."""
