import java.security.PrivateKey;
import java.security.PublicKey;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.SignerInfoGenerator;
import org.bouncycastle.cms.SignerInfoGeneratorBuilder;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** SignedData by a key that goes by an identifier. */
final class Signing {
    /** sign key= id= algorithm= in= out= [attributes=no] [detached=yes]; the algorithm by its name in the JCA. */
    static byte[] sign(BouncyCastle.Options options) throws Exception {
        PrivateKey key = options.privateKey();
        ContentSigner signer = new JcaContentSignerBuilder(options.text("algorithm")).setProvider("BC").build(key);
        SignerInfoGeneratorBuilder builder = new SignerInfoGeneratorBuilder(digests());
        builder.setDirectSignature(options.text("attributes", "yes").equals("no"));
        SignerInfoGenerator info = builder.build(signer, options.octets("id"));
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(info);
        boolean attached = !options.has("detached");
        CMSSignedData data = generator.generate(new CMSProcessableByteArray(options.file("in")), attached);
        return data.toASN1Structure().getEncoded(options.text("encoding", "DER"));
    }

    /** verify signer= id= in= out= [content=]; gives the content. */
    static byte[] verify(BouncyCastle.Options options) throws Exception {
        PublicKey key = options.publicKey("signer");
        byte[] object = options.file("in");
        CMSSignedData data = options.has("content")
            ? new CMSSignedData(new CMSProcessableByteArray(options.file("content")), object)
            : new CMSSignedData(object);
        for (SignerInformation signer : data.getSignerInfos()) {
            if (!java.util.Arrays.equals(signer.getSID().getSubjectKeyIdentifier(), options.octets("id"))) continue;
            if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(key)))
                throw new SecurityException("signature is not good");
            return (byte[]) data.getSignedContent().getContent();
        }
        throw new SecurityException("no signer of that identifier");
    }

    static DigestCalculatorProvider digests() throws Exception {
        return new JcaDigestCalculatorProviderBuilder().setProvider("BC").build();
    }

    private Signing() {}
}
