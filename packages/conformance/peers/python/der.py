"""Strict DER (§1; X.690 §8 to §11): every element is judged as it is read, and whatever is not expected at a place is refused."""

import base64
import calendar
import re
import time

DEPTH, ATTRIBUTES, OID_OCTETS = 16, 32, 32  # §17
BOOLEAN, INTEGER, BITS, OCTETS, NULL, OID, ENUM, UTF8, UTC_TIME, TIME, SEQ, SET = 1, 2, 3, 4, 5, 6, 10, 12, 0x17, 0x18, 0x30, 0x31


class Refused(Exception):
    """What must not be taken; `code` is one of §18."""

    def __init__(self, code, why):
        super().__init__(f"{code}: {why}")
        self.code = code


def need(fact, why, code="ERR_DER"):
    """Refuses unless `fact` holds."""
    if not fact:
        raise Refused(code, why)


class Element:
    """One element: its `tag` octet, content octets `body`, the octets `raw` that it was read from, its `parts` where constructed."""

    def __init__(self, tag, body, raw, parts):
        self.tag, self.body, self.raw, self.parts = tag, body, raw, parts

    def fields(self, tag=SEQ):
        """The parts one after another, of an element that has this tag."""
        need(self.tag == tag and self.parts is not None, f"tag {self.tag:02x} in place of {tag:02x}")
        return Fields(self.parts)

    def content(self, tag=OCTETS, size=None):
        """The content octets of an element that has this tag and, where said, this many octets."""
        need(self.tag == tag and self.parts is None, f"tag {self.tag:02x} in place of {tag:02x}")
        need(size is None or len(self.body) == size, "another length")
        return self.body

    def number(self, tag=INTEGER, most=2**53 - 1):
        """A number from 0 (`Count` of §5)."""
        value = int.from_bytes(self.content(tag), "big", signed=True)
        need(0 <= value <= most, "a number out of bounds")
        return value

    def text(self):
        """A UTF8String."""
        return self.content(UTF8).decode()

    def explicit(self, tag):
        """What stands alone under an EXPLICIT tag."""
        need(self.tag == tag and len(self.parts or []) == 1, "not one element under an explicit tag")
        return self.parts[0]

    def when(self, tag=TIME):
        """A time, in ms since 1970."""
        return read_time(tag, self.content(tag))


class Fields:
    """A cursor over the parts of a SEQUENCE or SET, that must come to the end."""

    def __init__(self, parts):
        self.rest = list(parts)

    def one(self):
        """The next part."""
        need(self.rest, "something is missing")
        return self.rest.pop(0)

    def maybe(self, tag):
        """The next part if it has this tag."""
        return self.rest.pop(0) if self.rest and self.rest[0].tag == tag else None

    def end(self):
        """Nothing may follow."""
        need(not self.rest, "something follows that is not expected")


def read(octets):
    """The one element that these octets are."""
    element, rest = _read(octets, 1)
    need(not rest, "octets behind the element")
    return element


def _read(octets, depth):
    need(len(octets) >= 2 and depth <= DEPTH, "cut off, or too deep")
    tag, length, start = octets[0], octets[1], 2
    need(tag & 0x1F != 0x1F, "a tag of several octets")
    if length >= 0x80:
        count = length & 0x7F
        need(1 <= count <= 4 and len(octets) >= 2 + count, "an indefinite or overlong length")
        length, start = int.from_bytes(octets[2 : 2 + count], "big"), 2 + count
        need(length >= 0x80 and length >> 8 * (count - 1), "a length that is not minimal")
    need(len(octets) >= start + length, "cut off")
    body, raw, parts = octets[start : start + length], octets[: start + length], None
    if tag & 0x20:
        need(tag & 0xC0 or tag in (SEQ, SET), "a constructed string")
        parts, rest = [], body
        while rest:
            part, rest = _read(rest, depth + 1)
            parts.append(part)
        need(tag != SET or all(a.raw < b.raw for a, b in zip(parts, parts[1:])), "a SET that is not sorted")
    else:
        _check(tag, body)
    return Element(tag, body, raw, parts), octets[start + length :]


def _check(tag, body):
    """What DER says of the content octets of a universal primitive type."""
    if tag in (INTEGER, ENUM):
        need(body and not (len(body) > 1 and (body[0], body[1] >> 7) in ((0, 0), (255, 1))), "a number that is not minimal")
    elif tag == BOOLEAN:
        need(body in (b"\0", b"\xff"), "no BOOLEAN of DER")
    elif tag == NULL:
        need(not body, "a NULL with content")
    elif tag == OID:
        need(0 < len(body) <= OID_OCTETS and body[-1] < 0x80 and body[0] != 0x80, "no object identifier")
        need(not any(a < 0x80 and b == 0x80 for a, b in zip(body, body[1:])), "an arc that is not minimal")
    elif tag == BITS:
        need(body and body[0] < 8 and (len(body) > 1 or not body[0]) and not body[-1] & (1 << body[0]) - 1 or body == b"\0", "no BIT STRING of DER")
    elif tag == UTF8:
        try:
            body.decode()
        except UnicodeDecodeError:
            raise Refused("ERR_DER", "no UTF-8") from None
    elif tag in (TIME, UTC_TIME):
        read_time(tag, body)
    else:
        need(tag & 0xC0 or tag not in (0x10, 0x11), "a primitive SEQUENCE or SET")


def read_time(tag, body):
    """A GeneralizedTime or UTCTime as §1 spells it, of a day that exists: ms since 1970."""
    text = body.decode("ascii", "replace")
    digits = text if tag == TIME else ("19" if text >= "50" else "20") + text
    need(re.fullmatch(r"[0-9]{14}Z", digits), "another spelling of a time")
    year, *parts = int(digits[:4]), *(int(digits[at : at + 2]) for at in range(4, 14, 2))
    month, day, hour, minute, second = parts
    need(1 <= year <= 9998 and 1 <= month <= 12 and hour < 24 and minute < 60 and second < 60, "no time")
    need(1 <= day <= calendar.monthrange(year, month)[1], "no day")
    return 1000 * calendar.timegm((year, *parts))


def tlv(tag, *parts):
    """An element of these content octets."""
    body = b"".join(parts)
    size = len(body).to_bytes(4, "big").lstrip(b"\0")
    return bytes([tag]) + (bytes([len(body)]) if len(body) < 0x80 else bytes([0x80 | len(size)]) + size) + body


def seq(*parts):
    """A SEQUENCE."""
    return tlv(SEQ, *parts)


def set_of(*parts):
    """A SET OF, sorted."""
    return tlv(SET, *sorted(parts))


def octet_string(value, tag=OCTETS):
    """An OCTET STRING."""
    return tlv(tag, value)


def number(value, tag=INTEGER):
    """An INTEGER or ENUMERATED, from 0."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def text(value):
    """A UTF8String."""
    return tlv(UTF8, value.encode())


def moment(ms):
    """A GeneralizedTime of ms since 1970, cut to seconds."""
    return tlv(TIME, time.strftime("%Y%m%d%H%M%SZ", time.gmtime(ms // 1000)).zfill(15).encode())


def signing_time(ms):
    """UTCTime from 1950 through 2049, else GeneralizedTime (§7)."""
    moment_of = time.gmtime(ms // 1000)
    return tlv(UTC_TIME, time.strftime("%y%m%d%H%M%SZ", moment_of).encode()) if 1950 <= moment_of.tm_year <= 2049 else moment(ms)


def oid(dotted):
    """The DER of a dotted object identifier."""
    first, second, *arcs = (int(arc) for arc in dotted.split("."))
    body = b""
    for arc in [40 * first + second, *arcs]:
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.insert(0, arc & 0x7F | 0x80)
        body += bytes(septets)
    return tlv(OID, body)


def base64_of(value):
    """Octets of canonical base64 (§6): padded, no white space, unused bits zero."""
    need(re.fullmatch(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", value), "not canonical base64")
    octets = base64.b64decode(value)
    need(base64.b64encode(octets).decode() == value, "bits behind the end")
    return octets
