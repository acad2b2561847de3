// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <QByteArrayView>

namespace ExporterProxy {

/// Reads the bytes of a state file (schema/state.capnp), cut anywhere, into applications. Pure.
///
/// Nothing is believed: what a push could not bring in (a name with a control character, a NUL in a text) a
/// file cannot either, and memory is taken for what has arrived, not for what is claimed.
class StateReader
{
public:
    struct Limits
    {
        qint64 maxApps = 10'000;
        qint64 maxTotalSize = qint64{1} << 30; ///< bytes of all texts
    };

    /// Applications over the limits are read and left out.
    explicit StateReader(Limits limits);

    /// Takes the next bytes. False: the file is not a good one, fault() says why.
    bool read(QByteArrayView bytes);

    /// Told that there is no more. False: the file is not a whole one.
    bool finish();

    /// What is wrong, and at which byte: one clause for a log.
    const QByteArray &fault() const { return m_fault; }

    /// The applications so far; all of them only after finish() was true. Those of a bad file may be in part.
    std::vector<std::shared_ptr<AppSnapshot>> takeApps() { return std::move(m_apps); }

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

    struct Records; ///< what the records say, one function for each kind; in the source file

    const Limits m_limits;
    std::vector<quint64> m_buffer; ///< of the current part: in words, for Cap'n Proto's alignment
    qint64 m_filled = 0; ///< bytes of it
    qint64 m_wanted = 0;
    Part m_part = Part::Preamble;
    qint64 m_offset = 0; ///< where the current part begins
    quint32 m_checksum = 0;
    quint32 m_recordChecksum = 0; ///< as it should be after the current record

    std::vector<std::shared_ptr<AppSnapshot>> m_apps;
    std::shared_ptr<AppSnapshot> m_current; ///< its text is not whole yet
    quint64 m_textMissing = 0; ///< bytes of the current text, also of one that is left out
    quint64 m_seenApps = 0;
    quint64 m_seenText = 0;
    qint64 m_heldText = 0;
    std::size_t m_leftOut = 0;
    Timestamp m_writtenAt = Never;
    bool m_hasHeader = false;
    bool m_isComplete = false;
    QByteArray m_fault;
};

} // namespace ExporterProxy
