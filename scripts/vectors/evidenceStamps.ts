/**
 * Vectors of timestamps. What the authority answered was made once with OpenSSL 3.0.19 (`openssl ts -reply`, ECDSA, so it cannot be made again) and
 * kept; the authority's key was thrown away.
 * @module
 */
import { sha256 } from '@stanzaseal/archive/evidence';
import { fromBase64, fromHex, toHex, toUtf8 } from '@stanzaseal/cms';
import { bad, type Draft, good } from './evidenceWriter.js';
import { flipped } from './vectorWriter.js';

/** POLICY of the stamps. */
const POLICY = '1.3.6.1.4.1.13762.3';
/** Nonce of the request. */
const NONCE = '5a'.repeat(16);

/** DER of the root. */
const ROOT: Uint8Array = fromBase64(
  'MIIBfzCCASagAwIBAgIUNKbRLq9LGV9My22CNjtARr0Q1zowCgYIKoZIzj0EAwIwHjENMAsGA1UECgwEVGVzdDENMAsGA1UEAwwEcm9vdDAeFw0y' +
    'NjExMjExMTA1MTZaFw0zNjExMTgxMTA1MTZaMB4xDTALBgNVBAoMBFRlc3QxDTALBgNVBAMMBHJvb3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC' +
    'AARgLmPlKiPsLTOgENG5nujFsmremy9CAwAqYx8OYHfAGD3SrpTBbdRTSvgKABVo9tQaxjUc+eKsTBassIno743jo0IwQDAPBgNVHRMBAf8EBTAD' +
    'AQH/MA4GA1UdDwEB/wQEAwICBDAdBgNVHQ4EFgQUazubBxFThCKlgZlMPrXls6eJYsIwCgYIKoZIzj0EAwIDRwAwRAIgSDQtbjGmZpSvBgU3rqHm' +
    'uckoLG0k7NDbahDs1PTRCmoCIBIQAA89twUds1FK/YD2k8D5pqBnLM1U6r07nOOT4CyH',
);

/** TimeStampResp over the text of an empty log's checkpoint, with NONCE and POLICY. */
const RESPONSE: Uint8Array = fromBase64(
  'MIIDsTADAgEAMIIDqAYJKoZIhvcNAQcCoIIDmTCCA5UCAQMxDzANBglghkgBZQMEAgEFADCBgAYLKoZIhvcNAQkQAQSgcQRvMG0CAQEGCCsGAQQB' +
    '60IDMC8wCwYJYIZIAWUDBAIBBCBsN3TKRRr1lG7swno8Frs+ejJGZ6QmiB/B8iSfhHC3tAIBAhgPMjAyNjExMjExMTA1MTZaMAcCAQGAAgH0AhBa' +
    'WlpaWlpaWlpaWlpaWlpaoIIBrDCCAagwggFNoAMCAQICFD7YJVRCRYBluWNOJ3TS/upqADcsMAoGCCqGSM49BAMCMB4xDTALBgNVBAoMBFRlc3Qx' +
    'DTALBgNVBAMMBHJvb3QwHhcNMjYxMTIxMTEwNTE2WhcNMzYxMTE4MTEwNTE2WjAdMQ0wCwYDVQQKDARUZXN0MQwwCgYDVQQDDAN0c2EwWTATBgcq' +
    'hkjOPQIBBggqhkjOPQMBBwNCAAQSosJgZ9Ij6sJhF0SGocG2Pq90/yJe2BoOGleddiCohQI2vlWq2l5bJtpdT0SGtw4REGz+gUhAlq7cvTEgU+Eh' +
    'o2owaDAWBgNVHSUBAf8EDDAKBggrBgEFBQcDCDAOBgNVHQ8BAf8EBAMCB4AwHQYDVR0OBBYEFHLQXU2aNX319zmmOx5r9LKlckC1MB8GA1UdIwQY' +
    'MBaAFGs7mwcRU4QipYGZTD615bOniWLCMAoGCCqGSM49BAMCA0kAMEYCIQD5sOUMTrGyR0eQZiIosIg8vCXdVGqd3nk8k1qS7lDaZAIhAN/Pcedo' +
    'A3oKUOura829npboGvdvpb2sJgfwqMYZVEMZMYIBSjCCAUYCAQEwNjAeMQ0wCwYDVQQKDARUZXN0MQ0wCwYDVQQDDARyb290AhQ+2CVUQkWAZblj' +
    'Tid00v7qagA3LDANBglghkgBZQMEAgEFAKCBpDAaBgkqhkiG9w0BCQMxDQYLKoZIhvcNAQkQAQQwHAYJKoZIhvcNAQkFMQ8XDTI2MTEyMTExMDUx' +
    'NlowLwYJKoZIhvcNAQkEMSIEIBrSR4OE0bPGLymgSZqeMDC6ZTBJlp100l5wbDZF8xLfMDcGCyqGSIb3DQEJEAIvMSgwJjAkMCIEIFa2QM9fXz/1' +
    'MmlwXWJNsSCqux75rHpI3ZT10s4pOkZ1MAoGCCqGSM49BAMCBEcwRQIgdCDmmBLYB21XfMcj1BsaohlAGsiuEHc3qmYGkbgIMjoCIQCQxr6/P9Ap' +
    '22bz9MJ2TUl+zH/MPlPODTEr/EnXr2gwMw==',
);

/** Evidence record of the group `two`, `three`, stamped with two other groups, and renewed once. */
const RECORD: Uint8Array = fromBase64(
  'MIIIkgIBATANMAsGCWCGSAFlAwQCATCCCHwwggh4MIIESqALBglghkgBZQMEAgGigY4wRAQgP8TM/nRYcOLA2Z9x8w/wZWyN7dQcwdfT03aw2+aF' +
    '4vMEIItbnbDBPbJCVsgpqjZKqQxtLroxi5IypKuTE7lU01VfMCIEIHaSw601QLuAPAILOu5mzYiHEjI06gxucUPArdc/9DHtMCIEIATvrwgPWj50' +
    '4cKdHKakhWk4LLvNMk6NWdK4PvIcA58AMIIDqAYJKoZIhvcNAQcCoIIDmTCCA5UCAQMxDzANBglghkgBZQMEAgEFADCBgAYLKoZIhvcNAQkQAQSg' +
    'cQRvMG0CAQEGCCsGAQQB60IDMC8wCwYJYIZIAWUDBAIBBCAiUbTE5afeAo4+p9yBPKNKFFpmhDYMON62eTsG1YRJmwIBAxgPMjAyNjExMjExMTA1' +
    'MTZaMAcCAQGAAgH0AhBaWlpaWlpaWlpaWlpaWlpaoIIBrDCCAagwggFNoAMCAQICFD7YJVRCRYBluWNOJ3TS/upqADcsMAoGCCqGSM49BAMCMB4x' +
    'DTALBgNVBAoMBFRlc3QxDTALBgNVBAMMBHJvb3QwHhcNMjYxMTIxMTEwNTE2WhcNMzYxMTE4MTEwNTE2WjAdMQ0wCwYDVQQKDARUZXN0MQwwCgYD' +
    'VQQDDAN0c2EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQSosJgZ9Ij6sJhF0SGocG2Pq90/yJe2BoOGleddiCohQI2vlWq2l5bJtpdT0SGtw4R' +
    'EGz+gUhAlq7cvTEgU+Eho2owaDAWBgNVHSUBAf8EDDAKBggrBgEFBQcDCDAOBgNVHQ8BAf8EBAMCB4AwHQYDVR0OBBYEFHLQXU2aNX319zmmOx5r' +
    '9LKlckC1MB8GA1UdIwQYMBaAFGs7mwcRU4QipYGZTD615bOniWLCMAoGCCqGSM49BAMCA0kAMEYCIQD5sOUMTrGyR0eQZiIosIg8vCXdVGqd3nk8' +
    'k1qS7lDaZAIhAN/PcedoA3oKUOura829npboGvdvpb2sJgfwqMYZVEMZMYIBSjCCAUYCAQEwNjAeMQ0wCwYDVQQKDARUZXN0MQ0wCwYDVQQDDARy' +
    'b290AhQ+2CVUQkWAZbljTid00v7qagA3LDANBglghkgBZQMEAgEFAKCBpDAaBgkqhkiG9w0BCQMxDQYLKoZIhvcNAQkQAQQwHAYJKoZIhvcNAQkF' +
    'MQ8XDTI2MTEyMTExMDUxNlowLwYJKoZIhvcNAQkEMSIEIAijzl4yRkZxq6ItGOeok1/Y6dFinpaDAQoBPADKEt1AMDcGCyqGSIb3DQEJEAIvMSgw' +
    'JjAkMCIEIFa2QM9fXz/1MmlwXWJNsSCqux75rHpI3ZT10s4pOkZ1MAoGCCqGSM49BAMCBEcwRQIhAO2/tZxbEQUj676nmMryGt3Lcwym6IXAantP' +
    'UEm0oM9rAiAvptxkZ/rsNARihOS+8Zp5vKfUp2XBdnvncrJM9FggIzCCBCagCwYJYIZIAWUDBAIBomowRAQgcofnvqyB7vm++NrERVHhFZD2qSms' +
    '6K0cDxcHf5Js9a0EIHKH576sge75vvjaxEVR4RWQ9qkprOitHA8XB3+SbPWtMCIEIHKH576sge75vvjaxEVR4RWQ9qkprOitHA8XB3+SbPWtMIID' +
    'qQYJKoZIhvcNAQcCoIIDmjCCA5YCAQMxDzANBglghkgBZQMEAgEFADCBgAYLKoZIhvcNAQkQAQSgcQRvMG0CAQEGCCsGAQQB60IDMC8wCwYJYIZI' +
    'AWUDBAIBBCDnz3nB6kAexr1FO5Un45hrnqANfPQAh/0JUtvtU7FGLQIBBBgPMjAyNjExMjExMTA1MTZaMAcCAQGAAgH0AhBaWlpaWlpaWlpaWlpa' +
    'WlpaoIIBrDCCAagwggFNoAMCAQICFD7YJVRCRYBluWNOJ3TS/upqADcsMAoGCCqGSM49BAMCMB4xDTALBgNVBAoMBFRlc3QxDTALBgNVBAMMBHJv' +
    'b3QwHhcNMjYxMTIxMTEwNTE2WhcNMzYxMTE4MTEwNTE2WjAdMQ0wCwYDVQQKDARUZXN0MQwwCgYDVQQDDAN0c2EwWTATBgcqhkjOPQIBBggqhkjO' +
    'PQMBBwNCAAQSosJgZ9Ij6sJhF0SGocG2Pq90/yJe2BoOGleddiCohQI2vlWq2l5bJtpdT0SGtw4REGz+gUhAlq7cvTEgU+Eho2owaDAWBgNVHSUB' +
    'Af8EDDAKBggrBgEFBQcDCDAOBgNVHQ8BAf8EBAMCB4AwHQYDVR0OBBYEFHLQXU2aNX319zmmOx5r9LKlckC1MB8GA1UdIwQYMBaAFGs7mwcRU4Qi' +
    'pYGZTD615bOniWLCMAoGCCqGSM49BAMCA0kAMEYCIQD5sOUMTrGyR0eQZiIosIg8vCXdVGqd3nk8k1qS7lDaZAIhAN/PcedoA3oKUOura829npbo' +
    'Gvdvpb2sJgfwqMYZVEMZMYIBSzCCAUcCAQEwNjAeMQ0wCwYDVQQKDARUZXN0MQ0wCwYDVQQDDARyb290AhQ+2CVUQkWAZbljTid00v7qagA3LDAN' +
    'BglghkgBZQMEAgEFAKCBpDAaBgkqhkiG9w0BCQMxDQYLKoZIhvcNAQkQAQQwHAYJKoZIhvcNAQkFMQ8XDTI2MTEyMTExMDUxNlowLwYJKoZIhvcN' +
    'AQkEMSIEIAKCJt8EKFfDKI0n+pUBZ/FJpNvyw8aqHWOoRTEJTOulMDcGCyqGSIb3DQEJEAIvMSgwJjAkMCIEIFa2QM9fXz/1MmlwXWJNsSCqux75' +
    'rHpI3ZT10s4pOkZ1MAoGCCqGSM49BAMCBEgwRgIhAMT2e0xxsBcbS68eTNMy5LVvYkOwzy7cE8EQ0UyoKyPcAiEA1uX1FfbW522t306Ep6SWJX3R' +
    'RsOP26Lyzp9XYxt3k1Q=',
);

const stampedText = toHex(toUtf8('archive.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'));
const response = { response: toHex(RESPONSE), octets: stampedText, roots: [toHex(ROOT)] };
const evidenceRecord = {
  record: toHex(RECORD),
  group: ['two', 'three'].map((text) => toHex(toUtf8(text))),
  roots: [toHex(ROOT)],
  validAt: Date.UTC(2030, 0, 1),
};
const RFC3161 = 'RFC 3161 §2.4, RFC 5816';
const RFC4998 = 'RFC 4998 §5.3';

export const stampVectors: readonly Draft[] = [
  good(
    'timestamp-request',
    'what is sent to a timestamp authority',
    'timestamp-request',
    { digest: toHex(sha256(fromHex(stampedText))), nonce: NONCE, policy: POLICY },
    RFC3161,
  ),
  good('timestamp', 'what it answered', 'timestamp', { ...response, policies: [POLICY] }, RFC3161),
  bad(
    'timestamp-other-octets',
    'a stamp of something else',
    'timestamp',
    { ...response, octets: flipped(stampedText, 0) },
    RFC3161,
  ),
  bad(
    'timestamp-other-policy',
    'a policy that is not good enough',
    'timestamp',
    { ...response, policies: ['1.2.3'] },
    RFC3161,
  ),
  bad('timestamp-no-root', 'an authority that leads to no root', 'timestamp', { ...response, roots: [] }, RFC3161),
  bad(
    'timestamp-signature-changed',
    'one bit of the signature',
    'timestamp',
    { ...response, response: flipped(toHex(RESPONSE), -1) },
    RFC3161,
  ),
  good('record', 'an evidence record of a group, renewed once', 'record', evidenceRecord, RFC4998),
  bad(
    'record-part-of-group',
    'a group with something else in place of an object',
    'record',
    { ...evidenceRecord, group: [evidenceRecord.group[0], toHex(toUtf8('four'))] },
    RFC4998,
  ),
  bad(
    'record-expired',
    'a record that was not renewed in time',
    'record',
    { ...evidenceRecord, validAt: Date.UTC(2060, 0, 1) },
    RFC4998,
  ),
];
