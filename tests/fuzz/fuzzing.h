// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <QByteArray>

/// One input of a fuzzer. Defined by each target; called by libFuzzer, or by replaymain.cpp for each file of
/// the corpus.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size);

/// Ends the program, which is how a fuzzer is told of a finding, unless the condition holds.
inline void require(bool condition, const char *what)
{
    if (condition)
        return;
    std::fprintf(stderr, "not so: %s\n", what);
    std::abort();
}

/// Sizes of pieces to cut an input into. They follow from the input itself, so that a file of the corpus is
/// what a sender would send and nothing else, and a finding can be replayed from it.
class Cuts
{
public:
    /// `scheme` makes other cuts of the same input; 0 cuts after each byte.
    Cuts(QByteArrayView input, unsigned scheme)
        : m_scheme(scheme)
    {
        for (const char byte : input)
            next(static_cast<unsigned char>(byte));
        next(scheme);
    }

    qsizetype operator()()
    {
        if (m_scheme == 0)
            return 1;
        // Mostly small pieces, now and then one that spans blocks.
        const std::uint64_t value = next(1);
        return qsizetype(value % 8 == 0 ? value / 8 % 300 : value / 8 % 9) + 1;
    }

private:
    /// FNV-1a, and its upper half, which is the better mixed one.
    std::uint64_t next(std::uint64_t value)
    {
        m_state = (m_state ^ value) * 0x100000001b3;
        return m_state >> 32;
    }

    const unsigned m_scheme;
    std::uint64_t m_state = 0xcbf29ce484222325;
};

inline QByteArray toBytes(const uint8_t *data, std::size_t size)
{
    return QByteArray(reinterpret_cast<const char *>(data), qsizetype(size));
}
