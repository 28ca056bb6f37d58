import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Security;
import java.util.HashMap;
import java.util.Map;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.util.encoders.Hex;

/**
 * Bouncy Castle's CMS at a shell: {@code java BouncyCastle VERB name=value ...}, with bare keys in PEM and key identifiers in
 * hex. Without arguments it takes one such command a line and answers each with a line, {@code ok} or {@code error: sentence}.
 * Compiles with every release from 1.72 on: what came later is looked up by name when it is asked for.
 */
public final class BouncyCastle {
    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        if (args.length > 0) {
            System.out.println(perform(args));
            return;
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String answer;
            try {
                answer = perform(line.split(" "));
            } catch (Throwable refusal) {
                answer = "error: " + sentence(refusal);
            }
            System.out.println(answer);
            System.out.flush();
        }
    }

    private static String perform(String[] words) throws Exception {
        Options options = new Options(words);
        switch (words[0]) {
            case "version" -> {
                return "ok " + new BouncyCastleProvider().getInfo();
            }
            case "sign" -> options.write(Signing.sign(options));
            case "verify" -> options.write(Signing.verify(options));
            case "encrypt" -> options.write(Sealing.encrypt(options));
            case "decrypt" -> options.write(Sealing.decrypt(options));
            case "authenticate" -> options.write(Authenticating.authenticate(options));
            case "check" -> options.write(Authenticating.check(options));
            default -> throw new IllegalArgumentException("no such verb: " + words[0]);
        }
        return "ok";
    }

    private static String sentence(Throwable refusal) {
        Throwable cause = refusal;
        while (cause.getCause() != null) cause = cause.getCause();
        String text = cause.getClass().getSimpleName() + ": " + cause.getMessage();
        return text.replaceAll("\\s+", " ");
    }

    /** The words {@code name=value} of a command. */
    static final class Options {
        private final Map<String, String> values = new HashMap<>();

        Options(String[] words) {
            for (int i = 1; i < words.length; i++) {
                int sign = words[i].indexOf('=');
                values.put(words[i].substring(0, sign), words[i].substring(sign + 1));
            }
        }

        boolean has(String name) {
            return values.containsKey(name);
        }

        String text(String name) {
            String value = values.get(name);
            if (value == null) throw new IllegalArgumentException(name + "= is missing");
            return value;
        }

        String text(String name, String otherwise) {
            return values.getOrDefault(name, otherwise);
        }

        byte[] octets(String name) {
            return Hex.decode(text(name));
        }

        byte[] file(String name) throws Exception {
            return Files.readAllBytes(Path.of(text(name)));
        }

        void write(byte[] octets) throws Exception {
            Files.write(Path.of(text("out")), octets);
        }

        PrivateKey privateKey() throws Exception {
            return new JcaPEMKeyConverter().setProvider("BC").getPrivateKey((PrivateKeyInfo) pem("key"));
        }

        PublicKey publicKey(String name) throws Exception {
            return new JcaPEMKeyConverter().setProvider("BC").getPublicKey((SubjectPublicKeyInfo) pem(name));
        }

        private Object pem(String name) throws Exception {
            try (PEMParser parser = new PEMParser(new StringReader(Files.readString(Path.of(text(name)))))) {
                return parser.readObject();
            }
        }
    }

    private BouncyCastle() {}
}
