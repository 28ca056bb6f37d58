/**
 * Vouching on a connection: the component that vouches for the accounts of a domain, and asking it.
 * @module
 */
export { requestVouch, type VouchRequest, vouchFrom } from './requestVouch.js';
export {
  serveVouches,
  type VouchComponent,
  type VouchComponentParameters,
  vouchComponent,
  vouchElement,
} from './vouchComponent.js';
