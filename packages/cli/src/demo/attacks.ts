/**
 * What somebody between Romeo and Juliet might do to a stanza.
 * @module
 */
import { fromBase64, toBase64 } from '@stanzaseal/cms';
import { child, NS, textOf, withAttributes, withChildren, type XmlElement } from '@stanzaseal/stanza';

/** Flips one bit in the middle of the object. */
export function alter(stanza: XmlElement): XmlElement {
  const sealed = child(stanza, NS.SEALED, 'sealed') as XmlElement;
  const object = fromBase64(textOf(sealed));
  const middle = object.length >> 1;
  object[middle] = (object[middle] as number) ^ 1;
  const altered = withChildren(sealed, [toBase64(object)]);
  return withChildren(
    stanza,
    stanza.children.map((node) => (node === sealed ? altered : node)),
  );
}

/** Puts other addresses on the outer stanza. */
export function readdress(stanza: XmlElement, addresses: { from?: string; to?: string }): XmlElement {
  return withAttributes(stanza, addresses);
}
