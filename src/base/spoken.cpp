#include "base/spoken.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/hex.hpp"
#include "base/text.hpp"

namespace hsmreq {
namespace {

// One word a byte, in the order of the alphabet. Plain nouns that a voice on the telephone keeps apart: no two are
// within two letters of each other. The list never changes, since old fingerprints are compared with new ones.
constexpr std::array<std::string_view, 256> words{
    "abacus",    "acorn",      "album",     "alligator",  "ambulance",   "anchor",     "angle",       "apricot",
    "apron",     "aquarium",   "arctic",    "artichoke",  "astronaut",   "atlas",      "avalanche",   "avocado",
    "badge",     "balcony",    "ballerina", "bamboo",     "banjo",       "basket",     "beacon",      "beaver",
    "bicycle",   "binocular",  "bishop",    "blossom",    "bonfire",     "border",     "bottle",      "broccoli",
    "bronze",    "broom",      "bubble",    "buffalo",    "bungalow",    "butter",     "cabin",       "cactus",
    "camel",     "captain",    "caravan",   "carpet",     "caterpillar", "cathedral",  "cauliflower", "ceiling",
    "chimney",   "chocolate",  "cinema",    "circle",     "clarinet",    "clover",     "coconut",     "coffee",
    "compass",   "copper",     "coyote",    "cradle",     "crocodile",   "cucumber",   "cushion",     "daffodil",
    "dandelion", "dentist",    "desert",    "diamond",    "dolphin",     "donkey",     "dragon",      "drizzle",
    "earring",   "eclipse",    "elephant",  "engine",     "evening",     "eyebrow",    "feather",     "firefly",
    "flamingo",  "flute",      "forest",    "fossil",     "fountain",    "furnace",    "galaxy",      "garden",
    "gazelle",   "giraffe",    "glacier",   "gooseberry", "gorilla",     "grammar",    "granite",     "gravel",
    "guitar",    "hamster",    "harmonica", "harvest",    "hazelnut",    "hedgehog",   "hickory",     "hippo",
    "holiday",   "hurdle",     "hurricane", "iceberg",    "insect",      "island",     "ivory",       "jaguar",
    "jersey",    "jigsaw",     "journal",   "kangaroo",   "keyboard",    "kidney",     "kingdom",     "kitchen",
    "koala",     "ladder",     "lantern",   "lavender",   "lemon",       "leopard",    "lettuce",     "library",
    "macaroni",  "magnet",     "magnolia",  "mailbox",    "mermaid",     "microscope", "midnight",    "mitten",
    "mosaic",    "mosquito",   "muffin",    "mustard",    "napkin",      "needle",     "nickel",      "nightingale",
    "notebook",  "nutmeg",     "oasis",     "obelisk",    "ocean",       "olive",      "omelette",    "onion",
    "orbit",     "orchard",    "origami",   "pagoda",     "pajamas",     "palace",     "pancake",     "paprika",
    "passport",  "pasture",    "pelican",   "pencil",     "pharmacy",    "piano",      "pigeon",      "pineapple",
    "pioneer",   "polar",      "pony",      "porcupine",  "pudding",     "pumpkin",    "puppet",      "puzzle",
    "quarter",   "quilt",      "rabbit",    "radish",     "railway",     "rainbow",    "raspberry",   "rhubarb",
    "ribbon",    "river",      "rooster",   "rosemary",   "saddle",      "sailor",     "salad",       "salmon",
    "sapphire",  "satellite",  "saxophone", "scarecrow",  "scooter",     "scorpion",   "seagull",     "shadow",
    "shamrock",  "shepherd",   "shoulder",  "skeleton",   "snowflake",   "sombrero",   "sphinx",      "spider",
    "spinach",   "stadium",    "staircase", "statue",     "strawberry",  "summer",     "sunflower",   "surgeon",
    "tadpole",   "tambourine", "tangerine", "teapot",     "telescope",   "temple",     "thermometer", "thunder",
    "tomato",    "tornado",    "tractor",   "trumpet",    "tulip",       "tunnel",     "twilight",    "ukulele",
    "umbrella",  "vampire",    "vanilla",   "velvet",     "village",     "vinegar",    "violin",      "volcano",
    "waffle",    "walnut",     "wardrobe",  "watermelon", "whisper",     "whistle",    "winter",      "wizard",
    "wolf",      "woodpecker", "yacht",     "yellow",     "yodel",       "zebra",      "zeppelin",    "zigzag",
};

bool is_separator(char c) {
    return c == ' ' || c == '-' || c == ':' || c == ',' || c == '.' || c == '\t' || c == '\n';
}

std::vector<std::string> parts_of(std::string_view text) {
    std::vector<std::string> parts;
    std::string part;
    for (const char c : text) {
        if (!is_separator(c)) {
            part += c;
        } else if (!part.empty()) {
            parts.push_back(to_lower(part));
            part.clear();
        }
    }
    if (!part.empty()) parts.push_back(to_lower(part));
    return parts;
}

}  // namespace

std::span<const std::string_view> spoken_words() {
    return words;
}

std::vector<std::string> to_spoken(BytesView bytes) {
    std::vector<std::string> spoken;
    spoken.reserve(bytes.size());
    for (const auto byte : bytes) spoken.emplace_back(words.at(byte));
    return spoken;
}

std::optional<Bytes> read_fingerprint(std::string_view text) {
    const auto parts = parts_of(text);
    if (const auto hex = from_hex(join(parts, "")); hex && !hex->empty()) return hex;
    Bytes bytes;
    for (const auto& part : parts) {
        const auto* const word = std::find(words.begin(), words.end(), part);
        if (word == words.end()) return std::nullopt;
        bytes.push_back(static_cast<std::uint8_t>(word - words.begin()));
    }
    if (bytes.empty()) return std::nullopt;
    return bytes;
}

}  // namespace hsmreq
