import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.KEKRecipientId;
import org.bouncycastle.cms.PasswordRecipient;
import org.bouncycastle.cms.Recipient;
import org.bouncycastle.cms.RecipientId;
import org.bouncycastle.cms.RecipientInfoGenerator;
import org.bouncycastle.cms.RecipientInformation;
import org.bouncycastle.cms.RecipientInformationStore;
import org.bouncycastle.cms.jcajce.JceKEKRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyAgreeRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JcePasswordRecipientInfoGenerator;
import org.bouncycastle.operator.jcajce.JcaAlgorithmParametersConverter;

/** RecipientInfos of every kind: {@code kind=ktri|kari|kekri|pwri|kemri}. */
final class Recipients {
    private static final String JCAJCE = "org.bouncycastle.cms.jcajce.Jce";

    /** recipient= id= [scheme=OID] [ukm=]; kek= id=; password= iterations=. */
    static RecipientInfoGenerator generator(BouncyCastle.Options options) throws Exception {
        ASN1ObjectIdentifier wrap = CMSAlgorithm.AES256_WRAP;
        switch (options.text("kind")) {
            case "kekri":
                return new JceKEKRecipientInfoGenerator(options.octets("id"), kek(options)).setProvider("BC");
            case "pwri":
                return new JcePasswordRecipientInfoGenerator(CMSAlgorithm.AES256_CBC, options.text("password").toCharArray())
                    .setProvider("BC")
                    .setPasswordConversionScheme(PasswordRecipient.PKCS5_SCHEME2_UTF8)
                    .setPRF(PasswordRecipient.PRF.HMacSHA256)
                    .setSaltAndIterationCount(salt(), Integer.parseInt(options.text("iterations")));
            default:
        }
        byte[] id = options.octets("id");
        PublicKey key = options.publicKey("recipient");
        switch (options.text("kind")) {
            case "ktri":
                return new JceKeyTransRecipientInfoGenerator(id, oaep(), key).setProvider("BC");
            case "kari":
                KeyPair ephemeral = ephemeral(key);
                JceKeyAgreeRecipientInfoGenerator kari = new JceKeyAgreeRecipientInfoGenerator(
                    new ASN1ObjectIdentifier(options.text("scheme")), ephemeral.getPrivate(), ephemeral.getPublic(), wrap);
                if (options.has("ukm")) kari.setUserKeyingMaterial(options.octets("ukm"));
                return kari.addRecipient(id, key).setProvider("BC");
            case "kemri":
                Class<?> type = Class.forName(JCAJCE + "KEMRecipientInfoGenerator");
                Object kemri = type.getConstructor(byte[].class, PublicKey.class, ASN1ObjectIdentifier.class)
                    .newInstance(id, key, wrap);
                type.getMethod("setProvider", String.class).invoke(kemri, "BC");
                type.getMethod("setKDF", AlgorithmIdentifier.class)
                    .invoke(kemri, new AlgorithmIdentifier(new ASN1ObjectIdentifier(options.text("scheme"))));
                if (options.has("ukm"))
                    type.getMethod("setUserKeyingMaterial", byte[].class).invoke(kemri, options.octets("ukm"));
                return (RecipientInfoGenerator) kemri;
            default:
                throw new IllegalArgumentException("no such kind of recipient");
        }
    }

    /** key= id=; kek= id=; password=. {@code purpose} is AuthEnveloped or Authenticated, as in the class's name. */
    static Recipient recipient(BouncyCastle.Options options, String purpose) throws Exception {
        String kind = options.text("kind");
        String kindName = switch (kind) {
            case "ktri" -> "KeyTrans";
            case "kari" -> "KeyAgree";
            case "kekri" -> "KEK";
            case "pwri" -> "Password";
            default -> "KEM";
        };
        Class<?> type = Class.forName(JCAJCE + kindName + purpose + "Recipient");
        Object recipient = switch (kind) {
            case "kekri" -> type.getConstructor(javax.crypto.SecretKey.class).newInstance(kek(options));
            case "pwri" -> type.getConstructor(char[].class).newInstance(options.text("password").toCharArray());
            default -> type.getConstructor(PrivateKey.class).newInstance(options.privateKey());
        };
        if (kind.equals("pwri"))
            type.getMethod("setPasswordConversionScheme", int.class)
                .invoke(recipient, PasswordRecipient.PKCS5_SCHEME2_UTF8);
        type.getMethod("setProvider", String.class).invoke(recipient, "BC");
        return (Recipient) recipient;
    }

    /** The recipient that goes by {@code id}, or the one with a password. */
    static RecipientInformation find(RecipientInformationStore store, BouncyCastle.Options options) throws Exception {
        for (RecipientInformation each : store.getRecipients()) {
            RecipientId rid = each.getRID();
            if (rid.getType() == RecipientId.password) {
                if (options.has("password")) return each;
                continue;
            }
            // The classes of the other identifiers have no common ancestor with this method in 1.72.
            String getter = rid instanceof KEKRecipientId ? "getKeyIdentifier" : "getSubjectKeyIdentifier";
            byte[] name = (byte[]) rid.getClass().getMethod(getter).invoke(rid);
            if (options.has("id") && Arrays.equals(name, options.octets("id"))) return each;
        }
        throw new SecurityException("no recipient of that identifier");
    }

    private static SecretKeySpec kek(BouncyCastle.Options options) {
        return new SecretKeySpec(options.octets("kek"), "AES");
    }

    private static byte[] salt() {
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        return salt;
    }

    private static AlgorithmIdentifier oaep() throws Exception {
        AlgorithmParameterSpec spec =
            new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
        return new JcaAlgorithmParametersConverter().getAlgorithmIdentifier(
            org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers.id_RSAES_OAEP, spec);
    }

    private static KeyPair ephemeral(PublicKey key) throws Exception {
        boolean curve = key instanceof ECPublicKey;
        KeyPairGenerator pairs = KeyPairGenerator.getInstance(curve ? "EC" : key.getAlgorithm(), "BC");
        if (curve) pairs.initialize(((ECPublicKey) key).getParams());
        return pairs.generateKeyPair();
    }

    private Recipients() {}
}
