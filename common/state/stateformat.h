// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <QtGlobal>

// The framing of a state file, as schema/state.capnp describes it: for its reader and its writer.

namespace ExporterProxy::StateFormat {

/// How every state file begins. The first byte is no ASCII and the last ones are both kinds of line ends, so
/// that a file which went through a conversion of texts is not taken for one (as in PNG, RFC 2083, 3.1).
inline constexpr std::array<char, 8> Magic = {'\x89', 'E', 'P', 'S', '\r', '\n', '\x1a', '\n'};
/// Of the framing. What the records hold grows by Cap'n Proto's own rules.
inline constexpr quint32 Version = 1;
inline constexpr qint64 PreambleSize = 16; ///< magic, version, zeros
inline constexpr qint64 FrameHeaderSize = 8; ///< size, checksum

/// How much of a text one record has: what reader and writer hold beside the texts is bounded by it.
inline constexpr qint64 TextPieceSize = qint64{1} << 20;
/// Longest source and reason of an error; a socket's path has 107 bytes, a reason a line.
inline constexpr qint64 MaxLineSize = qint64{64} << 10;
/// A record that claims more is no record of ours. Leaves room for fields to come.
inline constexpr qint64 MaxRecordSize = TextPieceSize + (qint64{1} << 20);
/// Longest rhythm taken for one: ten years, far from what would overflow when it is multiplied.
inline constexpr qint64 MaxIntervalMs = qint64{10} * 366 * 86'400'000;

} // namespace ExporterProxy::StateFormat
