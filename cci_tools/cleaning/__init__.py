"""Cleaning: repairs inside one document, each safe on its own, and the verdicts on what cannot be repaired."""
