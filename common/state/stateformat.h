// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <array>
#include <functional>
#include <QByteArrayView>
#include <QtGlobal>

namespace ExporterProxy {

/// The framing of a state file, as described in schema/state.capnp.
namespace StateFormat {

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

} // namespace StateFormat

/// Reads a state file (schema/state.capnp), in pieces of any size, into applications. One thread at a time.
///
/// The file is not trusted: it cannot contain what a push cannot (a name with a control character, a NUL in a
/// text), and memory is allocated for bytes that have arrived, not for sizes that the file claims.
class StateReader
{
public:
    struct Limits
    {
        qint64 maxApps = 10'000;
        qint64 maxTotalSize = qint64{1} << 30; ///< bytes of all texts
    };

    /// Applications beyond the limits are read and left out.
    explicit StateReader(Limits limits);

    /// Reads the next bytes. Returns false if the file is damaged; fault() then says why.
    bool read(QByteArrayView bytes);

    /// To be called at the end of the file. Returns false if the file is not complete.
    bool finish();

    /// Says what is wrong and at which byte, in one clause for a log; empty if nothing is.
    const QByteArray &fault() const { return m_fault; }

    /// The applications read so far. They are complete only after finish() returned true.
    std::vector<std::shared_ptr<AppSnapshot>> takeApps() { return std::move(m_apps); }

    /// Returns whether what was read is no state file at all, because it does not begin as one. A file that
    /// is cut short is a damaged one.
    bool isForeign() const { return m_isForeign; }

    std::size_t leftOut() const { return m_leftOut; }
    Timestamp writtenAt() const { return m_writtenAt; }

private:
    enum class Part { Preamble, Frame, Record, Nothing };

    bool readPart();
    bool readPreamble();
    bool readFrame();
    bool readRecord();
    bool fail(const QByteArray &what);
    void expect(Part part, qint64 size);
    const char *part() const { return reinterpret_cast<const char *>(m_buffer.data()); }

    struct Records; ///< reads the contents of the records; in the source file

    const Limits m_limits;
    std::vector<quint64> m_buffer; ///< the current part; in words, as Cap'n Proto's alignment requires
    qint64 m_filled = 0; ///< bytes of the current part that have arrived
    qint64 m_wanted = 0;
    Part m_part = Part::Preamble;
    qint64 m_offset = 0; ///< where the current part begins
    quint32 m_checksum = 0;
    quint32 m_recordChecksum = 0; ///< the expected value of m_checksum after the current record

    std::vector<std::shared_ptr<AppSnapshot>> m_apps;
    std::shared_ptr<AppSnapshot> m_current; ///< the application whose text is not complete yet
    quint64 m_textMissing = 0; ///< missing bytes of the current text, which may be left out
    quint64 m_seenApps = 0;
    quint64 m_seenText = 0;
    qint64 m_heldText = 0;
    std::size_t m_leftOut = 0;
    Timestamp m_writtenAt = Never;
    bool m_hasHeader = false;
    bool m_isComplete = false;
    bool m_isForeign = false;
    QByteArray m_fault;
};

/// Writes a state file (schema/state.capnp) piece by piece, using a few MiB of memory however large the texts
/// are. One thread at a time.
///
/// Call begin(), then add() for each application, then end(). Each returns false if the sink has failed.
class StateWriter
{
public:
    /// Writes the next bytes of the file. Returns false if it fails.
    using Sink = std::function<bool(QByteArrayView)>;

    explicit StateWriter(Sink sink);

    bool begin(Timestamp writtenAt);
    bool add(const AppSnapshot &app);
    bool end();

    qint64 size() const { return m_size; } ///< bytes written so far
    quint64 apps() const { return m_apps; }

private:
    bool put(QByteArrayView bytes);
    /// Fills a record by `fill(builder)` and writes it.
    template<typename Fill>
    bool putRecord(Fill fill);

    const Sink m_sink;
    quint32 m_checksum = 0;
    qint64 m_size = 0;
    quint64 m_apps = 0;
    quint64 m_textSize = 0;
};

/// Returns the moment of the daemon's own time that stands for `saved`, a time of the wall clock in a state
/// file that was written at `writtenAt`. Nothing gets an age below its age at the writing: where the wall
/// clock is behind the one that the file was written by, as on a host whose clock is wrong at boot, the time
/// between is not known and counts as none. Never stays Never.
Timestamp restoredTime(Timestamp saved, Timestamp writtenAt, Timestamp now);

} // namespace ExporterProxy
