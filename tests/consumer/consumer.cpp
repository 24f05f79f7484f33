// An embedder: plans a farm, makes its requests with a PIN of its own, and inspects each by the installed headers
// alone.
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>

#include "hsmreq/farm.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/request.hpp"

namespace {

class Quiet : public hsmreq::RequestObserver {
public:
    explicit Quiet(std::string pin) : pin_(std::move(pin)) {}
    void progress(const hsmreq::RequestProgress&) override {}
    void notice(const std::string& text) override { std::cerr << text << '\n'; }
    hsmreq::Result<hsmreq::Secret> ask_pin(const std::string&) override {
        hsmreq::Secret secret(pin_.size());
        secret.append({reinterpret_cast<const std::uint8_t*>(pin_.data()), pin_.size()});
        return secret;
    }
    bool interrupted() override { return false; }

private:
    std::string pin_;
};

int report(const hsmreq::Error& error) {
    std::cerr << error.what << " (" << error.where << ")\n";
    return static_cast<int>(error.code);
}

int inspect(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const hsmreq::Bytes bytes{std::istreambuf_iterator<char>(file), {}};
    const auto inspected = hsmreq::inspect_request(bytes);
    if (!inspected) return report(inspected.error());
    std::cout << path << ": " << inspected->subject_text << ", signature "
              << (inspected->signature_valid ? "valid" : "INVALID") << '\n';
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    const auto farm = hsmreq::load_farm(argv[1]);
    if (!farm) return report(farm.error());
    for (const auto& request : hsmreq::make_plan(*farm, {.date = today}).requests)
        for (const auto& name : request.subject_alternative_names) std::cout << name.value << '\n';

    const hsmreq::ProcessGuard guard;
    Quiet observer(argv[3]);
    hsmreq::RequestOptions options;
    options.farm_file = argv[1];
    options.plan.date = today;
    options.output_directory = argv[2];
    const auto outcome = hsmreq::make_requests(options, {.observer = observer, .hung = {}});
    if (outcome.error) return report(*outcome.error);
    for (const auto& item : outcome.summary->items) {
        if (item.error) return report(*item.error);
        if (const int code = inspect(options.output_directory + "/" + item.csr_file); code != 0) return code;
    }
    return static_cast<int>(outcome.exit_code());
}
