import java.util.Hashtable;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.cms.CMSAttributeTableGenerator;
import org.bouncycastle.cms.CMSAuthEnvelopedData;
import org.bouncycastle.cms.CMSAuthEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.operator.OutputAEADEncryptor;

/** AuthEnvelopedData. */
final class Sealing {
    private static final Map<String, String> CONTENT = Map.of(
        "aes-128-gcm", "2.16.840.1.101.3.4.1.6",
        "aes-192-gcm", "2.16.840.1.101.3.4.1.26",
        "aes-256-gcm", "2.16.840.1.101.3.4.1.46",
        "chacha20-poly1305", "1.2.840.113549.1.9.16.3.18");

    /** encrypt kind= ... content= in= out= [hkdf=yes] [attributes=yes] [type=OID]. */
    static byte[] encrypt(BouncyCastle.Options options) throws Exception {
        CMSAuthEnvelopedDataGenerator generator = new CMSAuthEnvelopedDataGenerator();
        generator.addRecipientInfoGenerator(Recipients.generator(options));
        ASN1ObjectIdentifier type = new ASN1ObjectIdentifier(options.text("type", "1.2.840.113549.1.7.1"));
        if (options.has("attributes")) generator.setAuthenticatedAttributeGenerator(attributes(type));
        String cipher = CONTENT.get(options.text("content"));
        JceCMSContentEncryptorBuilder builder = new JceCMSContentEncryptorBuilder(new ASN1ObjectIdentifier(cipher));
        if (options.has("hkdf"))
            builder.getClass().getMethod("setEnableSha256HKdf", boolean.class).invoke(builder, true);
        OutputAEADEncryptor encryptor = (OutputAEADEncryptor) builder.setProvider("BC").build();
        CMSAuthEnvelopedData data =
            generator.generate(new CMSProcessableByteArray(type, options.file("in")), encryptor);
        return data.toASN1Structure().getEncoded(options.text("encoding", "DER"));
    }

    /** decrypt kind= ... in= out=. */
    static byte[] decrypt(BouncyCastle.Options options) throws Exception {
        CMSAuthEnvelopedData data = new CMSAuthEnvelopedData(options.file("in"));
        return Recipients.find(data.getRecipientInfos(), options)
            .getContent(Recipients.recipient(options, "AuthEnveloped"));
    }

    private static CMSAttributeTableGenerator attributes(ASN1ObjectIdentifier type) {
        Hashtable<ASN1ObjectIdentifier, Attribute> table = new Hashtable<>();
        for (Attribute each : new Attribute[] {
            new Attribute(CMSAttributes.contentType, new DERSet(type)),
            new Attribute(new ASN1ObjectIdentifier("2.25.1"), new DERSet(new DERUTF8String("under the tag"))),
        }) table.put(each.getAttrType(), each);
        return parameters -> new AttributeTable(table);
    }

    private Sealing() {}
}
