// A program outside the tree that plans a farm with nothing but the installed library: prints each request's names.
#include <chrono>
#include <iostream>

#include "hsmreq/farm.hpp"
#include "hsmreq/plan.hpp"

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const auto farm = hsmreq::load_farm(argv[1]);
    if (!farm) {
        std::cerr << farm.error().what << '\n';
        return static_cast<int>(farm.error().code);
    }
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    for (const auto& request : hsmreq::make_plan(*farm, {.date = today}).requests)
        for (const auto& name : request.subject_alternative_names) std::cout << name.value << '\n';
    return 0;
}
