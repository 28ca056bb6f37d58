/** The providers of the general profile, for tests that must give the same result under each. */
import type { GeneralCrypto } from '../src/general/index.js';
import { createGeneralCrypto as createNodeCrypto } from '../src/general/provider/node.js';
import { createGeneralCrypto as createWebCrypto } from '../src/general/provider/webCrypto.js';
import type { WebCrypto } from '../src/provider/webCrypto.js';

/** `node:crypto`, WebCrypto, and WebCrypto as Chromium has it: without AES of 192 bits. */
export const generalProviders: readonly (readonly [name: string, crypto: GeneralCrypto])[] = [
  ['node:crypto', createNodeCrypto()],
  ['WebCrypto', createWebCrypto()],
  ['WebCrypto without AES-192', createWebCrypto(withoutAes192(globalThis.crypto as WebCrypto))],
];

function withoutAes192(webCrypto: WebCrypto): WebCrypto {
  const { subtle } = webCrypto;
  const limited = new Proxy(subtle, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== 'function') return member;
      return async (...parameters: unknown[]) => {
        const [format, octets, algorithm] = parameters as [string, Uint8Array, unknown];
        if (name === 'importKey' && format === 'raw' && octets.byteLength === 24 && `${algorithm}`.startsWith('AES'))
          throw new DOMException('192-bit AES keys are not supported', 'OperationError');
        return member.apply(target, parameters);
      };
    },
  });
  return { subtle: limited, getRandomValues: (into) => webCrypto.getRandomValues(into) };
}
