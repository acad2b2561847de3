// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/state/stateformat.h"

#include "common/model/appmodel.h"
#include "common/util/version.h"
#include "common/wire/textcheck.h"
#include "schema/state.capnp.h"

#include <algorithm>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <cstring>
#include <kj/exception.h>
#include <QtEndian>
#include <zlib.h>

namespace ExporterProxy {

using namespace StateFormat;

namespace {

/// The depth of a record: its root, the struct of its kind, and the bytes of that.
constexpr int MaxNesting = 4;

QByteArrayView view(capnp::Data::Reader data)
{
    return {reinterpret_cast<const char *>(data.begin()), qsizetype(data.size())};
}

bool isMoment(qint64 nanoseconds)
{
    return nanoseconds >= 0; // a time before 1970 is invalid and could make ages overflow
}

Timestamp moment(qint64 nanoseconds)
{
    return Timestamp(std::chrono::nanoseconds(nanoseconds));
}

bool isLine(QByteArrayView text)
{
    return text.size() <= MaxLineSize && !textFault(text);
}

quint32 checksumOf(quint32 before, const char *bytes, qint64 size)
{
    return quint32(crc32_z(before, reinterpret_cast<const Bytef *>(bytes), std::size_t(size)));
}

} // namespace

/// Each function returns what is wrong; empty if nothing is.
struct StateReader::Records
{
    static QByteArray read(StateReader &reader, Schema::StateRecord::Reader record)
    {
        if (reader.m_hasHeader == record.isHeader())
            return record.isHeader() ? QByteArrayLiteral("there is a second header")
                                     : QByteArrayLiteral("there is no header");
        if (record.isText() != (reader.m_textMissing > 0))
            return record.isText() ? QByteArrayLiteral("there is more text than was announced")
                                   : QByteArrayLiteral("a text is not whole");
        switch (record.which()) {
        case Schema::StateRecord::HEADER:
            reader.m_hasHeader = true;
            reader.m_writtenAt = moment(record.getHeader().getWrittenAt());
            return isMoment(record.getHeader().getWrittenAt()) ? QByteArray() : "a time is impossible";
        case Schema::StateRecord::APP:
            return readApp(reader, record.getApp());
        case Schema::StateRecord::TEXT:
            return addText(reader, view(record.getText()));
        case Schema::StateRecord::TRAILER:
            return readTrailer(reader, record.getTrailer());
        }
        return {}; // a kind of a newer version
    }

    static QByteArray readApp(StateReader &reader, Schema::StateApp::Reader saved)
    {
        const QByteArrayView name = view(saved.getName());
        if (nameFault(name) || textFault(name))
            return "a name is none that can be pushed";
        if (!isLine(view(saved.getSource())) || !isLine(view(saved.getLastErrorReason())))
            return "a source or reason is not a line of text";
        if (!isMoment(saved.getLastUpdate()) || !isMoment(saved.getLastErrorAt()) || saved.getIntervalMs() < 0
            || saved.getIntervalMs() > MaxIntervalMs)
            return "a time is impossible";
        ++reader.m_seenApps;
        reader.m_textMissing = saved.getTextSize();
        const qint64 room = reader.m_limits.maxTotalSize - reader.m_heldText;
        if (qint64(reader.m_apps.size()) >= reader.m_limits.maxApps || room < 0
            || saved.getTextSize() > quint64(room)) {
            ++reader.m_leftOut;
            return addText(reader, view(saved.getText()));
        }
        auto app = std::make_shared<AppSnapshot>();
        app->name = name.toByteArray();
        app->source = view(saved.getSource()).toByteArray();
        app->lastErrorReason = view(saved.getLastErrorReason()).toByteArray();
        app->lastUpdate = moment(saved.getLastUpdate());
        app->lastErrorAt = moment(saved.getLastErrorAt());
        app->updates = saved.getUpdates();
        app->rejected = saved.getRejected();
        app->interval = std::chrono::milliseconds(saved.getIntervalMs());
        app->lastFailed = saved.getLastFailed();
        app->expired = saved.getExpired();
        app->kind = SourceKind::Push;
        reader.m_current = std::move(app);
        return addText(reader, view(saved.getText()));
    }

    static QByteArray addText(StateReader &reader, QByteArrayView piece)
    {
        if (quint64(piece.size()) > reader.m_textMissing)
            return "there is more text than was announced";
        if (piece.isEmpty() && reader.m_textMissing > 0)
            return "a piece of a text is empty"; // the text would never be complete
        reader.m_textMissing -= quint64(piece.size());
        reader.m_seenText += quint64(piece.size());
        if (!reader.m_current)
            return {};
        reader.m_current->text.append(piece);
        if (reader.m_textMissing > 0)
            return {};
        const std::shared_ptr<AppSnapshot> app = std::exchange(reader.m_current, nullptr);
        if (textFault(app->text))
            return "a text is none that can be pushed";
        app->text.squeeze(); // it has grown in steps
        reader.m_heldText += app->text.size();
        reader.m_apps.push_back(app);
        return {};
    }

    static QByteArray readTrailer(StateReader &reader, Schema::StateTrailer::Reader trailer)
    {
        if (trailer.getApps() != reader.m_seenApps || trailer.getTextSize() != reader.m_seenText)
            return "the trailer counts something else";
        reader.m_isComplete = true;
        return {};
    }
};

StateReader::StateReader(Limits limits)
    : m_limits(limits)
{
    expect(Part::Preamble, PreambleSize);
}

bool StateReader::read(QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        if (!m_fault.isEmpty())
            return false;
        if (m_part == Part::Nothing)
            return fail("there is something behind the trailer");
        const qint64 taken = qMin(m_wanted - m_filled, qint64(bytes.size()));
        std::memcpy(reinterpret_cast<char *>(m_buffer.data()) + m_filled, bytes.data(), std::size_t(taken));
        m_filled += taken;
        bytes = bytes.sliced(taken);
        if (m_filled == m_wanted && !readPart())
            return false;
    }
    return m_fault.isEmpty();
}

bool StateReader::finish()
{
    if (!m_fault.isEmpty())
        return false;
    if (m_part == Part::Preamble) {
        const auto size = std::min(std::size_t(m_filled), Magic.size());
        m_isForeign = std::memcmp(part(), Magic.data(), size) != 0;
    }
    m_offset += m_filled;
    return m_isComplete || fail("it ends before its trailer");
}

bool StateReader::readPart()
{
    switch (m_part) {
    case Part::Preamble:
        return readPreamble();
    case Part::Frame:
        return readFrame();
    case Part::Record:
        return readRecord();
    case Part::Nothing:
        break;
    }
    return false;
}

bool StateReader::readPreamble()
{
    m_isForeign = std::memcmp(part(), Magic.data(), Magic.size()) != 0;
    if (m_isForeign)
        return fail("it is not a state file of exporter-proxy");
    const auto version = qFromLittleEndian<quint32>(part() + Magic.size());
    if (version != Version)
        return fail("it is of format " + QByteArray::number(version) + ", this version reads format "
                    + QByteArray::number(Version));
    m_checksum = checksumOf(0, part(), PreambleSize);
    expect(Part::Frame, FrameHeaderSize);
    return true;
}

bool StateReader::readFrame()
{
    const auto size = qFromLittleEndian<quint32>(part());
    m_recordChecksum = qFromLittleEndian<quint32>(part() + sizeof size);
    if (size == 0 || size > MaxRecordSize || size % sizeof(quint64) != 0)
        return fail("a record of " + QByteArray::number(size) + " bytes is impossible");
    m_checksum = checksumOf(m_checksum, part(), sizeof size);
    expect(Part::Record, size);
    return true;
}

bool StateReader::readRecord()
{
    m_checksum = checksumOf(m_checksum, part(), m_wanted);
    if (m_checksum != m_recordChecksum)
        return fail("the checksum does not match");
    QByteArray fault;
    try {
        const auto words = std::size_t(m_wanted) / sizeof(quint64);
        capnp::FlatArrayMessageReader message(
            kj::arrayPtr(reinterpret_cast<const capnp::word *>(m_buffer.data()), words),
            {.traversalLimitInWords = words * 2 + 64, .nestingLimit = MaxNesting});
        fault = Records::read(*this, message.getRoot<Schema::StateRecord>());
    } catch (const kj::Exception &) {
        fault = "a record is malformed";
    }
    if (!fault.isEmpty())
        return fail(fault);
    m_isComplete ? expect(Part::Nothing, 0) : expect(Part::Frame, FrameHeaderSize);
    return true;
}

bool StateReader::fail(const QByteArray &what)
{
    m_fault = what + ", at byte " + QByteArray::number(m_offset);
    return false;
}

void StateReader::expect(Part part, qint64 size)
{
    m_offset += m_filled;
    m_filled = 0;
    m_part = part;
    m_wanted = size;
    const auto words = (std::size_t(size) + sizeof(quint64) - 1) / sizeof(quint64);
    if (m_buffer.size() < words)
        m_buffer.resize(words);
}

using namespace StateFormat;

namespace {

capnp::Data::Reader data(QByteArrayView bytes)
{
    return {reinterpret_cast<const kj::byte *>(bytes.data()), std::size_t(bytes.size())};
}

/// Leaves out a text that is too long for the reader, rather than writing a file that cannot be read.
capnp::Data::Reader line(QByteArrayView bytes)
{
    return data(bytes.size() <= MaxLineSize ? bytes : QByteArrayView());
}

quint32 checksumOf(quint32 before, QByteArrayView bytes)
{
    return quint32(crc32_z(before, reinterpret_cast<const Bytef *>(bytes.data()), std::size_t(bytes.size())));
}

} // namespace

StateWriter::StateWriter(Sink sink)
    : m_sink(std::move(sink))
{
}

bool StateWriter::begin(Timestamp writtenAt)
{
    std::array<char, PreambleSize> preamble{};
    std::memcpy(preamble.data(), Magic.data(), Magic.size());
    qToLittleEndian(Version, preamble.data() + Magic.size());
    const QByteArrayView bytes(preamble.data(), PreambleSize);
    m_checksum = checksumOf(0, bytes);
    return put(bytes) && putRecord([&](Schema::StateRecord::Builder record) {
               auto header = record.initHeader();
               header.setWrittenAt(writtenAt.time_since_epoch().count());
               header.setDaemonVersion(data(VersionString));
           });
}

bool StateWriter::add(const AppSnapshot &app)
{
    ++m_apps;
    const QByteArray &text = app.original.isEmpty() ? app.text : app.original; // to be converted again
    m_textSize += quint64(text.size());
    QByteArrayView rest(text);
    const auto nextPiece = [&rest] {
        const QByteArrayView piece = rest.first(qMin<qsizetype>(rest.size(), TextPieceSize));
        rest = rest.sliced(piece.size());
        return piece;
    };
    bool good = putRecord([&](Schema::StateRecord::Builder record) {
        auto saved = record.initApp();
        saved.setName(data(app.name));
        saved.setSource(line(app.source));
        saved.setTextSize(quint64(text.size()));
        saved.setText(data(nextPiece()));
        saved.setLastUpdate(onWallClock(app.lastUpdate).time_since_epoch().count());
        saved.setUpdates(app.updates);
        saved.setRejected(app.rejected);
        saved.setIntervalMs(app.interval.count());
        saved.setLastErrorAt(onWallClock(app.lastErrorAt).time_since_epoch().count());
        saved.setLastErrorReason(line(app.lastErrorReason));
        saved.setLastFailed(app.lastFailed);
        saved.setExpired(app.expired);
    });
    while (good && !rest.isEmpty())
        good = putRecord([&](Schema::StateRecord::Builder record) { record.setText(data(nextPiece())); });
    return good;
}

bool StateWriter::end()
{
    return putRecord([&](Schema::StateRecord::Builder record) {
        auto trailer = record.initTrailer();
        trailer.setApps(m_apps);
        trailer.setTextSize(m_textSize);
    });
}

template<typename Fill>
bool StateWriter::putRecord(Fill fill)
{
    capnp::MallocMessageBuilder message;
    fill(message.initRoot<Schema::StateRecord>());
    const kj::Array<capnp::word> words = capnp::messageToFlatArray(message);
    const QByteArrayView bytes(reinterpret_cast<const char *>(words.begin()),
                               qsizetype(words.size() * sizeof(capnp::word)));
    std::array<char, FrameHeaderSize> frame;
    qToLittleEndian(quint32(bytes.size()), frame.data());
    m_checksum = checksumOf(checksumOf(m_checksum, {frame.data(), sizeof(quint32)}), bytes);
    qToLittleEndian(m_checksum, frame.data() + sizeof(quint32));
    return put({frame.data(), FrameHeaderSize}) && put(bytes);
}

bool StateWriter::put(QByteArrayView bytes)
{
    m_size += bytes.size();
    return m_sink(bytes);
}

Timestamp restoredTime(Timestamp saved, Timestamp writtenAt, Timestamp now)
{
    using std::chrono::milliseconds;
    const Timestamp wall = onWallClock(now);
    if (saved == Never || (saved <= writtenAt && writtenAt <= wall))
        return ofWallClock(saved);
    // In milliseconds, because moments far apart differ by more nanoseconds than fit.
    const auto since = [](Timestamp from, Timestamp to) {
        const auto time = std::chrono::floor<milliseconds>(to) - std::chrono::floor<milliseconds>(from);
        return std::clamp<milliseconds>(time, milliseconds{0}, std::chrono::years{50});
    };
    return now - since(saved, writtenAt) - since(writtenAt, wall);
}

} // namespace ExporterProxy
