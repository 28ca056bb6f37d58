/** A component vouches beside Prosody and ejabberd, neither of which knows of it; who is vouched for is checked end to end. */
import { generatePrivateKey, publicKeyFromRaw } from '@stanzaseal/cms';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { recordEvidence } from '@stanzaseal/messenger/trust';
import {
  connectClient,
  connectComponent,
  needing,
  startEjabberd,
  startProsody,
  stopEverything,
  type XmppServer,
} from '@stanzaseal/testkit/servers';
import { endorseByCertificate } from '@stanzaseal/trust/certificates';
import { checkVouch, type VouchOutcome } from '@stanzaseal/trust/vouching';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { requestVouch, vouchComponent } from '../../src/vouches/index.js';
import type { XmppEntity } from '../../src/xmppEntity.js';
import { XmppError } from '../../src/xmppError.js';
import { createActor } from './actors.js';
import { certificateOf } from './domainCertificate.js';

const test = suite('vouching beside real servers');
const crypto = createCryptoProvider();
const general = createGeneralCrypto();
const primitives = { crypto, general, subtle: globalThis.crypto.subtle };
const DAY = 86_400_000;

const closing: (() => Promise<unknown>)[] = [];
test.after.each(async () => {
  for (const close of closing.splice(0)) await close().catch(() => undefined);
});
test.after(stopEverything);

for (const [program, start] of [
  ['prosody', startProsody],
  ['ejabberd', startEjabberd],
] as const) {
  test(
    `a component on ${program}`,
    needing([program, 'openssl'], async () => {
      const domain = 'localhost';
      const component = `vouch.${domain}`;
      const server: XmppServer = await start({ components: { [component]: 'secret of the component' } });
      const certificate = await certificateOf(domain);
      const key = await (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
      const now = Date.now() + 1000;
      const terms = { jid: domain, notBefore: now, notAfter: now + 300 * DAY, sequence: 1 };
      const signer = { certificates: [certificate.leaf] as const, key: certificate.key, general, random };
      const domainStatement = await endorseByCertificate(key, terms, signer, { now, crypto });

      const connected = await connectComponent(server, component);
      closing.push(() => connected.stop());
      const outcomes: VouchOutcome[] = [];
      const vouching = vouchComponent(connected.component as unknown as XmppEntity, {
        component,
        key,
        domainStatement,
        clock: Date.now,
        random,
        crypto,
        onRequest: (_from, outcome) => outcomes.push(outcome),
      });
      const [juliet, romeo] = [await createActor(server, 'juliet'), await createActor(server, 'romeo')];
      closing.push(() => juliet.connection.stop());
      const ask = (owner: string, client: unknown) =>
        requestVouch(client as XmppEntity, { owner, service: component, random });

      // Who has published nothing is not vouched for.
      await server.register('nurse');
      const nurse = await connectClient(server, { username: 'nurse' });
      closing.push(() => nurse.stop());
      await asked(ask(nurse.bareJid, nurse.client), 'item-not-found');
      await juliet.connection.start();
      const statement = await ask(juliet.jid, juliet.client);
      const account = await juliet.store.get('account', 'self');
      const identity = await publicKeyFromRaw('Ed25519', account?.identity as Uint8Array, crypto);
      const roots = [certificate.root];
      const check = { jid: juliet.jid, identity: identity.raw, roots, now: Date.now(), primitives };
      const { evidence, listVersion, conflicts } = await checkVouch(statement, check);
      assert.equal([evidence.by, listVersion, conflicts.length], [domain, 1, 0]);
      assert.equal(
        outcomes.map(({ kind }) => kind),
        ['refused', 'vouched'],
      );
      // What it comes to with somebody who knows the key.
      await recordEvidence(romeo.messenger, evidence);

      vouching.close();
      await asked(ask(juliet.jid, juliet.client));
    }),
  );
}

async function asked(work: Promise<unknown>, condition?: string): Promise<void> {
  try {
    await work;
  } catch (error) {
    assert.instance(error, XmppError);
    if (condition !== undefined) assert.is((error as XmppError).condition, condition);
    return;
  }
  assert.unreachable('the request was answered');
}

test.run();
