"""What is published (§10), and a device that takes it in and opens what arrives (§13.3, §13.5)."""

from dataclasses import dataclass, field

import der
from address import bare
from der import Refused, need, read
from keys import ED25519, X25519, accept, key_id, read_spki, sha256
from signed_data import BUNDLE, DEVICE_LIST, ENDORSEMENT, SIGNED_DATA, read_content_info, read_signed, verify_signed
from stanza import Opened, before_any_key

DAY = 86_400_000


def read_sender_keys(element, owner, device, now):
    """Identity and device key of sender keys whose endorsement holds (§10.1)."""
    fields = element.fields()
    identity, key = read_spki(fields.one(), ED25519)[1], read_spki(fields.one(), ED25519)[1]
    content, _ = verify_signed(fields.one().content(), ENDORSEMENT, [identity, key])
    fields.end()
    said = read(content).fields()
    need(said.one().number() == 0, "version", "ERR_UNSUPPORTED")
    need(said.one().content(size=32) == key_id(ED25519, identity), "another endorser")
    need(read_spki(said.one(), ED25519)[1] == key and key_id(ED25519, key) == device, "another device")
    need(said.one().text() == owner and said.one().number(der.ENUM, 4) == 1, "another owner or purpose")
    begin, end = said.one().when(), said.one().when()
    said.one().number()
    said.end()
    need(begin <= end and begin <= now + DAY and now <= end, "not in force")
    return identity, key


class DeviceList:
    """§10.2, verified by the identity key in it. `devices` are raw keys by identifier."""

    def __init__(self, octets):
        content, signers = read_signed(read_content_info(octets, SIGNED_DATA), DEVICE_LIST)
        fields = read(content).fields()
        need(fields.one().number() == 0, "version", "ERR_UNSUPPORTED")
        self.owner, self.identity, self.version = fields.one().text(), read_spki(fields.one(), ED25519)[1], fields.one().number()
        previous = fields.maybe(0x80)
        self.previous = previous and previous.content(0x80, 32)
        issued, expires, devices, archives = fields.one().when(), fields.one().when(), fields.one().fields().rest, fields.one().fields().rest
        fields.end()
        self.devices = {key_id(ED25519, key): key for key in map(self._device, devices)}
        archive_keys = {self._archive_key(each) for each in archives}
        need(1 <= len(devices) <= 64 and len(archives) <= 8, "too many")
        need(len(self.devices) == len(devices) and len(archive_keys) == len(archives), "a key twice")
        need(bare(self.owner) == self.owner and self.version >= 1 and (previous is None) == (self.version == 1), "owner, version or previous")
        need(expires >= issued and len(signers) == 1, "times, or signers")
        signers[0].verify(self.identity)
        self.digest = sha256(content)

    @staticmethod
    def _device(element):
        fields = element.fields()
        key, _role, suites = read_spki(fields.one(), ED25519)[1], fields.one().number(der.ENUM, 1), fields.one().fields().rest
        fields.end()
        need(1 <= len(suites) <= 8 and all(suite.number() >= 0 for suite in suites), "suites")
        return key

    @staticmethod
    def _archive_key(element):
        fields = element.fields()
        key, _organisation, _epoch = read_spki(fields.one(), X25519)[1], fields.one().text(), fields.one().number()
        fields.end()
        return key


class Bundle:
    """§10.3; its signature is verified by who knows the device."""

    def __init__(self, octets):
        content, self.signers = read_signed(read_content_info(octets, SIGNED_DATA), BUNDLE)
        fields = read(content).fields()
        need(fields.one().number() == 0, "version", "ERR_UNSUPPORTED")
        self.owner, self.identity, self.device = fields.one().text(), fields.one().content(size=32), fields.one().content(size=32)
        self.sequence, begin, self.not_after = fields.one().number(), fields.one().when(), fields.one().when()
        keys = [accept(X25519, part.content(size=32)) for part in [fields.one(), *fields.one().fields().rest]]
        fields.end()
        need(len(keys) <= 201 and len(set(keys)) == len(keys), "too many, or a key twice")
        need(len(self.signers) == 1 and self.sequence >= 1 and self.not_after >= begin, "signers, sequence or times")


@dataclass
class Contact:
    """What is known of an account: the pinned identity, lists of the newest version, sequences of bundles, devices known and gone, counters."""

    identity: bytes = None
    changed: bool = False
    lists: list = field(default_factory=list)
    sequences: dict = field(default_factory=dict)
    known: dict = field(default_factory=dict)
    left: set = field(default_factory=set)
    highest: dict = field(default_factory=dict)

    def devices(self):
        """The devices in force: those that all lists of the newest version name."""
        return {i: key for i, key in self.lists[0].devices.items() if all(i in other.devices for other in self.lists)} if self.lists else {}


@dataclass
class Account:
    """A device: its account, key identifier and raw prekeys by identifier, the contacts, and the replay memories (§11.4)."""

    own: str
    device: bytes
    prekeys: dict
    contacts: dict = field(default_factory=dict)
    seen: set = field(default_factory=set)
    accepted: set = field(default_factory=set)

    def take_all(self, files, now):
        """Lists first, then bundles (§10.4)."""
        for kind, take in ((DEVICE_LIST, self.take_list), (BUNDLE, self.take_bundle)):
            for octets in files:
                if read_content_info(octets, SIGNED_DATA).parts[2].parts[0].raw == kind:
                    take(octets, now)

    def take_list(self, octets, _now):
        """§10.2."""
        new = DeviceList(octets)
        contact = self.contacts.setdefault(new.owner, Contact())
        if contact.identity not in (None, new.identity):
            contact.changed = True
            raise Refused("ERR_KEY_CHANGED", "another identity")
        contact.identity, version = new.identity, contact.lists[0].version if contact.lists else 0
        need(new.version >= version, "rollback", "ERR_VERIFY")
        if new.version > version:
            contact.left = (contact.left | {i for known in contact.lists for i in known.devices}) - set(new.devices)
            contact.lists = [new]
        elif all(new.digest != known.digest for known in contact.lists) and len(contact.lists) < 2:
            contact.lists.append(new)

    def take_bundle(self, octets, now):
        """§10.3."""
        new = Bundle(octets)
        contact = self.contacts.get(new.owner, Contact())
        key = contact.devices().get(new.device) or contact.known.get(new.device)
        need(key and new.identity == key_id(ED25519, contact.identity), "a device that is not known, or another identity")
        new.signers[0].verify(key)
        need(now < new.not_after and new.sequence >= contact.sequences.get(new.device, 0), "it is over, or older")
        contact.sequences[new.device] = new.sequence

    def whose_key(self, opened, now):
        """§13.3: the device key that must have signed, or None. Sets `opened.identity`."""
        contact, device = self.contacts.get(opened.context.sender, Contact()), opened.device
        if contact.changed:
            return None
        carried = opened.sender_keys and read_sender_keys(opened.sender_keys, opened.context.sender, device, now)
        opened.identity = carried[0] if carried else contact.identity
        if device in contact.devices():
            return contact.devices()[device] if opened.identity == contact.identity else None
        if device in contact.left or (contact.lists and contact.lists[0].version >= opened.list_version):
            return None
        if carried:
            return carried[1] if contact.identity in (None, carried[0]) else None
        return contact.known.get(device)

    def arrive(self, stanza, now):
        """Opens and accepts: a status, and with "opened" what was opened, its warnings (§18) and whether it was a first contact."""
        if stanza.get("type") == "error":
            return "bounce", None, [], False
        sealed = before_any_key(stanza, self.own)
        if sealed.digest in self.seen:
            return "duplicate", None, [], False
        opened = Opened(stanza, sealed, self.prekeys, self.device, lambda one: self.whose_key(one, now))
        if (opened.device, opened.context.message_id) in self.accepted:
            return "duplicate", None, [], False
        contact = self.contacts.setdefault(opened.context.sender, Contact())
        conversation = opened.device, opened.context.kind, opened.context.to if opened.context.type == "groupchat" else ""
        count, digest = contact.highest.get(conversation, (0, None))
        found = {
            "gap": opened.counter > count + 1,
            "reordered": opened.counter <= count,
            "chain-broken": opened.counter == count + 1 and count > 0 and opened.previous != digest,
            "time-in-future": opened.ms > now + 300_000,
            "sender-list-newer": bool(contact.lists) and opened.list_version > contact.lists[0].version,
        }
        first, contact.identity, contact.known[opened.device] = contact.identity is None, opened.identity, opened.key
        self.seen.add(sealed.digest)
        self.accepted.add((opened.device, opened.context.message_id))
        if opened.counter > count:
            contact.highest[conversation] = opened.counter, opened.signed
        return "opened", opened, [name for name, there in found.items() if there], first
