/**
 * Puts a sealed object into an XMPP stanza and takes it out again, binding addresses, id and time; and the XML and the
 * addresses that this takes.
 * @module
 */
// Sealing and opening

// RFC 7622: addresses
export { bareJid, fullJid, type Jid, parseJid } from './jid.js';
export { NS } from './namespaces.js';
export {
  hasSealed,
  type OpenedStanza,
  type OpenParameters,
  openSealedStanza,
  type ReadParameters,
  type ReadSealedStanza,
  readSealedStanza,
  type SenderClaim,
} from './openStanza.js';
export { PADDING_BUCKETS, paddedLength, paddingFor } from './padding.js';
// RFC 8265: passwords
export { opaqueString } from './precis.js';
export {
  checkContent,
  envelopeElement,
  isServerProcessed,
  readEnvelope,
  type SealedEnvelope,
  type StanzaAffix,
} from './sealedEnvelope.js';
export { type SealedStanza, type SealParameters, type SealRecipient, sealStanza } from './sealStanza.js';
export { splitXml, type XmlItem } from './splitXml.js';
export { StanzaError, type StanzaErrorCode } from './stanzaError.js';
export { defaultType, stanzaKind, stanzaType } from './stanzaKind.js';
export { utf8Length } from './textLength.js';
// XML 1.0, Namespaces in XML, RFC 6120 §11
export * from './xml.js';
export { readXml, readXmlOctets } from './xmlReader.js';
export { type XmlToken, XmlTokenizer } from './xmlTokens.js';
export { writeXml } from './xmlWriter.js';
