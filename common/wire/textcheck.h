// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/rejection.h"

#include <optional>
#include <QByteArrayView>

namespace ExporterProxy {

/// Returns what makes a text unfit for a page, nothing if it may be stored: the first byte that is not UTF-8
/// (RFC 3629: no surrogates, no overlong forms) or is NUL, with its offset from 0 and its line and column
/// (bytes) from 1. `app` of the rejection stays empty. A byte-order mark is a character like any other.
///
/// Pure; safe on any thread. A good text is read at memory speed; only a bad one is searched byte by byte.
std::optional<Rejection> textFault(QByteArrayView text);

struct TextTraits
{
    bool ascii; ///< every byte is below 0x80: the text is valid UTF-8
    bool hasNul;
};

/// Copies a text and looks at every byte on the way, in one pass: checking afterwards would read it again.
/// The two must not overlap.
TextTraits copyText(char *to, QByteArrayView from);

} // namespace ExporterProxy
