"""Runs the vectors of sections 2 to 13 of docs/specification.md: `main.py TEST-VECTORS`. The last line is `N passed, N failed, N not run`.

Written from the specification and the README of the vectors alone, in Python with python3-cryptography. What is not run is what is not built:
sections 24, 25 and 27, and general CMS beside the profile.
"""

import base64
import json
import pathlib
import sys
from collections import Counter

import address
import der
import envelope
import sealed_object
import signed_data
import xml_tree
from der import Refused, need
from keys import ED25519, NAMES, X25519, agree, key_id, public, read_pkcs8, read_spki, spki
from published import Account
from sealed_object import Context, SealedObject
from stanza import Device, Opened, before_any_key, seal

octets = bytes.fromhex
GROUPS = ("addresses", "bundle", "envelope", "keys", "replay", "signer", "stanza")
GENERAL = {"keys/p256", "signer/verify-p256", "envelope/decrypt-general", "envelope/encrypt-general", "envelope/encrypt-general-id-data"}


def key(text, *algorithms):
    """The raw key of a SubjectPublicKeyInfo."""
    return read_spki(der.read(octets(text)), *algorithms)[1]


def prekeys(given):
    """Raw secrets by identifier."""
    return {key_id(X25519, public(X25519, octets(each["secret"]))): octets(each["secret"]) for each in given}


def drawing(given):
    """A source of these octets, in their order."""
    rest = list(map(octets, given))

    def draw(count):
        need(rest and len(rest[0]) == count, f"{count} octets are drawn where there are others")
        return rest.pop(0)

    return draw


def import_key(given):
    algorithm, raw = read_spki(der.read(octets(given["spki"])), ED25519, X25519)
    return {"algorithm": NAMES[algorithm], "raw": raw.hex(), "keyIdentifier": key_id(algorithm, raw).hex()}


def import_private(given):
    algorithm, secret = read_pkcs8(octets(given["pkcs8"]))
    return {"algorithm": NAMES[algorithm], "spki": spki(algorithm, public(algorithm, secret)).hex()}


def normalise(given):
    bare, slash, resource = address.bare(given["jid"]), *given["jid"].partition("/")[1:]
    return {"bare": bare, "full": bare + slash + resource}


def bucket(given):
    return {"bucket": next(size for size in envelope.buckets() if size >= given["octets"])}


def sign(given):
    kind, content = der.oid(given["contentType"]), octets(given["content"])
    info, signed = signed_data.signer_info(kind, content, octets(given["key"]["secret"]), given["signingTime"])
    whole = signed_data.content_info(signed_data.SIGNED_DATA, signed_data.signed_data(kind, content, [info]))
    return {"der": whole.hex()}, {"signedAttrs": signed.hex()}


def verify(given):
    signers = [key(each, ED25519) for each in given["signers"]]
    content, ms = signed_data.verify_signed(octets(given["der"]), der.oid(given["contentType"]), signers)
    return {"content": content.hex(), "signingTime": ms}


def encrypt(given):
    recipients, (ephemeral, cek, nonce) = [key(each, X25519) for each in given["recipients"]], map(octets, given["random"])
    said, ids = given["clearContext"], [key_id(X25519, each) for each in recipients]
    texts = said["kind"], said["type"], said["from"], said["to"]
    context = Context(*texts, octets(said["messageId"]), sealed_object.recipients_digest(ids))
    whole = sealed_object.encrypt(context, recipients, octets(given["content"]), ephemeral, cek, nonce)
    secrets = [agree(ephemeral, each) for each in recipients]
    keks = [sealed_object.key_encryption_key(z, context.ukm) for z in secrets]
    on_the_way = {
        "recipientsDigest": context.recipients.hex(),
        "clearContext": context.raw.hex(),
        "ukm": context.ukm.hex(),
        "originatorKey": public(X25519, ephemeral).hex(),
        "info": sealed_object.shared_info(context.ukm).hex(),
        "recipients": [{"rKeyId": i.hex(), "z": z.hex(), "kek": kek.hex()} for i, z, kek in zip(ids, secrets, keks)],
        "cek": cek.hex(),
        "commitment": sealed_object.commitment(cek).hex(),
        "contentKeyInfo": sealed_object.gcm_identifier(nonce).hex(),
        "contentKey": sealed_object.content_key(cek, nonce).hex(),
        "aad": SealedObject(whole).aad.hex(),
    }
    return {"der": whole.hex()}, on_the_way


def decrypt(given):
    sealed, own = SealedObject(octets(given["der"])), prekeys(given["keys"])
    mine = next((identifier for identifier in sealed.wrapped if identifier in own), None)
    need(mine, "not for us")
    cek = sealed.unwrap(own[mine])
    return {"content": sealed.decrypt(cek).hex()}, {"cek": cek.hex(), "rKeyId": mine.hex()}


def seal_stanza(given):
    device = Device(octets(given["device"]["secret"]), key(given["replyPrekey"]["key"], X25519), given["replyPrekey"]["notAfter"])
    recipients = [(key(each["prekey"], X25519), octets(each["deviceKey"]), each["class"]) for each in given["recipients"]]
    stanza, draw = xml_tree.parse(given["stanza"].encode()), drawing(given["random"])
    whole, signed, outer = seal(stanza, given["from"], given["to"], recipients, device, given["now"], draw)
    on_the_way = {"messageId": given["random"][0], "signedAttrs": signed.hex(), "cek": given["random"][2], "object": whole.hex()}
    return {"stanza": xml_tree.write(outer)}, on_the_way


def open_stanza(given):
    outer, sender = xml_tree.parse(given["stanza"].encode()), key(given["sender"], ED25519)
    sealed = before_any_key(outer, given["own"], given.get("occupants"))
    opened = Opened(outer, sealed, prekeys(given["keys"]), octets(given["device"]), lambda _: sender)
    context = opened.context
    named = {"from": context.sender, "to": context.to, "time": opened.ms, "messageId": context.message_id.hex()}
    return {"stanza": xml_tree.write(opened.stanza), **named, "class": opened.own_class}


def account(store):
    """The device in the text form of a key store's records."""
    rows = [json.loads(line) for line in store.splitlines()]
    raw = lambda record, member: base64.b64decode(record[member]["octets"])
    (own,) = (record for table, _, record in rows if table == "account")
    keys = {key_id(X25519, raw(record, "publicKey")): raw(record, "secret") for table, _, record in rows if table == "prekeys"}
    return Account(own["owner"], key_id(ED25519, raw(own, "device")), keys)


def take_in(given):
    device = account(given["store"])
    device.take_all(list(map(octets, given["published"])), given["now"])
    known = device.contacts.items()
    return {"contacts": [{"jid": jid, "fingerprint": key_id(ED25519, one.identity).hex(), "trust": "unverified"} for jid, one in known]}


def arrivals(given):
    device, results = account(given["store"]), []
    for text in given["stanzas"]:
        status, opened, warnings, first = device.arrive(xml_tree.parse(text.encode()), given["now"])
        results.append({"status": status})
        if opened:
            shown = {"stanza": xml_tree.write(opened.stanza), "trust": "unverified", "firstContact": first}
            results[-1] |= {**shown, "class": opened.own_class, "warnings": warnings}
    return {"results": results}


OPERATIONS = {
    "der.decode": lambda given: {"der": der.read(octets(given["der"])).raw.hex()},
    "base64.decode": lambda given: {"octets": der.base64_of(given["text"]).hex()},
    "key.import": import_key,
    "key.import-private": import_private,
    "jid.normalise": normalise,
    "xml.read": lambda given: {"xml": xml_tree.write(xml_tree.parse(given["xml"].encode()))},
    "padding.bucket": bucket,
    "signer.sign": sign,
    "signer.verify": verify,
    "envelope.encrypt": encrypt,
    "envelope.decrypt": decrypt,
    "stanza.seal": seal_stanza,
    "stanza.open": open_stanza,
    "bundle.import": take_in,
    "messenger.open": arrivals,
}


def judge(vector):
    """What is wrong with a vector; nothing where it is as it must be."""
    try:
        found = OPERATIONS[vector["operation"]](vector["input"])
    except Refused as refusal:
        return f"refused: {refusal}" if vector["expect"] == "success" else None
    if vector["expect"] != "success":
        return "not refused"
    output, on_the_way = found if isinstance(found, tuple) else (found, {})
    if set(output) != set(vector["output"]):
        return f"members {sorted(output)}"
    stated = {**vector.get("intermediate", {}), **vector["output"]}
    return next((f"another {name}: {value}" for name, value in {**on_the_way, **output}.items() if stated.get(name) != value), None)


def twin(node):
    """A tree of the corpus (test-vectors/stanzas/README.md)."""
    if isinstance(node, str):
        return node
    attributes = {(each["namespace"], each["name"]): each["value"] for each in node["attributes"]}
    return xml_tree.Node(node["namespace"], node["name"], attributes, list(map(twin, node["children"])))


def judge_stanza(path):
    """What is wrong with a stanza of the corpus: read, and where it may be sealed, sealed and opened again."""
    said = json.loads(path.with_suffix(".json").read_text("utf-8"))
    (stanza,) = xml_tree.parse(b"<stream xmlns='jabber:client'>" + path.read_bytes() + b"</stream>").elements()
    outside = list(map(twin, said.get("outside", [])))
    expected = [twin(each) for each in said["stanza"]["children"] if not isinstance(each, str)]
    if [child for child in stanza.elements() if child not in outside] != expected:
        return "other children"
    return judge_way_back(stanza, expected) if said["sealable"] else None


def judge_way_back(stanza, expected):
    """Whether a stanza of Romeo's comes back from its object, after that went through text."""
    romeo, juliet, to = "romeo@montague.example", "juliet@capulet.example", address.bare(stanza.get("to", "juliet@capulet.example"))
    signing, prekey, reply, own_device = (bytes([n]) * 32 for n in (1, 2, 3, 4))
    device = Device(signing, public(X25519, reply), 1767268800000)
    recipient = public(X25519, prekey), own_device, "reply"
    draw = lambda count: bytes((count + 7 * place) % 256 for place in range(count))
    _, _, outer = seal(stanza, romeo, to, [recipient], device, 1767268800123, draw)
    outer, occupants = xml_tree.parse(xml_tree.write(outer).encode()), {}
    if outer.get("type") == "groupchat":  # the room reflects it
        outer.attributes["", "from"] = f"{to}/romeo"
        occupants = {f"{to}/romeo": romeo}
    sealed, own = before_any_key(outer, juliet, occupants), {key_id(X25519, public(X25519, prekey)): prekey}
    opened = Opened(outer, sealed, own, own_device, lambda _: public(ED25519, signing))
    names = ("", "type"), ("", "id"), (xml_tree.XML, "lang")
    same = all(opened.stanza.attributes.get(name) == stanza.attributes.get(name) for name in names)
    return None if same and opened.stanza.elements() == expected else "another stanza comes back"


def main(folder):
    """Judges everything in the folder of vectors; the exit code."""
    counts = Counter()
    for path in sorted(folder.glob("*/*.json")):
        name = f"{path.parent.name}/{path.stem}"
        vector = json.loads(path.read_text("utf-8"))
        if path.parent.name == "stanzas":
            wrong = judge_stanza(path.with_suffix(".xml"))
        elif path.parent.name in GROUPS and name not in GENERAL:
            wrong = judge(vector)
        else:
            counts["not run"] += 1
            continue
        counts["failed" if wrong else "passed"] += 1
        if wrong:
            print(f"FAILED {name}: {vector.get('title', 'the corpus')}: {wrong}")
    for path in sorted(folder.glob("openssl-forgeries/*.der")):
        try:
            SealedObject(path.read_bytes())
            counts["failed"] += 1
            print(f"FAILED {path.name}: not refused")
        except Refused:
            counts["passed"] += 1
    if not counts["passed"]:
        counts["failed"] += 1
        print(f"FAILED {folder}: nothing here passed")
    print(", ".join(f"{counts[each]} {each}" for each in ("passed", "failed", "not run")))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
