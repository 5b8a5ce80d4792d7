#pragma once

// Catch2 version 2 or 3, whichever the distribution has.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include "sbx/result.hpp"

template <>
struct Catch::StringMaker<sbx::Error> {
    static std::string convert(const sbx::Error& error)
    {
        std::string text(sbx::name_of(error.code));
        text += ": " + error.message;
        if (!error.hint.empty()) text += " (" + error.hint + ")";
        return text;
    }
};

template <class T>
struct Catch::StringMaker<sbx::Result<T>> {
    static std::string convert(const sbx::Result<T>& result)
    {
        return result ? "a value" : StringMaker<sbx::Error>::convert(result.error());
    }
};
