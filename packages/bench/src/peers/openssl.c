/*
 * OpenSSL's CMS from C: sign and encrypt, decrypt and verify, in memory, timed inside this process.
 * usage: openssl FILE COUNT seal|open RUNS
 * prints microseconds for one run
 */
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void must(int good, const char *what) {
  if (good) return;
  fprintf(stderr, "%s\n", what);
  ERR_print_errors_fp(stderr);
  exit(1);
}

static X509 *certify(EVP_PKEY *key, EVP_PKEY *issuer, long serial) {
  X509 *certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_set_pubkey(certificate, key);
  X509_NAME *name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"bench", -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  must(X509_sign(certificate, issuer, EVP_sha256()) > 0, "certificate");
  return certificate;
}

static BIO *seal(const unsigned char *text, int length, X509 *sender, EVP_PKEY *key, STACK_OF(X509) *to) {
  BIO *in = BIO_new_mem_buf(text, length);
  CMS_ContentInfo *signedData = CMS_sign(sender, key, NULL, in, CMS_BINARY | CMS_NOCERTS | CMS_NOSMIMECAP);
  must(signedData != NULL, "sign");
  BIO *inside = BIO_new(BIO_s_mem());
  must(i2d_CMS_bio(inside, signedData), "write signed");
  CMS_ContentInfo *enveloped = CMS_encrypt(to, inside, EVP_aes_256_gcm(), CMS_BINARY);
  must(enveloped != NULL, "encrypt");
  BIO *out = BIO_new(BIO_s_mem());
  must(i2d_CMS_bio(out, enveloped), "write enveloped");
  CMS_ContentInfo_free(signedData);
  CMS_ContentInfo_free(enveloped);
  BIO_free(in);
  BIO_free(inside);
  return out;
}

static void openSealed(const unsigned char *der, long length, X509 *own, EVP_PKEY *key, STACK_OF(X509) *senders, const unsigned char *text, int textLength) {
  const unsigned char *at = der;
  CMS_ContentInfo *enveloped = d2i_CMS_ContentInfo(NULL, &at, length);
  must(enveloped != NULL, "read enveloped");
  BIO *inside = BIO_new(BIO_s_mem());
  must(CMS_decrypt(enveloped, key, own, NULL, inside, CMS_BINARY), "decrypt");
  CMS_ContentInfo *signedData = d2i_CMS_bio(inside, NULL);
  must(signedData != NULL, "read signed");
  BIO *out = BIO_new(BIO_s_mem());
  must(CMS_verify(signedData, senders, NULL, NULL, out, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY), "verify");
  char *opened;
  must(BIO_get_mem_data(out, &opened) == textLength && memcmp(opened, text, textLength) == 0, "compare");
  CMS_ContentInfo_free(enveloped);
  CMS_ContentInfo_free(signedData);
  BIO_free(inside);
  BIO_free(out);
}

int main(int argc, char **argv) {
  must(argc == 5, "usage: openssl FILE COUNT seal|open RUNS");
  int count = atoi(argv[2]), isSeal = strcmp(argv[3], "seal") == 0, runs = atoi(argv[4]);
  static unsigned char text[1 << 20];
  FILE *file = fopen(argv[1], "rb");
  must(file != NULL, "content");
  int length = (int)fread(text, 1, sizeof text, file);
  fclose(file);

  EVP_PKEY *senderKey = EVP_EC_gen("P-256");
  X509 *sender = certify(senderKey, senderKey, 1);
  STACK_OF(X509) *senders = sk_X509_new_null(), *to = sk_X509_new_null();
  sk_X509_push(senders, sender);
  EVP_PKEY *key = NULL;
  X509 *own = NULL;
  for (int i = 0; i < count; i++) {
    key = EVP_EC_gen("P-256");
    own = certify(key, senderKey, 2 + i);
    sk_X509_push(to, own);
  }
  unsigned char *der;
  BIO *sealed = seal(text, length, sender, senderKey, to);
  long derLength = BIO_get_mem_data(sealed, &der);
  openSealed(der, derLength, own, key, senders, text, length);

  struct timespec before, after;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  for (int i = 0; i < runs; i++) {
    if (isSeal) BIO_free(seal(text, length, sender, senderKey, to));
    else openSealed(der, derLength, own, key, senders, text, length);
  }
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  double spent = (after.tv_sec - before.tv_sec) * 1e6 + (after.tv_nsec - before.tv_nsec) / 1e3;
  printf("%f\n", spent / runs);
  return 0;
}
