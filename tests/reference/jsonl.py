"""Plain twin of the JSON lines kernel: one line after the other, by the json module of Python."""

import json
import re

INTEGER = re.compile(r"0|-?[1-9]\d{0,17}")
FRACTION = re.compile(r"(-?)(0|[1-9]\d*)\.(\d+)")


class Number(str):
    """A number, as it is written."""


class Refused(Exception):
    """The line is not an ordinary one."""


def refuse(why):
    raise Refused(why)


def fraction(written):
    found = FRACTION.fullmatch(written) or refuse("exponent")
    sign, integer, digits = found.groups()
    if len(integer) + len(digits) > 15:
        refuse("digits")
    if digits.endswith("0") and (digits != "0" or (sign and integer == "0")):
        refuse("written otherwise")
    if integer == "0" and digits.startswith("000"):
        refuse("written with an exponent")
    return Number(written)


def integer(written):
    return Number(written) if INTEGER.fullmatch(written) else refuse("digits")


def record(pairs):
    names = [name for name, _ in pairs]
    return dict(pairs) if len(names) == len(set(names)) <= 64 else refuse("a name given twice")


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def parse(line):
    text = line.decode("utf-8")
    found = json.loads(text, object_pairs_hook=record, parse_int=integer, parse_float=fraction, parse_constant=refuse)
    if not isinstance(found, dict) or not found:
        refuse("not an object")
    write(found).encode("utf-8")  # half of a surrogate pair
    return found


def write(value):
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{write(name)}:{write(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def as_column(value):
    if isinstance(value, Number):
        return value.removesuffix(".0")
    return value if isinstance(value, str) else write(value)


def row(line, names):
    """The columns of a line, and the rest; raises where it is not an ordinary line."""
    found = parse(line)
    if max(map(depth, found.values())) > 32:
        refuse("too deep")
    taken = []
    for column in names:
        given = [name for name in column if found.get(name) is not None]
        taken.append(next((name for name in given if found[name] != ""), given[0] if given else None))
    if taken[0] is None or type(found[taken[0]]) is not str:
        refuse("no text")
    columns = [None if name is None else as_column(found[name]) for name in taken]
    columns[1] = columns[1] or None
    known = {name for column in names for name in column}
    rest = {n: v for n, v in sorted(found.items()) if n not in taken and not (n in known and v is None)}
    return [*columns, write(rest) if rest else None]


def read(data, position, prefix, names, limit):
    """Rows of columns, the origin before the last; and row, begin and end of each line that is left."""
    rows, left, at = [], [], 0
    for line in data.split(b"\n"):
        if line.strip():
            try:
                if len(line) > limit:
                    refuse("long")
                columns = row(line, names)
            except (Refused, ValueError, RecursionError):
                left.append([len(rows), at, at + len(line)])
                columns = [None] * (len(names) + 1)
            rows.append([*columns[:-1], f"{prefix}{position + at}", columns[-1]])
        at += len(line) + 1
    return rows, left
