/**
 * Every message of a kind that we read is compared with what another parser saw in it, as the source's index tells.
 * @module
 */
import { equal, fromHex } from '@stanzaseal/cms';
import {
  GENERAL_LIMITS,
  type GeneralContentInfo,
  type GeneralRecipientInfo,
  type KeyName,
  readGeneralContentInfo,
} from '@stanzaseal/cms/general';
import { answerOf } from '../verdict.js';
import { does, type Expectation } from './expectation.js';
import { berFile, type IndexedFile } from './vectorFile.js';

type Structure = NonNullable<IndexedFile['cms']>;

/** Kinds that are read, by the index's name for them. */
const KINDS: Readonly<Record<string, GeneralContentInfo['kind']>> = {
  signedData: 'SignedData',
  authEnvelopedData: 'AuthEnvelopedData',
  authData: 'AuthenticatedData',
};

/** The case of an indexed file, where its kind is one that is read. */
export function readsAsIndexed({ file, cms }: IndexedFile): Expectation[] {
  const kind = KINDS[cms?.contentType ?? ''];
  if (cms === undefined || kind === undefined) return [];
  const run: Expectation['run'] = (source) =>
    answerOf(
      () => readGeneralContentInfo(berFile(source, file), GENERAL_LIMITS),
      (read) => read.kind === kind && fits(read, cms),
    );
  return [does(file, 'reads as indexed', run)];
}

function fits(read: GeneralContentInfo, cms: Structure): boolean {
  if (cms.version !== undefined && read.version !== cms.version) return false;
  if (read.kind === 'SignedData') {
    const { signers = [], eContent, certs = 0, crls = 0 } = cms;
    const contentLength = read.eContent?.length ?? 'detached';
    return (
      (eContent === undefined || contentLength === eContent) &&
      read.certificateCount === certs + crls &&
      read.signerInfos.length === signers.length &&
      read.signerInfos.every((signerInfo, i) => {
        const { version, sid, sigLen } = signers[i] as (typeof signers)[number];
        return signerInfo.version === version && signerInfo.signature.length === sigLen && isNamed(signerInfo.sid, sid);
      })
    );
  }
  const { recipients = [], macLen, authAttrs } = cms;
  return (
    read.mac.length === macLen &&
    (read.authAttrs?.attributes.length ?? 0) === (authAttrs?.length ?? 0) &&
    read.recipientInfos.length === recipients.length &&
    read.recipientInfos.every((info, i) => isRecipient(info, recipients[i] as string))
  );
}

/** The index writes `ktri v2 rid=SKI:01 alg=...`, `kekri v4 kekid=c0fee0 ...`, `ori-kemri v0 rid=IAS ...`, `ori 1.2.3`. */
function isRecipient(info: GeneralRecipientInfo, told: string): boolean {
  const [kind, version, name] = told.split(' ') as [string, string, string];
  if (kind === 'ori') return info.kind === 'other';
  if (info.kind === 'other' || info.kind !== kind.replace('ori-', '') || `v${info.version}` !== version) return false;
  if (info.kind === 'ktri' || info.kind === 'kemri') return isNamed(info.rid, name.slice('rid='.length));
  if (info.kind !== 'kekri') return true;
  return equal(info.keyIdentifier, fromHex(name.slice('kekid='.length).replace(/\+.*$/, '')));
}

function isNamed(name: KeyName, told: string): boolean {
  if (name.kind === 'issuerAndSerialNumber') return told === 'IAS';
  return told.startsWith('SKI:') && equal(name.keyIdentifier, fromHex(told.slice(4)));
}
