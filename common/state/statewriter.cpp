// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/state/statewriter.h"

#include "common/state/stateformat.h"
#include "common/util/version.h"
#include "schema/state.capnp.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <cstring>
#include <QtEndian>
#include <zlib.h>

namespace ExporterProxy {

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
    m_textSize += quint64(app.text.size());
    QByteArrayView rest(app.text);
    const auto nextPiece = [&rest] {
        const QByteArrayView piece = rest.first(qMin<qsizetype>(rest.size(), TextPieceSize));
        rest = rest.sliced(piece.size());
        return piece;
    };
    bool good = putRecord([&](Schema::StateRecord::Builder record) {
        auto saved = record.initApp();
        saved.setName(data(app.name));
        saved.setSource(line(app.source));
        saved.setTextSize(quint64(app.text.size()));
        saved.setText(data(nextPiece()));
        saved.setLastUpdate(app.lastUpdate.time_since_epoch().count());
        saved.setUpdates(app.updates);
        saved.setRejected(app.rejected);
        saved.setIntervalMs(app.interval.count());
        saved.setLastErrorAt(app.lastErrorAt.time_since_epoch().count());
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

} // namespace ExporterProxy
