"""A slow plain reading of the figures of a text, the twin of ``match_numerals.hpp``."""

import functools
import re
import unicodedata

from cci_tools.kernels.sign import keys as kernel_keys

UNITS = "年月日点分"
MASK = (1 << 64) - 1

NUMERALS = ("〇零", "一壹", "二贰两", "三叁参", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
CHINESE = {c: digit for digit, group in enumerate(NUMERALS) for c in group}
DIGITS = {str(d): d for d in range(10)} | CHINESE
MAGNITUDES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10**4, "亿": 10**8}
TENS = {"廿": 20, "卅": 30, "卌": 40}
WHOLE = {
    chr(c): value + c - ord(first)
    for first, last, value in (
        ("①", "⑳", 1), ("⑴", "⒇", 1), ("⒈", "⒛", 1), ("⓫", "⓴", 11), ("⓵", "⓾", 1), ("❶", "❿", 1),
        ("➀", "➉", 1), ("➊", "➓", 1), ("㈠", "㈩", 1), ("㉑", "㉟", 21), ("㊀", "㊉", 1), ("㊱", "㊿", 36),
    )
    for c in range(ord(first), ord(last) + 1)
}  # fmt: skip
SIGNS = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫⅬⅭⅮⅯ"
SIGN_VALUES = dict(zip(SIGNS, [*range(1, 13), 50, 100, 500, 1000], strict=True))
CAPITALS = {"I": 1, "V": 5, "X": 10}


@functools.cache
def folded(c):
    codes, _ = kernel_keys([c])
    return "".join(map(chr, codes))


@functools.cache
def is_blank(c):
    return bool(re.match("[\0- \x7f-\xa0\xad\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]", c))


class Reader:
    """The key as a list of characters, Roman numerals as they are, and before each what the key skips.

    Capitals are told by `upper`. Behind the last character is a "\0" after a gap.
    """

    def __init__(self, text):
        self.key, self.skipped, self.upper = [], [], []
        before = ""
        for c in text:
            if not folded(c):
                before += c
                continue
            roman = c.upper() in SIGN_VALUES and "\u2160" <= c <= "\u217f"
            self.key.append(c.upper() if roman else folded(c))
            self.skipped.append(before)
            plain = unicodedata.normalize("NFKC", c) if "Ａ" <= c <= "Ｚ" else c
            self.upper.append(plain if "A" <= plain <= "Z" else "")
            before = ""
        self.length = len(self.key)
        self.key += "\0" * 5
        self.skipped += [before + "!"] + ["!"] * 4
        self.upper += [""] * 5

    def gap(self, i):
        return not all(map(is_blank, self.skipped[i]))

    def arabic(self, i):
        return "0" <= self.key[i] <= "9"

    def decimal(self, i):
        return (
            i > 0 and len(self.skipped[i]) == 1 and self.skipped[i] in ".．。｡:：∶"
            and self.arabic(i) and self.arabic(i - 1) and i < self.length
        )  # fmt: skip

    def numeral(self, i):
        c = self.key[i]
        return c in DIGITS or c in MAGNITUDES or c in TENS or c in WHOLE or c in SIGN_VALUES

    def capitals(self, i):
        """A Roman numeral of capitals that stands alone; "" if there is none."""
        if i and not self.skipped[i] and re.match("[a-z0-9]", self.key[i - 1]):
            return ""
        end = i
        while self.upper[end] in CAPITALS and (end == i or not self.skipped[end]):
            end += 1
        found = "".join(self.upper[i:end])
        if not found or len(found) > 8 or (not self.skipped[end] and re.match("[a-z0-9]", self.key[end])):
            return ""
        if len(found) == 1:
            ordinal = i and not self.skipped[i] and self.key[i - 1] == "第"
            return found if ordinal or (not self.skipped[end] and self.key[end] in "级期型类批卷册") else ""
        return found if re.fullmatch("(?!X+$)X{0,3}(IX|IV|V?I{0,3})", found) else ""

    def starts(self, i):
        return self.numeral(i) or bool(self.capitals(i))

    def digits(self, i, behind_magnitude=False):
        end = i
        while self.key[end] in DIGITS and (end == i or not self.parted(end, behind_magnitude)):
            end += 1
        return "".join(str(DIGITS[c]) for c in self.key[i:end]), end

    def parted(self, i, behind_magnitude):
        percent = re.search("[%％﹪٪‰]", self.skipped[i])
        return percent or self.decimal(i) or (behind_magnitude and self.gap(i))

    def figure(self, start):
        """What the figure that starts there says, whether it has no digit, and the place behind it."""
        i, parts, order = start, [""], 0
        self.has_digit = False
        while True:
            first = True
            while self.starts(i):
                if not first and self.decimal(i):
                    parts += ["点", ""]
                said, i = self.number(i, i == start)
                parts[-1] += said
                first = False
            unit = self.key[i].replace("时", "点")
            place = UNITS.find(unit) + 1 if unit != "\0" else 0
            if place <= order or not self.numeral(i + 1):
                break
            order, i = place, i + 1
            parts += [unit, ""]
        said = "".join(parts)
        # No zeros in front of a part, but behind a point.
        said = re.sub("(^|[年月日分])0+", r"\1", said)
        return said, not self.has_digit, i

    def number(self, i, first):
        mark = ""
        of = {"百": "%", "佰": "%", "千": "‰", "仟": "‰", "万": "‱"}.get(self.key[i])
        if of and self.key[i + 1 : i + 3] == ["分", "之"] and self.numeral(i + 3):
            mark = of
            said, i = self.plain(i + 3, False)
            point = self.key[i] == "点" and self.key[i + 1] in DIGITS
            if point or self.decimal(i):
                more, i = self.plain(i + point, False)
                said += "点" + more
        else:
            said, i = self.plain(i, first)
        if re.search("[%％﹪٪]", self.skipped[i]):
            mark = "%"
        if "‰" in self.skipped[i]:
            mark = "‰"
        return said + mark, i

    def plain(self, i, first):
        c = self.key[i]
        if c in SIGN_VALUES:
            end = i + 1
            while self.key[end] in SIGN_VALUES and not self.skipped[end]:
                end += 1
            return str(roman([SIGN_VALUES[sign] for sign in self.key[i:end]])), end
        if capitals := self.capitals(i):
            return str(roman([CAPITALS[capital] for capital in capitals])), i + len(capitals)
        if c in WHOLE:
            self.has_digit = True
            return str(WHOLE[c]), i + 1
        if c not in DIGITS:
            return self.positional(i)
        before = "".join(self.key[max(0, i - 2) : i])
        if first and before in ("星期", "礼拜") and not self.skipped[i]:
            self.has_digit |= self.arabic(i)
            return str(DIGITS[c]), i + 1
        digits, end = self.digits(i)
        if self.key[end] in MAGNITUDES and not self.gap(end):
            return self.positional(i)
        self.has_digit |= any(map(self.arabic, range(i, end)))
        if scaled := self.scaled(digits, end):
            return scaled
        tenths = self.key[end] == "成" and not self.skipped[end]
        if tenths and (self.gap(end + 1) or self.key[end + 1] in "以左多的是") and first and digits in "123456789":
            return digits + "0%", end + 1
        return digits, end

    def scaled(self, whole, i):
        """A number with a fraction there and magnitudes behind it, and the place behind; None if there is none."""
        at = i + 1 if self.key[i] == "点" and self.key[i + 1] in DIGITS else i if self.decimal(i) else None
        if at is None:
            return None
        fraction, end = self.digits(at)
        found = re.match("[百佰千仟万亿]*", "".join(self.unbroken(end))).group()
        if not found:
            return None
        self.has_digit |= any(map(self.arabic, range(at, end)))
        zeros = sum(len(str(MAGNITUDES[m])) - 1 for m in found)
        point = "点" + fraction[zeros:] if len(fraction) > zeros else ""
        return whole + fraction[:zeros].ljust(zeros, "0") + point, end + len(found)

    def unbroken(self, i):
        """The characters from there to the next gap."""
        if self.gap(i):
            return
        yield self.key[i]
        i += 1
        while not self.gap(i):
            yield self.key[i]
            i += 1

    def positional(self, i):
        total = section = last = 0
        current, plain = None, True  # plain: one digit without a zero before it
        while not (last and self.gap(i)):
            c = self.key[i]
            if c in DIGITS and current is None:
                digits, end = self.digits(i, last > 0)
                rest = digits.lstrip("0") if last else digits
                plain = len(rest) == 1 and (rest == digits or not last)
                if not last or (len(rest) <= 8 and int(rest or 0) < last):
                    current = int(rest) & MASK if rest else None
                elif len(rest) == 2 and rest == digits:
                    current, end, plain = int(rest[0]), i + 1, False
                else:
                    break
                self.has_digit |= any(map(self.arabic, range(i, end)))
                i = end
            elif c in MAGNITUDES:
                scale, here = MAGNITUDES[c], section + (current or 0) & MASK
                of_all = last and here and (scale > last or (scale == last and current is None))
                last = scale
                if of_all and last < 10**4:
                    section = here * last
                elif last < 10**4:
                    section += (1 if current is None else current) * last
                else:
                    here = section + (current or 0) + (total if last == 10**8 else 0)
                    if not here & MASK and current is None:
                        here = 1
                    total = here * last + (0 if last == 10**8 else total)
                    section = 0
                total, section = total & MASK, section & MASK
                current = None
                i += 1
            elif c in TENS and current is None:
                last = 10
                section += TENS[c]
                i += 1
            else:
                break
        if current is not None:
            total += current * (last // 10 if plain and last >= 100 else 1)
        said = str((total + section) & MASK)
        return self.scaled(said, i) or (said, i)


def roman(values):
    follow = [*values[1:], 0]
    return sum(-value if value < next_value else value for value, next_value in zip(values, follow, strict=True)) & MASK


def figures(text):
    """The letters of the key outside figures, and the figures: what each says, and whether it has no digit."""
    reader, i = Reader(text), 0
    while i < reader.length:
        if reader.starts(i):
            said, without_digit, i = reader.figure(i)
            yield said, int(without_digit)
            if reader.key[i] in "元圆" and reader.key[i + 1] in "整正" and not reader.skipped[i + 1]:
                yield "元"
                i += 2
        else:
            yield reader.key[i]
            i += 1
