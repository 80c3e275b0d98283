"""Deduplication: signatures, candidate bands, exact verification and keepers.

The matching key folds width, case and Traditional/Simplified and skips punctuation; it is never written to the output.
A signature only proposes: a document is removed when the exact Jaccard similarity with a kept document says so.
"""
