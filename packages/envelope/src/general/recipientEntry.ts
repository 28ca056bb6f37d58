/**
 * Recipients one by one: a KeyAgreeRecipientInfo stands for several keys, all others for one.
 * @module
 */
import type { GeneralRecipientEncryptedKey, GeneralRecipientInfo, KeyName } from '@stanzaseal/cms/general';

type Info<K extends GeneralRecipientInfo['kind']> = Extract<GeneralRecipientInfo, { readonly kind: K }>;
/** KeyTransRecipientInfo (RFC 5652 §6.2.1). */
export type TransportInfo = Info<'ktri'>;
/** KeyAgreeRecipientInfo (RFC 5652 §6.2.2). */
export type AgreementInfo = Info<'kari'>;
/** KEKRecipientInfo (RFC 5652 §6.2.3). */
export type KekInfo = Info<'kekri'>;
/** PasswordRecipientInfo (RFC 5652 §6.2.4). */
export type PasswordInfo = Info<'pwri'>;
/** KEMRecipientInfo (RFC 9629 §3). */
export type KemInfo = Info<'kemri'>;

/** One recipient: its RecipientInfo, its name where it bears one, and which key of a KeyAgreeRecipientInfo is its own. */
export type RecipientEntry =
  | { readonly info: TransportInfo | KemInfo; readonly name: KeyName }
  | { readonly info: AgreementInfo; readonly name: KeyName; readonly key: GeneralRecipientEncryptedKey }
  | { readonly info: KekInfo; readonly name: KeyName }
  | { readonly info: PasswordInfo | Info<'other'>; readonly name: undefined };

/** The recipients of an object, in wire order. */
export function entriesOf(infos: readonly GeneralRecipientInfo[]): RecipientEntry[] {
  return infos.flatMap((info): RecipientEntry[] => {
    switch (info.kind) {
      case 'ktri':
      case 'kemri':
        return [{ info, name: info.rid }];
      case 'kari':
        return info.recipientEncryptedKeys.map((key) => ({ info, name: key.rid, key }));
      case 'kekri':
        return [{ info, name: { kind: 'subjectKeyIdentifier', keyIdentifier: info.keyIdentifier } }];
      default:
        return [{ info, name: undefined }];
    }
  });
}
