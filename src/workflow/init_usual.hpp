// Which questions apply, and the defaults that follow from the answers before.
#pragma once

#include "workflow/init_answers.hpp"

namespace hsmreq::workflow::usual {

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
