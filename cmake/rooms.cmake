# A room is a folder under src/ and a target of the same name. Its headers are reachable only through a link to its target:
# each room's include folder holds one link, <room> -> src/<room>, so "token/session.hpp" compiles only
# where hsmreq_room() says that token may be known.

function(hsmreq_warnings target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
    # GCC 12 to 14 see overlapping, overlong and out-of-bounds copies inside std::string and std::vector where there
    # are none (GCC bugs 105651 and 107852 among others).
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${target} PRIVATE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
    endif()
    if(HSMREQ_STRICT_WARNINGS)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
endfunction()

# Half of a compilation is reading the standard library. Presets that need not prove that every file names its own
# includes read it once per target.
set(hsmreq_common_headers <algorithm> <array> <chrono> <functional> <map> <optional> <set> <span> <string> <string_view>
    <utility> <vector> <fmt/format.h>)
function(hsmreq_precompile target)
    if(HSMREQ_PRECOMPILE_HEADERS)
        target_precompile_headers(${target} PRIVATE ${hsmreq_common_headers} ${ARGN})
    endif()
endfunction()

# hsmreq_room(NAME [ROOMS room...] [LIBRARIES library...] [PARTS part...])
function(hsmreq_room name)
    cmake_parse_arguments(ARG "" "" "ROOMS;LIBRARIES;PARTS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
    foreach(part IN LISTS ARG_PARTS)
        list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/src/${name}/${part}.cpp)
    endforeach()
    set(include_root ${PROJECT_BINARY_DIR}/rooms/${name})
    file(MAKE_DIRECTORY ${include_root})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/${name} ${include_root}/${name} SYMBOLIC)
    hsmreq_room_target(room_${name} ${name} SOURCES ${sources} ROOMS ${ARG_ROOMS} LIBRARIES ${ARG_LIBRARIES})
    hsmreq_precompile(room_${name})
endfunction()

# hsmreq_room_part(ROOM PART [ROOMS room...] [LIBRARIES library...]): one source of a room that needs libraries which the
# rest of the room is to do without. The room names it in its PARTS.
function(hsmreq_room_part room part)
    hsmreq_room_target(room_${room}_${part} ${room} SOURCES ${PROJECT_SOURCE_DIR}/src/${room}/${part}.cpp ${ARGN})
endfunction()

function(hsmreq_room_target target name)
    cmake_parse_arguments(ARG "" "" "SOURCES;ROOMS;LIBRARIES" ${ARGN})
    add_library(${target} OBJECT ${ARG_SOURCES})
    target_include_directories(${target}
        PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/rooms/${name})
    foreach(room IN LISTS ARG_ROOMS)
        target_include_directories(${target} PRIVATE ${PROJECT_BINARY_DIR}/rooms/${room})
    endforeach()
    target_link_libraries(${target} PRIVATE ${ARG_LIBRARIES})
    target_compile_definitions(${target} PRIVATE HSMREQ_VERSION="${PROJECT_VERSION}")
    hsmreq_warnings(${target})
endfunction()
