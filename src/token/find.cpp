#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/try.hpp"
#include "token/attributes.hpp"
#include "token/state.hpp"

namespace hsmreq::token {
namespace {

constexpr std::size_t batch = 16;
// No CKA_ID of ours is shared by so many, no token holds so many; one that never ends is lying.
constexpr std::size_t hit_limit = 4096;
constexpr std::size_t listing_limit = 1'000'000;

/// C_FindObjects until it has no more. The search stays open.
Status collect(Session& session, std::size_t limit, std::vector<ObjectHandle>& found) {
    const Caller& caller = session.state().caller();
    for (;;) {
        std::array<CK_OBJECT_HANDLE, batch> handles{};
        CK_ULONG count = 0;
        TRY(caller.require(CRYPTOKI(C_FindObjects), session.state().handle, handles.data(), CK_ULONG{batch}, &count));
        if (count == 0) return {};
        if (count > batch || found.size() + count > limit) {
            Error error = token_error(caller.where(), "C_FindObjects", CKR_GENERAL_ERROR);
            error.what = "C_FindObjects answered more objects than can be";
            return error;
        }
        found.insert(found.end(), handles.begin(), handles.begin() + static_cast<std::ptrdiff_t>(count));
    }
}

Result<std::vector<ObjectHandle>> find(Session& session, Template& wanted, std::size_t limit) {
    const Caller& caller = session.state().caller();
    const CK_SESSION_HANDLE handle = session.state().handle;
    TRY(caller.require(CRYPTOKI(C_FindObjectsInit), handle, wanted.data(), wanted.size()));
    std::vector<ObjectHandle> found;
    Status collected = collect(session, limit, found);
    const CK_RV ended = caller.ask(CRYPTOKI(C_FindObjectsFinal), handle);
    TRY(std::move(collected));
    if (ended != CKR_OK) return token_error(caller.where(), "C_FindObjectsFinal", ended);
    return found;
}

/// Puts one object where it belongs. Unreadable is only what the token itself disowns: a repair destroys that, and a
/// call that merely failed says nothing against a key.
Status sort_in(Session& session, ObjectHandle object, FoundObjects& found) {
    constexpr CK_ATTRIBUTE_TYPE types[] = {CKA_CLASS};
    const auto values = AttributeValues::read(session, object, types);
    if (!values) {
        const bool gone = values.error().fault && values.error().fault->value == CKR_OBJECT_HANDLE_INVALID;
        if (!gone) return values.error();
        found.unreadable.push_back(object);
        return {};
    }
    const auto object_class = values->number(CKA_CLASS);
    if (!object_class)
        found.unreadable.push_back(object);
    else if (*object_class == CKO_PRIVATE_KEY)
        found.private_keys.push_back(object);
    else if (*object_class == CKO_PUBLIC_KEY)
        found.public_keys.push_back(object);
    else if (*object_class == CKO_CERTIFICATE)
        found.certificates.push_back(object);
    return {};
}

Result<FoundObjects> find_and_sort(Session& session, Template& wanted) {
    TRY_ASSIGN(const auto handles, find(session, wanted, hit_limit));
    FoundObjects found;
    for (const ObjectHandle object : handles) TRY(sort_in(session, object, found));
    return found;
}

void add_name(const Uri& uri, Template& wanted) {
    if (!uri.object_id().empty()) wanted.add_bytes(CKA_ID, uri.object_id());
    if (!uri.object_label().empty()) wanted.add_bytes(CKA_LABEL, as_bytes(uri.object_label()));
}

}  // namespace

Result<std::vector<ObjectHandle>> find_objects(Session& session, Template& wanted) {
    return find(session, wanted, hit_limit);
}

Result<FoundObjects> find_by_id(Session& session, BytesView id) {
    Template wanted;
    wanted.add_bytes(CKA_ID, id);
    return find_and_sort(session, wanted);
}

Result<FoundObjects> find_all_by_uri(Session& session, const Uri& uri) {
    Template wanted;
    add_name(uri, wanted);
    return find_and_sort(session, wanted);
}

Result<FoundObjects> find_by_uri(Session& session, const Uri& uri) {
    Template wanted;
    wanted.add_number(CKA_CLASS, CKO_PRIVATE_KEY);
    add_name(uri, wanted);
    FoundObjects found;
    TRY_ASSIGN(found.private_keys, find_objects(session, wanted));
    std::vector<Bytes> ids;
    for (const ObjectHandle key : found.private_keys) {
        constexpr CK_ATTRIBUTE_TYPE types[] = {CKA_ID};
        TRY_ASSIGN(const auto values, AttributeValues::read(session, key, types));
        const auto id = values.bytes(CKA_ID);
        // Objects without an ID belong to nobody in particular.
        if (!id || id->empty()) continue;
        Bytes owned(id->begin(), id->end());
        if (std::find(ids.begin(), ids.end(), owned) == ids.end()) ids.push_back(std::move(owned));
    }
    for (const Bytes& id : ids) {
        TRY_ASSIGN(const FoundObjects same, find_by_id(session, id));
        found.public_keys.insert(found.public_keys.end(), same.public_keys.begin(), same.public_keys.end());
        found.certificates.insert(found.certificates.end(), same.certificates.begin(), same.certificates.end());
    }
    return found;
}

Result<std::vector<ListedObject>> list_objects(Session& session, ObjectClass wanted_class) {
    constexpr CK_OBJECT_CLASS classes[] = {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY, CKO_CERTIFICATE};
    Template wanted;
    wanted.add_number(CKA_CLASS, classes[static_cast<std::size_t>(wanted_class)]);
    wanted.add_boolean(CKA_TOKEN, true);
    TRY_ASSIGN(const auto handles, find(session, wanted, listing_limit));
    std::vector<ListedObject> objects;
    objects.reserve(handles.size());
    for (const ObjectHandle handle : handles) {
        constexpr CK_ATTRIBUTE_TYPE types[] = {CKA_ID, CKA_LABEL};
        ListedObject object{.handle = handle, .id = {}, .label = {}};
        const auto values = AttributeValues::read(session, handle, types);
        if (!values && classify(values.error()) != FaultClass::item) return values.error();
        if (const auto id = values ? values->bytes(CKA_ID) : std::nullopt) object.id.assign(id->begin(), id->end());
        if (const auto label = values ? values->bytes(CKA_LABEL) : std::nullopt) object.label = as_text(*label);
        objects.push_back(std::move(object));
    }
    return objects;
}

Status destroy(Session& session, ObjectHandle object) {
    return session.state().caller().require(CRYPTOKI(C_DestroyObject), session.state().handle, object);
}

}  // namespace hsmreq::token
