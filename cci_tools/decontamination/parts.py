"""The parts of an item, and the n-grams that an index keeps of each."""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from cci_tools.decontamination.items import Item
from cci_tools.kernels.probe import key_positions, ngram_hashes

LONGEST = 65_535
"""Characters of a part's key that are indexed; what follows is left out."""


class Role(IntEnum):
    """What a part is to its item."""

    QUESTION = 0
    CHOICE = 1  # wrong, or not known to be right
    RIGHT = 2  # a right choice
    ANSWER = 3  # a right answer that is no choice
    PASSAGE = 4
    JOINT = 5  # end of a short question and beginning of what may follow it: only to find the place by


def parts_of(item: Item, width: int) -> Iterator[tuple[Role, str]]:
    """Role and text of each part of an item."""
    yield Role.QUESTION, item.question
    for number, choice in enumerate(item.choices):
        yield Role.RIGHT if number in item.correct else Role.CHOICE, choice
    for answer in item.answers:
        yield Role.ANSWER, answer
    if item.passage:
        yield Role.PASSAGE, item.passage
    question = _key(item.question)
    if len(question) >= width:
        return
    # Beginnings of what may come after it: a choice and those behind it, with and without letters, or an answer.
    keys = [_key(choice) for choice in item.choices]
    following = ["".join(keys[i:]) for i in range(len(keys))]
    following += ["".join(chr(ord("a") + j) + key for j, key in enumerate(keys[i:])) for i in range(len(keys))]
    answers = [_key(answer) for answer in item.answers] + [keys[i] for i in sorted(item.correct)]
    following += [mark + answer for answer in answers for mark in ("", "答", "答案")]
    joints = {(question + rest)[:width] for rest in following}
    if item.passage:
        joints.add((_key(item.passage) + question)[-width:])
    yield from ((Role.JOINT, joint) for joint in sorted(joints) if len(joint) == width)


def _key(text: str) -> str:
    """The characters of a text that its matching key holds."""
    return "".join(text[i] for i in key_positions([text]).characters)


def part_ngrams(
    parts: list[tuple[Role, str]], width: int
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """The n-grams that are kept of each part.

    Parameters
    ----------
    parts : list of (Role, str)
        The parts; a right choice and an answer count as `Role.CHOICE`.
    width : int
        Characters in an n-gram.

    Returns
    -------
    lengths, information : ndarray of int, shape (n,)
        Characters of each part's key; the same with Latin letters and digits counted a third.
    offsets : ndarray of int, shape (n + 1,)
        Part i has the n-grams ``offsets[i]:offsets[i + 1]``; none where its key is empty.
    hashes, positions : ndarray of int
        The n-grams' hashes, and where they begin in the part's key, ascending.
    """
    texts = [text for _, text in parts]
    grams, keys = ngram_hashes(texts, width), key_positions(texts)
    lengths = np.minimum(np.diff(keys.offsets), LONGEST)
    latin = np.array([sum(c.isascii() and c.isalnum() for c in text) for text in texts], np.int64)
    information = np.maximum(lengths - np.minimum(latin, lengths) * 2 // 3, 0)
    counts = np.diff(grams.offsets)
    part = np.repeat(np.arange(len(parts)), counts)
    position = np.arange(len(grams.hashes)) - grams.offsets[part]
    length, role = lengths[part], np.array([role for role, _ in parts], np.uint8)[part]
    dense = (role == Role.JOINT) | ((role == Role.QUESTION) & ((length <= 96) | (position > length - 40)))
    dense |= (role == Role.CHOICE) & (length <= 16)
    sample = np.where((role == Role.PASSAGE) | (length > 256), 8, 4)
    # The first and the last n-gram are always kept, so that no part is without any and both ends are known.
    ends = (position == 0) | (position == np.maximum(length - width, 0))
    kept = (dense | ends | (grams.hashes % sample == 0)) & (position + width <= LONGEST)
    offsets = np.concatenate([[0], np.cumsum(np.bincount(part[kept], minlength=len(parts)))])
    return lengths, information, offsets, grams.hashes[kept], position[kept]
