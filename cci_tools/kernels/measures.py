"""Quality measures of each text, all in one pass of the compiled core.

Terms. *Visible* characters are code points that are not white space (`str.isspace`). A *line* is what lies between two
"\\n" and holds a visible character; lines are compared, and their length is counted, by their visible characters. A
*paragraph* is a block of lines without an empty line between. A *token* is a Hanzi, any other letter or digit outside
ASCII, or a run of ASCII letters and digits: Chinese has no spaces, and cutting it into words would make every figure
depend on a dictionary. Where a published figure was found with words, character tokens make it somewhat stricter for
repetition and more lenient for new lines. N-grams are over tokens (punctuation is passed over), their share is of the
characters of all tokens.

Bounds. In a text of more than 131,072 tokens each stretch of that many is searched for repeated n-grams apart, and the
characters found are added up; after 131,072 different lines (or paragraphs) those before are forgotten. So memory stays
below 40 MB a thread for a text of any length, and time grows in proportion to the length of any text.
"""

import numpy as np
import numpy.typing as npt

from cci_tools.kernels import core
from cci_tools.kernels.arrow import Bytes, Offsets

MEASURES: dict[str, str] = {
    "characters": "code points",
    "hanzi_fraction": "Hanzi, of the visible characters (ChineseWebText)",
    "letter_fraction": "letters and marks other than Hanzi, of the visible characters",
    "digit_fraction": "digits and other numerals (Unicode N), of the visible characters; 一二三 are Hanzi (MAP-CC)",
    "punctuation_fraction": "punctuation (Unicode P), of the visible characters",
    "symbol_fraction": "symbols (Unicode S: currency, arithmetic, arrows, emoji), of the visible characters",
    "other_fraction": "controls, format characters, private use and unassigned, of the visible characters",
    "space_fraction": "white space, of all characters",
    "traditional_fraction": "Hanzi that Simplified text writes with another character, of the Hanzi",
    "lines": "lines",
    "mean_line_length": "visible characters for each line (ChineseWebText, CCI4.0)",
    "short_line_fraction": "lines of fewer than 10 visible characters, of the lines (FineWeb, with 30 for English)",
    "punctuated_line_fraction": "lines that end in 。！？…．｡.!?；：;: (closing quotes and brackets may follow), of "
    "the lines (FineWeb)",
    "bullet_line_fraction": "lines that begin with a bullet (•●○■◆※·▶ and so on, or -*+ before a space), of the lines "
    "(Gopher, MAP-CC)",
    "ellipsis_line_fraction": "lines that end in … or in three full stops, of the lines (Gopher)",
    "more_line_fraction": "lines that end in 展开, 更多 or readmore, of the lines (MAP-CC)",
    "newline_ratio": "new lines for each token (FineWeb, there for each word)",
    "duplicate_line_fraction": "lines that occurred before, of the lines (Gopher)",
    "duplicate_line_character_fraction": "visible characters in lines that occurred before (Gopher)",
    "duplicate_paragraph_fraction": "paragraphs that occurred before, of the paragraphs (Gopher)",
    "duplicate_paragraph_character_fraction": "visible characters in paragraphs that occurred before (Gopher)",
    "top_2gram_fraction": "characters in the most frequent 2-gram, occurrences that overlap counted once; 0 where none "
    "occurs twice (Gopher)",
    "top_3gram_fraction": "the same for 3-grams",
    "top_4gram_fraction": "the same for 4-grams",
    "duplicate_5gram_fraction": "characters covered by 5-grams that occurred before, each character once (Gopher)",
    "duplicate_6gram_fraction": "the same for 6-grams",
    "duplicate_7gram_fraction": "the same for 7-grams",
    "duplicate_8gram_fraction": "the same for 8-grams",
    "duplicate_9gram_fraction": "the same for 9-grams",
    "duplicate_10gram_fraction": "the same for 10-grams",
    "duplicate_13gram_fraction": "the same for 13-grams (ChineseWebText's length)",
    "unique_character_ratio": "different visible characters for each visible character; falls with length (MAP-CC)",
    "unigram_entropy": "entropy of the visible characters, in nats (MAP-CC)",
    "longest_run": "longest run of one visible character with nothing between",
    "longest_run_fraction": "that run, of the visible characters",
    "sentences": "stretches with a letter or digit that end in 。！？…．｡!?, in a full stop before white space, or "
    "with the line",
    "stop_words": "different stop words that occur, of FineWeb-2's 22 (的 年 在 月 是 和 日 了 ...)",
    "stop_word_fraction": "stop words, of the visible characters",
    "tokens": "tokens",
    "mean_token_length": "characters for each token: 1 in Chinese text, more with Latin words",
    "alphabetic_fraction": "tokens with a letter or Hanzi, of the tokens, punctuation marks, symbols and others "
    "(Gopher)",
    "link_fraction": "characters of http://, https:// and www. addresses, of the visible characters",
    "markup_fraction": "characters of <tags> (up to 1,000 characters) and &references;, of all characters",
    "hash_fraction": "runs of #, of all characters (Gopher, MAP-CC)",
    "ellipsis_fraction": "runs of … or of two and more full stops, of all characters (Gopher, MAP-CC)",
    "bracket_fraction": "visible characters between 【 and 】 on one line, of the visible characters (MAP-CC)",
    "article_line_fraction": "lines that begin with 第, a number of up to 8 characters, and 条, 章 or 节 (or their "
    "Traditional forms), marks of headings before it or not, of the lines: statutes",
    "table_line_fraction": "lines with two or more | or two or more tabs, of the lines: tables",
    "mention_fraction": "@ and ＠, of the visible characters: threads of posts",
}
"""Name and definition of each measure, in the order of the rows of `measure`. A share of nothing is 0."""


def measure(values: Bytes, offsets: Offsets) -> npt.NDArray[np.float32]:
    """All measures of each text.

    Parameters
    ----------
    values : ndarray of uint8
        UTF-8 bytes; malformed input is read as Python's ``errors="replace"`` reads it.
    offsets : ndarray of int64, shape (n + 1,)
        Text i is ``values[offsets[i]:offsets[i + 1]]``.

    Returns
    -------
    ndarray of float32, shape (len(MEASURES), n)
        One row a measure, in the order of `MEASURES`.

    Raises
    ------
    ValueError
        The offsets do not ascend or point beyond `values`.

    Examples
    --------
    >>> from cci_tools.kernels.arrow import text_buffers
    >>> rows = measure(*text_buffers(["第一条 为了规范管理，制定本办法。"]))
    >>> dict(zip(MEASURES, rows[:, 0].tolist()))["characters"]
    17.0
    """
    out = np.empty((len(MEASURES), len(offsets) - 1), np.float32)
    core.measure(values, offsets, out)
    return out
