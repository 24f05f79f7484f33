// Which questions apply, and the defaults that follow from the answers before.
#pragma once

#include <algorithm>
#include <cstddef>

#include "workflow/init_answers.hpp"

namespace hsmreq::workflow::usual {

/// A word as a template's argument.
template <std::size_t size>
struct Literal {
    consteval Literal(const char (&word)[size]) { std::copy_n(word, size, text); }
    char text[size]{};
};

/// The same whatever was answered before.
template <Literal word>
Words always(const Answers&) {
    return {word.text};
}

bool is_generic(const Answers& answers);
bool is_lync(const Answers& answers);
bool is_rsa(const Answers& answers);
bool has_several_members(const Answers& answers);

Words farm_name(const Answers& answers);
Words meet(const Answers& answers);
Words dialin(const Answers& answers);
Words uris(const Answers& answers);
Words sharing(const Answers& answers);
Words extended_key_usage(const Answers& answers);
Words key_usage(const Answers& answers);
Words friendly_name(const Answers& answers);
Words names(const Answers& answers);
Words sip_domains(const Answers& answers);

}  // namespace hsmreq::workflow::usual
