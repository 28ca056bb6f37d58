/**
 * In-band registration (XEP-0077 §3.1) over a stream that is good for nothing else: xmpp.js logs in and does not register.
 * @module
 */
import { connect } from 'node:net';
import { CliFailure } from '../failure.js';
import { DOMAIN, HOST } from './serverRecipes.js';

const PATIENCE = 20_000;

/** Makes an account on the server of that port; `user` and `password` need no escape in XML. @throws CliFailure `ERR_REFUSED` */
export function register(port: number, user: string, password: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, HOST);
    let heard = '';
    let hasAsked = false;
    const fail = (cause?: Error): void => {
      socket.destroy();
      reject(new CliFailure('ERR_REFUSED', `${user}@${DOMAIN} cannot be registered`, { cause }));
    };
    socket.setNoDelay(true).setEncoding('utf8').setTimeout(PATIENCE, fail);
    socket.once('error', fail).once('close', () => fail());
    socket.write(
      `<?xml version='1.0'?><stream:stream to='${DOMAIN}' xmlns='jabber:client' ` +
        `xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`,
    );
    socket.on('data', (text) => {
      heard += text;
      if (!hasAsked && heard.includes('</stream:features>')) {
        hasAsked = true;
        socket.write(
          `<iq type='set' id='register'><query xmlns='jabber:iq:register'>` +
            `<username>${user}</username><password>${password}</password></query></iq>`,
        );
      }
      const [, type] = /<iq\b[^>]*\btype=['"](result|error)['"]/.exec(heard) ?? [];
      if (type === 'error') return fail();
      if (type !== 'result') return;
      socket.end('</stream:stream>');
      resolve();
    });
  });
}
