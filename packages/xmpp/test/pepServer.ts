/**
 * A server's PEP service for scripted links: as Prosody does it, as ejabberd does it, and as nobody honest does it.
 */
import { attribute, child, childrenOf, element, NS, textOf, type XmlElement } from '@stanzaseal/stanza';
import { keyItem } from '../src/keys/nodes.js';
import { XMPP } from '../src/namespaces.js';
import { errorOf, resultOf, type ScriptedLink } from './scriptedLink.js';

/** How the server behaves. */
export interface PepFlavour {
  /** Which options it takes with a publication; all where absent. */
  readonly knows?: readonly string[];
  /** Values of options that it does not take when a node is made or configured. */
  readonly refuses?: Readonly<Record<string, string>>;
  /** Whether it says yes to configurations and does nothing. */
  readonly isStubborn?: boolean;
  /** Condition that it answers everything with. */
  readonly down?: string;
  /** How many of the next requests that change something are answered `internal-server-error`, as ejabberd's locks do it. */
  readonly stumbles?: number;
}

/** Prosody 0.12 and ejabberd 23 as far as keys meet them. */
export const PROSODY: PepFlavour = {};
/** It knows two of the options with a publication, and all when a node is made. */
export const EJABBERD: PepFlavour = { knows: ['access_model', 'persist_items'] };

interface Node {
  config: Record<string, string>;
  readonly items: Map<string, XmlElement>;
}

/** A service for many accounts. */
export interface PepServer {
  flavour: PepFlavour;
  /** What it was asked to do, oldest first: `publish urn:...`, `configure urn:...`. */
  readonly done: string[];
  /** Serves a link of an account. */
  attach(link: ScriptedLink, account: string): void;
  /** A node of an account, made as PEP makes them where it is not there. */
  node(account: string, name: string): Node;
  /** Octets (base64) of an item, or `undefined`. */
  item(account: string, name: string, id: string): string | undefined;
  /** Puts an item there as its publisher would, without options; tells the account's own links. */
  put(account: string, name: Parameters<typeof keyItem>[0]['node'], id: string, der: Uint8Array): void;
}

const DEFAULTS = {
  access_model: 'presence',
  persist_items: '1',
  max_items: '1',
  send_last_published_item: 'on_sub_and_presence',
};

/** Makes one. */
export function createPepServer(flavour: PepFlavour = PROSODY): PepServer {
  const accounts = new Map<string, Map<string, Node>>();
  const links: { link: ScriptedLink; account: string }[] = [];
  const nodesOf = (account: string): Map<string, Node> => {
    const found = accounts.get(account) ?? new Map<string, Node>();
    accounts.set(account, found);
    return found;
  };

  function tell(account: string, name: string, content: XmlElement): void {
    for (const one of links) {
      if (one.account !== account || !one.link.isOnline()) continue;
      const items = element(XMPP.PUBSUB_EVENT, 'items', { node: name }, [content]);
      const event = element(XMPP.PUBSUB_EVENT, 'event', {}, [items]);
      const message = element(NS.CLIENT, 'message', { from: account, to: one.link.jid(), type: 'headline' }, [event]);
      setImmediate(() => one.link.isOnline() && one.link.receive(message));
    }
  }

  function store(account: string, name: string, item: XmlElement): void {
    const node = server.node(account, name);
    const id = attribute(item, 'id') ?? '';
    node.items.delete(id);
    node.items.set(id, item);
    const most = node.config.max_items === 'max' ? 10_000 : Number(node.config.max_items);
    while (node.items.size > most) node.items.delete(node.items.keys().next().value as string);
    tell(account, name, { ...item, namespace: XMPP.PUBSUB_EVENT });
  }

  function optionsIn(parent: XmlElement | undefined): Record<string, string> {
    const form = parent && child(parent, XMPP.DATA, 'x');
    const options: Record<string, string> = {};
    for (const field of form === undefined ? [] : childrenOf(form, XMPP.DATA, 'field')) {
      const [, name] = attribute(field, 'var')?.split('pubsub#') ?? [];
      const value = child(field, XMPP.DATA, 'value');
      if (name !== undefined && value !== undefined) options[name] = textOf(value) === 'true' ? '1' : textOf(value);
    }
    return options;
  }

  function answer(iq: XmlElement, own: string): XmlElement | undefined {
    const account = attribute(iq, 'to') ?? own;
    const pubsub = child(iq, XMPP.PUBSUB, 'pubsub') ?? child(iq, XMPP.PUBSUB_OWNER, 'pubsub');
    if (pubsub === undefined || account.includes('/')) return undefined;
    const { down, stumbles = 0, knows, refuses = {}, isStubborn } = server.flavour;
    if (down !== undefined) return errorOf(iq, down);
    if (stumbles > 0 && attribute(iq, 'type') === 'set') {
      server.flavour = { ...server.flavour, stumbles: stumbles - 1 };
      return errorOf(iq, 'internal-server-error');
    }
    const nodes = nodesOf(account);
    const [what] = childrenOf(pubsub) as [XmlElement];
    const name = attribute(what, 'node') ?? '';
    server.done.push(`${what.name} ${name}`);
    const isRefused = (options: Record<string, string>): boolean =>
      Object.entries(refuses).some(([option, value]) => options[option] === value);
    switch (what.name) {
      case 'items': {
        const node = nodes.get(name);
        if (node === undefined) return errorOf(iq, 'item-not-found');
        if (account !== own && node.config.access_model !== 'open') return errorOf(iq, 'forbidden');
        const ids = childrenOf(what, XMPP.PUBSUB, 'item').map((item) => attribute(item, 'id'));
        const items = [...node.items].filter(([id]) => ids.length === 0 || ids.includes(id)).map(([, item]) => item);
        return resultOf(iq, element(XMPP.PUBSUB, 'pubsub', {}, [element(XMPP.PUBSUB, 'items', { node: name }, items)]));
      }
      case 'publish': {
        const options = optionsIn(child(pubsub, XMPP.PUBSUB, 'publish-options'));
        if (Object.keys(options).some((option) => knows !== undefined && !knows.includes(option)))
          return errorOf(iq, 'bad-request');
        if (isRefused(options)) return errorOf(iq, 'not-acceptable');
        const node = nodes.get(name);
        if (node === undefined) server.node(account, name).config = { ...DEFAULTS, ...options };
        else if (Object.entries(options).some(([option, value]) => node.config[option] !== value))
          return errorOf(iq, 'conflict');
        store(account, name, (childrenOf(what) as [XmlElement])[0]);
        return resultOf(iq);
      }
      case 'create': {
        const options = optionsIn(child(pubsub, XMPP.PUBSUB, 'configure'));
        if (isRefused(options)) return errorOf(iq, 'not-acceptable');
        server.node(account, name).config = { ...DEFAULTS, ...(isStubborn ? {} : options) };
        return resultOf(iq);
      }
      case 'configure': {
        const node = nodes.get(name);
        if (node === undefined) return errorOf(iq, 'item-not-found');
        const options = optionsIn(what);
        if (attribute(iq, 'type') === 'set') {
          if (isRefused(options)) return errorOf(iq, 'not-acceptable');
          if (!isStubborn) Object.assign(node.config, options);
          return resultOf(iq);
        }
        const fields = Object.entries(node.config).map(([option, value]) =>
          element(XMPP.DATA, 'field', { var: `pubsub#${option}` }, [element(XMPP.DATA, 'value', {}, [value])]),
        );
        const form = element(XMPP.DATA, 'x', { type: 'form' }, fields);
        const configure = element(XMPP.PUBSUB_OWNER, 'configure', { node: name }, [form]);
        return resultOf(iq, element(XMPP.PUBSUB_OWNER, 'pubsub', {}, [configure]));
      }
      case 'retract': {
        const id = attribute((childrenOf(what) as [XmlElement])[0], 'id') ?? '';
        nodes.get(name)?.items.delete(id);
        tell(account, name, element(XMPP.PUBSUB_EVENT, 'retract', { id }));
        return resultOf(iq);
      }
      default:
        return errorOf(iq, 'feature-not-implemented');
    }
  }

  const server: PepServer = {
    flavour,
    done: [],
    attach(link, account) {
      links.push({ link, account });
      link.serve((iq) => answer(iq, account));
    },
    node(account, name) {
      const nodes = nodesOf(account);
      const found = nodes.get(name) ?? { config: { ...DEFAULTS }, items: new Map() };
      nodes.set(name, found);
      return found;
    },
    item(account, name, id) {
      const item = accounts.get(account)?.get(name)?.items.get(id);
      const [payload] = item === undefined ? [] : childrenOf(item);
      return payload && textOf(payload);
    },
    put: (account, node, id, der) => store(account, node, keyItem({ node, id, der })),
  };
  return server;
}
