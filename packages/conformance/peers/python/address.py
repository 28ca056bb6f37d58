"""Addresses in their normal form (§4), as far as the tables of Python's unicodedata go: UTS 46 is NFKC with case folding here."""

import ipaddress
import re
import unicodedata

from der import Refused, need

LETTER_DIGITS = {"Ll", "Lu", "Lo", "Nd", "Lm", "Mn", "Mc"}
VALID, NOT_VALID = set("\u00df\u03c2\u06fd\u06fe\u0f0b\u3007"), set("\u0640\u07fa\u302e\u302f\u3031\u3032\u3033\u3034\u3035\u303b")  # RFC 5892 §2.6
ARABIC, EXTENDED = "[\u0660-\u0669]", "[\u06f0-\u06f9]"


def bare(address):
    """The bare JID in normal form; ERR_ADDRESS if there is none."""
    try:
        rest, slash, resource = address.partition("/")
        need(not slash or 1 <= len(resource.encode()) <= 1023, "resourcepart", "ERR_ADDRESS")
        local, at, domain = rest.partition("@") if "@" in rest else ("", "", rest)
        normal = _domain(domain)
        need(1 <= len(normal.encode()) <= 1023, "domainpart", "ERR_ADDRESS")
        return f"{_local(local)}@{normal}" if at else normal
    except ValueError:
        raise Refused("ERR_ADDRESS", "no address") from None


def _local(text):
    """UsernameCaseMapped (RFC 8265 §3.3)."""
    wide = "".join(unicodedata.normalize("NFKC", c) if unicodedata.decomposition(c).startswith(("<wide>", "<narrow>")) else c for c in text)
    folded = unicodedata.normalize("NFC", wide.lower())
    need(1 <= len(folded.encode()) <= 1023 and not set(folded) & set("\"&'/:<>@ "), "localpart", "ERR_ADDRESS")
    need(all("!" <= c <= "~" or _may_stand(folded, at) for at, c in enumerate(folded)), "a character that may not stand there", "ERR_ADDRESS")
    _bidi(folded)
    return folded


def _may_stand(text, at):
    """IdentifierClass beyond ASCII (RFC 8264 §4.2), with the contextual rules of RFC 5892 appendix A."""
    character, before, after = text[at], text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if character in "\u200c\u200d":
        return bool(before) and unicodedata.combining(before) == 9
    if character == "\u00b7":
        return before == after == "l"
    if character == "\u0375":
        return "GREEK" in unicodedata.name(after or " ", "")
    if character in "\u05f3\u05f4":
        return "HEBREW" in unicodedata.name(before or " ", "")
    if character == "\u30fb":
        return any(re.match("HIRAGANA|KATAKANA|CJK", unicodedata.name(c, "")) for c in text if c != character)
    if re.match(f"{ARABIC}|{EXTENDED}", character):
        return not (re.search(ARABIC, text) and re.search(EXTENDED, text))
    plain = unicodedata.normalize("NFKC", character) == character and unicodedata.category(character) in LETTER_DIGITS
    return character in VALID or (plain and character not in NOT_VALID)


def _bidi(text):
    """The bidi rule (RFC 5893 §2)."""
    classes = [unicodedata.bidirectional(c) for c in text]
    if not set(classes) & {"R", "AL", "AN"}:
        return
    last = [c for c in classes if c != "NSM"][-1:]
    common, numbers = {"EN", "ES", "CS", "ET", "ON", "BN", "NSM"}, {"EN", "AN"} <= set(classes)
    if classes[0] in ("R", "AL"):
        good = set(classes) <= common | {"R", "AL", "AN"} and last[0] in ("R", "AL", "EN", "AN") and not numbers
    else:
        good = classes[0] == "L" and set(classes) <= common | {"L"} and last[0] in ("L", "EN")
    need(good, "the bidi rule", "ERR_ADDRESS")


def _domain(text):
    if text.startswith("["):
        need(text.endswith("]"), "domainpart", "ERR_ADDRESS")
        return f"[{ipaddress.IPv6Address(text[1:-1])}]"
    kept = "".join(c if c in "ß\u03c2\u200c\u200d" else unicodedata.normalize("NFKC", c).casefold() for c in text if c != "\u00ad")
    labels = unicodedata.normalize("NFC", kept).replace("\u3002", ".").removesuffix(".").split(".")
    return ".".join(_label(label) for label in labels)


def _label(label):
    if label.startswith("xn--"):
        decoded = label[4:].encode("ascii").decode("punycode")
        need(not decoded.isascii() and _label(decoded) == decoded, "an A-label of nothing", "ERR_ADDRESS")
        return decoded
    need(label and "-" not in (label[0], label[-1]) and label[2:4] != "--", "a label", "ERR_ADDRESS")
    need((len(label) if label.isascii() else 4 + len(label.encode("punycode"))) <= 63, "a label", "ERR_ADDRESS")
    good = all(re.fullmatch("[a-z0-9-]", c) or (not c.isascii() and _may_stand(label, at)) for at, c in enumerate(label))
    need(good and unicodedata.category(label[0])[0] != "M", "a label", "ERR_ADDRESS")
    _bidi(label)
    return label
