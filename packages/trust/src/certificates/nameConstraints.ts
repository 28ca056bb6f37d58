/**
 * Name constraints (RFC 5280 §4.2.1.10): an authority that was set up for some names gives no others. Constraints of a form that is not
 * understood refuse every name of that form; and what is said of domains holds for the domains of accounts and services too, for which
 * nobody has constraints: an authority held to `capulet.example` does not name `romeo@montague.example`.
 * @module
 */
import { equal } from '@stanzaseal/cms';
import { domainOf } from './accountNames.js';
import type { Certificate } from './certificate.js';
import { emailAddressesIn, isWithinDirectory } from './distinguishedName.js';
import { alternativeNames, type NameConstraints, nameConstraintsOf } from './extensions.js';
import type { GeneralName } from './generalName.js';

/** An empty SEQUENCE: a subject that is named by its other names alone. */
const NO_NAME = Uint8Array.of(0x30, 0x00);

/**
 * Whether all names on a path are such as the authorities above them may give.
 * @param path from the leaf to the root
 * @throws CmsError for names and constraints that cannot be read
 */
export function keepsNameConstraints(path: readonly Certificate[]): boolean {
  return path.every((authority, at) => {
    const constraints = nameConstraintsOf(authority);
    if (constraints === undefined) return true;
    // An authority that renews its own key is no new name (RFC 5280 §6.1.3 (b)).
    const below = path.slice(0, at).filter((each, i) => i === 0 || !equal(each.subject, each.issuer));
    return below.every((each) => namesOf(each).every((name) => isAllowed(name, constraints)));
  });
}

function namesOf(certificate: Certificate): GeneralName[] {
  const { subject } = certificate;
  const names: GeneralName[] = [...alternativeNames(certificate)];
  if (!equal(subject, NO_NAME)) names.push({ form: 'directory', name: subject });
  for (const text of emailAddressesIn(subject)) names.push({ form: 'email', text });
  const domains = names.flatMap((name) => domainOf(name) ?? []);
  return [...names, ...domains.map((text): GeneralName => ({ form: 'dns', text: asciiHost(text) }))];
}

function isAllowed(name: GeneralName, { permitted, excluded }: NameConstraints): boolean {
  const ofForm = permitted.filter((base) => isOfForm(name, base));
  if (ofForm.length > 0 && !ofForm.some((base) => isWithin(name, base) === true)) return false;
  return !excluded.some((base) => isOfForm(name, base) && (isWithin(name, base) !== false || covers(name, base)));
}

function isOfForm(name: GeneralName, base: GeneralName): boolean {
  if (name.form === 'other' && base.form === 'other') return name.type === base.type;
  if (name.form === 'unknown' && base.form === 'unknown') return name.tag === base.tag;
  return name.form === base.form;
}

/** Whether a name lies within a subtree of its form; `undefined` where nobody here can tell. */
function isWithin(name: GeneralName, base: GeneralName): boolean | undefined {
  if (name.form === 'directory' && base.form === 'directory') return isWithinDirectory(name.name, base.name);
  if (name.form === 'ip' && base.form === 'ip') return isWithinNetwork(name.octets, base.octets);
  if (name.form === 'dns' && base.form === 'dns') return isDomainWithin(name.text, base.text);
  if (name.form === 'email' && base.form === 'email') return isMailWithin(name.text, base.text);
  if (name.form === 'uri' && base.form === 'uri') {
    const [, host] = /^[a-z][a-z\d+.-]*:\/\/(?:[^@/?#]*@)?([^:/?#]+)/i.exec(name.text) ?? [];
    return host === undefined ? undefined : isHostWithin(host, base.text);
  }
  return undefined;
}

/** A wildcard also names what lies below it. */
function covers(name: GeneralName, base: GeneralName): boolean {
  if (name.form !== 'dns' || base.form !== 'dns' || !name.text.startsWith('*.')) return false;
  return base.text.toLowerCase().endsWith(name.text.slice(1).toLowerCase());
}

/** `capulet.example` stands for itself and all below it, `.capulet.example` for what is below it, nothing for everything. */
function isDomainWithin(name: string, base: string): boolean {
  const [domain, around] = [name.toLowerCase(), base.toLowerCase()];
  if (around === '') return true;
  return domain === around || domain.endsWith(around.startsWith('.') ? around : `.${around}`);
}

function isHostWithin(host: string, base: string): boolean {
  const [name, around] = [host.toLowerCase(), base.toLowerCase()];
  return around.startsWith('.') ? name.endsWith(around) : name === around;
}

function isMailWithin(address: string, base: string): boolean {
  const at = address.lastIndexOf('@');
  if (at < 0) return false;
  if (!base.includes('@')) return isHostWithin(address.slice(at + 1), base);
  const baseAt = base.lastIndexOf('@');
  return address.slice(0, at) === base.slice(0, baseAt) && isHostWithin(address.slice(at + 1), base.slice(baseAt + 1));
}

/** @param network an address and its mask */
function isWithinNetwork(address: Uint8Array, network: Uint8Array): boolean {
  const { length } = address;
  if (network.length !== 2 * length) return false;
  return address.every((octet, i) => ((octet ^ (network[i] as number)) & (network[length + i] as number)) === 0);
}

/** A-labels, as constraints are written. A host that has none is no domain's. */
function asciiHost(domain: string): string {
  try {
    return /^[\x21-\x7e]*$/.test(domain) ? domain : new URL(`http://${domain}/`).hostname;
  } catch {
    return domain;
  }
}
