// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace ExporterProxy::Bench {

/// The command line of a driver: `--name value` and `--name`. A driver that misreads what it is told measures
/// something else than its caller believes, so everything that is not understood ends the program with
/// status 2.
class Options
{
public:
    Options(int argc, char **argv);

    bool flag(const std::string &name);
    std::string text(const std::string &name, const std::string &fallback = {});
    long number(const std::string &name, long fallback);
    double real(const std::string &name, double fallback);

    /// To be called when all options have been asked for: nothing may be left.
    void finish() const;

private:
    std::vector<std::string> m_rest;
};

/// Says what went wrong, with errno's text if it is not 0, and ends the program with status 1.
[[noreturn]] void fail(const std::string &what, int error = 0);

} // namespace ExporterProxy::Bench
