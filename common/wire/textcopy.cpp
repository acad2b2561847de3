// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/textcopy.h"

#include <cstring>

namespace ExporterProxy {

TextTraits copyText(char *__restrict to, QByteArrayView from)
{
    // Plain loops over a block that fits in the first-level cache: compilers turn each into vector
    // instructions.
    constexpr qsizetype BlockSize = 4096;
    unsigned char high = 0;
    unsigned char nul = 0;
    const char *at = from.begin();
    for (qsizetype left = from.size(); left > 0;) {
        const qsizetype size = qMin(left, BlockSize);
        unsigned char blockHigh = 0;
        unsigned char blockNul = 0;
        for (qsizetype i = 0; i < size; ++i) {
            const auto c = static_cast<unsigned char>(at[i]);
            to[i] = at[i];
            blockHigh = static_cast<unsigned char>(blockHigh | c);
            blockNul = static_cast<unsigned char>(blockNul | (c == 0 ? 1 : 0));
        }
        high = static_cast<unsigned char>(high | blockHigh);
        nul = static_cast<unsigned char>(nul | blockNul);
        at += size;
        to += size;
        left -= size;
    }
    return {high < 0x80, nul != 0};
}

} // namespace ExporterProxy
