// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/keyedhash.h"

#include <array>
#include <QRandomGenerator>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ExporterProxy {

namespace {

/// The size for which the function was designed: each sixteen bytes of a short key meet bytes of the secret
/// of their own.
using Secret = std::array<quint32, XXH3_SECRET_DEFAULT_SIZE / sizeof(quint32)>;

Secret drawSecret()
{
    Secret secret;
    QRandomGenerator::system()->fillRange(secret.data(), qsizetype(secret.size()));
    return secret;
}

} // namespace

std::size_t KeyedHash::operator()(QByteArrayView bytes) const noexcept
{
    static const Secret secret = drawSecret();
    return XXH3_64bits_withSecret(bytes.data(), std::size_t(bytes.size()), secret.data(), sizeof secret);
}

} // namespace ExporterProxy
