import java.math.BigInteger;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cms.SignerInformationVerifier;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.ers.ERSArchiveTimeStamp;
import org.bouncycastle.tsp.ers.ERSArchiveTimeStampGenerator;
import org.bouncycastle.tsp.ers.ERSByteData;
import org.bouncycastle.tsp.ers.ERSData;
import org.bouncycastle.tsp.ers.ERSDataGroup;
import org.bouncycastle.tsp.ers.ERSEvidenceRecord;
import org.bouncycastle.tsp.ers.ERSEvidenceRecordGenerator;

/**
 * Bouncy Castle on evidence records (RFC 4998). A group is a folder: its files are the data objects.
 * version | verify AUTHORITY.der (RECORD.ers GROUP)... | request OUT.tsq GROUP... | build RESPONSE.tsr OUT GROUP...
 */
public final class EvidenceRecords {
  public static void main(String[] words) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    DigestCalculatorProvider digests = new JcaDigestCalculatorProviderBuilder().build();
    switch (words[0]) {
      case "version":
        System.out.println(new BouncyCastleProvider().getInfo());
        return;
      case "verify":
        for (int i = 2; i < words.length; i += 2) System.out.println(verify(words[1], words[i], words[i + 1], digests));
        return;
      case "request":
        TimeStampRequestGenerator asking = new TimeStampRequestGenerator();
        asking.setCertReq(true);
        Files.write(Path.of(words[1]), generator(words, 2, digests).generateTimeStampRequest(asking, BigInteger.valueOf(77)).getEncoded());
        break;
      default:
        ERSArchiveTimeStampGenerator made = generator(words, 3, digests);
        TimeStampResponse response = new TimeStampResponse(Files.readAllBytes(Path.of(words[1])));
        List<ERSArchiveTimeStamp> stamps = made.generateArchiveTimeStamps(response);
        List<ERSEvidenceRecord> records = new ERSEvidenceRecordGenerator(digests).generate(stamps);
        for (int i = 0; i < records.size(); i++)
          Files.write(Path.of(words[2] + i + ".ers"), records.get(i).toASN1Structure().getEncoded(ASN1Encoding.DER));
    }
    System.out.println("ok");
  }

  /** ok, or what is wrong. */
  private static String verify(String authority, String record, String group, DigestCalculatorProvider digests) {
    try {
      ERSEvidenceRecord read = new ERSEvidenceRecord(Files.readAllBytes(Path.of(record)), digests);
      X509Certificate certificate = (X509Certificate)
          CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(Files.readAllBytes(Path.of(authority))));
      SignerInformationVerifier verifier = new JcaSimpleSignerInfoVerifierBuilder().build(certificate);
      read.validate(verifier);
      read.validatePresent(group(group), new Date());
      return "ok";
    } catch (Exception problem) {
      return String.valueOf(problem);
    }
  }

  private static ERSArchiveTimeStampGenerator generator(String[] words, int first, DigestCalculatorProvider digests) throws Exception {
    AlgorithmIdentifier sha256 = new AlgorithmIdentifier(new ASN1ObjectIdentifier("2.16.840.1.101.3.4.2.1"));
    ERSArchiveTimeStampGenerator generator = new ERSArchiveTimeStampGenerator(digests.get(sha256));
    for (int i = first; i < words.length; i++) generator.addData(group(words[i]));
    return generator;
  }

  private static ERSData group(String folder) throws Exception {
    List<ERSData> objects = new ArrayList<>();
    File[] files = new File(folder).listFiles();
    for (File file : files) objects.add(new ERSByteData(Files.readAllBytes(file.toPath())));
    return objects.size() == 1 ? objects.get(0) : new ERSDataGroup(objects);
  }
}
