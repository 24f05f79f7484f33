#include "unit/evidence/samples.hpp"

#include "base/text.hpp"

namespace hsmreq::evidence::samples {

namespace {

const std::string key_uri = "pkcs11:token=rp01;id=%01%02;type=private";
const std::string key_sha256(64, 'b');

Bytes bytes(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

RequestPlan reverse_proxy() {
    RequestPlan request;
    request.name = "reverse-proxy";
    request.subject = {.fields = {.country = "DE",
                                  .state = "Bayern",
                                  .locality = "M\u00fcnchen",
                                  .organization = "Contoso \"Web\"",
                                  .organizational_unit = ""},
                       .common_name = "webext.contoso.com"};
    request.subject_alternative_names = {{NameType::dns, "webext.contoso.com", {"subject", "pool"}},
                                         {NameType::dns, "meet.contoso.com", {"meet"}},
                                         {NameType::ip, "192.0.2.7", {"extra"}}};
    request.key_usage = {KeyUsageBit::digital_signature, KeyUsageBit::key_encipherment};
    request.extended_key_usage = {"1.3.6.1.5.5.7.3.1", "1.3.6.1.4.1.99999.1"};
    request.key.label = "{farm}.{request}.{member}.g{generation}";
    request.members = {"rp01", "rp02"};
    request.file_name = "{request}.{member}";
    request.friendly_name = "Reverse Proxy Listener for Lync Server";
    return request;
}

RequestPlan bare() {
    RequestPlan request;
    request.name = "bare";
    request.subject.common_name = "bare.contoso.com";
    request.subject_key_identifier = true;
    request.ad_cs_template = "WebServer";
    request.key = {.algorithm = KeyAlgorithm::ec_p384,
                   .hash = Hash::sha384,
                   .purpose = KeyPurpose::signature,
                   .private_key = PrivateKeyPolicy::wrap_only,
                   .sharing = Sharing::shared,
                   .label = "bare",
                   .wrapping_key = "pkcs11:object=wrap",
                   .uri = "pkcs11:object=old"};
    request.members = {"rp01"};
    request.file_format = FileFormat::binary;
    request.file_name = "bare";
    request.description = "for tests";
    return request;
}

RequestInspection inspection() {
    RequestInspection request;
    request.subject = {{"C", "DE", "PrintableString"}, {"CN", "webext.contoso.com", "UTF8String"}};
    request.subject_text = "CN=webext.contoso.com,C=DE";
    request.public_key = {.family = KeyFamily::ec,
                          .modulus = {},
                          .public_exponent = {},
                          .curve_oid = "1.2.840.10045.3.1.7",
                          .point = {0x04, 0x01, 0x02}};
    request.public_key_algorithm = "ec-p256";
    request.public_key_der = {0x30, 0x00};
    request.public_key_sha256 = key_sha256;
    request.subject_alternative_names = {{"dns", "webext.contoso.com"}, {"other", "3000"}};
    request.key_usage = {{true, {"digitalSignature"}}};
    request.extended_key_usage = {{false, {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"}}};
    request.extensions = {{"2.5.29.15", "keyUsage", true, {0x03, 0x02, 0x07, 0x80}}};
    request.attributes = {{"1.3.6.1.4.1.311.13.2.3", "1.3.6.1.4.1.311.13.2.3", "10.0.19045.2"}};
    request.signature_algorithm = "ecdsa-with-SHA256";
    request.signature_valid = true;
    request.pem_label = "NEW CERTIFICATE REQUEST";
    request.der = {0x30, 0x01, 0x00};
    request.der_sha256 = std::string(64, 'c');
    return request;
}

CertificateInspection certificate() {
    CertificateInspection one;
    static_cast<SubjectInspection&>(one) = inspection();
    one.version = 2;
    one.serial = "1001";
    one.issuer = {{"CN", "Root", "UTF8String"}};
    one.issuer_text = "CN=Root";
    one.not_before = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);
    one.not_after = std::chrono::sys_days(std::chrono::year(2027) / 2 / 21) - std::chrono::seconds(1);
    one.extensions.push_back({"1.3.6.1.4.1.311.20.2", "certificateTemplateName", false, {0x1e, 0x00}, "WebServer"});
    one.basic_constraints = {.critical = true, .ca = false, .path_length = std::nullopt};
    one.subject_key_identifier = {0x01};
    one.authority_key_identifier = {0x02};
    one.issuer_urls = {"http://ca.example.com/root.cer"};
    one.ocsp_urls = {"http://ocsp.example.com"};
    one.crl_urls = {"http://crl.example.com/root.crl"};
    one.policies = {"2.23.140.1.2.1"};
    one.timestamps = 2;
    one.pem_label = "CERTIFICATE";
    one.sha1 = std::string(40, 'e');
    return one;
}

Statement statement() {
    Statement one;
    one.predicate_type = "urn:hsmreq:evidence:1";
    one.subjects = {{"web.csr", std::string(64, 'a')}, {"SubjectPublicKeyInfo", std::string(64, 'c')}};
    one.tool = "hsmreq 0.1.0";
    one.time = "2026-11-23T23:35:00Z";
    one.operator_name = "admin";
    one.host = "build01";
    one.farm = "contoso";
    one.request = "web";
    one.module = "/usr/lib/softhsm/libsofthsm2.so";
    one.token = "rp01";
    one.key_uri = key_uri;
    one.origin = "generated";
    one.algorithm = "rsa-2048";
    one.policy = "non-exportable";
    one.probe = "refused";
    one.mechanism = "CKM_RSA_PKCS";
    one.claims = {{"private", "CKA_EXTRACTABLE", "false", "false", "as-asked", "probe-tested"}};
    one.checks = {"the signature verifies with the public key read from the token"};
    return one;
}

RequestItemResult created_item() {
    return {.request = "reverse-proxy",
            .member = "rp01",
            .token_member = "rp01",
            .generation = 2,
            .state = ItemState::created,
            .generated = true,
            .key_uri = key_uri,
            .public_key_sha256 = key_sha256,
            .csr_file = "reverse-proxy.rp01.g2.csr",
            .evidence_file = "reverse-proxy.rp01.g2.evidence.json",
            .envelope_file = "reverse-proxy.rp01.g2.evidence.dsse.json",
            .findings = {finding()},
            .error = std::nullopt};
}

RequestItemResult failed_item() {
    return {.request = "bare",
            .member = "",
            .token_member = "rp01",
            .generation = 0,
            .state = ItemState::failed,
            .generated = false,
            .key_uri = "",
            .public_key_sha256 = "",
            .csr_file = "",
            .evidence_file = "",
            .findings = {},
            .error = token_error()};
}

}  // namespace

Finding finding() {
    return {.id = "name.admin-url-published",
            .severity = Severity::warning,
            .message = "admin.contoso.com is published",
            .where = "simple_urls.admin[0] (line 12)",
            .fix = "Keep the admin URL inside.",
            .source = "Planning for simple URLs",
            .accepted = "kept until the move"};
}

Error token_error() {
    return {.code = ExitCode::token,
            .what = "C_Sign answered CKR_DEVICE_ERROR, a fault of the device",
            .where = "token rp01",
            .hint = "Look at the device's own log.",
            .fault = TokenFault{.function = "C_Sign", .value = 0x30, .name = "CKR_DEVICE_ERROR"}};
}

Plan plan() {
    using namespace std::chrono_literals;
    Plan plan;
    plan.farm = "contoso";
    plan.farm_file = "farm/contoso.toml";
    plan.date = std::chrono::year(2026) / 11 / 23;
    plan.requests = {reverse_proxy(), bare()};
    plan.items = {{0, "rp01", "rp01"}, {0, "rp02", "rp02"}, {1, "", "rp01"}};
    plan.findings = {finding()};
    return plan;
}

RequestSummary summary() {
    RequestSummary all;
    static_cast<RunHeader&>(all) = {.farm = "contoso",
                                    .farm_file = "farm/contoso.toml",
                                    .farm_file_sha256 = std::string(64, 'a'),
                                    .date = "2026-11-23",
                                    .time = "2026-11-23T23:35:00Z",
                                    .output_directory = "./contoso-requests"};
    all.shard = "1/2";
    all.items = {created_item(), failed_item()};
    return all;
}

std::vector<InspectedFile> inspected_files() {
    return {{.file = "good.csr",
             .type = InspectedType::request,
             .request = inspection(),
             .findings = {finding()},
             .error = std::nullopt},
            {.file = "chain.pem",
             .type = InspectedType::certificates,
             .certificates = {certificate()},
             .chains = {{.order = {0}, .root = "CN=Root", .holds = true}},
             .compared = ComparedRequest{"contoso", "reverse-proxy", true}},
            {.file = "web.evidence.json",
             .type = InspectedType::statement,
             .statement = statement(),
             .subjects = {{{"web.csr", std::string(64, 'a')}, std::string(64, 'b')},
                          {{"SubjectPublicKeyInfo", std::string(64, 'c')}, ""}},
             .envelope = InspectedEnvelope{"web.evidence.dsse.json", {{std::string(64, 'f'), true}, {"", {}}}}},
            {.file = "missing.csr",
             .error = Error{.code = ExitCode::input, .what = "no such file", .where = "missing.csr", .hint = ""}}};
}

Record record(const RequestPlan& request) {
    Record record;
    record.tool_version = "0.1.0";
    record.time = "2026-11-23T23:35:00Z";
    record.judged_date = "2026-11-23";
    record.operator_name = "admin";
    record.host = "build01";
    record.reason = "first issue";
    record.farm = "contoso";
    record.farm_file = "farm/contoso.toml";
    record.farm_file_sha256 = std::string(64, 'a');
    record.member = "rp01";
    record.token_member = "rp01";
    record.generation = 3;
    record.request = &request;
    record.module_path = "/usr/lib/softhsm/libsofthsm2.so";
    record.module_sha256 = std::string(64, 'd');
    record.module_description = "Implementation of PKCS11";
    record.module_version = "2.6";
    record.token_label = "rp01";
    record.token_manufacturer = "SoftHSM project";
    record.token_model = "SoftHSM v2";
    record.token_serial = "c0ffee";
    record.token_firmware = "2.6";
    record.key_uri = key_uri;
    record.key_label = "contoso.reverse-proxy.rp01.g3";
    record.origin = "generated";
    record.generation_mechanism = "CKM_RSA_PKCS_KEY_PAIR_GEN";
    record.signature_mechanism = "CKM_RSA_PKCS";
    record.attributes = {
        {"private", "CKA_EXTRACTABLE", "false", "false", "as-asked", "probe-tested", false},
        {"private", "CKA_COPYABLE", "false", "", "unknown-to-token", "requested", true},
    };
    record.probe = {"refused", "", {{"CKM_AES_KEY_WRAP", "CKR_KEY_UNEXTRACTABLE"}}};
    record.quirk_profile = "softhsm2";
    record.quirks = {"CKA_COPYABLE left out"};
    record.checks = {"the signature verifies with the public key read from the token"};
    record.findings = {finding()};
    record.csr_file = "reverse-proxy.rp01.g3.csr";
    record.csr_file_content = bytes("abc");
    record.csr_der = bytes("");
    record.public_key_der = bytes("message digest");
    record.key_id = {0x01, 0x02};
    return record;
}

std::string init_text() {
    return init_document({"contoso.toml", "[farm]\nname = \"contoso\"\n"},
                         {{"request.inf:7", "[NewRequest] KeyContainer", "a\xff", "Windows' name for the key."},
                          {"request.inf:8", "[NewRequest] ReaderName", "", "Kept in a token."}},
                         {finding()});
}

}  // namespace hsmreq::evidence::samples
