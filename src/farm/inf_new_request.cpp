// [NewRequest], key by key.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "farm/inf_draft.hpp"

namespace hsmreq::farm {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<unsigned> number_of(std::string_view text) {
    const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    if (hexadecimal) text.remove_prefix(2);
    unsigned number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

struct UsageWord {
    std::string_view word;
    unsigned bits;
};
constexpr std::array<UsageWord, 10> usage_words{{
    {"cert_digital_signature_key_usage", 0x80},
    {"cert_non_repudiation_key_usage", 0x40},
    {"cert_key_encipherment_key_usage", 0x20},
    {"cert_data_encipherment_key_usage", 0x10},
    {"cert_key_agreement_key_usage", 0x08},
    {"cert_key_cert_sign_key_usage", 0x04},
    {"cert_offline_crl_sign_key_usage", 0x02},
    {"cert_crl_sign_key_usage", 0x02},
    {"cert_encipher_only_key_usage", 0x01},
    {"cert_decipher_only_key_usage", 0x8000},
}};

void read_key_usage(InfDraft& draft, const InfEntry& entry) {
    unsigned bits = 0;
    const auto text = to_lower(entry.value());
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = rest.find_first_of("|+,");
        const auto word = trimmed(rest.substr(0, end));
        const auto* const row = std::ranges::find(usage_words, word, &UsageWord::word);
        if (row != usage_words.end())
            bits |= row->bits;
        else if (const auto number = number_of(word))
            bits |= *number;
        else if (!word.empty())
            draft.leave_out(entry, std::string(word), "It is no key usage of certreq.");
        if (end == rest.npos) break;
        rest.remove_prefix(end + 1);
    }
    draft.result.key_usage = key_usage_bits(bits);
    draft.key_usage_where = draft.where(entry);
}

void read_key_spec(InfDraft& draft, const InfEntry& entry) {
    const auto word = to_lower(trimmed(entry.value()));
    if (word == "1" || word == "at_keyexchange")
        draft.result.purpose = KeyPurpose::exchange;
    else if (word == "2" || word == "at_signature")
        draft.result.purpose = KeyPurpose::signature;
    else if (word != "0" && word != "at_none")
        draft.leave_out(entry, "KeySpec is 1 (AT_KEYEXCHANGE), 2 (AT_SIGNATURE) or 0.");
}

void read_hash(InfDraft& draft, const InfEntry& entry) {
    auto word = to_lower(trimmed(entry.value()));
    std::erase_if(word, [](char c) { return c == '-' || c == '_'; });
    draft.hash_where = draft.where(entry);
    draft.hash_word = word;
    draft.result.hash = from_name<Hash>(word);
    if (!draft.result.hash && !word.starts_with("sha1") && !word.starts_with("md"))
        draft.leave_out(entry, "key.hash is sha256, sha384 or sha512.");
}

void read_algorithm(InfDraft& draft, const InfEntry& entry) {
    draft.key_algorithm = to_lower(trimmed(entry.value()));
    draft.key_where = draft.where(entry);
}

void read_length(InfDraft& draft, const InfEntry& entry) {
    if (const auto bits = number_of(trimmed(entry.value())))
        draft.key_length = *bits;
    else
        draft.leave_out(entry, "It is no number of bits.");
    if (draft.key_where.empty()) draft.key_where = draft.where(entry);
}

void read_signature_form(InfDraft& draft, const InfEntry& entry) {
    if (is_true(entry.value())) draft.pss_where = draft.where(entry);
    draft.leave_out(entry, "RSA requests are signed by PKCS #1 version 1.5, which the products need.");
}

struct KeyReader {
    std::string_view name;
    void (*read)(InfDraft&, const InfEntry&);
};
constexpr std::array<KeyReader, 12> new_request_readers{{
    {"exportable", [](InfDraft& draft, const InfEntry& entry) { draft.result.exportable = is_true(entry.value()); }},
    {"hashalgorithm", read_hash},
    {"keyalgorithm", read_algorithm},
    {"keylength", read_length},
    {"keyspec", read_key_spec},
    {"keyusage", read_key_usage},
    {"friendlyname",
     [](InfDraft& draft, const InfEntry& entry) { draft.result.friendly_name = trimmed(entry.value()); }},
    {"suppressdefaults",
     [](InfDraft& draft, const InfEntry& entry) { draft.result.suppress_defaults = is_true(entry.value()); }},
    {"alternatesignaturealgorithm", read_signature_form},
    {"certificatetemplate", read_request_attribute},
    {"oid", read_extended_key_usage_entry},
    {"subject", [](InfDraft&, const InfEntry&) {}},  // read with the flags, wherever they stand
}};

struct LeftOut {
    std::string_view name;
    std::string_view reason;
};
constexpr std::string_view provider = "The key is made by a PKCS #11 token, not by a Windows provider: [token] module.";
constexpr std::string_view windows_store = "The key is kept in a token, not in a Windows store.";
constexpr std::string_view validity = "The CA decides how long a certificate is valid.";
constexpr std::array<LeftOut, 21> left_out{{
    {"exportableencrypted",
     "Choose key.private_key = \"wrap-only\" or \"exportable\" if the key has to leave its token."},
    {"keycontainer", "Windows' name for the key; here key.label gives it one."},
    {"keyusageproperty", "A property of Windows keys; key.purpose says what the token's key may do."},
    {"machinekeyset", windows_store},
    {"userprotected", windows_store},
    {"silent", windows_store},
    {"readername", windows_store},
    {"securitydescriptor", windows_store},
    {"providername", provider},
    {"providertype", provider},
    {"requesttype", "Requests are always PKCS #10."},
    {"smime", "A TLS server needs no S/MIME capabilities."},
    {"useexistingkeyset", "An existing key is named by its URI: [request.key] uri."},
    {"privatekeyarchive", "Keys stay in their tokens and are never archived at a CA."},
    {"encryptionalgorithm", "Only for archiving keys, which is not done here."},
    {"x500nameflags", "It was obeyed while the subject was read."},
    {"renewalcert", "hsmreq renew makes the next certificate's key and request."},
    {"validityperiod", validity},
    {"validityperiodunits", validity},
    {"notbefore", validity},
    {"notafter", validity},
}};

}  // namespace

bool is_true(std::string_view word) {
    const auto lower = to_lower(trimmed(word));
    return lower == "true" || lower == "1" || lower == "yes" || lower == "on";
}

void read_subject(InfDraft& draft, const InfEntry& entry, NameFlags flags) {
    const auto parts = parse_name(entry.value(), flags);
    if (!parts)
        return draft.leave_out(entry, "It is not a list of TYPE=VALUE, such as \"CN=webext.contoso.com,O=Contoso\".");
    auto& subject = draft.result.subject;
    struct Field {
        std::string_view types;
        std::string* value;
    };
    const std::array<Field, 6> fields{{
        {" CN COMMONNAME 2.5.4.3 ", &subject.common_name},
        {" C COUNTRY 2.5.4.6 ", &subject.fields.country},
        {" S ST SP STATE 2.5.4.8 ", &subject.fields.state},
        {" L LOCALITY 2.5.4.7 ", &subject.fields.locality},
        {" O ORG ORGANIZATION 2.5.4.10 ", &subject.fields.organization},
        {" OU ORGUNIT ORGANIZATIONALUNIT 2.5.4.11 ", &subject.fields.organizational_unit},
    }};
    for (const auto& part : *parts) {
        const auto field = std::ranges::find_if(
            fields, [&](const Field& one) { return one.types.find(' ' + part.type + ' ') != std::string_view::npos; });
        if (field == fields.end())
            draft.leave_out(entry, part.type + '=' + part.value, "The subject has C, ST, L, O, OU and CN only.");
        else if (!field->value->empty())
            draft.leave_out(entry, part.type + '=' + part.value, "The subject has each field once.");
        else
            *field->value = part.value;
    }
}

void read_new_request(InfDraft& draft, const InfEntry& entry) {
    const auto* const reader = std::ranges::find(new_request_readers, entry.name, &KeyReader::name);
    if (reader != new_request_readers.end()) return reader->read(draft, entry);
    const auto* const row = std::ranges::find(left_out, entry.name, &LeftOut::name);
    draft.leave_out(entry,
                    std::string(row == left_out.end() ? "A farm file has nothing that means this." : row->reason));
}

}  // namespace hsmreq::farm
