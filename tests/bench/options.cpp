// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/options.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ExporterProxy::Bench {

namespace {

[[noreturn]] void misunderstood(const std::string &what)
{
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(2);
}

template<typename Number>
Number parsed(const std::string &name, const std::string &text)
{
    Number number{};
    const char *end = text.data() + text.size();
    if (const auto [at, error] = std::from_chars(text.data(), end, number); error != std::errc{} || at != end)
        misunderstood("--" + name + " needs a number, not \"" + text + "\"");
    return number;
}

} // namespace

Options::Options(int argc, char **argv)
    : m_rest(argv + 1, argv + argc)
{
}

bool Options::flag(const std::string &name)
{
    const auto found = std::find(m_rest.begin(), m_rest.end(), "--" + name);
    if (found == m_rest.end())
        return false;
    m_rest.erase(found);
    return true;
}

std::string Options::text(const std::string &name, const std::string &fallback)
{
    const auto found = std::find(m_rest.begin(), m_rest.end(), "--" + name);
    if (found == m_rest.end())
        return fallback;
    if (found + 1 == m_rest.end())
        misunderstood("--" + name + " needs a value");
    const std::string value = found[1];
    m_rest.erase(found, found + 2);
    return value;
}

long Options::number(const std::string &name, long fallback)
{
    const std::string value = text(name);
    return value.empty() ? fallback : parsed<long>(name, value);
}

double Options::real(const std::string &name, double fallback)
{
    const std::string value = text(name);
    return value.empty() ? fallback : parsed<double>(name, value);
}

void Options::finish() const
{
    if (!m_rest.empty())
        misunderstood("unknown argument " + m_rest.front());
}

void fail(const std::string &what, int error)
{
    if (error)
        std::fprintf(stderr, "%s: %s\n", what.c_str(), std::strerror(error));
    else
        std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(1);
}

} // namespace ExporterProxy::Bench
