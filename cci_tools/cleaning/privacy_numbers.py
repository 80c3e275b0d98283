"""Numbers that can be checked by themselves: check digits, dates, prefixes."""

import datetime
import ipaddress
import re

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_DEPARTMENT = re.compile("1[1-39]|2[19]|3[1-59]|4[19]|5[1-39]|6[129]|7[129]|8[19]|9[1-3]|A[19]|N[1-39]|Y1")
"""Who registers, and what: the first two characters of a credit code."""
_VALUES = {c: i for i, c in enumerate(_CREDIT)}
FIRST_YEAR, LAST_YEAR = 1900, 2029
"""Years of birth. The last one is fixed, and a little ahead, so that the same text gives the same result next year."""


def id_card(number: str) -> bool:
    """Whether 18 characters are an identity number of GB 11643: region, date of birth, check character.

    >>> id_card("110101200002290015"), id_card("110101200102290012")
    (False, False)
    """
    return id_card_shape(number) and id_check(number[:17]) == number[17].upper()


def id_card_shape(number: str) -> bool:
    """Whether an identity number's region and date of birth exist, whatever its check character.

    >>> id_card_shape("110101200002290010"), id_card_shape("110101200102290010")
    (True, False)
    """
    if not re.fullmatch("[0-9]{17}[0-9Xx]", number) or not _region(number):
        return False
    return FIRST_YEAR <= int(number[6:10]) <= LAST_YEAR and _is_date(number[6:14])


def id_check(digits: str) -> str:
    """Check character of the 17 digits of an identity number.

    >>> id_check("11010120000229001")
    '8'
    """
    return "10X98765432"[sum(w * int(d) for w, d in zip(_ID_WEIGHTS, digits, strict=True)) % 11]


def id_card_15(number: str) -> bool:
    """Whether 15 digits are an identity number as issued before 1999.

    >>> id_card_15("110101660229001"), id_card_15("110101680229001")
    (False, True)
    """
    return re.fullmatch("[0-9]{15}", number) is not None and _region(number) and _is_date(f"19{number[6:12]}")


def _region(number: str) -> bool:
    if not _PROVINCE.match(number):
        return False
    # Hong Kong, Macao and Taiwan have no prefectures.
    return number[0] in "78" or "01" <= number[2:4] <= "70" or number[2:4] == "90"


def _is_date(digits: str) -> bool:
    try:
        datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True


def credit_code(code: str) -> bool:
    """Whether 18 characters are a unified social credit code of GB 32100.

    >>> credit_code("91110000600037341L"), credit_code("91110000600037341M")
    (True, False)
    """
    code = code.upper()
    if len(code) != 18 or not all(c in _VALUES for c in code) or not code[2:8].isdigit():
        return False
    if not _DEPARTMENT.match(code):
        return False
    total = sum(_VALUES[c] * pow(3, i, 31) for i, c in enumerate(code[:17]))
    return (code[2:4] == "10" or _PROVINCE.match(code, 2) is not None) and _CREDIT[-total % 31] == code[17]


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others by the Luhn rule.

    >>> luhn("6222020000000000001"), luhn("6222020000000000000")
    (False, True)
    """
    total = 0
    for i, digit in enumerate(map(int, reversed(digits))):
        total += digit if i % 2 == 0 else (digit * 2 - 9 if digit > 4 else digit * 2)
    return total % 10 == 0


def bank_card(digits: str) -> bool:
    """Whether 13 to 19 digits have an issuer's prefix, its length, and pass `luhn`.

    >>> bank_card("6222020000000000000"), bank_card("8888020000000000000")
    (True, False)
    """
    if digits.startswith("62"):
        length = 16 <= len(digits) <= 19
    elif digits[0] == "4":
        length = len(digits) in (13, 16, 19)
    elif "51" <= digits[:2] <= "55" or "2221" <= digits[:4] <= "2720":
        length = len(digits) == 16
    elif digits[:2] in ("34", "37"):
        length = len(digits) == 15
    else:
        length = digits[:2] == "35" and len(digits) == 16
    return length and luhn(digits)


_MOBILE = re.compile("1(?:3[0-9]|4[014-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])[0-9]{8}")


def mobile(digits: str) -> bool:
    """Whether 11 digits begin with a prefix that is given to mobile telephones.

    >>> mobile("13800138000"), mobile("15400138000")
    (True, False)
    """
    return _MOBILE.fullmatch(digits) is not None


def landline(digits: str) -> bool:
    """Whether digits are an area code and a subscriber number: 0 and ten or eleven more.

    >>> landline("01062345678"), landline("057187654321"), landline("010623456789")
    (True, True, False)
    """
    if re.match("0(?:10|2[0-9])", digits):
        return len(digits) == 11 and digits[3] not in "019"
    return re.fullmatch("0[3-9][0-9]{2}[2-8][0-9]{6,7}", digits) is not None


def public_ip(address: str) -> bool:
    """Whether four numbers are an address of the public internet.

    >>> public_ip("121.40.1.9"), public_ip("192.168.1.1"), public_ip("300.1.1.1")
    (True, False, False)
    """
    try:
        parsed = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return parsed.is_global and not parsed.is_multicast
