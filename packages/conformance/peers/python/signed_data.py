"""SignedData under bare keys (§7, §10), both ways."""

import hmac

import der
from der import OID, SET, need, octet_string, read, seq, tlv
from keys import ED25519, key_id, public, sha512, sign, verify

BASE = bytes.fromhex("061669829eacb5c7cbd4baa8f39c879cbabaa5d9be28")  # of §2.2, without its last two octets
STANZA, DEVICE_LIST, BUNDLE, ENDORSEMENT = (BASE + bytes([1, n]) for n in (1, 2, 3, 4))
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = (bytes.fromhex("06092a864886f70d01090" + n) for n in "345")
SHA512 = bytes.fromhex("300b0609608648016503040203")
THREE = {CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME}


def attribute(oid, value):
    """An Attribute of one value."""
    return seq(oid, tlv(SET, value))


def read_attributes(element, tag):
    """Attributes by the DER of their object identifiers, each once and with one value; and their DER under the tag 31."""
    need(element.tag == tag and element.parts and len(element.parts) <= der.ATTRIBUTES, "no set of attributes")
    found, whole = {}, tlv(SET, element.body)
    for part in read(whole).parts:
        fields = part.fields()
        name, values = fields.one(), fields.one()
        fields.end()
        name.content(OID)
        need(name.raw not in found and values.tag == SET and len(values.parts) == 1, "an attribute twice, or not of one value")
        found[name.raw] = values.parts[0]
    return found, whole


def content_info(oid, content):
    """A ContentInfo."""
    return seq(oid, tlv(0xA0, content))


def read_content_info(octets, oid):
    """The content in a ContentInfo of this type."""
    fields = read(octets).fields()
    need(fields.one().raw == oid, "another content type", "ERR_UNSUPPORTED")
    content = fields.one().explicit(0xA0)
    fields.end()
    return content


def signer_info(content_type, content, secret, ms, more=()):
    """A SignerInfo by an Ed25519 key, and its signedAttrs under the tag 31; `more` are attributes besides the three."""
    digest, time = attribute(MESSAGE_DIGEST, octet_string(sha512(content))), attribute(SIGNING_TIME, der.signing_time(ms))
    signed = der.set_of(attribute(CONTENT_TYPE, content_type), digest, time, *more)
    sid = octet_string(key_id(ED25519, public(ED25519, secret)), 0x80)
    return seq(der.number(3), sid, SHA512, b"\xa0" + signed[1:], ED25519, octet_string(sign(secret, signed))), signed


def signed_data(content_type, content, infos):
    """A SignedData over this content."""
    encapsulated = seq(content_type, tlv(0xA0, octet_string(content)))
    return seq(der.number(3), tlv(SET, SHA512), encapsulated, der.set_of(*infos))


class Signer:
    """A SignerInfo that was read: `sid`, `attributes`, their DER `signed`, `signature`, the signing time `ms`."""

    def __init__(self, element, content_type, content, wanted):
        fields = element.fields()
        need(fields.one().number() == 3, "version", "ERR_UNSUPPORTED")
        self.sid = fields.one().content(0x80, 32)
        need(fields.one().raw == SHA512, "digest", "ERR_UNSUPPORTED")
        self.attributes, self.signed = read_attributes(fields.one(), 0xA0)
        need(fields.one().raw == ED25519, "signature algorithm", "ERR_UNSUPPORTED")
        self.signature = fields.one().content(size=64)
        fields.end()
        need(any(set(self.attributes) == names for names in wanted), "other attributes")
        need(self.attributes[CONTENT_TYPE].raw == content_type, "another content type is signed")
        need(hmac.compare_digest(self.attributes[MESSAGE_DIGEST].content(size=64), sha512(content)), "another digest", "ERR_VERIFY")
        time = self.attributes[SIGNING_TIME]
        self.ms = time.when(time.tag if time.tag == der.UTC_TIME else der.TIME)
        need(der.signing_time(self.ms) == time.raw, "another spelling of the time")

    def verify(self, key):
        """Refuses unless this key signed."""
        need(key_id(ED25519, key) == self.sid, "another signer", "ERR_VERIFY")
        verify(key, self.signature, self.signed)


def read_signed(element, content_type, wanted=(THREE,)):
    """The content and the signers of a SignedData over this type, whose attributes are one of the sets `wanted`."""
    fields = element.fields()
    need(fields.one().number() == 3, "version", "ERR_UNSUPPORTED")
    need(fields.one().raw == tlv(SET, SHA512), "digest algorithms", "ERR_UNSUPPORTED")
    inner = fields.one().fields()
    need(inner.one().raw == content_type, "another content type")
    content = inner.one().explicit(0xA0).content()
    inner.end()
    infos = fields.one()
    fields.end()
    need(infos.tag == SET and infos.parts, "no signer")
    return content, [Signer(part, content_type, content, wanted) for part in infos.parts]


def verify_signed(octets, content_type, keys):
    """Content and signing time of a ContentInfo with a SignedData that each of these keys signed, and nobody else."""
    content, signers = read_signed(read_content_info(octets, SIGNED_DATA), content_type)
    by = {key_id(ED25519, key): key for key in keys}
    need(len(signers) == len(by) and {signer.sid for signer in signers} == set(by), "other signers", "ERR_VERIFY")
    for signer in signers:
        signer.verify(by[signer.sid])
    return content, signers[0].ms
