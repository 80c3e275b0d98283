"""Decontamination: indexes of evaluation sets, and the items of them that occur in documents."""
