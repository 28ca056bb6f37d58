/**
 * Whether a certificate is for signing statements (RFC 5280 §4.2.1.3, §4.2.1.12).
 * @module
 */
import { parseJid } from '@stanzaseal/stanza';
import type { Certificate } from './certificate.js';
import { KEY_USE, mayDo, purposesOf } from './extensions.js';

/** anyExtendedKeyUsage (RFC 5280 §4.2.1.12). */
const ANY = '2.5.29.37.0';
/** id-kp-serverAuth, for domains; id-kp-clientAuth and id-kp-emailProtection, for people. */
const [SERVER, CLIENT, MAIL] = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.4'];

/**
 * Whether a certificate that is held to uses and purposes is held to such as allow a statement about this account or domain: signing; and
 * for an account client authentication or mail, for a domain server authentication. One that is held to none may.
 * @param jid bare JID in normal form
 * @throws CmsError `ERR_DER` for extensions that cannot be read
 */
export function maySignStatements(certificate: Certificate, jid: string): boolean {
  if (!mayDo(certificate, KEY_USE.digitalSignature | KEY_USE.nonRepudiation)) return false;
  const fitting = parseJid(jid).local === '' ? [ANY, SERVER] : [ANY, CLIENT, MAIL];
  return purposesOf(certificate)?.some((purpose) => fitting.includes(purpose)) !== false;
}
