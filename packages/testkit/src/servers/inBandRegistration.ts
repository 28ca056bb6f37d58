/**
 * In-band registration (XEP-0077 §3.1) over a stream that is good for nothing else.
 * @module
 */
import { connect } from 'node:net';
import { HOST } from './ports.js';

/** An account to be. */
export interface Registration {
  readonly user: string;
  readonly password: string;
  readonly domain: string;
}

const PATIENCE = 20_000;

/** Makes an account. @throws Error with the server's words when it does not want to */
export function registerInBand(port: number, { user, password, domain }: Registration): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, HOST);
    let answer = '';
    let asked = false;
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.setTimeout(PATIENCE, () => fail(new Error(`no answer to the registration of ${user}: ${answer}`)));
    socket.once('error', fail).once('close', () => fail(new Error(`registration of ${user} was cut off: ${answer}`)));
    socket.write(
      `<?xml version='1.0'?><stream:stream to='${domain}' xmlns='jabber:client' ` +
        `xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`,
    );
    socket.on('data', (text: string) => {
      answer += text;
      if (!asked && answer.includes('</stream:features>')) {
        asked = true;
        socket.write(
          `<iq type='set' id='register'><query xmlns='jabber:iq:register'><username>${escaped(user)}</username>` +
            `<password>${escaped(password)}</password></query></iq>`,
        );
      }
      const [, type] = /<iq\b[^>]*\btype=['"](result|error)['"]/.exec(answer) ?? [];
      if (type === 'result') {
        socket.end('</stream:stream>');
        resolve();
      } else if (type === 'error' && answer.includes('</iq>')) {
        fail(new Error(`${user}@${domain} cannot be registered: ${answer.slice(answer.indexOf('<iq'))}`));
      }
    });
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
