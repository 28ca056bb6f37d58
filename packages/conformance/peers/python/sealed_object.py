"""The object: AuthEnvelopedData with X25519 key agreement, RFC 9709 and a committed key (§7, §9), both ways."""

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import der
from der import SET, Refused, need, octet_string, seq, tlv
from keys import X25519, accept, agree, hkdf, key_id, public, sha256
from signed_data import BASE, CONTENT_TYPE, SIGNED_DATA, attribute, content_info, read_attributes, read_content_info

CLEAR, COMMITMENT = BASE + bytes([2, 1]), BASE + bytes([2, 2])
AUTH_ENVELOPED = bytes.fromhex("060b2a864886f70d0109100117")
KEY_WRAP, AGREEMENT = bytes.fromhex("300b060960864801650304012d"), bytes.fromhex("301a060b2a864886f70d0109100313300b060960864801650304012d")
RFC9709, AES_GCM = bytes.fromhex("060b2a864886f70d010910031f"), bytes.fromhex("060960864801650304012e")
KINDS = ("message", "presence", "iq")
OCTETS, RECIPIENTS = 262144, 512  # §17


class Context:
    """A clear context (§5)."""

    def __init__(self, kind, type, sender, to, message_id, recipients):
        self.kind, self.type, self.sender, self.to, self.message_id, self.recipients = kind, type, sender, to, message_id, recipients
        texts = der.text(type), der.text(sender), der.text(to)
        head = der.number(0), der.number(1), der.number(KINDS.index(kind), der.ENUM)
        self.raw = seq(*head, *texts, octet_string(message_id), octet_string(recipients))
        self.ukm = sha256(b"stanzaseal/0 ukm", self.raw)

    @staticmethod
    def read(element):
        """Of version 0 and suite 1."""
        fields = element.fields()
        need((fields.one().number(), fields.one().number()) == (0, 1), "version or suite", "ERR_UNSUPPORTED")
        kind, *texts = KINDS[fields.one().number(der.ENUM, 2)], fields.one().text(), fields.one().text(), fields.one().text()
        context = Context(kind, *texts, fields.one().content(size=16), fields.one().content(size=32))
        fields.end()
        return context


def recipients_digest(ids):
    """§9: of the identifiers sorted, none twice."""
    need(len(set(ids)) == len(ids), "a recipient twice")
    return sha256(*sorted(ids))


def shared_info(ukm):
    """DER of the ECC-CMS-SharedInfo (§9)."""
    return seq(KEY_WRAP, tlv(0xA0, octet_string(ukm)), tlv(0xA2, octet_string(bytes([0, 0, 1, 0]))))


def key_encryption_key(z, ukm):
    """KEK (§9)."""
    return hkdf(z, ukm, shared_info(ukm))


def commitment(cek):
    """The commitment to a content-encryption key (§9)."""
    return hkdf(cek, b"stanzaseal/0", b"cek commitment")


def gcm_identifier(nonce):
    """The inner AlgorithmIdentifier (§2.2)."""
    return seq(AES_GCM, seq(octet_string(nonce), der.number(16)))


def content_key(cek, nonce):
    """The key under which content is encrypted (§9; RFC 9709 §2)."""
    return hkdf(cek, b"The Cryptographic Message Syntax", gcm_identifier(nonce))


def encrypt(context, recipients, content, ephemeral, cek, nonce):
    """DER of an object to raw X25519 keys."""
    wrapped = []
    for key in sorted(recipients, key=lambda each: key_id(X25519, each)):
        kek = key_encryption_key(agree(ephemeral, accept(X25519, key)), context.ukm)
        wrapped.append(seq(tlv(0xA0, octet_string(key_id(X25519, key))), octet_string(keywrap.aes_key_wrap(kek, cek))))
    originator = tlv(0xA0, tlv(0xA1, X25519, tlv(der.BITS, b"\0", public(X25519, ephemeral))))
    agreed = tlv(0xA1, der.number(3), originator, tlv(0xA1, octet_string(context.ukm)), AGREEMENT, seq(*wrapped))
    type_of = attribute(CONTENT_TYPE, SIGNED_DATA)
    aad = der.set_of(type_of, attribute(COMMITMENT, octet_string(commitment(cek))), attribute(CLEAR, context.raw))
    sealed = AESGCM(content_key(cek, nonce)).encrypt(nonce, content, aad)
    encrypted = seq(SIGNED_DATA, seq(RFC9709, gcm_identifier(nonce)), octet_string(sealed[:-16], 0x80))
    return content_info(AUTH_ENVELOPED, seq(der.number(0), tlv(SET, agreed), encrypted, b"\xa1" + aad[1:], octet_string(sealed[-16:])))


class SealedObject:
    """An object that was read as far as no key is needed (§13.1, steps 3 to 6). `wrapped` are encrypted keys by identifier, in wire order."""

    def __init__(self, octets):
        need(len(octets) <= OCTETS, "too long")
        fields = read_content_info(octets, AUTH_ENVELOPED).fields()
        need(fields.one().number() == 0, "version", "ERR_UNSUPPORTED")
        infos = fields.one()
        need(infos.tag == SET and len(infos.parts) == 1, "not one RecipientInfo")
        self._read_recipients(infos.parts[0].fields(0xA1))
        self._read_content(fields.one().fields())
        self.digest = sha256(*(part.raw for part in fields.rest))
        found, self.aad = read_attributes(fields.one(), 0xA1)
        self.mac = fields.one().content(size=16)
        fields.end()
        need(set(found) == {CONTENT_TYPE, CLEAR, COMMITMENT} and found[CONTENT_TYPE].raw == SIGNED_DATA, "other attributes")
        self.context, self.commitment = Context.read(found[CLEAR]), found[COMMITMENT].content(size=32)
        need(self.context.recipients == recipients_digest(list(self.wrapped)) and self.ukm == self.context.ukm, "other recipients, or another ukm")

    def _read_recipients(self, fields):
        need(fields.one().number() == 3, "version", "ERR_UNSUPPORTED")
        originator = fields.one().explicit(0xA0).fields(0xA1)
        need(originator.one().raw == X25519, "another algorithm", "ERR_UNSUPPORTED")
        bits = originator.one().content(der.BITS, 33)
        originator.end()
        need(bits[0] == 0, "unused bits")
        self.originator, self.ukm, self.wrapped = accept(X25519, bits[1:]), fields.one().explicit(0xA1).content(size=32), {}
        need(fields.one().raw == AGREEMENT, "another algorithm", "ERR_UNSUPPORTED")
        pairs = fields.one().fields().rest
        fields.end()
        need(1 <= len(pairs) <= RECIPIENTS, "recipients")
        for part in pairs:
            pair = part.fields()
            identifier = pair.one().explicit(0xA0).content(size=32)
            need(identifier not in self.wrapped, "a recipient twice")
            self.wrapped[identifier] = pair.one().content(size=40)
            pair.end()

    def _read_content(self, fields):
        need(fields.one().raw == SIGNED_DATA, "another content type")
        algorithm = fields.one().fields()
        need(algorithm.one().raw == RFC9709, "not under RFC 9709", "ERR_UNSUPPORTED")
        gcm = algorithm.one().raw
        algorithm.end()
        self.nonce, self.ciphertext = gcm[-15:-3], fields.one().content(0x80)
        fields.end()
        need(gcm == gcm_identifier(self.nonce), "another cipher, nonce or tag", "ERR_UNSUPPORTED")

    def unwrap(self, secret):
        """The content-encryption key, by a raw X25519 secret that is one of the recipients' (§13.2, step 11)."""
        wrapped = self.wrapped.get(key_id(X25519, public(X25519, secret)))
        need(wrapped, "not for this key")
        try:
            cek = keywrap.aes_key_unwrap(key_encryption_key(agree(secret, self.originator), self.ukm), wrapped)
        except keywrap.InvalidUnwrap:
            raise Refused("ERR_OPEN", "another key") from None
        need(len(cek) == 32, "a key of another length")
        return cek

    def decrypt(self, cek):
        """The plaintext, if this is the key that is committed to (§13.2, steps 12 and 13)."""
        need(hmac.compare_digest(commitment(cek), self.commitment), "another key than committed to")
        try:
            return AESGCM(content_key(cek, self.nonce)).decrypt(self.nonce, self.ciphertext + self.mac, self.aad)
        except InvalidTag:
            raise Refused("ERR_OPEN", "the tag") from None
