import java.util.Arrays;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cms.CMSAuthenticatedData;
import org.bouncycastle.cms.CMSAuthenticatedDataGenerator;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.RecipientInformation;
import org.bouncycastle.cms.jcajce.JceCMSMacCalculatorBuilder;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.MacCalculator;

/** AuthenticatedData under HMAC with SHA-256. */
final class Authenticating {
    /** authenticate kind= ... in= out= [attributes=yes]. */
    static byte[] authenticate(BouncyCastle.Options options) throws Exception {
        CMSAuthenticatedDataGenerator generator = new CMSAuthenticatedDataGenerator();
        generator.addRecipientInfoGenerator(Recipients.generator(options));
        MacCalculator mac =
            new JceCMSMacCalculatorBuilder(PKCSObjectIdentifiers.id_hmacWithSHA256).setProvider("BC").build();
        DigestCalculator digest = Signing.digests().get(new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256));
        CMSProcessableByteArray content = new CMSProcessableByteArray(options.file("in"));
        CMSAuthenticatedData data = options.has("attributes")
            ? generator.generate(content, mac, digest)
            : generator.generate(content, mac);
        return data.toASN1Structure().getEncoded(options.text("encoding", "DER"));
    }

    /** check kind= ... in= out=; gives the content. */
    static byte[] check(BouncyCastle.Options options) throws Exception {
        CMSAuthenticatedData data = new CMSAuthenticatedData(options.file("in"), Signing.digests());
        RecipientInformation recipient = Recipients.find(data.getRecipientInfos(), options);
        byte[] content = recipient.getContent(Recipients.recipient(options, "Authenticated"));
        if (!Arrays.equals(data.getMac(), recipient.getMac())) throw new SecurityException("MAC is not good");
        if (data.getAuthAttrs() != null) {
            Attribute digest = data.getAuthAttrs().get(CMSAttributes.messageDigest);
            byte[] stated = ASN1OctetString.getInstance(digest.getAttrValues().getObjectAt(0)).getOctets();
            if (!Arrays.equals(stated, recipient.getContentDigest())) throw new SecurityException("digest is not good");
        }
        return content;
    }

    private Authenticating() {}
}
