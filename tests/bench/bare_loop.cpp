// The least a program must ask of a token to make N keys and sign once with each: the measure for `hsmreq request`.
// Usage: bare_loop MODULE TOKEN-LABEL PIN-FILE ALGORITHM COUNT [search]; prints the seconds of load, login and loop.
// With `search` each key is looked for by its CKA_ID first, as a program must that is not to make a key twice.
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

namespace {

CK_FUNCTION_LIST* p11 = nullptr;

void require(CK_RV value, const char* function) {
    if (value == CKR_OK) return;
    std::fprintf(stderr, "%s answered 0x%lx\n", function, value);
    std::exit(1);
}

CK_SLOT_ID find_slot(const std::string& label) {
    CK_ULONG count = 0;
    require(p11->C_GetSlotList(CK_TRUE, nullptr, &count), "C_GetSlotList");
    std::vector<CK_SLOT_ID> slots(count);
    require(p11->C_GetSlotList(CK_TRUE, slots.data(), &count), "C_GetSlotList");
    std::string padded = label;
    padded.resize(sizeof(CK_TOKEN_INFO::label), ' ');
    for (const CK_SLOT_ID slot : slots) {
        CK_TOKEN_INFO info{};
        if (p11->C_GetTokenInfo(slot, &info) != CKR_OK) continue;
        if (std::memcmp(info.label, padded.data(), padded.size()) == 0) return slot;
    }
    std::fprintf(stderr, "no token %s\n", label.c_str());
    std::exit(1);
}

CK_BBOOL yes = CK_TRUE;
CK_BBOOL no = CK_FALSE;

CK_ATTRIBUTE flag(CK_ATTRIBUTE_TYPE type, CK_BBOOL& value) {
    return {type, &value, sizeof value};
}

struct Algorithm {
    CK_MECHANISM_TYPE generate;
    CK_MECHANISM_TYPE sign;
    bool decrypt;
    CK_ULONG bits;
    std::vector<CK_BYTE> parameters;
};

void search(CK_SESSION_HANDLE session, unsigned long number) {
    std::string id = "bare" + std::to_string(number);
    CK_ATTRIBUTE wanted{CKA_ID, id.data(), id.size()};
    CK_OBJECT_HANDLE found[16];
    CK_ULONG count = 0;
    require(p11->C_FindObjectsInit(session, &wanted, 1), "C_FindObjectsInit");
    require(p11->C_FindObjects(session, found, 16, &count), "C_FindObjects");
    require(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
}

void make_and_sign(CK_SESSION_HANDLE session, const Algorithm& algorithm, unsigned long number) {
    std::string id = "bare" + std::to_string(number);
    CK_BYTE exponent[] = {1, 0, 1};
    CK_ULONG bits = algorithm.bits;
    std::vector<CK_BYTE> parameters = algorithm.parameters;
    std::vector<CK_ATTRIBUTE> public_key{flag(CKA_TOKEN, yes),  flag(CKA_PRIVATE, no), flag(CKA_VERIFY, yes),
                                         flag(CKA_ENCRYPT, no), flag(CKA_WRAP, no),    {CKA_ID, id.data(), id.size()}};
    if (parameters.empty()) {
        public_key.push_back({CKA_MODULUS_BITS, &bits, sizeof bits});
        public_key.push_back({CKA_PUBLIC_EXPONENT, exponent, sizeof exponent});
    } else {
        public_key.push_back({CKA_EC_PARAMS, parameters.data(), parameters.size()});
    }
    std::vector<CK_ATTRIBUTE> private_key{flag(CKA_TOKEN, yes),     flag(CKA_PRIVATE, yes),
                                          flag(CKA_SENSITIVE, yes), flag(CKA_EXTRACTABLE, no),
                                          flag(CKA_SIGN, yes),      flag(CKA_DECRYPT, algorithm.decrypt ? yes : no),
                                          flag(CKA_UNWRAP, no),     {CKA_ID, id.data(), id.size()}};
    CK_MECHANISM generate{algorithm.generate, nullptr, 0};
    CK_OBJECT_HANDLE handles[2];
    require(p11->C_GenerateKeyPair(session, &generate, public_key.data(), public_key.size(), private_key.data(),
                                   private_key.size(), &handles[0], &handles[1]),
            "C_GenerateKeyPair");
    CK_MECHANISM sign{algorithm.sign, nullptr, 0};
    CK_BYTE data[51] = {};
    CK_BYTE signature[1024];
    CK_ULONG size = sizeof signature;
    require(p11->C_SignInit(session, &sign, handles[1]), "C_SignInit");
    require(p11->C_Sign(session, data, algorithm.decrypt ? 51 : 32, signature, &size), "C_Sign");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 6 || argc > 7) return 2;
    const bool searches = argc == 7;
    const std::string name = argv[4];
    const Algorithm rsa{CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_PKCS, true, 2048, {}};
    const Algorithm ec{
        CKM_EC_KEY_PAIR_GEN, CKM_ECDSA, false, 256, {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}};
    const Algorithm& algorithm = name == "rsa-2048" ? rsa : ec;
    std::ifstream file(argv[3]);
    std::string pin;
    std::getline(file, pin);

    const auto start = std::chrono::steady_clock::now();
    void* module = ::dlopen(argv[1], RTLD_NOW);
    if (module == nullptr) return 1;
    const auto entry = reinterpret_cast<CK_RV (*)(CK_FUNCTION_LIST**)>(::dlsym(module, "C_GetFunctionList"));
    require(entry(&p11), "C_GetFunctionList");
    require(p11->C_Initialize(nullptr), "C_Initialize");
    CK_SESSION_HANDLE session = 0;
    require(p11->C_OpenSession(find_slot(argv[2]), CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session),
            "C_OpenSession");
    require(p11->C_Login(session, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(pin.data()), pin.size()), "C_Login");
    const unsigned long count = std::stoul(argv[5]);
    for (unsigned long i = 0; i < count; ++i) {
        if (searches) search(session, i);
        make_and_sign(session, algorithm, i);
    }
    require(p11->C_Finalize(nullptr), "C_Finalize");
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    std::printf("%.4f\n", elapsed.count());
}
