/**
 * Handshakes on a connection: by iq while both are online, by stored messages while not; the octets are the same.
 *
 * ```xml
 * <iq type='set' to='juliet@capulet.example/balcony'><handshake xmlns='urn:xmpp:sealed:trust:0'>BASE64</handshake></iq>
 * <iq type='result' ...><handshake xmlns='urn:xmpp:sealed:trust:0'>BASE64</handshake></iq>
 *
 * <message type='chat' to='juliet@capulet.example'>
 *   <handshake xmlns='urn:xmpp:sealed:trust:0'>BASE64</handshake><store xmlns='urn:xmpp:hints'/>
 * </message>
 * ```
 * @module
 */
export { type ConnectionHandshakes, type ConnectionHandshakesParameters, handshakesOn } from './handshakesOn.js';
