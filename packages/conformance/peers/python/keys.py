"""Bare keys (§3) and the primitives of §1, by python3-cryptography."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import der
from der import Refused, need

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
ED25519, X25519 = bytes.fromhex("300506032b6570"), bytes.fromhex("300506032b656e")  # §2.2
NAMES = {ED25519: "Ed25519", X25519: "X25519"}


def _points(*encoded):
    return {0, 1, P - 1, *(int.from_bytes(bytes.fromhex(octets), "little") for octets in encoded)}


LOW_ORDER = {
    X25519: _points(
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    ),
    ED25519: _points(
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    ),
}


def acceptable(algorithm, raw):
    """Whether a raw public key is acceptable (§3)."""
    value = int.from_bytes(raw, "little")
    if algorithm == ED25519:
        value &= 2**255 - 1
    return len(raw) == 32 and value < P and value not in LOW_ORDER[algorithm]


def accept(algorithm, raw):
    """The raw key, if it is acceptable."""
    need(acceptable(algorithm, raw), "a key that is not acceptable")
    return raw


def spki(algorithm, raw):
    """DER of the SubjectPublicKeyInfo."""
    return der.seq(algorithm, der.tlv(der.BITS, b"\0", raw))


def read_spki(element, *algorithms):
    """Algorithm and raw key of a SubjectPublicKeyInfo of one of these algorithms, if the key is acceptable."""
    fields = element.fields()
    algorithm, bits = fields.one().raw, fields.one()
    fields.end()
    need(algorithm in algorithms, "another algorithm", "ERR_UNSUPPORTED")
    octets = bits.content(der.BITS, 33)
    need(octets[0] == 0, "unused bits")
    return algorithm, accept(algorithm, octets[1:])


def key_id(algorithm, raw):
    """The key identifier (§3)."""
    return sha256(spki(algorithm, raw))


def sha256(*parts):
    """SHA-256 of what these parts are together."""
    return hashlib.sha256(b"".join(parts)).digest()


def sha512(octets):
    """SHA-512."""
    return hashlib.sha512(octets).digest()


def hkdf(ikm, salt, info):
    """32 octets of HKDF-SHA-256."""
    return HKDF(hashes.SHA256(), 32, salt, info).derive(ikm)


def public(algorithm, secret):
    """The raw public key of a raw secret key."""
    kind = Ed25519PrivateKey if algorithm == ED25519 else X25519PrivateKey
    return kind.from_private_bytes(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def agree(secret, peer):
    """X25519; an all-zero result is refused (§3)."""
    try:
        return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(peer))
    except ValueError:
        raise Refused("ERR_OPEN", "an all-zero shared secret") from None


def sign(secret, message):
    """An Ed25519 signature."""
    return Ed25519PrivateKey.from_private_bytes(secret).sign(message)


def verify(raw, signature, message):
    """Refuses a signature that is not good: R is acceptable, S below the group order (§13.2, step 19)."""
    need(len(signature) == 64 and acceptable(ED25519, signature[:32]), "R", "ERR_VERIFY")
    need(int.from_bytes(signature[32:], "little") < ORDER, "S", "ERR_VERIFY")
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except InvalidSignature:
        raise Refused("ERR_VERIFY", "a signature that is not good") from None


def read_pkcs8(octets):
    """Algorithm and raw secret of a PKCS#8 key (RFC 5958, RFC 8410 §7), whose public half, where it is there, fits; attributes are passed over."""
    fields = der.read(octets).fields()
    version, algorithm = fields.one().number(most=1), fields.one().raw
    need(algorithm in NAMES, "another algorithm", "ERR_UNSUPPORTED")
    secret = der.read(fields.one().content()).content(size=32)
    fields.maybe(0xA0)  # attributes, which say nothing of the key
    half = fields.maybe(0x81)
    fields.end()
    need((half is not None) == (version == 1), "another version")
    need(half is None or half.content(0x81) == b"\0" + public(algorithm, secret), "another public half")
    return algorithm, secret
