// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <QtGlobal>

// The framing of a state file, as described in schema/state.capnp, for its reader and its writer.

namespace ExporterProxy::StateFormat {

/// The first bytes of every state file. A byte beyond ASCII and both kinds of line ends reveal a file that
/// was converted as text (as in PNG, RFC 2083, section 3.1).
inline constexpr std::array<char, 8> Magic = {'\x89', 'E', 'P', 'S', '\r', '\n', '\x1a', '\n'};
/// The version of the framing. The records are extended by Cap'n Proto's own rules.
inline constexpr quint32 Version = 1;
inline constexpr qint64 PreambleSize = 16; ///< magic, version, zeros
inline constexpr qint64 FrameHeaderSize = 8; ///< size, checksum

/// The most bytes of a text in one record, which bounds the memory of reader and writer beside the texts.
inline constexpr qint64 TextPieceSize = qint64{1} << 20;
/// The longest source and reason of an error. A socket's path has at most 107 bytes, a reason is a line.
inline constexpr qint64 MaxLineSize = qint64{64} << 10;
/// The largest valid record, with room for future fields.
inline constexpr qint64 MaxRecordSize = TextPieceSize + (qint64{1} << 20);
/// The longest valid interval: ten years, which cannot overflow when it is multiplied.
inline constexpr qint64 MaxIntervalMs = qint64{10} * 366 * 86'400'000;

} // namespace ExporterProxy::StateFormat
