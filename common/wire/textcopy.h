// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>

namespace ExporterProxy {

struct TextTraits
{
    bool ascii; ///< every byte is below 0x80: the text is valid UTF-8
    bool hasNul;
};

/// Copies a text and looks at every byte on the way, in one pass: checking afterwards would read it again.
/// The two must not overlap.
TextTraits copyText(char *to, QByteArrayView from);

} // namespace ExporterProxy
