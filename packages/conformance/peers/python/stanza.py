"""A stanza in an object and out again (§7, §12, §13)."""

import base64
from dataclasses import dataclass

import der
import sealed_object
from address import bare
from der import need, octet_string, read, seq
from envelope import EME, HINTS, SEALED, STREAMS, Envelope, is_outside, padding_length, write_envelope
from keys import ED25519, X25519, key_id, public, read_spki, sha256, spki
from sealed_object import Context, SealedObject, recipients_digest
from signed_data import BASE, STANZA, THREE, attribute, read_signed, signed_data, signer_info
from xml_tree import Node

PRIVATE, RECIPIENTS, REPLY, SENDER_KEYS = (BASE + bytes([2, n]) for n in (3, 4, 5, 6))
SIX = {*THREE, PRIVATE, RECIPIENTS, REPLY}
CLASSES = ("reply", "one-time", "last-resort", "archive")
DEFAULTS = {"message": "normal", "presence": "available"}
CHAT_STATES = "http://jabber.org/protocol/chatstates"


@dataclass
class Device:
    """What seals: the device's secret, the reply prekey that is carried, and what the private context says (§5)."""

    secret: bytes
    reply_key: bytes
    reply_until: int
    list_version: int = 1
    peer_list_version: int = 0
    counter: int = 1


def seal(stanza, sender, to, recipients, device, ms, draw):
    """The object (DER), its signedAttrs and the outer stanza (§12).

    `recipients` are (raw prekey, device key identifier, class); `draw` gives so many random octets.
    """
    sender, to = bare(sender), bare(to)
    for name, address in (("from", sender), ("to", to)):
        need(stanza.get(name) is None or bare(stanza.get(name)) == address, "another address", "ERR_ADDRESS")
    outer_type = "result" if (stanza.name, stanza.get("type")) == ("iq", "error") else stanza.get("type")
    listed = {key_id(X25519, key): (owner, kind) for key, owner, kind in recipients}
    message_id = draw(16)
    context = Context(stanza.name, outer_type or DEFAULTS[stanza.name], sender, to, message_id, recipients_digest(list(listed)))
    sid = key_id(ED25519, public(ED25519, device.secret))
    counts = [der.number(count) for count in (device.list_version, device.peer_list_version, device.counter)]
    paired = [seq(octet_string(i), octet_string(owner), der.number(CLASSES.index(kind), der.ENUM)) for i, (owner, kind) in sorted(listed.items())]
    more = [
        attribute(PRIVATE, seq(octet_string(context.raw), octet_string(sid), *counts)),
        attribute(RECIPIENTS, seq(*paired)),
        attribute(REPLY, seq(spki(X25519, device.reply_key), der.moment(device.reply_until))),
    ]

    def signed(padding):
        content = write_envelope(stanza, sender, to, ms, "x" * padding)
        info, attributes = signer_info(STANZA, content, device.secret, ms, more)
        return signed_data(STANZA, content, [info]), attributes

    data, attributes = signed(padding_length(lambda p: len(signed(p)[0])))
    octets = sealed_object.encrypt(context, [key for key, _, _ in recipients], data, draw(32), draw(32), draw(12))
    return octets, attributes, _outer(stanza, octets, outer_type, sender, to, message_id)


def _outer(stanza, octets, outer_type, sender, to, message_id):
    """§12, step 12."""
    own_id = stanza.get("id") if stanza.name == "iq" else None
    given = {"from": stanza.get("from", sender), "to": stanza.get("to", to), "type": outer_type, "id": own_id or message_id.hex()}
    outside = [child for child in stanza.elements() if is_outside(child) and child.namespace != EME]
    children = [Node(SEALED, "sealed", children=[base64.b64encode(octets).decode()])]
    if stanza.name == "message":
        children.append(Node(EME, "encryption", {("", "namespace"): SEALED, ("", "name"): "stanzaseal"}))
        hinted = any(child.namespace == HINTS for child in outside)
        if not hinted and any(child.namespace != CHAT_STATES for child in stanza.elements()):
            children.append(Node(HINTS, "store"))
    attributes = {("", name): value for name, value in given.items() if value is not None}
    return Node("jabber:client", stanza.name, attributes, children + outside)


def before_any_key(stanza, own, occupants=None):
    """§13.1, steps 1 to 7: the object in a stanza whose kind, type and addresses are the object's own."""
    need(stanza.get("type") != "error", "never opened")
    found = [child for child in stanza.elements() if child.key == (SEALED, "sealed")]
    need(len(found) == 1 and not found[0].attributes and len(found[0].children) == 1 and not found[0].elements(), "not one object")
    sealed = SealedObject(der.base64_of(found[0].children[0]))
    context, outer, to = sealed.context, stanza.get("from"), stanza.get("to")
    need(outer is not None and stanza.namespace in STREAMS, "no sender")
    need((context.kind, context.type) == (stanza.name, stanza.get("type", DEFAULTS.get(stanza.name))) and context.type != "error", "kind or type")
    if context.type == "groupchat":
        fits = context.to == bare(outer) and context.sender == (occupants or {}).get(outer)
    else:
        received = context.to == own and (to is None or bare(to) == own)
        sent = context.sender == own and to is not None and context.to == bare(to)
        fits = context.sender == bare(outer) and (received or sent)
    need(fits, "addresses")
    return sealed


class Opened:
    """An object that was opened (§13.2): the private context, the reply prekey, the `stanza` and what comes with it."""

    def __init__(self, outer, sealed, secrets, own_device, whose_key):
        """`secrets` are raw prekeys by identifier; `whose_key(self)` gives the key that must have signed, or None (§13.3)."""
        self.sealed, self.context = sealed, sealed.context
        mine = next((identifier for identifier in sealed.wrapped if identifier in secrets), None)
        need(mine, "not for us")
        self.cek = sealed.unwrap(secrets[mine])
        content, signers = read_signed(read(sealed.decrypt(self.cek)), STANZA, (SIX, SIX | {SENDER_KEYS}))
        need(len(signers) == 1, "signers")
        signer, found = signers[0], signers[0].attributes
        self.device, self.signed, self.sender_keys = signer.sid, sha256(signer.signed), found.get(SENDER_KEYS)
        self._read_private(found[PRIVATE].fields())
        listed = self._read_recipients(found[RECIPIENTS].fields().rest)
        own = next((i for i in [mine, *sealed.wrapped] if i in secrets and listed[i][0] == own_device), None)
        need(own, "paired with another device")
        self.own_class = listed[own][1]
        reply = found[REPLY].fields()
        self.reply_key, self.reply_until = read_spki(reply.one(), X25519)[1], reply.one().when()
        reply.end()
        self.key = whose_key(self)
        need(self.key, "no key")
        signer.verify(self.key)
        self._read_envelope(outer, Envelope(content), signer.ms)

    def _read_private(self, fields):
        need(fields.one().content() == self.context.raw and fields.one().content(size=32) == self.device, "another context or device")
        self.list_version, self.peer_list_version, self.counter = (fields.one().number() for _ in range(3))
        previous, in_reply_to = fields.maybe(0x80), fields.maybe(0x81)
        fields.end()
        self.previous, self.in_reply_to = previous and previous.content(0x80, 32), in_reply_to and in_reply_to.content(0x81, 16)
        need(self.counter >= 1 and (previous is None) == (self.counter == 1), "previous")

    def _read_recipients(self, elements):
        listed = {}
        for element in elements:
            fields = element.fields()
            identifier, device, kind = fields.one().content(size=32), fields.one().content(size=32), fields.one().number(der.ENUM, 3)
            fields.end()
            need(not listed or identifier > max(listed), "not ascending")
            listed[identifier] = device, CLASSES[kind]
        need(set(listed) == set(self.sealed.wrapped), "other recipients")
        return listed

    def _read_envelope(self, outer, envelope, signed_at):
        context, type = self.context, envelope.type or DEFAULTS.get(envelope.kind)
        need((envelope.kind, envelope.sender, envelope.to) == (context.kind, context.sender, context.to), "another stanza is signed")
        need(type == context.type or (context.kind, context.type, type) == ("iq", "result", "error"), "another type is signed")
        need(envelope.ms // 1000 * 1000 == signed_at, "another time is signed")
        addresses = {("", name): outer.get(name) for name in ("from", "to") if outer.get(name) is not None}
        self.ms, self.stanza = envelope.ms, Node("jabber:client", outer.name, addresses | envelope.attributes, envelope.children)
