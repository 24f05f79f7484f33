/* The experiments behind the decision records; each prints what it saw. Run it through ./on-fresh-token.
 *
 *   make N [FIRST]    N P-256 pairs, CKA_ID from FIRST (0) upward, straight through Cryptoki
 *   make-ed25519      one Ed25519 pair
 *   make-bare         one RSA pair from templates that state nothing but what a pair needs
 *   find              load, log in, find the key 0 by its CKA_ID
 *   libp11-find       the same through libp11
 *   libp11-ec         PKCS11_generate_key asked for an EC key
 *   libp11-unload     a p11-kit session before and after libp11 unloads the same module
 *   libp11-sign       X509_REQ_sign with libp11's EVP_PKEY of the key 0
 *   halves            public keys without a private one of the same CKA_ID, and the reverse
 */
#include <libp11.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <p11-kit/p11-kit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static CK_FUNCTION_LIST* p11;
static CK_SESSION_HANDLE session;
static CK_BBOOL yes = CK_TRUE;
static const char *module_path, *pin;

static void must(const char* what, CK_RV rv) {
    if (rv == CKR_OK) return;
    fprintf(stderr, "%s: 0x%lx\n", what, rv);
    exit(1);
}

static void open_direct(void) {
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;
    p11 = p11_kit_module_load(module_path, 0);
    if (!p11) exit(1);
    must("initialize", p11_kit_module_initialize(p11));
    must("C_GetSlotList", p11->C_GetSlotList(CK_TRUE, slots, &count));
    must("C_OpenSession", p11->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session));
    must("C_Login", p11->C_Login(session, CKU_USER, (CK_UTF8CHAR*)pin, strlen(pin)));
}

static void close_direct(void) {
    p11_kit_module_finalize(p11);
    p11_kit_module_release(p11);
}

static void generate(CK_MECHANISM_TYPE type, const void* oid, CK_ULONG oid_size, unsigned id) {
    CK_MECHANISM mechanism = {type, NULL, 0};
    CK_OBJECT_HANDLE public_key, private_key;
    CK_ATTRIBUTE public_side[] = {
        {CKA_TOKEN, &yes, 1}, {CKA_ID, &id, sizeof id}, {CKA_EC_PARAMS, (void*)oid, oid_size}};
    CK_ATTRIBUTE private_side[] = {{CKA_TOKEN, &yes, 1}, {CKA_PRIVATE, &yes, 1}, {CKA_ID, &id, sizeof id}};
    must("C_GenerateKeyPair",
         p11->C_GenerateKeyPair(session, &mechanism, public_side, 3, private_side, 3, &public_key, &private_key));
}

static void make_bare(void) {
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
    CK_ULONG bits = 2048;
    CK_OBJECT_HANDLE keys[2];
    CK_ATTRIBUTE public_side[] = {{CKA_TOKEN, &yes, 1}, {CKA_MODULUS_BITS, &bits, sizeof bits}};
    CK_ATTRIBUTE private_side[] = {{CKA_TOKEN, &yes, 1}};
    static const struct {
        int side;
        CK_ATTRIBUTE_TYPE type;
        const char* name;
    } asked[] = {{1, CKA_PRIVATE, "private PRIVATE"},
                 {1, CKA_SENSITIVE, "private SENSITIVE"},
                 {1, CKA_EXTRACTABLE, "private EXTRACTABLE"},
                 {1, CKA_DECRYPT, "private DECRYPT"},
                 {1, CKA_UNWRAP, "private UNWRAP"},
                 {1, CKA_SIGN_RECOVER, "private SIGN_RECOVER"},
                 {1, CKA_DERIVE, "private DERIVE"},
                 {1, CKA_MODIFIABLE, "private MODIFIABLE"},
                 {1, CKA_COPYABLE, "private COPYABLE"},
                 {0, CKA_ENCRYPT, "public ENCRYPT"},
                 {0, CKA_WRAP, "public WRAP"},
                 {0, CKA_VERIFY_RECOVER, "public VERIFY_RECOVER"},
                 {0, CKA_MODIFIABLE, "public MODIFIABLE"}};
    must("C_GenerateKeyPair",
         p11->C_GenerateKeyPair(session, &mechanism, public_side, 2, private_side, 1, &keys[0], &keys[1]));
    for (size_t i = 0; i < sizeof asked / sizeof *asked; ++i) {
        CK_BBOOL value = 0;
        CK_ATTRIBUTE attribute = {asked[i].type, &value, 1};
        CK_RV rv = p11->C_GetAttributeValue(session, keys[asked[i].side], &attribute, 1);
        printf("%-24s %s\n", asked[i].name, rv != CKR_OK ? "unknown" : value ? "true" : "false");
    }
}

static CK_ULONG find(CK_OBJECT_CLASS class, const unsigned* id, CK_OBJECT_HANDLE* found, CK_ULONG room) {
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, (void*)id, sizeof *id}};
    CK_ULONG count = 0;
    must("C_FindObjectsInit", p11->C_FindObjectsInit(session, template, id ? 2 : 1));
    must("C_FindObjects", p11->C_FindObjects(session, found, room, &count));
    must("C_FindObjectsFinal", p11->C_FindObjectsFinal(session));
    return count;
}

/* Objects of a class without a partner of the same CKA_ID; those whose CKA_ID is empty or can't be read count as nameless. */
static CK_ULONG lonely(CK_OBJECT_CLASS class, CK_OBJECT_CLASS partner, CK_ULONG* nameless) {
    static CK_OBJECT_HANDLE all[10000];
    CK_ULONG count = find(class, NULL, all, 10000), alone = 0;
    for (CK_ULONG i = 0; i < count; ++i) {
        unsigned id = 0;
        CK_OBJECT_HANDLE other;
        CK_ATTRIBUTE attribute = {CKA_ID, &id, sizeof id};
        if (p11->C_GetAttributeValue(session, all[i], &attribute, 1) != CKR_OK || attribute.ulValueLen == 0)
            ++*nameless;
        else if (!find(partner, &id, &other, 1))
            ++alone;
    }
    return alone;
}

static void halves(void) {
    CK_ULONG nameless = 0;
    CK_ULONG public_alone = lonely(CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, &nameless);
    CK_ULONG private_alone = lonely(CKO_PRIVATE_KEY, CKO_PUBLIC_KEY, &nameless);
    printf("public alone: %lu, private alone: %lu, nameless: %lu\n", public_alone, private_alone, nameless);
}

static PKCS11_CTX* context;
static PKCS11_SLOT* slot;

static PKCS11_KEY* open_libp11(unsigned* count) {
    PKCS11_SLOT* slots;
    unsigned slot_count;
    PKCS11_KEY* keys = NULL;
    context = PKCS11_CTX_new();
    if (PKCS11_CTX_load(context, module_path) || PKCS11_enumerate_slots(context, &slots, &slot_count)) exit(1);
    slot = PKCS11_find_token(context, slots, slot_count);
    if (!slot || PKCS11_open_session(slot, 1) || PKCS11_login(slot, 0, pin)) exit(1);
    if (count) printf("PKCS11_enumerate_keys: %d\n", PKCS11_enumerate_keys(slot->token, &keys, count));
    return keys;
}

static void libp11_sign(void) {
    unsigned count = 0;
    PKCS11_KEY* keys = open_libp11(&count);
    EVP_PKEY* key = PKCS11_get_private_key(&keys[0]);
    X509_REQ* request = X509_REQ_new();
    X509_REQ_set_pubkey(request, key);
    printf("X509_REQ_sign: %d\n", X509_REQ_sign(request, key, EVP_sha256()));
    printf("X509_REQ_verify: %d\n", X509_REQ_verify(request, key));
    X509_REQ_free(request);
    EVP_PKEY_free(key);
    PKCS11_CTX_unload(context);
}

static void libp11_unload(void) {
    CK_SESSION_INFO info;
    open_direct();
    printf("C_GetSessionInfo before: 0x%lx\n", p11->C_GetSessionInfo(session, &info));
    context = PKCS11_CTX_new();
    printf("PKCS11_CTX_load: %d\n", PKCS11_CTX_load(context, module_path));
    PKCS11_CTX_unload(context);
    printf("C_GetSessionInfo after:  0x%lx\n", p11->C_GetSessionInfo(session, &info));
}

static void libp11_ec(void) {
    unsigned count = 0;
    unsigned char id = 7;
    PKCS11_KEY* keys;
    open_libp11(NULL);
    printf("PKCS11_generate_key(EVP_PKEY_EC, 256): %d\n",
           PKCS11_generate_key(slot->token, EVP_PKEY_EC, 256, "asked-for-ec", &id, 1));
    printf("PKCS11_generate_key(EVP_PKEY_EC, 2048): %d\n",
           PKCS11_generate_key(slot->token, EVP_PKEY_EC, 2048, "asked-for-ec", &id, 1));
    PKCS11_enumerate_keys(slot->token, &keys, &count);
    for (unsigned i = 0; i < count; ++i)
        printf("key %s: %s\n", keys[i].label,
               EVP_PKEY_base_id(PKCS11_get_public_key(&keys[i])) == EVP_PKEY_RSA ? "RSA" : "not RSA");
}

int main(int argc, char** argv) {
    static const unsigned char p256[] = {6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7};
    static const unsigned char ed25519[] = {0x13, 12, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9'};
    const char* what = argc > 1 ? argv[1] : "";
    unsigned count = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
    unsigned first = argc > 3 ? (unsigned)atoi(argv[3]) : 0;
    module_path = getenv("MODULE");
    pin = getenv("PIN");
    if (!module_path || !pin) return 2;
    if (!strncmp(what, "libp11-", 7)) {
        if (!strcmp(what, "libp11-find")) open_libp11(&count), PKCS11_CTX_unload(context);
        if (!strcmp(what, "libp11-ec")) libp11_ec();
        if (!strcmp(what, "libp11-unload")) libp11_unload();
        if (!strcmp(what, "libp11-sign")) libp11_sign();
        return 0;
    }
    open_direct();
    if (!strcmp(what, "make"))
        for (unsigned i = 0; i < count; ++i) generate(CKM_EC_KEY_PAIR_GEN, p256, sizeof p256, first + i);
    if (!strcmp(what, "make-ed25519"))
        generate(0x1055 /* CKM_EC_EDWARDS_KEY_PAIR_GEN */, ed25519, sizeof ed25519, 1u << 20);
    if (!strcmp(what, "make-bare")) make_bare();
    if (!strcmp(what, "find")) {
        CK_OBJECT_HANDLE key;
        unsigned id = 0;
        printf("found: %lu\n", find(CKO_PRIVATE_KEY, &id, &key, 1));
    }
    if (!strcmp(what, "halves")) halves();
    close_direct();
    return 0;
}
