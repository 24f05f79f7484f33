// Early return of a Result's error.
#pragma once

#include "hsmreq/result.hpp"

#define HSMREQ_CONCAT_(a, b) a##b
#define HSMREQ_CONCAT(a, b) HSMREQ_CONCAT_(a, b)

/// TRY(status): returns the error from the enclosing function when there is one.
#define TRY(expression)                                                                        \
    do {                                                                                       \
        if (auto try_result = (expression); !try_result) return std::move(try_result).error(); \
    } while (false)

/// TRY_ASSIGN(auto x, result): declares or assigns the value, or returns the error.
#define TRY_ASSIGN(target, expression) TRY_ASSIGN_(HSMREQ_CONCAT(try_result_, __LINE__), target, expression)
#define TRY_ASSIGN_(temporary, target, expression)       \
    auto temporary = (expression);                       \
    if (!temporary) return std::move(temporary).error(); \
    target = std::move(temporary).value()
