// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstring>
#include <functional>
#include <QByteArray>
#include <string_view>
#include <vector>

namespace ExporterProxy {

/// The value of the standard library's hash, which has no secret.
inline std::size_t stdHash(QByteArrayView name)
{
    return std::hash<std::string_view>{}({name.data(), std::size_t(name.size())});
}

/// Returns `count` names of 32 bytes, good for metrics and applications, that all have one value of
/// libstdc++'s std::hash. That is MurmurHash64A with a constant seed, of which each step can be undone: from
/// any first eight bytes follow the second eight that lead to a given state. Two such halves, each in as many
/// ways as the root of `count`, make `count` names.
inline std::vector<QByteArray> collidingNames(std::size_t count)
{
    constexpr quint64 mul = (quint64{0xc6a4a793} << 32) + 0x5bd1e995;
    constexpr quint64 inverse = [] {
        quint64 result = mul; // right in its last three bits, and in twice as many after each step
        for (int i = 0; i < 5; ++i)
            result *= 2 - mul * result;
        return result;
    }();
    static_assert(mul * inverse == 1);
    const auto shifted = [](quint64 value) { return value ^ (value >> 47); }; // undoes itself
    const auto isGood = [](const char *at) {
        for (int i = 0; i < 8; ++i) {
            const char c = at[i];
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
                  || c == ':'))
                return false;
        }
        return true;
    };
    std::size_t ways = 1;
    while (ways * ways < count)
        ++ways;
    std::vector<QByteArray> halves[2];
    quint64 begin = 0xc70f6907 ^ (32 * mul);
    for (std::vector<QByteArray> &half : halves) {
        const quint64 end = begin + 42; // any state will do
        for (quint64 tried = 0; half.size() < ways; ++tried) {
            char bytes[16];
            quint64 rest = tried;
            for (int i = 0; i < 8; ++i, rest /= 26)
                bytes[i] = char('a' + rest % 26);
            quint64 block = 0;
            std::memcpy(&block, bytes, 8);
            const quint64 state = (begin ^ (shifted(block * mul) * mul)) * mul;
            block = shifted((state ^ (end * inverse)) * inverse) * inverse;
            std::memcpy(bytes + 8, &block, 8);
            if (isGood(bytes + 8))
                half.emplace_back(bytes, 16);
        }
        begin = end;
    }
    std::vector<QByteArray> names;
    names.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        names.push_back(halves[0][i / ways] + halves[1][i % ways]);
    return names;
}

} // namespace ExporterProxy
