"""Hand-written pieces of the demo: files of texts, each under a line ``%% key | field | field``."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class Piece:
    """One text.

    Attributes
    ----------
    key : str
        Name of the piece, unique over all files.
    fields : tuple of str
        What follows the key: the title first, then whatever the file's kind needs.
    text : str
        Without the line breaks around it.
    """

    key: str
    fields: tuple[str, ...]
    text: str

    @property
    def title(self) -> str:
        """The first field."""
        return self.fields[0]


def read_pieces(name: str) -> list[Piece]:
    """Pieces of ``texts/<name>.txt``, in the order of the file."""
    pieces = []
    for part in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split("%% ")[1:]:
        head, _, body = part.partition("\n")
        key, *fields = (field.strip() for field in head.split(" | "))
        pieces.append(Piece(key, tuple(fields), body.strip("\n")))
    return pieces
