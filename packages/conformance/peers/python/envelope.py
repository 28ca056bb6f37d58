"""The envelope inside an object, and its padding (§8)."""

import math
import time

import der
from der import need
from sealed_object import KINDS
from xml_tree import XML, Node, parse, write

SCE, SEALED, EME, HINTS = "urn:xmpp:sce:1", "urn:xmpp:sealed:0", "urn:xmpp:eme:0", "urn:xmpp:hints"
STREAMS = ("jabber:client", "jabber:server")
OCTETS = 524288  # §17


def buckets():
    """The lengths to which objects are padded, one after another."""
    k = 0
    while True:
        yield math.isqrt(65536 * 2**k - 1) + 1
        k += 1


def padding_length(length):
    """How many characters bring what has `length(p)` octets with p of them to a bucket."""
    for size in buckets():
        p = size - length(0)
        while p >= 0 and length(p) > size:
            p -= 1
        if p >= 0 and length(p) == size:
            return p


def is_outside(node):
    """Whether a server acts on this child of a stanza, so that it stands outside."""
    return node.namespace in (HINTS, EME, "http://jabber.org/protocol/address") or node.key == ("urn:xmpp:sid:0", "stanza-id")


def check_content(nodes):
    """Refuses children of `content` that may not stand there."""
    for node in nodes:
        stanza = node.namespace in STREAMS and node.name in KINDS
        carrier = node.key in ((SEALED, "sealed"), (SCE, "envelope")) or node.namespace == "http://etherx.jabber.org/streams"
        need(not stanza and not carrier, "content that may not be sealed", "ERR_XML")


def write_envelope(stanza, sender, to, ms, padding):
    """The octets of the envelope of a stanza."""
    inside = [child for child in stanza.elements() if not is_outside(child)]
    check_content(inside)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}Z"
    wanted = [("", "type"), ("", "id"), (XML, "lang")]
    affix = {("", "kind"): stanza.name, **{name: stanza.attributes[name] for name in wanted if name in stanza.attributes}}
    children = [
        Node(SCE, "content", children=inside),
        Node(SCE, "time", {("", "stamp"): stamp}),
        Node(SCE, "from", {("", "jid"): sender}),
        Node(SCE, "to", {("", "jid"): to}),
        Node(SEALED, "stanza", affix),
    ]
    return (write(Node(SCE, "envelope", children=children))[: -len("</envelope>")] + f"<rpad>{padding}</rpad></envelope>").encode()


class Envelope:
    """An envelope that was read: `kind`, `type` or None, the stanza's `attributes`, `children`, `sender`, `to`, time `ms`."""

    def __init__(self, octets):
        need(len(octets) <= OCTETS, "too long")
        root = parse(octets)
        need(root.key == (SCE, "envelope") and not root.attributes and len(root.children) == 6, "no envelope")
        parts = {child.key: child for child in root.elements()}
        names = [*((SCE, name) for name in ("content", "time", "from", "to", "rpad")), (SEALED, "stanza")]
        need(set(parts) == set(names), "other affixes")
        content, when, sender, to, padding, affix = (parts[name] for name in names)
        need(not padding.elements(), "elements in padding")
        check_content(content.elements())
        self.ms, self.sender, self.to = _read_stamp(when.get("stamp", "")), sender.get("jid"), to.get("jid")
        self.kind, self.type = affix.get("kind"), affix.get("type")
        kept = [("", "type"), ("", "id"), (XML, "lang")]
        self.attributes = {name: affix.attributes[name] for name in kept if name in affix.attributes}
        self.children = [child for child in content.children if isinstance(child, str) or not is_outside(child)]


def _read_stamp(text):
    digits = text[0:4] + text[5:7] + text[8:10] + text[11:13] + text[14:16] + text[17:19]
    need(text == f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}T{digits[8:10]}:{digits[10:12]}:{digits[12:]}.{text[20:23]}Z", "no time")
    need(len(text) == 24 and text[20:23].isascii() and text[20:23].isdigit(), "no time")
    return der.read_time(der.TIME, (digits + "Z").encode("ascii", "replace")) + int(text[20:23])
