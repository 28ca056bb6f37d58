/**
 * Real servers, browsers and other people's clients for tests, on the loopback, each with a temporary directory; nothing is left
 * when the test ends. A test that wants them is in `test/servers`, runs under `pnpm test:servers` and names them by `needing`.
 * @module
 */

export { available, needing, type ProgramName } from './available.js';
export { bundleForPage } from './bundleForPage.js';
export { type Chromium, type Page, startChromium } from './chromium.js';
export { type Client, createClient, type Element, jid, type Login, settled, startClient, xml } from './client.js';
export { type Component, connectComponent, type TestComponent } from './component.js';
export { type EjabberdOptions, type EjabberdServer, startEjabberd } from './ejabberd.js';
export { type Federation, type FederationMember, startFederation } from './federation.js';
export { stopEverything } from './leftovers.js';
export { type NameServer, startNameServer, type Zone } from './nameServer.js';
export { type OmemoPair, omemoPair } from './omemoPair.js';
export { freePort, HOST } from './ports.js';
export {
  type PostgresDatabase,
  type PostgresOptions,
  type PostgresServer,
  startPostgres,
} from './postgres.js';
export { type ProfanityPeer, profanityPeer } from './profanityPeer.js';
export { sleep } from './program.js';
export { type ProsodyOptions, startProsody } from './prosody.js';
export { type PageFiles, type PageHeaders, type PageServer, servePage } from './servePage.js';
export { type FederationLink, PASSWORD, type ServerOptions, STANZA_LIMIT, type XmppServer } from './server.js';
export { type PeerLogin, type SeenMessage, type SlixmppPeer, slixmppPeer } from './slixmppPeer.js';
export { recordStanzas, type StanzaRecord, type StanzaSource } from './stanzaRecord.js';
export { startTerminal, type Terminal, type TerminalOptions } from './terminal.js';
export { connectClient, type TestClient, type TestLogin } from './testClient.js';
